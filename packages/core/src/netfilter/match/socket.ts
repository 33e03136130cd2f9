/** `-m socket`: is there an open socket for the packet? iptables-extensions(8); net/netfilter/xt_socket.c. */
import { type Tri, unknown } from '../../tri.js';
import { defineMatch, option } from '../extension.js';
import { flag } from '../value.js';

export interface SocketMatch {
  readonly transparent: boolean;
  readonly nowildcard: boolean;
  readonly restoreSkmark: boolean;
}

const tcp = 6;
const udp = 17;
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
  test: (_data, { skb, around }): Tri => {
    if (skb.icmp === null && !transports.has(skb.proto)) return false;
    const unknownSocket = unknown('which connected or transparent sockets are open is not known');
    // A connection that is known may have a socket of its own, and such are not listed.
    if (skb.dport === null || skb.ct?.confirmed === true || around.isListening === undefined) return unknownSocket;
    const waits = around.isListening(skb.proto === tcp ? 'tcp' : 'udp', skb.dport);
    return waits === true ? unknownSocket : waits;
  },
});
