/** `-m hashlimit`: a token bucket per address or port. iptables-extensions(8); net/netfilter/xt_hashlimit.c. */
import { bitsOf } from '../../inet/mask.js';
import { proto } from '../../inet/proto.js';
import { endsBefore } from '../../packet/cut.js';
import { isLaterFragment, noNextHeader } from '../../packet/extension-headers.js';
import type { Skb } from '../../packet/skb.js';
import { type Tri, unknown } from '../../tri.js';
import { defineMatch, isRefusal, negatable, option, type Refusal, refuse } from '../extension.js';
import { prefixLength } from '../host.js';
import type { ListingCursor } from '../listing-cursor.js';
import { bareWord } from '../target/bare-word.js';
import { flag, integer, pick, printed, text, word } from '../value.js';
import {
  burstValue,
  formatBurst,
  formatRate,
  type HashlimitRate,
  listedRate,
  overItsUnit,
  parseCount,
  printedExpire,
  rateValue,
  readRate,
  typedExpire,
  withBurst,
} from './hashlimit-rate.js';

const modes = ['srcip', 'srcport', 'dstip', 'dstport'] as const;

export type HashlimitMode = (typeof modes)[number];

export interface HashlimitMatch {
  readonly relation: 'above' | 'upto';
  readonly rate: HashlimitRate;
  /** What has a bucket of its own. */
  readonly mode: readonly HashlimitMode[];
  /** Of /proc/net/ipt_hashlimit; null: `iptables -L` does not show it. */
  readonly name: string | null;
  /** 0: the kernel's choice, also for `max`. */
  readonly size: number;
  readonly max: number;
  /** Milliseconds. */
  readonly gcInterval: number;
  readonly expire: number;
  readonly srcMask: number;
  readonly dstMask: number;
  /** Classifies by the rate over so many seconds and limits nothing; null: limits. */
  readonly rateInterval: number | null;
  /** A `--hashlimit-rate-interval` without `--hashlimit-rate-match`: nothing uses it, and only `iptables -L` is led astray by it. */
  readonly idleInterval?: number;
}

const modeList = word<readonly HashlimitMode[]>(
  '{srcip|srcport|dstip|dstport},…',
  (list) => readModes(list, ','),
  (choose) => Array.from({ length: 1 + choose(3) }, () => pick(choose, modes)).join(','),
);

function readModes(list: string, separator: ',' | '-'): readonly HashlimitMode[] | Refusal {
  const parts = list.split(separator).filter((part) => part !== '');
  const strange = parts.find((part) => !modes.some((mode) => mode === part));
  return strange === undefined
    ? modes.filter((mode) => parts.includes(mode))
    : refuse(`"${strange}" is none of ${modes.join(', ')}`);
}

const count = integer('number', 0, 0xffffffff);
const positive = integer('number', 1, 0xffffffff);
const defaultGcInterval = 1000;

/** Read by atoi(3): decimal, and what follows the digits is not looked at. */
const interval = word(
  'seconds',
  (text) => {
    const seconds = Number.parseInt(text, 10);
    return seconds > 0 && seconds <= 0x7fffffff ? seconds : refuse(`"${text}" is no interval`);
  },
  (choose) => `${1 + choose(100000)}`,
);

/** The kernel keeps no more buckets or entries than this. net/netfilter/xt_hashlimit.c. */
const largestTable = 0x100000;

export const hashlimit = defineMatch({
  name: 'hashlimit',
  families: [4, 6],
  options: {
    'hashlimit-upto': negatable(rateValue, { aliases: ['hashlimit'] }),
    'hashlimit-above': negatable(rateValue),
    'hashlimit-burst': option(burstValue),
    'hashlimit-mode': option(modeList),
    'hashlimit-srcmask': option(prefixLength),
    'hashlimit-dstmask': option(prefixLength),
    'hashlimit-name': option(text('foo', 254)),
    'hashlimit-htable-size': option(count),
    'hashlimit-htable-max': option(count),
    'hashlimit-htable-expire': option(positive),
    'hashlimit-htable-gcinterval': option(positive),
    'hashlimit-rate-match': option(flag),
    'hashlimit-rate-interval': option(interval),
  },
  build: (given, { family }): HashlimitMatch | Refusal => {
    const upto = given['hashlimit-upto'];
    const above = given['hashlimit-above'];
    if (upto !== undefined && above !== undefined)
      return refuse('--hashlimit-upto and --hashlimit-above cannot be used together');
    const chosen = upto ?? above;
    const name = given['hashlimit-name']?.value;
    if (chosen === undefined) return refuse('neither --hashlimit-upto nor --hashlimit-above is given');
    if (name === undefined || name === '') return refuse('--hashlimit-name is missing');
    if (name === '.' || name === '..' || name.includes('/')) return refuse(`"${name}" cannot be the name of a file`);
    const burst = given['hashlimit-burst']?.value ?? null;
    const classified = given['hashlimit-rate-match'] !== undefined;
    const written = classified ? overItsUnit(chosen.value) : chosen.value;
    if (isRefusal(written)) return written;
    const rate = withBurst(written, burst);
    if (isRefusal(rate)) return rate;
    const unit = classified && chosen.value.kind === 'packets' ? chosen.value.seconds : 1;
    const bits = bitsOf(family);
    const srcMask = given['hashlimit-srcmask']?.value ?? bits;
    const dstMask = given['hashlimit-dstmask']?.value ?? bits;
    return {
      relation: (upto !== undefined) !== chosen.invert ? 'upto' : 'above',
      rate,
      mode: given['hashlimit-mode']?.value ?? [],
      name,
      size: Math.min(given['hashlimit-htable-size']?.value ?? 0, largestTable),
      max: Math.min(given['hashlimit-htable-max']?.value ?? 0, largestTable),
      gcInterval: given['hashlimit-htable-gcinterval']?.value ?? defaultGcInterval,
      expire: given['hashlimit-htable-expire']?.value ?? typedExpire(chosen.value, burst),
      srcMask,
      dstMask,
      ...intervals(classified, given['hashlimit-rate-interval']?.value ?? unit),
    };
  },
  sample: (choose, cx) => {
    const rate = rateValue.sample(choose, cx);
    const byPackets = !(rate[0] ?? '').includes('b/');
    const maybe = (...words: readonly string[]) => (choose(4) === 0 ? words : []);
    return [
      ...printed(pick(choose, ['--hashlimit-upto', '--hashlimit-above', '--hashlimit']), rate, choose(5) === 0),
      // Ten a day with a greater burst overflow the kernel's clock; byte rates want a burst above themselves.
      ...(byPackets ? maybe('--hashlimit-burst', `${1 + choose(9)}`) : maybe('--hashlimit-burst', '1000mb')),
      ...(choose(2) === 0 ? ['--hashlimit-mode', ...modeList.sample(choose, cx)] : []),
      ...maybe('--hashlimit-srcmask', `${choose(bitsOf(cx.family) + 1)}`),
      ...maybe('--hashlimit-dstmask', `${choose(bitsOf(cx.family) + 1)}`),
      '--hashlimit-name',
      `h${choose(0x7fffffff)}`,
      ...maybe('--hashlimit-htable-size', `${choose(1000)}`),
      ...maybe('--hashlimit-htable-max', `${choose(1000)}`),
      ...maybe('--hashlimit-htable-expire', `${1 + choose(100000)}`),
      ...maybe('--hashlimit-htable-gcinterval', `${1 + choose(100000)}`),
    ];
  },
  loses: (data) =>
    data.idleInterval === undefined
      ? data.name === null
        ? null
        : bareWord('name', data.name)
      : `--hashlimit-rate-interval ${data.idleInterval}, which counts for nothing without --hashlimit-rate-match`,
  save: (data, { family }) => {
    const bits = bitsOf(family);
    const burst = formatBurst(data.rate);
    const unless = (usual: number, name: string, value: number) =>
      value === usual ? [] : [`--hashlimit-${name}`, `${value}`];
    return [
      `--hashlimit-${data.relation}`,
      formatRate(data.rate),
      ...(burst === null ? [] : ['--hashlimit-burst', burst]),
      ...(data.mode.length === 0 ? [] : ['--hashlimit-mode', data.mode.join(',')]),
      ...(data.name === null ? [] : ['--hashlimit-name', data.name]),
      ...unless(0, 'htable-size', data.size),
      ...unless(0, 'htable-max', data.max),
      ...unless(defaultGcInterval, 'htable-gcinterval', data.gcInterval),
      ...unless(printedExpire(data.rate), 'htable-expire', data.expire),
      ...unless(bits, 'srcmask', data.srcMask),
      ...unless(bits, 'dstmask', data.dstMask),
      ...(data.rateInterval === null ? [] : ['--hashlimit-rate-match']),
      ...unless(1, 'rate-interval', data.rateInterval ?? 1),
    ];
  },
  listing: (cursor, { family }): HashlimitMatch | null => {
    const at = cursor.at;
    const upto = cursor.accept('limit:', 'up', 'to');
    const listed = upto || cursor.accept('limit:', 'above') ? readListed(cursor, bitsOf(family)) : null;
    if (listed === null) cursor.reset(at);
    return listed && { relation: upto ? 'upto' : 'above', ...listed };
  },
  drops: (data, { skb }) => lacksPorts(data, skb),
  test: (data, { skb }): Tri =>
    lacksPorts(data, skb)
      ? false
      : unknown(`the limit of ${formatRate(data.rate)} decides: it depends on the packets before`),
});

/** Ports are wanted where the protocol has them; IPv6 looks for them behind the extension headers, also where nothing stands there. net/netfilter/xt_hashlimit.c hashlimit_init_dst. */
function lacksPorts({ mode }: HashlimitMatch, skb: Skb): boolean {
  const size = portsEnd[skb.proto];
  const headless = skb.family === 6 && skb.proto === noNextHeader && !isLaterFragment(skb);
  if (!headless && (size === undefined || !endsBefore(skb, size))) return false;
  return mode.some((part) => part === 'srcport' || part === 'dstport');
}

/** Of ESP and AH the SPI stands for ports. net/core/utils.c proto_ports_offset. */
const portsEnd: Readonly<Record<number, number>> = {
  [proto.tcp]: 4,
  [proto.udp]: 4,
  [proto.udplite]: 4,
  [proto.sctp]: 4,
  [proto.dccp]: 4,
  [proto.esp]: 4,
  [proto.ah]: 8,
};

function intervals(rateMatch: boolean, interval: number): Pick<HashlimitMatch, 'rateInterval' | 'idleInterval'> {
  if (rateMatch) return { rateInterval: interval };
  return interval === 1 ? { rateInterval: null } : { rateInterval: null, idleInterval: interval };
}

function readListed(cursor: ListingCursor, bits: number): Omit<HashlimitMatch, 'relation'> | null {
  const written = readRate(cursor.take() ?? '');
  const burst = cursor.accept('burst') ? burstValue.read([cursor.take() ?? ''], noContext) : null;
  const mode = cursor.accept('mode') ? readModes(cursor.take() ?? '', '-') : [];
  if (isRefusal(written) || isRefusal(burst) || isRefusal(mode)) return null;
  const after = (label: string) => (cursor.accept(label) ? parseCount(cursor.take()) : null);
  const size = after('htable-size') ?? 0;
  const max = after('htable-max') ?? 0;
  const gcInterval = after('htable-gcinterval') ?? defaultGcInterval;
  const expire = after('htable-expire');
  const srcMask = after('srcmask') ?? bits;
  const dstMask = after('dstmask') ?? bits;
  const rateInterval = cursor.accept('rate-match') ? (after('rate-interval') ?? 1) : null;
  const rate = withBurst(listedRate(written, Math.max(rateInterval ?? 1, 1)), burst);
  if (isRefusal(rate)) return null;
  const usual = expire ?? typedExpire(written, burst);
  return { rate, mode, name: null, size, max, gcInterval, expire: usual, srcMask, dstMask, rateInterval };
}

const noContext = { family: 4, proto: null, table: null, chain: null } as const;
