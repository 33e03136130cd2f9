/** Where `ip neigh` was not captured: a forwarding table that leads to a peer, but not to the hardware address that its device has. bridge(8). */
import {
  type FdbEntry,
  formatIp,
  formatMac,
  gapOf,
  type Link,
  type Mac,
  type Node,
  sameIp,
  sameMac,
} from '@coldtrace/core';
import { macEvidence } from '../facts/links.js';
import { partOf } from '../facts/part-of.js';
import type { Fix } from '../finding.js';
import { type FlannelNode, vteps } from '../flannel/flannel-node.js';
import type { Context } from './rule.js';
import { truthOf, vtepAddresses } from './stale.js';

interface Unforwarded {
  readonly node: FlannelNode & { readonly node: Node };
  readonly peer: FlannelNode;
  readonly device: string;
  readonly link: Link;
  readonly mac: Mac;
  /** The entries that lead to the peer. */
  readonly entries: readonly [FdbEntry, ...(readonly FdbEntry[])];
}

export function checkForwarding(cx: Context, nodes: readonly FlannelNode[]): void {
  for (const one of nodes) {
    const { node } = one;
    if (node === null || node.host.neighbours.state !== 'absent') continue;
    for (const device of vteps(node))
      for (const peer of nodes) {
        const found = peer === one ? null : unforwarded(cx, { ...one, node }, peer, device);
        if (found !== null) report(cx, found);
      }
  }
}

/** Whatever the neighbour entry says, the frame is lost: for the present hardware address nothing is known, and any other is not the peer's. */
function unforwarded(
  { snapshot }: Context,
  node: Unforwarded['node'],
  peer: FlannelNode,
  device: string,
): Unforwarded | null {
  const truth = truthOf(snapshot, peer, device);
  if (truth === null || truth.link === null) return null;
  const { mac, link } = truth;
  const rows = node.node.host.fdb.rows.filter((row) => row.dev === device && row.trust !== 'claimed');
  const forAll = (row: FdbEntry) => formatMac(row.mac) === '00:00:00:00:00:00';
  if (rows.some((row) => forAll(row) || sameMac(row.mac, mac))) return null;
  const [first, ...more] = rows.filter(({ dst }) => dst !== null && isOf(peer, dst));
  return first === undefined ? null : { node, peer, device, link, mac, entries: [first, ...more] };
}

function isOf({ publicIps, node }: FlannelNode, dst: NonNullable<FdbEntry['dst']>): boolean {
  return (
    publicIps.some(({ value }) => sameIp(value, dst)) ||
    node?.host.addresses.rows.some(({ ip }) => sameIp(ip, dst)) === true
  );
}

function report(cx: Context, found: Unforwarded): void {
  const { node, peer, device, link, mac, entries } = found;
  const [first] = entries;
  const shown = formatMac(mac);
  cx.report('unforwarded', {
    certainty: 'likely',
    node: node.name,
    subject: `${device} ${peer.name}`,
    data: { node: node.name, peer: peer.name, device, mac: shown, old: formatMac(first.mac) },
    evidence: [
      ...entries.slice(0, 3).map((row) => ({
        span: partOf(cx.snapshot, row.span, formatMac(row.mac)),
        why: `${node.name} sends frames for this hardware address to ${peer.name}`,
      })),
      macEvidence(cx.snapshot, link, `the hardware address that ${device} of ${peer.name} has`),
    ],
    assumptions: [
      `which hardware address ${node.name} takes ${peer.name} to have is not known ${gapOf(node.name, node.node.host, 'ip-neigh')}: with this one its frames go nowhere, with any other ${peer.name} drops them`,
    ],
    fix: fixOf(found),
  });
}

function fixOf({ node, peer, device, mac, entries }: Unforwarded): Fix {
  const shown = formatMac(mac);
  const [{ dst }] = entries;
  const target = dst === null ? '' : ` dst ${formatIp(dst)}`;
  const [vtep] = vtepAddresses(peer, device);
  const ip = vtep === undefined ? `ADDRESS-OF-${device}-OF-${peer.name}` : formatIp(vtep);
  return {
    steps: [
      {
        node: node.name,
        command: `ip neigh replace ${ip} lladdr ${shown} dev ${device} nud permanent`,
        disrupts: `nothing: frames for the pods of ${peer.name} go to nobody now`,
        undo: `ip neigh replace ${ip} lladdr ${formatMac(entries[0].mac)} dev ${device} nud permanent   # or as ip neigh show ${ip} printed it before`,
      },
      {
        node: node.name,
        command: `bridge fdb replace ${shown} dev ${device}${target} self permanent`,
        disrupts: 'nothing',
        undo: `bridge fdb del ${shown} dev ${device}`,
      },
    ],
    persist: `flanneld writes both entries from the annotations of the Node objects when it starts or hears of a change: restart its pod on ${peer.name}, then that on ${node.name}.`,
    notes: '',
    verified: null,
  };
}
