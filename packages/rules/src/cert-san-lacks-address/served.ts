/** Which captured certificate a port presents: what a client was shown there counts before what a file's name tells. */
import { type Certificate, type Node, parseIp, type Snapshot, sameIp } from '@coldtrace/core';
import { apiServerPort, kubeletPort, roleOf } from '../facts/certificate-roles.js';
import { formal } from './dials.js';

export interface Served {
  readonly certificate: Certificate;
  /** Why it may not be the one that the port presents. */
  readonly doubt: string | null;
}

export function servedAt(snapshot: Snapshot, node: Node | null, address: string, port: number | null): Served | null {
  if (port === null) return null;
  const shown = snapshot.nodes
    .flatMap(({ certificates }) => certificates)
    .find(({ place }) => place.kind === 'served' && place.index === 0 && isAt(place.address, node, address, port));
  if (shown !== undefined) return { certificate: shown, doubt: null };
  const own = node?.certificates.find((one) => roleOf(one)?.port === port);
  if (own === undefined) return null;
  const installer = roleOf(own)?.installer;
  const doubt =
    installer === 'k3s' && port === apiServerPort
      ? 'k3s may present another certificate at port 6443 than its API server has'
      : null;
  return { certificate: own, doubt };
}

function isAt(served: string, node: Node | null, address: string, port: number): boolean {
  const colon = served.lastIndexOf(':');
  if (Number(served.slice(colon + 1)) !== port) return false;
  const host = served.slice(0, colon).replace(/^\[|\]$/g, '');
  const ip = parseIp(host);
  return (
    formal(host) === address || (ip !== null && node?.host.addresses.rows.some((row) => sameIp(row.ip, ip)) === true)
  );
}

/** Behind port 443 of a name stand webhooks and registries too. */
export function componentAt(port: number | null, address: string): string {
  if (port === kubeletPort) return 'the kubelet';
  const secure = port === 443 && (parseIp(address) !== null || /^kubernetes(?:\.|$)/.test(address));
  return secure || port === apiServerPort || port === 6444 ? 'the API server' : 'the server';
}
