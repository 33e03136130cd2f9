/** `-m owner`: user and group of the socket that sends the packet. iptables-extensions(8); net/netfilter/xt_owner.c. */
import { parseUint32 } from '../../inet/decimal.js';
import { type Tri, unknown } from '../../tri.js';
import { defineMatch, type Given, isRefusal, negatable, option, type Refusal, refuse } from '../extension.js';
import type { ListingCursor } from '../listing-cursor.js';
import { flag, pick, printed, word } from '../value.js';

/** Numbers of users or groups, both ends included. */
export interface OwnerTest {
  readonly first: number;
  readonly last: number;
  readonly invert: boolean;
}

export interface OwnerMatch {
  readonly socketExists: { readonly invert: boolean } | null;
  readonly uid: OwnerTest | null;
  readonly gid: OwnerTest | null;
  readonly supplGroups: boolean;
}

const most = 0xfffffffe;

interface IdRange {
  readonly first: number;
  readonly last: number;
}

/** `1000`, `1000-2000`, or `root`, the one name that means the same on every node. */
function readIds(value: string): IdRange | Refusal {
  if (value === 'root') return { first: 0, last: 0 };
  const dash = value.indexOf('-');
  const first = parseUint32(value, 0, dash < 0 ? value.length : dash);
  const last = dash < 0 ? first : parseUint32(value, dash + 1);
  if (first === null || last === null) return refuse(`which number "${value}" has only the node tells`);
  if (first > most || last > most) return refuse(`${value} is over ${most}`);
  return first > last ? refuse(`range ${value} runs backwards`) : { first, last };
}

const ids = word('id[-id]', readIds, (choose) => {
  const first = choose(70000);
  return pick(choose, ['root', '0', `${first}`, `${first}-${first + choose(9)}`, `0x${first.toString(16)}`, `${most}`]);
});

export const owner = defineMatch({
  name: 'owner',
  families: [4, 6],
  hooks: ['OUTPUT', 'POSTROUTING'],
  options: {
    'uid-owner': negatable(ids),
    'gid-owner': negatable(ids),
    'socket-exists': negatable(flag),
    'suppl-groups': option(flag),
  },
  sample: (choose, cx) => {
    const which = 1 + choose(7);
    return [
      ...((which & 1) !== 0 ? printed('--uid-owner', ids.sample(choose, cx), choose(3) === 0) : []),
      ...((which & 2) !== 0 ? printed('--gid-owner', ids.sample(choose, cx), choose(3) === 0) : []),
      ...((which & 2) !== 0 && choose(3) === 0 ? ['--suppl-groups'] : []),
      ...((which & 4) !== 0 ? printed('--socket-exists', [], choose(3) === 0) : []),
    ];
  },
  build: (given): OwnerMatch | Refusal => {
    const { 'uid-owner': uid, 'gid-owner': gid, 'socket-exists': exists, 'suppl-groups': suppl } = given;
    if (uid === undefined && gid === undefined && exists === undefined) {
      return refuse('none of --uid-owner, --gid-owner and --socket-exists is given');
    }
    if (suppl !== undefined && place(suppl) < place(gid)) return refuse('--suppl-groups stands before --gid-owner');
    return {
      socketExists: exists === undefined ? null : { invert: exists.invert },
      uid: uid === undefined ? null : { ...uid.value, invert: uid.invert },
      gid: gid === undefined ? null : { ...gid.value, invert: gid.invert },
      supplGroups: suppl !== undefined,
    };
  },
  save: (data) => [
    ...(data.socketExists === null ? [] : printed('--socket-exists', [], data.socketExists.invert)),
    ...saveIds('--uid-owner', data.uid),
    ...saveIds('--gid-owner', data.gid),
    ...(data.supplGroups ? ['--suppl-groups'] : []),
  ],
  listing: (cursor): OwnerMatch | null => {
    const absent = cursor.accept('!', 'owner', 'socket', 'exists');
    const exists = absent || cursor.accept('owner', 'socket', 'exists');
    const uid = listedIds(cursor, 'UID');
    const gid = listedIds(cursor, 'GID');
    if (!exists && uid === null && gid === null) return null;
    const supplGroups = gid !== null && cursor.accept('incl.', 'suppl.', 'groups');
    return { socketExists: exists ? { invert: absent } : null, uid, gid, supplGroups };
  },
  /** Without a socket the match holds only if every part of it is negated. */
  test: (data, { skb }): Tri => {
    const parts = [data.socketExists, data.uid, data.gid].filter((part) => part !== null);
    if (skb.owner === null) return parts.every((part) => part.invert);
    if (data.socketExists?.invert === true) return false;
    if (data.uid !== null && contains(data.uid, skb.owner.uid) === data.uid.invert) return false;
    if (data.gid === null) return true;
    if (contains(data.gid, skb.owner.gid)) return !data.gid.invert;
    return data.supplGroups ? unknown('the supplementary groups of the sender are not given') : data.gid.invert;
  },
});

function place(given: Given<unknown> | undefined): number {
  return given?.all[0]?.at ?? Number.POSITIVE_INFINITY;
}

function contains(range: IdRange, id: number): boolean {
  return range.first <= id && id <= range.last;
}

function saveIds(name: string, test: OwnerTest | null): readonly string[] {
  if (test === null) return [];
  const { first, last, invert } = test;
  return printed(name, [first === last ? `${first}` : `${first}-${last}`], invert);
}

/** Null too for a name other than root, which the listing prints without -n. */
function listedIds(cursor: ListingCursor, kind: 'UID' | 'GID'): OwnerTest | null {
  const at = cursor.at;
  const invert = cursor.accept('!');
  if (cursor.accept('owner', kind, 'match')) {
    const range = readIds(cursor.take() ?? '');
    if (!isRefusal(range)) return { ...range, invert };
  }
  cursor.reset(at);
  return null;
}
