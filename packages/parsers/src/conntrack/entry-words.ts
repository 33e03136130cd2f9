/** One entry of `conntrack -L` or /proc/net/nf_conntrack (libnetfilter_conntrack `snprintf_default.c`, nf_conntrack_standalone.c). */
import { type ConnEntry, type ConnTuple, type Ip, parseDecimal, parseIp, proto } from '@coldtrace/core';

export type EntryFields = Omit<ConnEntry, 'span' | 'trust'>;

export type EntryReading =
  | { readonly kind: 'entry'; readonly entry: EntryFields; readonly event: string | null }
  /** Begins like an entry and stops making sense at a word; `end` means that the text ended too early. */
  | { readonly kind: 'broken'; readonly word: string; readonly atEnd: boolean }
  | { readonly kind: 'other' };

const other: EntryReading = { kind: 'other' };

const protoNames: ReadonlySet<string> = new Set([
  'tcp',
  'udp',
  'udplite',
  'icmp',
  'icmpv6',
  'sctp',
  'dccp',
  'gre',
  'igmp',
  'esp',
  'ah',
  'unknown',
]);

interface Tuple {
  src: Ip | null;
  dst: Ip | null;
  sport: number | null;
  dport: number | null;
  icmpType: number | null;
  icmpCode: number | null;
  icmpId: number | null;
  packets: number | null;
  bytes: number | null;
  /** A key of GRE that is not zero. */
  hasKey: boolean;
}

interface Head {
  readonly event: string | null;
  readonly proto: number;
  readonly timeout: number | null;
  readonly state: string | null;
  /** Index of the first word after the head. */
  readonly at: number;
}

/** Reads one entry, with or without the columns of `-o extended`, the prefix of `-E`, or the suffixes of other options. */
export function readEntry(text: string): EntryReading {
  const first = text.indexOf('src=');
  if (first < 0 || text.length > 8000) return other;
  const words = text.trim().split(/\s+/);
  const head = readHead(words);
  return head === null ? other : readBody(words, head);
}

function readHead(words: readonly string[]): Head | null {
  let at = 0;
  if (/^\[\d+\.\d+\]$/.test(words[at] ?? '')) at++;
  const event = /^\[(NEW|UPDATE|DESTROY)\]$/.exec(words[at] ?? '')?.[1] ?? null;
  if (event !== null) at++;
  if ((words[at] === 'ipv4' && words[at + 1] === '2') || (words[at] === 'ipv6' && words[at + 1] === '10')) at += 2;
  const number = parseDecimal(words[at + 1] ?? '', 255);
  if (!protoNames.has(words[at] ?? '') || number === null) return null;
  at += 2;
  const timeout = parseDecimal(words[at] ?? '', 0xffffffff);
  if (timeout !== null) at++;
  const state = /^[A-Z][A-Z0-9_]*$/.exec(words[at] ?? '')?.[0] ?? null;
  if (state !== null) at++;
  while (/^(?:stream_)?timeout=\d+,?$/.test(words[at] ?? '')) at++;
  return words[at]?.startsWith('src=') ? { event, proto: number, timeout, state, at } : null;
}

function readBody(words: readonly string[], head: Head): EntryReading {
  const tuples: Tuple[] = [];
  const status: string[] = [];
  const extra = new Map<string, string>();
  const hasId = head.proto === proto.icmp || head.proto === proto.icmpv6;
  for (let at = head.at; at < words.length; at++) {
    const word = words[at] ?? '';
    const broken: EntryReading = { kind: 'broken', word, atEnd: at === words.length - 1 };
    if (word.startsWith('[')) {
      if (word.startsWith('[start=') || word.startsWith('[stop='))
        while (at < words.length && !words[at]?.endsWith(']')) at++;
      else if (/^\[[A-Z_]+\]$/.test(word)) status.push(word.slice(1, -1));
      else return broken;
      continue;
    }
    const equals = word.indexOf('=');
    if (equals < 1) return broken;
    const key = word.slice(0, equals);
    const value = word.slice(equals + 1);
    if (key === 'src') tuples.push(emptyTuple());
    const tuple = tuples.at(-1);
    if (tuple === undefined || !putWord(tuple, key, value, hasId, extra)) return broken;
  }
  const [original, reply] = tuples.map(tupleOf);
  if (original == null || reply == null || tuples.length > 2) {
    return { kind: 'broken', word: words.at(-1) ?? '', atEnd: tuples.length < 2 || reply === null };
  }
  const helper = extra.get('helper');
  const entry: EntryFields = {
    family: original.src.family,
    proto: head.proto,
    state: head.state,
    timeout: head.timeout,
    original,
    reply,
    status: sharedFlags(status),
    mark: numberOf(extra, 'mark'),
    zone: numberOf(extra, 'zone'),
    zoneOrig: numberOf(extra, 'zone-orig'),
    zoneReply: numberOf(extra, 'zone-reply'),
    labels: extra.get('labels') ?? null,
    ...(helper === undefined ? {} : { helper }),
    ...(tuples.some(({ hasKey }) => hasKey) ? { isCall: true } : {}),
    packets: tuples[0]?.packets ?? null,
    bytes: tuples[0]?.bytes ?? null,
    replyPackets: tuples[1]?.packets ?? null,
    replyBytes: tuples[1]?.bytes ?? null,
  };
  return { kind: 'entry', entry, event: head.event };
}

function emptyTuple(): Tuple {
  return {
    src: null,
    dst: null,
    sport: null,
    dport: null,
    icmpType: null,
    icmpCode: null,
    icmpId: null,
    packets: null,
    bytes: null,
    hasKey: false,
  };
}

/** Puts one `key=value` where it belongs; false when the value cannot be one of that key. */
function putWord(tuple: Tuple, key: string, value: string, hasId: boolean, extra: Map<string, string>): boolean {
  switch (key) {
    case 'src':
    case 'dst':
      tuple[key] = sharedIp(value);
      return tuple[key] !== null;
    case 'sport':
    case 'dport':
      tuple[key] = parseDecimal(value, 65_535);
      return tuple[key] !== null;
    case 'type':
      tuple.icmpType = parseDecimal(value, 255);
      return tuple.icmpType !== null;
    case 'code':
      tuple.icmpCode = parseDecimal(value, 255);
      return tuple.icmpCode !== null;
    case 'id':
      // After `use=` it is the entry's own identity (`-o id`), before it the ICMP identifier.
      if (hasId && tuple.icmpId === null && !extra.has('use')) tuple.icmpId = parseDecimal(value, 65_535);
      return parseDecimal(value, 0xffffffff) !== null;
    case 'packets':
    case 'bytes':
      tuple[key] = parseDecimal(value, Number.MAX_SAFE_INTEGER);
      return tuple[key] !== null;
    case 'srckey':
    case 'dstkey':
      tuple.hasKey ||= !/^0x0+$/.test(value);
      return /^0x[0-9a-f]{1,8}$/.test(value);
    case 'mark':
    case 'zone':
    case 'zone-orig':
    case 'zone-reply':
    case 'use':
      extra.set(key, value);
      return parseDecimal(value, 0xffffffff) !== null;
    default:
      extra.set(key, value);
      return /^[a-z_-]+$/.test(key);
  }
}

/** A table of connections names few addresses many times: equal ones are one object. Bounded, and emptied when full. */
const addresses = new Map<number, Ip>();
const mostAddresses = 65_536;

function sharedIp(text: string): Ip | null {
  const ip = parseIp(text);
  if (ip === null || ip.family === 6) return ip;
  const known = addresses.get(ip.a);
  if (known !== undefined) return known;
  if (addresses.size >= mostAddresses) addresses.clear();
  addresses.set(ip.a, ip);
  return ip;
}

/** The few combinations of flags, as one array each. */
const flagLists = new Map<string, readonly string[]>();

function sharedFlags(flags: readonly string[]): readonly string[] {
  const key = flags.join(' ');
  const known = flagLists.get(key);
  if (known !== undefined) return known;
  if (flagLists.size < 64) flagLists.set(key, flags);
  return flags;
}

function tupleOf(tuple: Tuple): ConnTuple | null {
  const { src, dst, sport, dport, icmpType, icmpCode, icmpId } = tuple;
  if (src === null || dst === null || src.family !== dst.family) return null;
  return { src, dst, sport, dport, icmpType, icmpCode, icmpId };
}

function numberOf(extra: ReadonlyMap<string, string>, key: string): number | null {
  const value = extra.get(key);
  return value === undefined ? null : parseDecimal(value, 0xffffffff);
}
