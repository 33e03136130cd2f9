/** One row of ss(8): `[Netid] [State] Recv-Q Send-Q Local:Port Peer:Port [Process …]`. */
import type { Socket } from '@coldtrace/core';
import { type Endpoint, readEndpoint } from './endpoint.js';

export const states: ReadonlySet<string> = new Set([
  'BOUND-INACTIVE',
  'CLOSE-WAIT',
  'CLOSED',
  'CLOSING',
  'ESTAB',
  'FIN-WAIT-1',
  'FIN-WAIT-2',
  'LAST-ACK',
  'LISTEN',
  'NEW-SYN-RECV',
  'SYN-RECV',
  'SYN-SENT',
  'TIME-WAIT',
  'UNCONN',
  'UNKNOWN',
]);

const internet: ReadonlySet<string> = new Set(['tcp', 'udp', 'raw', 'sctp', 'dccp', 'mptcp', 'icmp6', 'udplite']);
/** Sockets without addresses: Unix, netlink, packet, TIPC, vsock, XDP. */
const local = /^(?:u_(?:str|dgr|seq)|nl|p_(?:raw|dgr)|ti_\w{1,5}|v_(?:str|dgr)|xdp|\?\?\?)$/;

/** How a row begins, unless it has neither Netid nor State: asked of every line of unknown text before anything else. */
const firstWord = /^\s*(?:[A-Z][A-Z0-9-]{3,14}|tcp|udp|raw|sctp|dccp|mptcp|icmp6|u_|nl|p_|ti_|v_|xdp|\?\?\?)/;

export type SsRow =
  | { readonly kind: 'socket'; readonly socket: Partial<Pick<Socket, 'protocol' | 'state'>> & SsEnds }
  /** A socket that has no address, or a row whose addresses are names. */
  | { readonly kind: 'local' }
  | { readonly kind: 'named'; readonly text: string };

export interface SsEnds {
  readonly near: Endpoint;
  readonly far: Endpoint;
  readonly rest: string;
}

/** Reads a row; null for anything else. `stateless` when the heading has no State column (`ss state established`). */
export function readSsRow(line: string, stateless: boolean): SsRow | null {
  if (!stateless && !firstWord.test(line)) return null;
  const text = line.slice(0, 4000);
  const words = text.trim().split(/\s+/, 8);
  let at = 0;
  const netid = words[0] ?? '';
  if (local.test(netid) && /^(?:[A-Z0-9-]+|\d+)$/.test(words[1] ?? '')) return { kind: 'local' };
  const protocol = internet.has(netid) ? netid : undefined;
  if (protocol !== undefined) at++;
  const state = states.has(words[at] ?? '') ? words[at] : undefined;
  if (state !== undefined) at++;
  else if (!stateless) return null;
  if (!/^\d+$/.test(words[at] ?? '') || !/^\d+$/.test(words[at + 1] ?? '')) return null;
  const nearText = words[at + 2] ?? '';
  const farText = (words[at + 3] ?? '').replace(/users:.*$/, '');
  const near = readEndpoint(nearText);
  const far = readEndpoint(farText);
  if (near === null || far === null) {
    const named = nearText.includes(':') && farText.includes(':');
    return named && state !== undefined ? { kind: 'named', text: `${nearText} ${farText}` } : null;
  }
  const farAt = line.indexOf(farText, line.indexOf(nearText) + nearText.length);
  const ends: SsEnds = { near, far, rest: line.slice(farAt + farText.length) };
  const known = { ...(protocol === undefined ? {} : { protocol }), ...(state === undefined ? {} : { state }) };
  return { kind: 'socket', socket: { ...ends, ...known } };
}

/** Names and pids in `users:(("kubelet",pid=1,fd=3),…)`; old versions leave `pid=` out. */
export function readProcesses(text: string): Socket['processes'] {
  const at = text.indexOf('users:((');
  if (at < 0) return [];
  return [...text.slice(at, at + 20_000).matchAll(/\("([^"]{0,64})",(?:pid=)?(\d{1,10})/g)].map((found) => ({
    name: found[1] ?? '',
    pid: Number(found[2]),
  }));
}

/** `inet-sockopt: ( mc_loop transparent mc_all)`, which names the options that are set. */
export function transparency(text: string): Pick<Socket, 'transparent'> {
  const options = /\binet-sockopt: \(([a-z0-9_ ]{0,400})\)/.exec(text)?.[1];
  return options === undefined ? {} : { transparent: options.split(' ').includes('transparent') };
}
