/** `-m socket`: is there an open socket for the packet? iptables-extensions(8); net/netfilter/xt_socket.c. */
import { isCut } from '../../packet/cut.js';
import type { OpenSocket, Skb } from '../../packet/skb.js';
import { isUnknown, type Reason, type Tri, unknown } from '../../tri.js';
import { defineMatch, option } from '../extension.js';
import type { SocketQuestion } from '../packet-input.js';
import { flag } from '../value.js';

export interface SocketMatch {
  readonly transparent: boolean;
  readonly nowildcard: boolean;
  readonly restoreSkmark: boolean;
}

const tcp = 6;
const udp = 17;
const openSockets = unknown('which connected or transparent sockets are open is not known');
const openMark = unknown('the mark of the socket is not known');
const transports: ReadonlySet<number> = new Set([tcp, udp]);

export const socket = defineMatch({
  name: 'socket',
  families: [4, 6],
  hooks: ['PREROUTING', 'INPUT'],
  options: {
    transparent: option(flag),
    nowildcard: option(flag),
    'restore-skmark': option(flag),
  },
  build: (given): SocketMatch => ({
    transparent: given.transparent !== undefined,
    nowildcard: given.nowildcard !== undefined,
    restoreSkmark: given['restore-skmark'] !== undefined,
  }),
  save: (data) => [
    ...(data.transparent ? ['--transparent'] : []),
    ...(data.nowildcard ? ['--nowildcard'] : []),
    ...(data.restoreSkmark ? ['--restore-skmark'] : []),
  ],
  listing: (cursor): SocketMatch | null => {
    if (!cursor.accept('socket')) return null;
    return {
      transparent: cursor.accept('--transparent'),
      nowildcard: cursor.accept('--nowildcard'),
      restoreSkmark: cursor.accept('--restore-skmark'),
    };
  },
  changes: ({ restoreSkmark }) => restoreSkmark,
  test: (data, { skb, around }): Tri => {
    if (skb.socket !== undefined) return withMark(data, takes(data, skb.socket, []));
    const question = endsOf(skb);
    if (question === null) return false;
    if (question === 'open' || around.socketsFor === undefined) return withMark(data, openSockets);
    const sockets = around.socketsFor(skb, question);
    const [first, ...others] = sockets.found.map((socket) => takes(data, socket, sockets.because));
    const settled = first !== undefined && others.every((other) => other === first);
    return withMark(data, settled ? first : { because: sockets.because });
  },
});

const someSocket = 'whether the socket that takes the packet is bound to an address is not known';

function takes(data: SocketMatch, socket: OpenSocket | null, because: readonly Reason[]): Tri {
  if (socket === null || (socket.wildcard && !data.nowildcard)) return false;
  if (data.transparent && socket.transparent === false) return false;
  if (socket.wildcard === null && !data.nowildcard) return unknown(someSocket, 'ss');
  return data.transparent && socket.transparent === null ? { because } : true;
}

/** Which mark the socket lays on the packet no listing shows. */
function withMark({ restoreSkmark }: SocketMatch, taken: Tri): Tri {
  if (!restoreSkmark || taken === false) return taken;
  return { ...(isUnknown(taken) ? taken : openMark), changes: true };
}

const errors4: ReadonlySet<number> = new Set([3, 4, 5, 11, 12]);

/** The ends to look for; null: such a packet has no socket. An ICMP error is for the socket whose packet it quotes. */
function endsOf(skb: Skb): SocketQuestion | 'open' | null {
  if (isCut(skb)) return null;
  if (skb.icmp === null) return transports.has(skb.proto) ? questionOf(skb.proto, skb, originalSource(skb)) : null;
  const isError = skb.family === 4 ? errors4.has(skb.icmp.type) : skb.icmp.type < 128;
  if (!isError) return null;
  const { quoted } = skb;
  if (quoted === undefined) return 'open';
  if (!transports.has(quoted.proto)) return null;
  const turned = { src: quoted.dst, dst: quoted.src, sport: quoted.dport, dport: quoted.sport };
  return questionOf(quoted.proto, turned, originalSource(skb));
}

type Ends = Pick<Skb, 'src' | 'sport' | 'dst' | 'dport'>;

/** Answers of IPv4 are looked for at the address and port that source NAT has hidden. */
function originalSource({ family, ct }: Skb): Pick<Ends, 'dst' | 'dport'> | null {
  if (family === 6 || ct === null || !ct.srcNat || ct.direction !== 'reply') return null;
  return { dst: ct.original.src, dport: ct.original.sport };
}

function questionOf(number: number, ends: Ends, hidden: Pick<Ends, 'dst' | 'dport'> | null): SocketQuestion | 'open' {
  const { src, sport } = ends;
  const { dst, dport } = hidden ?? ends;
  if (sport === null || dport === null) return 'open';
  return { among: 'all', protocol: number === tcp ? 'tcp' : 'udp', src, sport, dst, dport };
}
