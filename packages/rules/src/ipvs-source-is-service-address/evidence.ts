/** The lines that prove it: why the source is what it is, where IPVS sends the packet, what keeps it from being masqueraded, who else holds the address. */
import { type Evidence, formatIp, type Node, type Snapshot, sameIp } from '@coldtrace/core';
import { addressRow } from '../facts/ipvs-services.js';
import { partOf } from '../facts/part-of.js';
import type { Shown } from './call.js';
import type { Cause } from './cause.js';
import { sightings } from './sightings.js';

export function evidenceOf(snapshot: Snapshot, node: Node, shown: Shown, cause: Cause): readonly Evidence[] {
  const { service } = shown.call;
  const ip = formatIp(service.ip);
  const address = addressRow(node.host, service.ip);
  const route = node.host.routes.rows.find(({ type, dst }) => type === 'local' && sameIp(dst.ip, service.ip));
  const [server] = service.row.servers;
  return [
    ...(route === undefined
      ? []
      : [
          {
            span: partOf(snapshot, route.span, `src ${ip}`),
            why: `a call from ${node.name} itself gets ${ip} as its source`,
          },
        ]),
    ...(address === undefined
      ? []
      : [
          {
            span: partOf(
              snapshot,
              address.span,
              `inet${address.ip.family === 6 ? '6' : ''} ${ip}/${address.prefixLength}`,
            ),
            why: `an address of ${node.name}, on ${address.dev}`,
          },
        ]),
    { span: service.row.span, why: 'IPVS serves it' },
    ...(server === undefined ? [] : [{ span: server.span, why: 'and sends its packets there' }]),
    ...cause.evidence,
    ...serverEvidence(snapshot, node.name, shown),
    ...sightings(snapshot, node, service.ip),
  ];
}

/** The server holds the address too. */
function serverEvidence(snapshot: Snapshot, own: string, { lost, call }: Shown): readonly Evidence[] {
  const { ip } = call.service;
  const at = lost.find(({ disposition, reply }) => disposition === 'martian' || reply !== null)?.final.node;
  const server = snapshot.nodes.find(({ name }) => name === at && name !== own);
  const row = server === undefined ? undefined : addressRow(server.host, ip);
  return row === undefined || server === undefined || row.dev === 'lo'
    ? []
    : [{ span: partOf(snapshot, row.span, formatIp(ip)), why: `${server.name} holds the address as well` }];
}
