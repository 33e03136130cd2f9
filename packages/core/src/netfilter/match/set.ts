/** `-m set`: is the packet in an IP set? ipset(8), iptables-extensions(8); net/netfilter/xt_set.c. */
import { changedSet, type SetDirection, type SetsByName, testSet } from '../../ipset/index.js';
import type { IpSet } from '../../snapshot/ipset.js';
import { and, inverted, type Tri, unknown } from '../../tri.js';
import { defineMatch, type Given, negatable, option, type Refusal, refuse, type ValueType } from '../extension.js';
import type { ListingCursor } from '../listing-cursor.js';
import type { PacketInput } from '../packet-input.js';
import { flag, pick, printed, utf8Length } from '../value.js';
import { uint64 } from './uint64.js';

/** A set and which side of the packet each of its dimensions looks at. */
export interface SetReference {
  readonly set: string;
  readonly directions: readonly SetDirection[];
}

/** A test of the element's own counter. The value is a decimal of up to 64 bits. */
export interface SetCounterTest {
  readonly op: 'eq' | 'ne' | 'lt' | 'gt';
  readonly value: string;
}

export interface SetMatch extends SetReference {
  readonly invert: boolean;
  /** An element marked `nomatch` counts as a hit. */
  readonly returnNomatch: boolean;
  readonly skipCounterUpdate: boolean;
  readonly skipSubcounterUpdate: boolean;
  readonly packets: SetCounterTest | null;
  readonly bytes: SetCounterTest | null;
}

const longestName = 31;
const mostDirections = 6;

/** Shared with the target SET: `NAME src,dst`. */
export const setReference: ValueType<SetReference> = {
  name: 'setname flag[,flag]',
  words: 2,
  read: ([set = '', flags = '']) => {
    if (set === '' || utf8Length(set) > longestName) return refuse(`a set's name has 1 to ${longestName} bytes`);
    const directions: SetDirection[] = [];
    for (const direction of flags.split(',')) {
      if (direction !== 'src' && direction !== 'dst') return refuse(`"${direction}" is neither src nor dst`);
      directions.push(direction);
    }
    return directions.length > mostDirections
      ? refuse(`more than ${mostDirections} of src and dst are listed`)
      : { set, directions };
  },
  sample: (choose, cx) => [
    pick(choose, cx.family === 4 ? setsOfSamples[4] : setsOfSamples[6]),
    Array.from({ length: 1 + choose(choose(8) === 0 ? mostDirections : 3) }, () => pick(choose, ['src', 'dst'])).join(
      ',',
    ),
  ],
};

/** The sets that generated rules refer to; whoever loads such rules makes them first. */
export const setsOfSamples = { 4: ['sample4', 'sample-4.b:c'], 6: ['sample6', 'sample-6.b:c'] } as const;

/** The definition, `setMatch` outside of core; `matchData` gives the set's name and directions. Unknown for a packet where the set was not captured. */
export const set = defineMatch({
  name: 'set',
  families: [4, 6],
  options: {
    'match-set': negatable(setReference, { aliases: ['set'] }),
    'return-nomatch': option(flag),
    'update-counters': negatable(flag),
    'update-subcounters': negatable(flag),
    'packets-eq': negatable(uint64),
    'packets-lt': option(uint64),
    'packets-gt': option(uint64),
    'bytes-eq': negatable(uint64),
    'bytes-lt': option(uint64),
    'bytes-gt': option(uint64),
  },
  sample: (choose, cx) => [
    ...printed('--match-set', setReference.sample(choose, cx), choose(3) === 0),
    ...(choose(6) === 0 ? ['--return-nomatch'] : []),
    ...(choose(6) === 0 ? printed('--update-counters', [], choose(2) === 0) : []),
    ...(choose(6) === 0 ? printed('--update-subcounters', [], choose(2) === 0) : []),
    ...(choose(4) === 0 ? [`--packets-${pick(choose, ['eq', 'lt', 'gt'])}`, ...uint64.sample(choose, cx)] : []),
    ...(choose(4) === 0 ? ['!', '--bytes-eq', ...uint64.sample(choose, cx)] : []),
  ],
  build: (given): SetMatch | Refusal => {
    const reference = given['match-set'];
    if (reference === undefined) return refuse('--match-set is missing');
    const packets = counterTests(given['packets-eq'], given['packets-lt'], given['packets-gt']);
    const bytes = counterTests(given['bytes-eq'], given['bytes-lt'], given['bytes-gt']);
    if (packets.length > 1) return refuse('only one of --packets-eq, --packets-lt and --packets-gt can be given');
    if (bytes.length > 1) return refuse('only one of --bytes-eq, --bytes-lt and --bytes-gt can be given');
    return {
      ...reference.value,
      invert: reference.invert,
      returnNomatch: given['return-nomatch'] !== undefined,
      skipCounterUpdate: given['update-counters']?.invert ?? false,
      skipSubcounterUpdate: given['update-subcounters']?.invert ?? false,
      packets: packets[0] ?? null,
      bytes: bytes[0] ?? null,
    };
  },
  save: (data) => [
    ...printed('--match-set', [data.set, data.directions.join(',')], data.invert),
    ...(data.returnNomatch ? ['--return-nomatch'] : []),
    ...(data.skipCounterUpdate ? ['!', '--update-counters'] : []),
    ...(data.skipSubcounterUpdate ? ['!', '--update-subcounters'] : []),
    ...saveCounter('packets', data.packets),
    ...saveCounter('bytes', data.bytes),
  ],
  listing: (cursor, cx): SetMatch | null => {
    const at = cursor.at;
    const invert = cursor.accept('!');
    if (cursor.accept('match-set')) {
      const reference = setReference.read([cursor.take() ?? '', cursor.take() ?? ''], cx);
      if ('set' in reference) {
        return {
          ...reference,
          invert,
          returnNomatch: cursor.accept('return-nomatch'),
          skipCounterUpdate: cursor.accept('!', 'update-counters'),
          skipSubcounterUpdate: cursor.accept('!', 'update-subcounters'),
          packets: listedCounter(cursor, 'packets'),
          bytes: listedCounter(cursor, 'bytes'),
        };
      }
    }
    cursor.reset(at);
    return null;
  },
  test: (data, input): Tri => {
    const { skb, around } = input;
    const found = around.ipset(data.set);
    // A rule keeps its set from being destroyed, so dumps that disagree were taken at different times.
    if (found === false)
      return unknown(`set ${data.set} is in the rules and not among the captured sets`, 'ipset-list');
    if ('because' in found) return found;
    if (found.family !== null && found.family !== skb.family)
      return unknown(
        `set ${data.set} holds IPv${found.family} addresses, and no kernel takes it in a rule of IPv${skb.family}`,
        'ipset-list',
      );
    const now = changedSet(found, around.place, skb.setChanges);
    if ('because' in now) return now;
    const key = { packet: skb, flags: data.directions, returnNomatch: data.returnNomatch };
    return inverted(and(testSet(now, setsNow(input), key), countersPass(data, found)), data.invert);
  },
});

/** All sets as the packet's way so far has left them. */
export function setsNow({ skb: { setChanges }, around }: PacketInput): SetsByName {
  if (setChanges === undefined) return around.ipsets;
  return {
    get: (name) => {
      const set = around.ipsets.get(name);
      return set === undefined ? undefined : changedSet(set, around.place, setChanges);
    },
  };
}

type GivenCounter = Given<string> | undefined;

function counterTests(eq: GivenCounter, lt: GivenCounter, gt: GivenCounter): readonly SetCounterTest[] {
  return [
    ...(eq === undefined ? [] : [{ op: eq.invert ? 'ne' : 'eq', value: eq.value } as const]),
    ...(lt === undefined ? [] : [{ op: 'lt', value: lt.value } as const]),
    ...(gt === undefined ? [] : [{ op: 'gt', value: gt.value } as const]),
  ];
}

function saveCounter(unit: 'packets' | 'bytes', test: SetCounterTest | null): readonly string[] {
  if (test === null) return [];
  return printed(`--${unit}-${test.op === 'ne' ? 'eq' : test.op}`, [test.value], test.op === 'ne');
}

function listedCounter(cursor: ListingCursor, unit: 'packets' | 'bytes'): SetCounterTest | null {
  if (cursor.accept('!', `${unit}-eq`)) return { op: 'ne', value: cursor.take() ?? '' };
  for (const op of ['eq', 'lt', 'gt'] as const) {
    if (cursor.accept(`${unit}-${op}`)) return { op, value: cursor.take() ?? '' };
  }
  return null;
}

/** Tests of counters are ignored where the set has none. */
function countersPass(data: SetMatch, set: IpSet): Tri {
  if (data.packets === null && data.bytes === null) return true;
  const counted = set.type === 'list:set' || set.options.some(([name]) => name === 'counters');
  return counted ? unknown(`the counters of the element in set ${data.set} decide`) : true;
}
