/** What the tests of every match share: reading and printing options without the rule around them, and packets to ask about. */
import { expect, it } from 'vitest';
import type { Family } from '../../inet/ip.js';
import { parseIp } from '../../inet/ip-text.js';
import { untouched } from '../../packet/new-packet.js';
import type { Connection, Skb } from '../../packet/skb.js';
import type { ConnTuple } from '../../snapshot/conntrack.js';
import type { XtablesVariant } from '../../snapshot/xtables.js';
import { unknown } from '../../tri.js';
import { type Given, isRefusal, type MatchDef, type Option, type ReadContext, type TargetDef } from '../extension.js';
import { listingCursor } from '../listing-cursor.js';
import type { PacketInput } from '../packet-input.js';

export function readContext(family: Family, around: Partial<ReadContext> = {}): ReadContext {
  return { family, proto: null, table: 'filter', chain: 'FORWARD', ...around };
}

/** The words of a line; double quotes hold blanks together and `\` escapes inside them. */
function wordsOf(text: string): readonly string[] {
  return [...text.matchAll(/"((?:[^"\\]|\\.)*)"|\S+/g)].map(
    ([whole, quoted]) => quoted?.replace(/\\(.)/g, '$1') ?? whole,
  );
}

type Def<Data> = MatchDef<Data> | TargetDef<Data>;

/** Data of the words that follow `-m NAME` or `-j NAME`; a string says why they are refused. */
export function readWords<Data>(
  def: Def<Data>,
  family: Family,
  text: string,
  around: Partial<ReadContext> = {},
): Data | string {
  const cx = readContext(family, around);
  const given: Record<string, Given<unknown>> = {};
  const words = wordsOf(text);
  for (let at = 0; at < words.length; ) {
    const invert = words[at] === '!';
    if (invert) at++;
    const name = (words[at++] ?? '').replace(/^--/, '');
    const [key, option] = optionOf(def, name) ?? [name, null];
    if (option === null) return `no option --${name}`;
    if (invert && !option.negatable) return `--${name} takes no !`;
    const next = words[at] ?? '-';
    const count = option.value.optional === true && (next === '!' || next.startsWith('-')) ? 0 : option.value.words;
    const value = option.value.read(words.slice(at, at + count), cx);
    if (isRefusal(value)) return value.refused;
    at += count;
    const before = given[key];
    if (before !== undefined && !option.repeatable) return `--${name} stands twice`;
    given[key] = { value, invert, all: [...(before?.all ?? []), { value, invert, at }] };
  }
  const data = def.build(given, cx);
  return isRefusal(data) ? data.refused : data;
}

function optionOf<Data>(def: Def<Data>, name: string): readonly [string, Option<unknown>] | undefined {
  return Object.entries(def.options).find(([key, option]) => key === name || option.aliases.includes(name));
}

/** As {@link readWords}, for words that iptables takes. */
export function mustRead<Data>(
  def: Def<Data>,
  family: Family,
  text: string,
  around: Partial<ReadContext> = {},
): Exclude<Data, string> {
  const data = readWords(def, family, text, around);
  if (typeof data === 'string') throw new Error(`"${text}" is refused: ${data}`);
  return data as Exclude<Data, string>;
}

export function saveWords<Data>(
  def: Def<Data>,
  data: Data,
  family: Family,
  variant: XtablesVariant = 'legacy',
  proto: number | null = null,
): string {
  return def.save(data, { family, variant, proto }).join(' ');
}

/** What the def reads from the words of an `iptables -L` line; null unless it takes all of them. */
export function readListing<Data>(
  def: Def<Data>,
  family: Family,
  text: string,
  around: Partial<ReadContext> = {},
): Data | null {
  const cursor = listingCursor(text.split(' ').filter((word) => word !== ''));
  const data = def.listing?.(cursor, readContext(family, around)) ?? null;
  return cursor.peek() === null ? data : null;
}

/** Typed words, what iptables-legacy-save prints, what `-L -n` prints (null: no claim), what iptables-nft-save prints if different. */
export type PrintRow = readonly [typed: string, legacy: string, listed: string | null, nft?: string];

/** One test per row: the words print as the real tools print them, and every print reads back to the same data. */
export function itPrints<Data>(
  def: Def<Data>,
  family: Family,
  rows: readonly PrintRow[],
  around: Partial<ReadContext> = {},
): void {
  const cases = rows.map(([typed, legacy, listed, nft]) => ({ typed, legacy, listed, nft }));
  it.each(cases)(`IPv${family} ${def.name} $typed is saved as $legacy`, ({ typed, legacy, listed, nft }) => {
    const data = mustRead(def, family, typed, around);
    const proto = around.proto ?? null;
    expect(saveWords(def, data, family, 'legacy', proto)).toBe(legacy);
    expect(saveWords(def, data, family, 'nft', proto)).toBe(nft ?? legacy);
    expect(readWords(def, family, legacy, around)).toEqual(data);
    if (listed !== null) expect(readListing(def, family, listed, around)).toEqual(data);
  });
}

/** One test per row: words that iptables or the kernel refuses, and a part of the reason given here. */
export function itRefuses<Data>(
  def: Def<Data>,
  family: Family,
  rows: readonly (readonly [typed: string, why: string])[],
  around: Partial<ReadContext> = {},
): void {
  it.each(rows)(`IPv${family} ${def.name} %s is refused: %s`, (typed, why) => {
    expect(readWords(def, family, typed, around)).toContain(why);
  });
}

/** One test per row: words whose print, loaded again, means something else, and what is said of it. */
export function itLoses<Data>(
  def: Def<Data>,
  family: Family,
  rows: readonly (readonly [typed: string, saved: string, what: string])[],
  around: Partial<ReadContext> = {},
): void {
  it.each(rows)(`IPv${family} ${def.name} %s is saved as %s, which loses %s`, (typed, saved, what) => {
    const data = mustRead(def, family, typed, around);
    expect(saveWords(def, data, family, 'legacy', around.proto ?? null)).toBe(saved);
    expect(def.loses?.(data, readContext(family, around))).toContain(what);
  });
}

type Address = Skb['src'];

function ip(text: string): Address {
  const parsed = parseIp(text);
  if (parsed === null) throw new Error(`"${text}" is no address`);
  return parsed;
}

export type PacketFields = Omit<Partial<Skb>, 'src' | 'dst'> & { readonly src?: string; readonly dst?: string };

/** A UDP packet from 10.0.0.1:40000 to 10.0.0.2:53 in filter FORWARD, except where the fields say otherwise. */
export function packet(fields: PacketFields = {}, around: Partial<Omit<PacketInput, 'skb'>> = {}): PacketInput {
  const { src, dst, ...rest } = fields;
  const family = fields.family ?? 4;
  const skb: Skb = {
    family,
    src: ip(src ?? (family === 4 ? '10.0.0.1' : 'fd00::1')),
    dst: ip(dst ?? (family === 4 ? '10.0.0.2' : 'fd00::2')),
    proto: 17,
    sport: 40000,
    dport: 53,
    tcp: null,
    icmp: null,
    fragment: null,
    ttl: 64,
    tos: 0,
    length: 60,
    ...untouched,
    iif: 'eth0',
    oif: 'eth1',
    ctState: 'UNTRACKED',
    ...rest,
  };
  return { skb, hook: 'FORWARD', table: 'filter', variant: 'legacy', around: nothingKnown, ...around };
}

/** A TCP segment; flags as a number of tcpFlag bits. */
export function segment(flags: number, fields: PacketFields = {}): PacketInput {
  return packet({ proto: 6, dport: 80, tcp: { flags, mss: null }, ...fields });
}

/** An ICMP (or, for family 6, ICMPv6) message. */
export function icmpMessage(type: number, code: number, fields: PacketFields = {}): PacketInput {
  const proto = fields.family === 6 ? 58 : 1;
  return packet({ proto, sport: null, dport: null, icmp: { type, code, id: null }, ...fields });
}

/** The second or a later fragment: no header of the upper layer. */
export function laterFragment(proto: number, fields: PacketFields = {}): PacketInput {
  return packet({ proto, sport: null, dport: null, fragment: { offset: 185, more: false }, ...fields });
}

export function tuple(src: string, sport: number | null, dst: string, dport: number | null): ConnTuple {
  return { src: ip(src), dst: ip(dst), sport, dport, icmpType: null, icmpCode: null, icmpId: null };
}

/** A new UDP connection 10.0.0.1:40000 > 10.0.0.2:53, in the original direction, except where the fields say otherwise. */
export function connection(fields: Partial<Connection> = {}): Connection {
  return {
    direction: 'original',
    proto: 17,
    original: tuple('10.0.0.1', 40000, '10.0.0.2', 53),
    reply: tuple('10.0.0.2', 53, '10.0.0.1', 40000),
    zone: { original: 0, reply: 0 },
    mark: 0,
    confirmed: false,
    seenReply: false,
    assured: false,
    srcNat: false,
    dstNat: false,
    settled: { src: false, dst: false },
    tcpState: null,
    expected: false,
    ...fields,
  };
}

/** A node of which no dump was taken. */
export const nothingKnown: PacketInput['around'] = {
  ipset: (name) => unknown(`set ${name} was not captured`, 'ipset-list'),
  place: 'node',
  ipsets: new Map(),
  addressIs: () => unknown('the addresses of the node were not captured', 'ip-addr'),
  reversePath: () => unknown('the routes of the node were not captured', 'ip-route'),
};

/** The answer of a match whose test is modelled: `yes`, `no` or `unknown`. */
export function asks<Data>(def: MatchDef<Data>, data: Data, input: PacketInput): 'yes' | 'no' | 'unknown' {
  if (def.test === undefined) return 'unknown';
  const answer = def.test(data, input);
  if (typeof answer === 'object') return 'unknown';
  return answer ? 'yes' : 'no';
}

/** One test per row: does the match, spelled as typed, hold for the packet? */
export function itTests<Data>(
  def: MatchDef<Data>,
  rows: readonly (readonly [sentence: string, words: string, input: PacketInput, answer: 'yes' | 'no' | 'unknown'])[],
  around: Partial<ReadContext> = {},
): void {
  it.each(rows)('%s', (_sentence, words, input, answer) => {
    expect(asks(def, mustRead(def, input.skb.family, words, around), input)).toBe(answer);
  });
}
