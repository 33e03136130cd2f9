/** `-j CT`: how the connection is to be tracked. iptables-extensions(8); net/netfilter/xt_CT.c, iptables: extensions/libxt_CT.c. */
import { parseUint32 } from '../../inet/decimal.js';
import { alter, type Skb } from '../../packet/skb.js';
import { type Choose, defineTarget, type GivenTable, option, type Refusal, refuse } from '../extension.js';
import type { ListingCursor } from '../listing-cursor.js';
import { firstBytes, flag, pick, text, word } from '../value.js';
import { bareWord } from './bare-word.js';

export type CtDirection = 'both' | 'orig' | 'reply';

export interface CtZone {
  readonly id: number | 'mark';
  readonly direction: CtDirection;
}

export interface CtTarget {
  readonly notrack: boolean;
  readonly helper: string | null;
  readonly timeout: string | null;
  readonly ctevents: readonly string[];
  readonly expevents: readonly string[];
  readonly zone: CtZone | null;
}

const ctEvents = [
  'new',
  'related',
  'destroy',
  'reply',
  'assured',
  'protoinfo',
  'helper',
  'mark',
  'natseqinfo',
  'secmark',
] as const;

const expEvents = ['new'] as const;

function events<const Word extends string>(known: readonly [Word, ...Word[]]) {
  return word(
    'event[,…]',
    (typed) => {
      const parts = typed.split(',');
      const stranger = parts.find((part) => !known.some((name) => name === part));
      return stranger === undefined
        ? known.filter((name) => parts.includes(name))
        : refuse(`"${stranger}" is no event of ${known.join(', ')}`);
    },
    (choose) => Array.from({ length: 1 + choose(4) }, () => pick(choose, known)).join(','),
  );
}

const zone = word(
  'id|mark',
  (typed): number | 'mark' | Refusal => {
    if (typed.toLowerCase() === 'mark') return 'mark';
    const id = parseUint32(typed);
    return id === null || id > 65535 ? refuse(`"${typed}" is no zone`) : id;
  },
  (choose) => pick(choose, ['mark', '0', '1', '65535', '0x10', String(choose(65536))]),
);

const longestHelper = 15;
const longestTimeout = 31;

/** Helpers of the kernel, each with the protocol its connections have. */
const helpers: readonly (readonly [name: string, proto: number])[] = [
  ['ftp', 6],
  ['tftp', 17],
  ['sip', 17],
  ['irc', 6],
];

export const ct = defineTarget({
  name: 'CT',
  families: [4, 6],
  tables: ['raw'],
  options: {
    notrack: option(flag),
    helper: option(text('name', Number.POSITIVE_INFINITY)),
    timeout: option(text('name', Number.POSITIVE_INFINITY)),
    ctevents: option(events(ctEvents)),
    expevents: option(events(expEvents)),
    'zone-orig': option(zone),
    'zone-reply': option(zone),
    zone: option(zone),
  },
  build: (given, cx): CtTarget | Refusal => {
    const notrack = given.notrack !== undefined;
    const helper = nameOf(given.helper?.value, longestHelper);
    // What is not tracked needs no helper: the kernel does not look for it.
    if (helper !== null && !notrack && cx.proto === null) return refuse('--helper needs a protocol (-p)');
    return {
      notrack,
      helper,
      timeout: nameOf(given.timeout?.value, longestTimeout),
      ctevents: given.ctevents?.value ?? [],
      expevents: given.expevents?.value ?? [],
      zone: zoneOf(given),
    };
  },
  sample: (choose, cx) => {
    const words: string[] = [];
    const helper = helpers.find(([, proto]) => proto === cx.proto);
    if (choose(3) === 0) words.push('--notrack');
    else if (helper !== undefined && choose(2) === 0) words.push('--helper', helper[0]);
    if (choose(3) === 0) words.push('--ctevents', ...events(ctEvents).sample(choose, cx));
    if (choose(4) === 0) words.push('--expevents', 'new');
    if (choose(2) === 0) words.push(...sampleZones(choose));
    return words;
  },
  save: (data) => printWords(data, '--'),
  loses: ({ helper, timeout }) =>
    (helper === null ? null : bareWord('helper', helper)) ?? (timeout === null ? null : bareWord('timeout', timeout)),
  listing: (cursor): CtTarget | null => (cursor.accept('CT') ? readListed(cursor) : null),
  apply: ({ notrack, zone }, { skb, around }) => {
    if (isDecided(skb)) return { kind: 'continue', skb };
    if (notrack) return { kind: 'notrack' };
    const mark = { value: 0, mask: around.mayMarkTemplates?.(skb.family) === false ? 0xffffffff : 0 };
    return { kind: 'continue', skb: alter(skb, { template: { zone, mark }, ctState: 'NEW' }) };
  },
});

/** The first such rule counts: once the packet has a connection, a template or none for good, others leave it alone. */
export function isDecided({ ct: connection, ctState, template }: Skb): boolean {
  return connection !== null || template !== undefined || ctState === 'UNTRACKED';
}

function sampleZones(choose: Choose): readonly string[] {
  const first = pick(choose, ['--zone', '--zone-orig', '--zone-reply']);
  const id = pick(choose, ['mark', '1', '65535', '0', String(choose(65536))]);
  return id !== 'mark' && choose(4) === 0 ? [first, id, pick(choose, ['--zone-orig', '--zone']), '7'] : [first, id];
}

/** What fits the kernel's buffer; an empty name is none. */
function nameOf(typed: string | undefined, longest: number): string | null {
  const name = firstBytes(typed ?? '', longest);
  return name === '' ? null : name;
}

/** The last number counts, unless a mark was asked for; the directions add up. Zone 0 is what every connection has and is not kept. */
function zoneOf(given: GivenTable): CtZone | null {
  let id: CtZone['id'] = 0;
  let mark = false;
  let orig = false;
  let reply = false;
  for (const [key, option] of Object.entries(given)) {
    if (!key.startsWith('zone') || option === undefined) continue;
    orig ||= key === 'zone-orig';
    reply ||= key === 'zone-reply';
    mark ||= option.value === 'mark';
    id = typeof option.value === 'number' ? option.value : 0;
  }
  if (!mark && id === 0) return null;
  return { id: mark ? 'mark' : id, direction: orig === reply ? 'both' : orig ? 'orig' : 'reply' };
}

function printWords(data: CtTarget, dashes: '--' | ''): readonly string[] {
  const words: string[] = [];
  if (data.notrack) words.push(`${dashes}notrack`);
  if (data.helper !== null) words.push(`${dashes}helper`, data.helper);
  if (data.timeout !== null) words.push(`${dashes}timeout`, data.timeout);
  if (data.ctevents.length > 0) words.push(`${dashes}ctevents`, data.ctevents.join(','));
  if (data.expevents.length > 0) words.push(`${dashes}expevents`, data.expevents.join(','));
  if (data.zone !== null) words.push(`${dashes}zone${suffixes[data.zone.direction]}`, String(data.zone.id));
  return words;
}

const suffixes: Readonly<Record<CtDirection, string>> = { both: '', orig: '-orig', reply: '-reply' };

function readListed(cursor: ListingCursor): CtTarget {
  const notrack = cursor.accept('notrack');
  const after = (label: string) => (cursor.accept(label) ? cursor.take() : null);
  const helper = after('helper');
  const timeout = after('timeout');
  const ctevents = after('ctevents')?.split(',') ?? [];
  const expevents = after('expevents')?.split(',') ?? [];
  return { notrack, helper, timeout, ctevents, expevents, zone: readListedZone(cursor) };
}

function readListedZone(cursor: ListingCursor): CtZone | null {
  for (const direction of ['both', 'orig', 'reply'] as const) {
    if (!cursor.accept(`zone${suffixes[direction]}`)) continue;
    const id = cursor.take() ?? '';
    return { id: id === 'mark' ? 'mark' : (parseUint32(id) ?? 0), direction };
  }
  return null;
}
