/** `-m realm`: the realm of the route. iptables-extensions(8); net/netfilter/xt_realm.c. */
import { parseUint32 } from '../../inet/decimal.js';
import { formatShortMark, type Mark, parseMark } from '../../inet/mark.js';
import { isUnknown, type Tri, unknown } from '../../tri.js';
import { defineMatch, isRefusal, negatable, type Refusal, refuse } from '../extension.js';
import { pick, printed, word } from '../value.js';

export interface RealmMatch {
  readonly realm: Mark;
  readonly invert: boolean;
}

/** The one name that every /etc/iproute2/rt_realms has. */
const nameOfZero = 'cosmos';
const wholeMask = 0xffffffff;

function readRealm(value: string): Mark | Refusal {
  if (value === nameOfZero) return { value: 0, mask: wholeMask };
  const slash = value.indexOf('/');
  if (parseUint32(value, 0, slash < 0 ? value.length : slash) === null) {
    return refuse(`which realm "${value}" is only the node's /etc/iproute2/rt_realms tells`);
  }
  return parseMark(value) ?? refuse(`"${value}" is not a realm`);
}

const realmValue = word('value[/mask]', readRealm, (choose) =>
  pick(choose, ['5', '0x10', '0', '0/0xff', '0x10/0x0f', 'cosmos', '4294967295']),
);

export const realm = defineMatch({
  name: 'realm',
  families: [4],
  hooks: ['INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  options: { realm: negatable(realmValue) },
  build: (given) =>
    given.realm === undefined ? refuse('--realm is missing') : { realm: given.realm.value, invert: given.realm.invert },
  save: (data: RealmMatch) => {
    const named = data.realm.value === 0 && data.realm.mask === wholeMask;
    return printed('--realm', [named ? nameOfZero : formatShortMark(data.realm)], data.invert);
  },
  listing: (cursor): RealmMatch | null => {
    const at = cursor.at;
    const invert = cursor.accept('!');
    if (cursor.accept('realm')) {
      const read = readRealm(cursor.take() ?? '');
      if (!isRefusal(read)) return { realm: read, invert };
    }
    cursor.reset(at);
    return null;
  },
  /** Where nothing has a realm, the realm is 0. Whose route IPVS chose is not followed. */
  test: ({ realm: { value, mask }, invert }, { around, skb }): Tri => {
    const used = around.hasRealms?.(skb.family);
    if (used === false) return (value === 0) !== invert;
    if (used === undefined || isUnknown(used)) return used ?? unknown('whether routes have realms is not known');
    if (skb.realm === undefined || skb.ipvs != null) return unknown('the realm of the route is not known');
    return ((skb.realm & mask) >>> 0 === value) !== invert;
  },
});
