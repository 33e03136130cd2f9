/** Where the simulator cannot tell: calls that clients waited for in vain, and packets on the wire. */
import { type DumpId, formatIp, type Node, sameIp } from '@coldtrace/core';
import { addressRow, endpointText } from '../facts/ipvs-services.js';
import { partOf } from '../facts/part-of.js';
import { isBoundRoute, startsSo } from './bound.js';
import type { Shown } from './call.js';
import { seenPackets, sightings, unansweredBound, unansweredCalls } from './sightings.js';
import type { Context } from './statement.js';
import { rulesUnread } from './unread.js';

const masquerading: ReadonlySet<DumpId> = new Set(['sysctl', 'iptables-save', 'ip6tables-save', 'ipset-list']);

/** Clients wait in vain for a Service that IPVS serves, and what would masquerade their calls was not captured. */
export function reportUnsure(
  cx: Context,
  node: Node,
  { call }: Shown,
  missing: readonly DumpId[],
  told: Set<string>,
): void {
  const { service, name } = call;
  if (told.has('unsure') || !missing.some((dump) => masquerading.has(dump))) return;
  const waited = [...unansweredCalls(cx.snapshot, node, service), ...sightings(cx.snapshot, node, service.ip)];
  if (waited.length === 0) return;
  told.add('unsure');
  const [ip, address] = [formatIp(service.ip), endpointText(service.ip, service.port)];
  const row = addressRow(node.host, service.ip);
  cx.report('unsure', {
    severity: 'warning',
    certainty: 'possible',
    node: node.name,
    subject: `unsure ${ip}`,
    data: { node: node.name, ip, service: name === null ? address : `${name} (${address})` },
    evidence: [
      ...(row === undefined
        ? []
        : [{ span: partOf(cx.snapshot, row.span, ip), why: `an address of ${node.name}, on ${row.dev}` }]),
      { span: service.row.span, why: 'IPVS serves it' },
      ...waited,
    ],
    assumptions: [
      `nothing masquerades such calls (${node.name}: ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not in the snapshot)`,
    ],
    explains: (symptom) => startsSo(symptom, node),
  });
}

/** Neither the list of virtual services nor rules were captured: that the node waits in vain for an address of its own is all there is. */
export function reportUnlisted(cx: Context, node: Node): void {
  const [call] = unansweredBound(cx.snapshot, node);
  const unread = call === undefined ? [] : rulesUnread(cx.snapshot, node, call.ip.family);
  if (call === undefined || unread.length === 0) return;
  const ip = formatIp(call.ip);
  const row = addressRow(node.host, call.ip);
  const route = node.host.routes.rows.find((one) => isBoundRoute(one) && sameIp(one.dst.ip, call.ip));
  cx.report('unlisted', {
    severity: 'warning',
    certainty: 'possible',
    node: node.name,
    subject: `unsure ${ip}`,
    data: { node: node.name, ip, service: endpointText(call.ip, call.port) },
    evidence: [
      ...(row === undefined
        ? []
        : [{ span: partOf(cx.snapshot, row.span, ip), why: `an address of ${node.name}, on ${row.dev}` }]),
      ...(route === undefined
        ? []
        : [
            {
              span: partOf(cx.snapshot, route.span, `src ${ip}`),
              why: `a call from ${node.name} itself gets ${ip} as its source`,
            },
          ]),
      ...call.evidence,
    ],
    assumptions: [
      `nothing masquerades such calls (${node.name}: ${['ipvsadm', ...unread].join(', ')} are not in the snapshot)`,
    ],
  });
}

/** Without the list of virtual services: packets on the wire tell. */
export function reportSeen(cx: Context, node: Node): boolean {
  const [packet] = seenPackets(cx.snapshot, node);
  if (packet === undefined) return false;
  const ip = formatIp(packet.src);
  const row = addressRow(node.host, packet.src);
  cx.report('seen', {
    certainty: node.named ? 'likely' : 'possible',
    node: node.name,
    subject: `masquerade ${ip}`,
    data: { node: node.name, ip, server: endpointText(packet.dst, packet.dport ?? 0) },
    evidence: [
      ...sightings(cx.snapshot, node, packet.src),
      ...(row === undefined
        ? []
        : [{ span: partOf(cx.snapshot, row.span, ip), why: `an address of ${node.name}, on ${row.dev}` }]),
    ],
    assumptions: ['IPVS sent the packets; its virtual services (ipvsadm -Sn) were not captured'],
  });
  return true;
}
