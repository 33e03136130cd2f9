/** `-m ipvs`: what IPVS knows of a packet that it has handled. iptables-extensions(8); net/netfilter/xt_ipvs.c. */
import { parseProto } from '../../inet/proto.js';
import { type IpvsConnection, isForwarded } from '../../ipvs/connection.js';
import type { Skb } from '../../packet/skb.js';
import type { Tri } from '../../tri.js';
import { defineMatch, type Given, isRefusal, negatable, option, type Refusal, refuse } from '../extension.js';
import { flag, pick, port, printed, word } from '../value.js';
import { formatTupleAddress, type TupleAddress, tupleAddress, tupleAddressHolds } from './conntrack-tuple.js';
import { takeListedOptions } from './listed-options.js';

interface Test<T> {
  readonly value: T;
  readonly invert: boolean;
}

export type IpvsMatch =
  /** Nothing but whether IPVS handled it. */
  { readonly kind: 'handled'; readonly invert: boolean } | ({ readonly kind: 'connection' } & IpvsConnectionTest);

/** A packet that IPVS did not handle passes none of these, negated or not. */
export interface IpvsConnectionTest {
  readonly proto: Test<number> | null;
  readonly address: Test<TupleAddress> | null;
  readonly port: Test<number> | null;
  readonly direction: 'ORIGINAL' | 'REPLY' | null;
  readonly method: Test<'GATE' | 'IPIP' | 'MASQ'> | null;
  /** Port of the controlling connection, as 21 of FTP. */
  readonly controlPort: Test<number> | null;
}

/** One of the words, in either case and in full. */
function fullWord<const Word extends string>(words: readonly [Word, ...Word[]]) {
  return word<Word>(
    words.join('|'),
    (text) => words.find((known) => known === text.toUpperCase()) ?? refuse(`"${text}" is none of ${words.join(', ')}`),
    (choose) => pick(choose, words),
  );
}

const options = {
  ipvs: negatable(flag),
  vproto: negatable(
    word(
      'protocol',
      (text) => parseProto(text) ?? refuse(`"${text}" is no protocol`),
      (choose) => pick(choose, ['tcp', '17', 'sctp']),
    ),
  ),
  vaddr: negatable(tupleAddress),
  vport: negatable(port),
  vdir: option(fullWord(['ORIGINAL', 'REPLY'])),
  vmethod: negatable(fullWord(['GATE', 'IPIP', 'MASQ'])),
  vportctl: negatable(port),
};

/** Options in the order in which the tools print them. */
const printOrder = ['vproto', 'vaddr', 'vport', 'vdir', 'vmethod', 'vportctl'] as const;

export const ipvs = defineMatch({
  name: 'ipvs',
  families: [4, 6],
  options,
  build: (given): IpvsMatch | Refusal => {
    const handled = given.ipvs;
    if (printOrder.every((name) => given[name] === undefined))
      return handled === undefined
        ? refuse('at least one option is required')
        : { kind: 'handled', invert: handled.invert };
    if (handled?.invert === true) return refuse('! --ipvs cannot be used together with other options');
    return {
      kind: 'connection',
      proto: test(given.vproto),
      address: test(given.vaddr),
      port: test(given.vport),
      direction: given.vdir?.value ?? null,
      method: test(given.vmethod),
      controlPort: test(given.vportctl),
    };
  },
  save: (data) => {
    if (data.kind === 'handled') return printed('--ipvs', [], data.invert);
    const part = <T>(name: string, of: Test<T> | null, print: (value: T) => string): readonly string[] =>
      of === null ? [] : printed(`--${name}`, [print(of.value)], of.invert);
    return [
      ...part('vproto', data.proto, String),
      ...part('vaddr', data.address, formatTupleAddress),
      ...part('vport', data.port, String),
      ...(data.direction === null ? [] : ['--vdir', data.direction]),
      ...part('vmethod', data.method, String),
      ...part('vportctl', data.controlPort, String),
    ];
  },
  listing: (cursor, cx): IpvsMatch | null => {
    if (cursor.accept('ipvs')) return { kind: 'handled', invert: false };
    if (cursor.accept('!', 'ipvs')) return { kind: 'handled', invert: true };
    const data = ipvs.build(takeListedOptions(cursor, cx, options, printOrder), cx);
    return isRefusal(data) ? null : data;
  },
  test: (data, { skb }): Tri => {
    const mark = skb.ipvs ?? null;
    if (data.kind === 'handled') return (mark !== null) !== data.invert;
    // The connection is looked up by the packet as it is now: one to the server is found, an answer or a tunnel is not.
    if (mark === null || !isForwarded(skb, mark.connection)) return false;
    return passes(data, skb, mark.connection);
  },
});

function passes(data: IpvsConnectionTest, { ct, family }: Skb, connection: IpvsConnection): boolean {
  const { virtual, method, proto, controlPort } = connection;
  const { address } = data;
  return (
    holds(data.proto, (value) => value === proto) &&
    holds(data.port, (value) => value === virtual.port) &&
    holds(data.controlPort, (value) => value === controlPort) &&
    (data.direction === null || (ct !== null && (ct.direction === 'original') === (data.direction === 'ORIGINAL'))) &&
    holds(data.method, (value) => value === methods[method]) &&
    (address === null ||
      (virtual.ip.family === family && tupleAddressHolds(address.value, virtual.ip) !== address.invert))
  );
}

const methods = { masq: 'MASQ', route: 'GATE', tunnel: 'IPIP' } as const;

function holds<T>(asked: Test<T> | null, is: (value: T) => boolean): boolean {
  return asked === null || is(asked.value) !== asked.invert;
}

function test<T>(given: Given<T> | undefined): Test<T> | null {
  return given === undefined ? null : { value: given.value, invert: given.invert };
}
