/** What the parts of connection tracking say, in sentences; test/kernel/conntrack*.kernel.test.ts ask the kernel. */
import { describe, expect, it } from 'vitest';
import { formatIp, parseIp } from '../inet/ip-text.js';
import { tuple } from '../netfilter/match/testing.js';
import type { ConnTuple } from '../snapshot/conntrack.js';
import { jhash2, scale } from './jhash.js';
import { anyRange, hashedAddress, type NatRange } from './nat-range.js';
import { moveTcp } from './tcp-states.js';
import { type Others, uniqueTuple } from './unique-tuple.js';

const alone: Others = { taken: () => false, yields: () => false, sourcesFor: () => [] };
const syn = 2;
const ack = 16;
const rst = 4;

function ip(text: string) {
  const parsed = parseIp(text);
  if (parsed === null) throw new Error(`"${text}" is no address`);
  return parsed;
}

function range(first: string, last: string, rest: Partial<NatRange> = {}): NatRange {
  return { ...anyRange, addresses: { first: ip(first), last: ip(last) }, ...rest };
}

describe('TCP states', () => {
  it.each([
    ['a SYN begins', 'NONE', 'original', syn, { kind: 'state', state: 'SYN_SENT' }],
    ['its answer is received', 'SYN_SENT', 'reply', syn | ack, { kind: 'state', state: 'SYN_RECV' }],
    ['the third segment establishes', 'SYN_RECV', 'original', ack, { kind: 'state', state: 'ESTABLISHED' }],
    ['nothing but flags is no segment', 'ESTABLISHED', 'original', 0, { kind: 'invalid' }],
    ['a port is used again', 'TIME_WAIT', 'original', syn, { kind: 'reopened', certain: true }],
    ['after a reset nobody can tell', 'CLOSE', 'original', syn, { kind: 'reopened', certain: false }],
    ['a reset closes', 'ESTABLISHED', 'reply', rst, { kind: 'state', state: 'CLOSE' }],
  ] as const)('%s', (_, state, direction, flags, move) => {
    expect(moveTcp(state, direction, flags)).toEqual(move);
  });
});

describe('the tuple that NAT gives', () => {
  const flow = tuple('10.0.1.2', 4000, '10.0.2.2', 80);

  it('keeps the source port', () => {
    const chosen = uniqueTuple('src', 6, flow, range('10.0.2.1', '10.0.2.1'), 0, alone);
    expect(chosen).toEqual({ kind: 'tuple', tuple: { ...flow, src: ip('10.0.2.1') } });
  });

  it('draws another one of the same kind when answers would be ambiguous', () => {
    const others = { ...alone, taken: () => true };
    expect(uniqueTuple('src', 6, flow, range('10.0.2.1', '10.0.2.1'), 0, others)).toMatchObject({
      kind: 'drawn',
      first: 1024,
      size: 64512,
    });
    const privileged = { ...flow, sport: 700 };
    const chosen = uniqueTuple('src', 6, privileged, range('10.0.2.1', '10.0.2.1'), 0, others);
    expect(chosen).toMatchObject({ first: 600, size: 424 });
  });

  it('may be that of a closing connection where no other port is left', () => {
    const ports = { first: 8000, last: 8001 };
    const others = { ...alone, taken: ({ dport }: ConnTuple) => dport === 8000, yields: () => true };
    const many = { ...range('10.0.2.1', '10.0.2.1'), ports: { first: 8000, last: 8999 } };
    const few = { ...many, ports };
    const one = { ...many, ports: { first: 8000, last: 8000 } };
    const to = (port: number) => ({ ...flow, dst: ip('10.0.2.1'), dport: port });
    expect(uniqueTuple('dst', 6, flow, one, 0, others)).toEqual({ kind: 'contested', tuple: to(8000) });
    expect(uniqueTuple('dst', 6, flow, few, 0, others)).toEqual({ kind: 'contested', tuple: to(8000) });
    expect(uniqueTuple('dst', 6, flow, many, 0, others)).toEqual({ kind: 'tuple', tuple: to(8001) });
  });

  it('takes the first port of a range for a destination, and the one that a shifted map names', () => {
    const ports = { first: 8000, last: 8010 };
    const plain = uniqueTuple('dst', 6, flow, { ...anyRange, ports }, 0, alone);
    expect(plain).toMatchObject({ kind: 'tuple', tuple: { dport: 8000 } });
    const shifted = uniqueTuple('dst', 6, flow, { ...anyRange, ports, portBase: 77 }, 0, alone);
    expect(shifted).toMatchObject({ kind: 'tuple', tuple: { dport: 8003 } });
  });

  it('follows another connection of the same source', () => {
    const mapped = { src: ip('10.0.2.1'), sport: 4001, icmpId: null };
    const chosen = uniqueTuple('src', 6, flow, range('10.0.2.1', '10.0.2.1'), 0, {
      ...alone,
      sourcesFor: () => [mapped],
    });
    expect(chosen).toMatchObject({ kind: 'tuple', tuple: { sport: 4001 } });
  });

  it('leaves protocols without ports their addresses', () => {
    const bare = tuple('10.0.1.2', null, '10.0.2.2', null);
    const chosen = uniqueTuple('src', 50, bare, range('10.0.2.1', '10.0.2.1', { random: true }), 0, alone);
    expect(chosen).toEqual({ kind: 'tuple', tuple: { ...bare, src: ip('10.0.2.1') } });
  });

  it('lies within the range for any two hosts', () => {
    for (let host = 0; host < 256; host++) {
      const to = range('10.0.9.4', '10.0.9.11');
      const chosen = hashedAddress('src', { ...ip('10.0.1.0'), a: 0x0a000100 + host }, ip('10.0.2.2'), 0, to);
      expect(formatIp(chosen ?? ip('::'))).toMatch(/^10\.0\.9\.([4-9]|10|11)$/);
    }
  });
});

describe('jhash2', () => {
  it('of no words is its own beginning', () => {
    expect(jhash2([], 0)).toBe(0xdeadbeef);
  });

  it('scales the whole of 32 bits', () => {
    expect(scale(0, 10)).toBe(0);
    expect(scale(0xffffffff, 10)).toBe(9);
    expect(scale(0x80000000, 0xffffffff)).toBe(0x7fffffff);
  });
});
