/** `-j SET`: adds to, deletes from, or maps by an IP set. ipset(8), iptables-extensions(8); net/netfilter/xt_set.c. */
import { parseUint32 } from '../../inet/decimal.js';
import { setXmark } from '../../inet/mark.js';
import { changedSet, changeSet, mappedMark } from '../../ipset/index.js';
import { alter } from '../../packet/skb.js';
import { type Reason, unknown } from '../../tri.js';
import type { TargetAction } from '../action.js';
import { defineTarget, type Given, option, type Refusal, refuse } from '../extension.js';
import type { ListingCursor } from '../listing-cursor.js';
import { type SetReference, setReference, setsNow } from '../match/set.js';
import type { PacketInput } from '../packet-input.js';
import { flag, integer, pick } from '../value.js';

export interface SetTarget {
  readonly add: SetReference | null;
  readonly del: SetReference | null;
  readonly map: SetReference | null;
  readonly exist: boolean;
  /** Seconds; null: the set's own. */
  readonly timeout: number | null;
  readonly mapMark: boolean;
  readonly mapPrio: boolean;
  readonly mapQueue: boolean;
}

const mapHooks: readonly string[] = ['FORWARD', 'OUTPUT', 'POSTROUTING'];

export const set = defineTarget({
  name: 'SET',
  families: [4, 6],
  options: {
    'add-set': option(setReference),
    'del-set': option(setReference),
    'map-set': option(setReference),
    exist: option(flag),
    timeout: option(integer('seconds', 0, 0xfffffffe)),
    'map-mark': option(flag),
    'map-prio': option(flag),
    'map-queue': option(flag),
  },
  sample: (choose, cx) => {
    const reference = () => setReference.sample(choose, cx);
    const add = () => [
      '--add-set',
      ...reference(),
      ...(choose(3) === 0 ? ['--exist'] : []),
      ...(choose(3) === 0 ? ['--timeout', ...integer('s', 0, 0xfffffffe).sample(choose, cx)] : []),
    ];
    if (cx.table === 'mangle' && choose(2) === 0) return ['--map-set', ...reference(), '--map-mark'];
    return pick(choose, [add(), ['--del-set', ...reference()], [...add(), '--del-set', ...reference()]]);
  },
  build: (given, cx): SetTarget | Refusal => {
    const data: SetTarget = {
      add: referenceOf(given['add-set']),
      del: referenceOf(given['del-set']),
      map: referenceOf(given['map-set']),
      exist: given.exist !== undefined,
      timeout: given.timeout?.value ?? null,
      mapMark: given['map-mark'] !== undefined,
      mapPrio: given['map-prio'] !== undefined,
      mapQueue: given['map-queue'] !== undefined,
    };
    const why = refusedSet(data) ?? misplacedMap(data, cx.table, cx.chain);
    return why === null ? data : refuse(why);
  },
  save: (data) => printWords(data, '--'),
  listing: (cursor): SetTarget | null => readListed(cursor),
  apply: (data, input) => mapped(data.map, data.mapMark, alterSets(data, input)),
});

/** First what is to be added, then what is to be deleted. */
function alterSets({ add, del, exist }: SetTarget, input: PacketInput): PacketInput {
  const added = add === null ? input : ordered(add, 'add', exist, input);
  return del === null ? added : ordered(del, 'del', false, added);
}

/** A set that was not captured is open to whoever asks it anyway. */
function ordered({ set: name, directions }: SetReference, kind: 'add' | 'del', exist: boolean, input: PacketInput) {
  const { skb, around } = input;
  const found = around.ipset(name);
  if (found === false || 'because' in found) return input;
  const order = {
    kind,
    exist,
    key: { packet: skb, flags: directions, returnNomatch: false },
    openPort: skb.openPort !== undefined,
  };
  const setChanges = changeSet(found, around.ipsets, order, around.place, skb.setChanges);
  return setChanges === skb.setChanges ? input : { ...input, skb: alter(skb, { setChanges }) };
}

/** The mark of the element that the packet meets; priority and queue matter to no rule. */
function mapped(map: SetReference | null, mapMark: boolean, input: PacketInput): TargetAction {
  const { skb, around } = input;
  if (map === null || !mapMark) return { kind: 'continue', skb };
  const open = (because: readonly Reason[]): TargetAction => ({ kind: 'open', because });
  const found = around.ipset(map.set);
  const set = found === false ? unknown(`set ${map.set} is not among the captured sets`, 'ipset-list') : found;
  if ('because' in set) return open(set.because);
  const now = changedSet(set, around.place, skb.setChanges);
  if ('because' in now) return open(now.because);
  const mark = mappedMark(now, setsNow(input), { packet: skb, flags: map.directions, returnNomatch: false });
  if (mark !== null && 'because' in mark) return open(mark.because);
  return { kind: 'continue', skb: mark === null ? skb : alter(skb, { mark: setXmark(skb.mark, mark) }) };
}

function referenceOf(given: Given<SetReference> | undefined): SetReference | null {
  return given?.value ?? null;
}

function refusedSet({ add, del, map, exist, timeout, mapMark, mapPrio, mapQueue }: SetTarget): string | null {
  const mapped = mapMark || mapPrio || mapQueue;
  if (add === null && del === null && map === null) return 'none of --add-set, --del-set and --map-set is given';
  if (add === null && (exist || timeout !== null)) return '--exist and --timeout belong to --add-set';
  if (map === null && mapped) return '--map-mark, --map-prio and --map-queue belong to --map-set';
  return map !== null && !mapped ? '--map-set needs --map-mark, --map-prio or --map-queue' : null;
}

function misplacedMap(
  { map, mapPrio, mapQueue }: SetTarget,
  table: string | null,
  chain: string | null,
): string | null {
  if (map === null) return null;
  if (table !== null && table !== 'mangle') return '--map-set works in table mangle only';
  const elsewhere = chain !== null && ['PREROUTING', 'INPUT'].includes(chain);
  return elsewhere && (mapPrio || mapQueue) ? `--map-prio and --map-queue work in ${mapHooks.join(', ')} only` : null;
}

function printWords(data: SetTarget, dashes: '--' | ''): readonly string[] {
  const words: string[] = [];
  const reference = (name: string, { set: name2, directions }: SetReference) =>
    words.push(`${dashes}${name}`, name2, directions.join(','));
  if (data.add !== null) {
    reference('add-set', data.add);
    if (data.exist) words.push(`${dashes}exist`);
    if (data.timeout !== null) words.push(`${dashes}timeout`, String(data.timeout));
  }
  if (data.del !== null) reference('del-set', data.del);
  if (data.map !== null) reference('map-set', data.map);
  if (data.mapMark) words.push(`${dashes}map-mark`);
  if (data.mapPrio) words.push(`${dashes}map-prio`);
  if (data.mapQueue) words.push(`${dashes}map-queue`);
  return words;
}

function readListed(cursor: ListingCursor): SetTarget | null {
  const at = cursor.at;
  const add = listedReference(cursor, 'add-set');
  const exist = cursor.accept('exist');
  const timeout = cursor.accept('timeout') ? parseUint32(cursor.take() ?? '') : null;
  const del = listedReference(cursor, 'del-set');
  const map = listedReference(cursor, 'map-set');
  const mapMark = cursor.accept('map-mark');
  const mapPrio = cursor.accept('map-prio');
  const mapQueue = cursor.accept('map-queue');
  if (add !== null || del !== null || map !== null)
    return { add, del, map, exist, timeout, mapMark, mapPrio, mapQueue };
  cursor.reset(at);
  return null;
}

function listedReference(cursor: ListingCursor, label: string): SetReference | null {
  if (!cursor.accept(label)) return null;
  const name = cursor.take() ?? '';
  const directions = (cursor.take() ?? '').split(',').map((word) => (word === 'src' ? 'src' : 'dst'));
  return { set: name, directions };
}
