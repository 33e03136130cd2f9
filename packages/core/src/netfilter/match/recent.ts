/** `-m recent`: lists of addresses seen lately, kept by the kernel under a name. iptables-extensions(8); net/netfilter/xt_recent.c. */
import { parseUint32 } from '../../inet/decimal.js';
import type { Ip } from '../../inet/ip.js';
import { formatIp } from '../../inet/ip-text.js';
import { applyMask, bitsOf, maskOf } from '../../inet/mask.js';
import { alter, type Skb } from '../../packet/skb.js';
import { inverted, isUnknown, type Tri, type Unknown, unknown } from '../../tri.js';
import {
  defineMatch,
  type Given,
  isRefusal,
  negatable,
  option,
  type ReadContext,
  type Refusal,
  refuse,
  type ValueType,
} from '../extension.js';
import { host } from '../host.js';
import type { ListingCursor } from '../listing-cursor.js';
import type { PacketInput } from '../packet-input.js';
import { type History, historyOf, type SeenChange } from '../seen.js';
import { flag, integer, pick, printed } from '../value.js';
import { cutText } from './cut-text.js';

const modes = ['set', 'rcheck', 'update', 'remove'] as const;

export interface RecentMatch {
  readonly mode: (typeof modes)[number];
  readonly invert: boolean;
  /** Only entries seen within so many seconds; null: ever. */
  readonly seconds: number | null;
  /** Drop older entries on the way. */
  readonly reap: boolean;
  /** Seen at least so often; 0: not asked. */
  readonly hitcount: number;
  /** The TTL has to be the one of the entry. */
  readonly rttl: boolean;
  readonly list: string;
  readonly mask: Ip;
  readonly side: 'source' | 'dest';
}

const cut = cutText('name', 199, (choose) => pick(choose, ['DEFAULT', 'SSH', 'port-scan', 'a.b:c', 'x']));
/** The list shows as a file of that name under /proc. */
const listName: ValueType<string> = {
  ...cut,
  read: (words, cx) =>
    words[0] === '' || words[0]?.includes('/')
      ? refuse('the name of a list is not empty and has no slash')
      : cut.read(words, cx),
};

const mask: ValueType<Ip> = {
  ...host,
  name: 'netmask',
  sample: (choose, cx) => [formatIp(maskOf(cx.family, choose(bitsOf(cx.family) + 1)))],
};

const seconds = integer('seconds', 1, 0xffffffff);
/** Kernels before 5.15 stop at 255, or at what ip_pkt_list_tot was set to. */
const hitcount = integer('hits', 0, 65535);

/** Where an option stands among the rule's words; -1 when it does not. The later of two contrary flags counts. */
function placeOf(given: Given<true> | undefined): number {
  return given?.all.at(-1)?.at ?? -1;
}

export const recent = defineMatch({
  name: 'recent',
  families: [4, 6],
  options: {
    set: negatable(flag),
    rcheck: negatable(flag),
    update: negatable(flag),
    remove: negatable(flag),
    seconds: option(seconds),
    reap: option(flag),
    hitcount: option(hitcount),
    rttl: option(flag),
    name: option(listName),
    mask: option(mask),
    rsource: option(flag),
    rdest: option(flag),
  },
  sample: (choose, cx) => {
    const mode = pick(choose, modes);
    const asks = mode === 'rcheck' || mode === 'update';
    // One list has one mask and one greatest count: a name of its own for each combination keeps rules from refusing each other.
    const bits = choose(3) === 0 ? 8 * choose(5) : bitsOf(cx.family);
    const hits = choose(3) * 5;
    return [
      ...printed(`--${mode}`, [], choose(4) === 0),
      ...(asks && choose(2) === 0 ? ['--seconds', `${1 + choose(1000)}`, ...(choose(2) === 0 ? ['--reap'] : [])] : []),
      ...(asks && hits > 0 ? ['--hitcount', `${hits}`] : []),
      ...(asks && choose(3) === 0 ? ['--rttl'] : []),
      '--name',
      `list${bits}-${asks ? hits : 0}`,
      ...(bits < bitsOf(cx.family) ? ['--mask', formatIp(maskOf(cx.family, bits))] : []),
      ...pick(choose, [[], ['--rsource'], ['--rdest']]),
    ];
  },
  build: (given, cx): RecentMatch | Refusal => {
    const chosen = modes.filter((mode) => given[mode] !== undefined);
    const [mode] = chosen;
    if (mode === undefined || chosen.length > 1)
      return refuse('exactly one of --set, --rcheck, --update and --remove must be given');
    const asks = mode === 'rcheck' || mode === 'update';
    const hits = given.hitcount?.value ?? 0;
    if (!asks && (given.seconds !== undefined || hits > 0 || given.rttl !== undefined || given.reap !== undefined)) {
      return refuse('--seconds, --hitcount, --rttl and --reap go with --rcheck and --update only');
    }
    if (given.reap !== undefined && given.seconds === undefined) return refuse('--reap needs --seconds');
    return {
      mode,
      invert: given[mode]?.invert ?? false,
      seconds: given.seconds?.value ?? null,
      reap: given.reap !== undefined,
      hitcount: hits,
      rttl: given.rttl !== undefined,
      list: given.name?.value ?? 'DEFAULT',
      mask: given.mask?.value ?? maskOf(cx.family, bitsOf(cx.family)),
      side: placeOf(given.rdest) > placeOf(given.rsource) ? 'dest' : 'source',
    };
  },
  /** The name is printed bare, whatever it holds. */
  save: (data) => [
    ...printed(`--${data.mode}`, [], data.invert),
    // The tool prints them with a sign.
    ...(data.seconds === null ? [] : ['--seconds', `${data.seconds | 0}`]),
    ...(data.reap ? ['--reap'] : []),
    ...(data.hitcount === 0 ? [] : ['--hitcount', `${data.hitcount}`]),
    ...(data.rttl ? ['--rttl'] : []),
    '--name',
    data.list,
    '--mask',
    formatIp(data.mask),
    data.side === 'source' ? '--rsource' : '--rdest',
  ],
  loses: (data) => {
    if (data.seconds !== null && data.seconds > 0x7fffffff) return 'how many seconds it means';
    return /\s/.test(data.list) ? 'that its name is one word' : null;
  },
  listing: (cursor, cx): RecentMatch | null => {
    const at = cursor.at;
    const invert = cursor.accept('!');
    const listed = cursor.accept('recent:') ? readListed(cursor, invert, cx) : null;
    if (listed === null) cursor.reset(at);
    return listed;
  },
  remembers: (data, input, reached) => remembered(data, input, reached),
  test: (data, input): Tri => (data.mode === 'set' ? !data.invert : inverted(finds(data, input), data.invert)),
});

function openList({ list }: RecentMatch): Unknown {
  return unknown(`the kernel's list "${list}" of recently seen addresses decides`, 'xt-recent');
}

function addressOf({ mask: bits, side }: RecentMatch, { src, dst }: Skb): Ip {
  return applyMask(side === 'source' ? src : dst, bits);
}

function historyFor(data: RecentMatch, { skb, around }: PacketInput): History {
  const changes = (skb.seen ?? []).filter(({ at, list }) => at === around.place && list === data.list);
  return historyOf(around.recentList?.(data.list) ?? openList(data), changes, addressOf(data, skb), openList(data));
}

/** `--rcheck`, `--update` and `--remove`, without their negation. When packets of the past were seen is not asked: no dump tells how old it is. */
function finds(data: RecentMatch, input: PacketInput): Tri {
  const { present, before, now } = historyFor(data, input);
  if (present !== true || data.mode === 'remove') return present;
  const wanted = Math.max(data.hitcount, 1);
  if (before.most + now < wanted) return false;
  const least = data.seconds === null ? before.least + now : now;
  return !data.rttl && least >= wanted ? true : openList(data);
}

function remembered(data: RecentMatch, input: PacketInput, reached: boolean): Skb {
  const { skb, around } = input;
  const kind = changeBy(data, input);
  if (kind === null) return skb;
  const change: SeenChange = {
    at: around.place,
    list: data.list,
    kind: reached ? kind : 'open',
    ip: addressOf(data, skb),
  };
  return alter(skb, { seen: [...(skb.seen ?? []), change] });
}

function changeBy(data: RecentMatch, input: PacketInput): SeenChange['kind'] | null {
  if (data.mode === 'set') return 'stamp';
  const { present } = historyFor(data, input);
  if (present === false) return null;
  // The oldest entry of all may go.
  if (data.reap) return 'open';
  if (data.mode === 'rcheck') return null;
  if (present !== true) return 'open';
  if (data.mode === 'remove') return 'remove';
  const found = inverted(finds(data, input), data.invert);
  return isUnknown(found) ? 'open' : found ? 'stamp' : null;
}

const listedModes: Readonly<Record<string, RecentMatch['mode']>> = {
  SET: 'set',
  CHECK: 'rcheck',
  UPDATE: 'update',
  REMOVE: 'remove',
};

function readListed(cursor: ListingCursor, invert: boolean, cx: ReadContext): RecentMatch | null {
  const mode = listedModes[cursor.take() ?? ''];
  const asked = cursor.accept('seconds:') ? parseUint32(cursor.take() ?? '') : null;
  const reap = cursor.accept('reap');
  const hits = cursor.accept('hit_count:') ? parseUint32(cursor.take() ?? '') : 0;
  const rttl = cursor.accept('TTL-Match');
  if (!cursor.accept('name:')) return null;
  const list = cursor.takeUntil('side:');
  cursor.accept('side:');
  const side = cursor.accept('source') ? 'source' : cursor.accept('dest') ? 'dest' : null;
  // Kernels and tools before 1.4.20 know no mask.
  const bits = cursor.accept('mask:') ? mask.read([cursor.take() ?? ''], cx) : maskOf(cx.family, bitsOf(cx.family));
  if (mode === undefined || hits === null || side === null || isRefusal(bits)) return null;
  return { mode, invert, seconds: asked, reap, hitcount: hits, rttl, list, mask: bits, side };
}
