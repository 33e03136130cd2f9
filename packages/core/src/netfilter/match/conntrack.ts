/** `-m conntrack`: what connection tracking knows of the packet's connection. iptables-extensions(8); net/netfilter/xt_conntrack.c. */

import { connectionSeen } from '../../conntrack/template.js';
import { parseUint32 } from '../../inet/decimal.js';
import { parseProto } from '../../inet/proto.js';
import type { Connection, CtState } from '../../packet/skb.js';
import { and, type Tri, unknown } from '../../tri.js';
import { defineMatch, type Given, isRefusal, negatable, option, type Refusal, refuse } from '../extension.js';
import type { PacketInput } from '../packet-input.js';
import { pick, printed, word } from '../value.js';
import {
  formatTupleAddress,
  formatTuplePorts,
  type TupleAddress,
  type TuplePorts,
  tupleAddress,
  tupleAddressHolds,
  tuplePortHolds,
  tuplePorts,
} from './conntrack-tuple.js';
import { takeListedOptions } from './listed-options.js';
import { wordList } from './word-list.js';

export type CtStateWord = CtState | 'SNAT' | 'DNAT';
export type CtStatusWord = 'EXPECTED' | 'SEEN_REPLY' | 'ASSURED' | 'CONFIRMED';

interface Test<T> {
  readonly value: T;
  readonly invert: boolean;
}

const addressSides = ['ctorigsrc', 'ctorigdst', 'ctreplsrc', 'ctrepldst'] as const;
const portSides = ['ctorigsrcport', 'ctorigdstport', 'ctreplsrcport', 'ctrepldstport'] as const;

export interface ConntrackMatch {
  readonly states: Test<readonly CtStateWord[]> | null;
  readonly proto: Test<number> | null;
  readonly addresses: { readonly [Side in (typeof addressSides)[number]]: Test<TupleAddress> | null };
  readonly ports: { readonly [Side in (typeof portSides)[number]]: Test<TuplePorts> | null };
  /** Empty: `NONE`. */
  readonly status: Test<readonly CtStatusWord[]> | null;
  /** Seconds left. */
  readonly expire: Test<{ readonly first: number; readonly last: number }> | null;
  readonly direction: 'ORIGINAL' | 'REPLY' | null;
}

const states = ['INVALID', 'NEW', 'RELATED', 'ESTABLISHED', 'UNTRACKED', 'SNAT', 'DNAT'] as const;
const statuses = ['NONE', 'EXPECTED', 'SEEN_REPLY', 'ASSURED', 'CONFIRMED'] as const;

const protoValue = word(
  'l4proto',
  (text) => parseProto(text) ?? refuse(`"${text}" is no protocol`),
  (choose) => pick(choose, ['tcp', '17', 'icmp', 'gre', '255', 'esp']),
);

const expireValue = word(
  'time[:time]',
  (text) => {
    const colon = text.indexOf(':');
    const first = colon === 0 ? 0 : parseUint32(text, 0, colon < 0 ? text.length : colon);
    const last = colon < 0 ? first : colon === text.length - 1 ? 0xffffffff : parseUint32(text, colon + 1);
    return first === null || last === null ? refuse(`"${text}" is no range of seconds`) : { first, last };
  },
  (choose) => pick(choose, ['5', ':10', '10:', `${choose(100)}:${choose(1000)}`, '4294967295']),
);

const directionValue = word<'ORIGINAL' | 'REPLY'>(
  'ORIGINAL|REPLY',
  (text) => {
    const upper = text.toUpperCase();
    return upper === 'ORIGINAL' || upper === 'REPLY' ? upper : refuse(`"${text}" is neither ORIGINAL nor REPLY`);
  },
  (choose) => pick(choose, ['ORIGINAL', 'REPLY', 'reply']),
);

const options = {
  ctstate: negatable(wordList('statelist', states)),
  ctproto: negatable(protoValue),
  ctorigsrc: negatable(tupleAddress),
  ctorigdst: negatable(tupleAddress),
  ctreplsrc: negatable(tupleAddress),
  ctrepldst: negatable(tupleAddress),
  ctorigsrcport: negatable(tuplePorts),
  ctorigdstport: negatable(tuplePorts),
  ctreplsrcport: negatable(tuplePorts),
  ctrepldstport: negatable(tuplePorts),
  ctstatus: negatable(wordList('statuslist', statuses)),
  ctexpire: negatable(expireValue),
  ctdir: option(directionValue),
};

/** Options in the order in which the tools print them. */
const printOrder = Object.keys(options) as readonly (keyof typeof options)[];

/** The definition; `matchData(match, conntrack)` has null for what the rule does not ask. */
export const conntrack = defineMatch({
  name: 'conntrack',
  families: [4, 6],
  options,
  build: (given): ConntrackMatch | Refusal => {
    if (printOrder.every((name) => given[name] === undefined)) return refuse('at least one option is required');
    const status = test(given.ctstatus);
    return {
      states: test(given.ctstate),
      proto: test(given.ctproto),
      addresses: {
        ctorigsrc: test(given.ctorigsrc),
        ctorigdst: test(given.ctorigdst),
        ctreplsrc: test(given.ctreplsrc),
        ctrepldst: test(given.ctrepldst),
      },
      ports: {
        ctorigsrcport: test(given.ctorigsrcport),
        ctorigdstport: test(given.ctorigdstport),
        ctreplsrcport: test(given.ctreplsrcport),
        ctrepldstport: test(given.ctrepldstport),
      },
      status: status && { ...status, value: status.value.filter((name) => name !== 'NONE') },
      expire: test(given.ctexpire),
      direction: given.ctdir?.value ?? null,
    };
  },
  save: (data) =>
    parts(data).flatMap(([name, value, invert]) => (value === null ? [] : printed(`--${name}`, [value], invert))),
  listing: (cursor, cx): ConntrackMatch | null => {
    const data = conntrack.build(takeListedOptions(cursor, cx, options, printOrder), cx);
    return isRefusal(data) ? null : data;
  },
  test: (data, { skb }) => {
    const state = data.states === null || stateHolds(data.states, skb);
    // A packet without a connection is judged by its state alone: the kernel looks at no other option then.
    const ct = connectionSeen(skb);
    if (!state || ct === null) return state && data.states !== null;
    return connectionHolds(data, ct, skb.ct === null);
  },
});

function test<T>(given: Given<T> | undefined): Test<T> | null {
  return given === undefined ? null : { value: given.value, invert: given.invert };
}

type Part = readonly [name: keyof typeof options, value: string | null, invert: boolean];

function parts(data: ConntrackMatch): readonly Part[] {
  const part = <T>(name: Part[0], of: Test<T> | null, print: (value: T) => string): Part => [
    name,
    of === null ? null : print(of.value),
    of?.invert ?? false,
  ];
  const seconds = ({ first, last }: { first: number; last: number }) =>
    first === last ? `${first}` : `${first}:${last}`;
  return [
    part('ctstate', data.states, (names) => names.join(',')),
    part('ctproto', data.proto, String),
    ...addressSides.map((side) => part(side, data.addresses[side], formatTupleAddress)),
    ...portSides.map((side) => part(side, data.ports[side], formatTuplePorts)),
    part('ctstatus', data.status, (names) => (names.length === 0 ? 'NONE' : names.join(','))),
    part('ctexpire', data.expire, seconds),
    ['ctdir', data.direction, false],
  ];
}

function stateHolds(test: Test<readonly CtStateWord[]>, { ctState, ct }: PacketInput['skb']): boolean {
  const { value } = test;
  const nat = ct !== null && ((ct.srcNat && value.includes('SNAT')) || (ct.dstNat && value.includes('DNAT')));
  return (nat || value.includes(ctState)) !== test.invert;
}

const alone = new WeakMap<ConntrackMatch, boolean>();

/** Neither tuples nor what the table keeps beside them; most rules are of this kind. */
function asksStateAlone(data: ConntrackMatch): boolean {
  let known = alone.get(data);
  if (known === undefined) {
    const { addresses, ports, status, expire } = data;
    known = [...Object.values(addresses), ...Object.values(ports), status, expire].every((part) => part === null);
    alone.set(data, known);
  }
  return known;
}

function connectionHolds(data: ConntrackMatch, ct: Connection, isTemplate: boolean): Tri {
  const { addresses, ports } = data;
  const address = (side: (typeof addressSides)[number], ip: Connection['original']['src']): boolean => {
    const of = addresses[side];
    return of === null || tupleAddressHolds(of.value, ip) !== of.invert;
  };
  const port = (side: (typeof portSides)[number], tuple: 'original' | 'reply', end: 'src' | 'dst'): Tri => {
    const of = ports[side];
    return of === null || tuplePortHolds(of.value, ct[tuple], end, ct.proto, of.invert);
  };
  if (data.direction !== null && data.direction.toLowerCase() !== ct.direction) return false;
  if (data.proto !== null && (data.proto.value === ct.proto) === data.proto.invert) return false;
  if (asksStateAlone(data)) return true;
  return [
    address('ctorigsrc', ct.original.src),
    address('ctorigdst', ct.original.dst),
    address('ctreplsrc', ct.reply.src),
    address('ctrepldst', ct.reply.dst),
    port('ctorigsrcport', 'original', 'src'),
    port('ctorigdstport', 'original', 'dst'),
    port('ctreplsrcport', 'reply', 'src'),
    port('ctrepldstport', 'reply', 'dst'),
    data.status === null || statusHolds(data.status, ct),
    data.expire === null || expiryHolds(data.expire, isTemplate),
  ].reduce<Tri>(and, true);
}

/** Of a template no seconds are left. */
function expiryHolds({ value, invert }: Test<{ readonly first: number }>, isTemplate: boolean): Tri {
  return isTemplate
    ? (value.first === 0) !== invert
    : unknown('how long the connection lasts is not known', 'conntrack');
}

/** Any of the bits is enough; no bits (NONE) are never found. */
function statusHolds({ value, invert }: Test<readonly CtStatusWord[]>, ct: Connection): Tri {
  const { seenReply, assured, confirmed, expected } = ct;
  const bits = { SEEN_REPLY: seenReply, ASSURED: assured, CONFIRMED: confirmed, EXPECTED: expected };
  const asked = value.map((name) => bits[name]);
  if (asked.includes(true)) return !invert;
  if (!asked.includes(null)) return invert;
  return unknown(`whether the connection is ${value.join(' or ')} is not known`, 'conntrack');
}
