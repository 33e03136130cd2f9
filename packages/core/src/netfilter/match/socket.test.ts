import { describe, expect, it } from 'vitest';
import { formatIp } from '../../inet/ip-text.js';
import type { SocketQuestion, SocketsFound } from '../packet-input.js';
import { socket } from './socket.js';
import {
  connection,
  icmpMessage,
  itPrints,
  itRefuses,
  itTests,
  mustRead,
  nothingKnown,
  packet,
  tuple,
} from './testing.js';

const rows = [
  ['', '', 'socket'],
  ['--transparent', '--transparent', 'socket --transparent'],
  ['--nowildcard', '--nowildcard', 'socket --nowildcard'],
  [
    '--restore-skmark --nowildcard --transparent',
    '--transparent --nowildcard --restore-skmark',
    'socket --transparent --nowildcard --restore-skmark',
  ],
] as const;

const rows6 = [['--transparent', '--transparent', 'socket --transparent']] as const;

const bound = { wildcard: false, transparent: false };
const wild = { wildcard: true, transparent: true };
const unseen = { wildcard: false, transparent: null };
const quoted = {
  src: packet().skb.dst,
  dst: packet().skb.src,
  proto: 17,
  sport: 40000,
  dport: 53,
  icmp: null,
};

/** A node where one of these sockets takes the packet. */
function finds(...found: SocketsFound['found']) {
  return { around: { ...nothingKnown, socketsFor: (): SocketsFound => ({ found, because: [] }) } };
}

describe('socket', () => {
  itPrints(socket, 4, rows);
  itPrints(socket, 6, rows6);
  itRefuses(socket, 4, [['! --transparent', 'takes no !']]);
  itTests(socket, [
    ['sockets are not known', '--transparent', packet(), 'unknown'],
    ['only TCP and UDP have such sockets', '', packet({ proto: 132 }), 'no'],
    ['nobody waits there', '', packet({}, finds(null)), 'no'],
    ['bound to its address', '', packet({}, finds(bound)), 'yes'],
    ['bound to its address, but not transparent', '--transparent', packet({}, finds(bound)), 'no'],
    ['whether it is transparent no list shows', '--transparent', packet({}, finds(unseen)), 'unknown'],
    ['bound to no address', '', packet({}, finds(wild)), 'no'],
    ['bound to no address, which counts', '--nowildcard', packet({}, finds(wild)), 'yes'],
    ['transparent and bound to no address', '--nowildcard --transparent', packet({}, finds(wild)), 'yes'],
    ['one of several, all alike', '', packet({}, finds(null, wild)), 'no'],
    ['one of several that differ', '', packet({}, finds(null, bound)), 'unknown'],
    ['TPROXY has chosen another than waits there', '', packet({ socket: bound }, finds(null)), 'yes'],
    ['TPROXY has chosen one bound to no address', '', packet({ socket: wild }, finds(bound)), 'no'],
    ['an echo has no socket', '', { ...icmpMessage(8, 0), ...finds(bound) }, 'no'],
    ['an error whose quote is not known', '', icmpMessage(3, 1), 'unknown'],
    ['an error about what has no ports', '', icmpMessage(3, 1, { quoted: { ...quoted, proto: 47 } }), 'no'],
  ]);

  it('asks for the sender of what an ICMP error quotes, and where source NAT has hidden it', () => {
    const asked: unknown[] = [];
    const around = {
      ...nothingKnown,
      socketsFor: (_: unknown, { dst, dport }: SocketQuestion): SocketsFound => {
        asked.push(`${formatIp(dst)} ${dport}`);
        return { found: [null], because: [] };
      },
    };
    const data = mustRead(socket, 4, '');
    socket.test?.(data, { ...icmpMessage(3, 1, { quoted }), around });
    const original = tuple('10.0.0.7', 4000, '10.0.0.1', 53);
    socket.test?.(data, packet({ ct: connection({ original, direction: 'reply', srcNat: true }) }, { around }));
    socket.test?.(data, packet({ ct: connection({ original, direction: 'reply', srcNat: false }) }, { around }));
    expect(asked).toEqual(['10.0.0.2 40000', '10.0.0.7 4000', '10.0.0.2 53']);
  });

  it('leaves open which mark a socket lays on the packet', () => {
    const data = mustRead(socket, 4, '--restore-skmark');
    expect(socket.test?.(data, packet({}, finds(bound)))).toMatchObject({ changes: true });
    expect(socket.test?.(data, packet({}, finds(wild)))).toBe(false);
  });
});
