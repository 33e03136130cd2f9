/** What rules do to sets, one sentence a row; the kernel referees it in test/kernel. */
import { expect, it } from 'vitest';
import type { IpSet } from '../snapshot/ipset.js';
import { isUnknown } from '../tri.js';
import { changeSet, type SetOrder } from './change.js';
import { changedSet } from './changed.js';
import { mappedMark } from './mapped-mark.js';
import { testSet } from './test-set.js';
import { but, element, has, host, mac, net, packet, port, setOf } from './testing.js';

const src: SetOrder['key'] = { packet, flags: ['src'], returnNomatch: false };
const add: SetOrder = { kind: 'add', exist: false, key: src, openPort: false };
const again: SetOrder = { ...add, exist: true };
const del: SetOrder = { ...add, kind: 'del' };
const me = host('10.1.2.3');
const other = host('10.9.9.9');
const elsewhere = { ...packet, src: packet.dst };

/** Whether the packet, or another from 10.1.200.1, is in the set after the orders. */
function after(set: IpSet, orders: readonly SetOrder[], asked: SetOrder['key']): boolean | 'unknown' {
  const sets = new Map([[set.name, set]]);
  const changes = orders.reduce<ReturnType<typeof changeSet>>(
    (before, order) => changeSet(set, sets, order, 'node', before),
    undefined,
  );
  const now = changedSet(set, 'node', changes);
  if ('because' in now) return 'unknown';
  const answer = testSet(now, sets, asked);
  return isUnknown(answer) ? 'unknown' : answer;
}

const neighbour = { ...src, packet: { ...packet, src: { ...packet.src, a: packet.src.a + 200 } } };
const room = (maximum: number, more: readonly (readonly string[])[] = []) => ({
  options: [['maxelem', `${maximum}`], ...more],
});

it.each<readonly [string, IpSet, readonly SetOrder[], SetOrder['key'], boolean | 'unknown']>([
  ['what is added is there', setOf('hash:ip', []), [add], src, true],
  ['and nothing else', setOf('hash:ip', []), [add], { ...src, packet: elsewhere }, false],
  ['what is deleted is gone', setOf('hash:ip', [has(me)]), [del], src, false],
  ['deleted and added, it is there', setOf('hash:ip', [has(me)]), [del, add], src, true],
  ['with fewer flags than dimensions nothing happens', setOf('hash:ip,port', []), [add], src, false],
  ['a full set takes no more', setOf('hash:ip', [has(other)], room(1)), [add], src, false],
  [
    'nor where what it holds would go by itself later',
    setOf('hash:ip', [{ ...has(other), timeout: 5 }], room(1)),
    [add],
    src,
    false,
  ],
  [
    'a big table may take one more in another region',
    setOf('hash:ip', [has(other)], room(1, [['hashsize', '2048']])),
    [add],
    src,
    'unknown',
  ],
  ['but again what it has', setOf('hash:ip', [has(me)], room(1)), [again], src, true],
  [
    'one that gives way may have lost any',
    setOf('hash:ip', [has(other)], room(1, [['forceadd']])),
    [add],
    src,
    'unknown',
  ],
  ['an empty set of networks takes the address', setOf('hash:net', []), [add], neighbour, false],
  ['another the network of its longest prefix', setOf('hash:net', [has(net('172.16.0.0/24'))]), [add], neighbour, true],
  ['of networks, one of that length is deleted', setOf('hash:net', [has(net('10.0.0.0/8'))]), [del], src, false],
  ['and no wider one', setOf('hash:net', [has(net('10.0.0.0/8')), has(net('172.16.0.0/24'))]), [del], src, true],
  ['without --exist an exception stays one', setOf('hash:net', [but(net('10.1.2.3'))]), [add], src, false],
  ['with it it is one no more', setOf('hash:net', [but(net('10.1.2.3'))]), [again], src, true],
  ['what the dump does not hold is open', setOf('hash:ip', [], { complete: false }), [add], src, 'unknown'],
  [
    'a port that the kernel draws is open',
    setOf('hash:ip,port', [has(other, port(80, 6))]),
    [{ ...add, key: { ...src, flags: ['src', 'src'] }, openPort: true }],
    src,
    'unknown',
  ],
  ['an IPv6 set takes no IPv4 packet', setOf('hash:ip', [], { family: 6 }), [add], src, false],
])('%s', (_sentence, set, orders, asked, expected) => expect(after(set, orders, asked)).toBe(expected));

it('a bitmap of addresses and hardware addresses has one element for an address', () => {
  const set = setOf('bitmap:ip,mac', [has(me, mac('02:00:00:00:00:77'))]);
  const both: SetOrder['key'] = { ...src, flags: ['src', 'src'] };
  expect(after(set, [{ ...add, key: both }], both)).toBe(false);
  expect(
    after(
      set,
      [
        { ...del, key: both },
        { ...add, key: both },
      ],
      both,
    ),
  ).toBe(true);
});

it.each([
  ['list:set', 'the first member that takes it'],
  ['setlist', 'also of a list in the words of ipset 4'],
])('of a %s, %s', (type) => {
  const full = setOf('hash:ip', [has(other)], { name: 'full', ...room(1) });
  const free = setOf('hash:ip', [], { name: 'free' });
  const idle = setOf('hash:ip', [], { name: 'idle' });
  const names = [full, free, idle].map(({ name }) => has({ kind: 'set', name }));
  const sets = new Map([full, free, idle].map((one) => [one.name, one]));
  const changes = changeSet(setOf(type, names, { name: 'all' }), sets, add, 'node', undefined);
  expect(changes?.map(({ set, kind }) => `${kind} ${set}`)).toEqual(['add free']);
});

it('the same set of another namespace stays as it is', () => {
  const set = setOf('hash:ip', []);
  const changes = changeSet(set, new Map(), add, 'node', undefined);
  expect(changedSet(set, 'other', changes)).toBe(set);
});

it('an element gives its mark, one added again has none', () => {
  const marked = { ...element([me]), skbmark: '0x10/0xf0' };
  const set = setOf('hash:ip', [marked], { options: [['skbinfo']] });
  expect(mappedMark(set, new Map(), src)).toEqual({ value: 0x10, mask: 0xf0 });
  const now = changedSet(set, 'node', changeSet(set, new Map(), again, 'node', undefined));
  expect('because' in now ? now : mappedMark(now, new Map(), src)).toBeNull();
});
