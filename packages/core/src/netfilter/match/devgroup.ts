/** `-m devgroup`: the group (`ip link set DEV group N`) of the device. iptables-extensions(8); net/netfilter/xt_devgroup.c. */
import { parseUint32 } from '../../inet/decimal.js';
import { parseMark } from '../../inet/mark.js';
import { and, inverted, type Tri, unknown } from '../../tri.js';
import { defineMatch, type Given, negatable, type ReadContext, type Refusal, refuse } from '../extension.js';
import type { ListingCursor } from '../listing-cursor.js';
import type { PacketInput } from '../packet-input.js';
import { pick, printed, word } from '../value.js';

/** Bits of the group's number; a name other than `default` is one of the node's own /etc/iproute2/group. */
export type DeviceGroup =
  | { readonly kind: 'number'; readonly value: number; readonly mask: number }
  | { readonly kind: 'name'; readonly name: string };

export interface GroupTest {
  readonly group: DeviceGroup;
  readonly invert: boolean;
}

export interface DevgroupMatch {
  readonly src: GroupTest | null;
  readonly dst: GroupTest | null;
}

const every = 0xffffffff;

const group = word<DeviceGroup>(
  'name|value[/mask]',
  (text) => {
    const mark = parseMark(text);
    if (mark !== null) return { kind: 'number', ...mark };
    if (text === 'default') return { kind: 'number', value: 0, mask: every };
    return /^[A-Za-z][\w.-]*$/.test(text) ? { kind: 'name', name: text } : refuse(`"${text}" is no device group`);
  },
  (choose) => pick(choose, ['1', '0x10/0xff', '0', 'default', '4294967295', '5/1', '0/0']),
);

export const devgroup = defineMatch({
  name: 'devgroup',
  families: [4, 6],
  options: { 'src-group': negatable(group), 'dst-group': negatable(group) },
  build: (given, cx): DevgroupMatch | Refusal => {
    const src = groupTest(given['src-group']);
    const dst = groupTest(given['dst-group']);
    if (src === null && dst === null) return refuse('neither --src-group nor --dst-group is given');
    if (src !== null && !hasDevice('in', cx)) return refuse(`a packet in ${cx.chain} has no in device`);
    return dst !== null && !hasDevice('out', cx) ? refuse(`a packet in ${cx.chain} has no out device`) : { src, dst };
  },
  sample: (choose, cx) => {
    const options = [...(hasDevice('in', cx) ? ['--src-group'] : []), ...(hasDevice('out', cx) ? ['--dst-group'] : [])];
    const chosen = options.length === 2 && choose(2) === 0 ? options : [options[choose(options.length)] ?? ''];
    return chosen.flatMap((option) => printed(option, group.sample(choose, cx), choose(2) === 0));
  },
  save: (data) => [...saveGroup('--src-group', data.src), ...saveGroup('--dst-group', data.dst)],
  listing: (cursor, cx): DevgroupMatch | null => {
    const src = readListedGroup(cursor, 'src-group', cx);
    const dst = readListedGroup(cursor, 'dst-group', cx);
    return src === null && dst === null ? null : { src, dst };
  },
  test: ({ src, dst }, input): Tri => and(isIn(src, input.skb.iif, input), isIn(dst, input.skb.oif, input)),
});

function isIn(test: GroupTest | null, dev: string | null, { around }: PacketInput): Tri {
  if (test === null) return true;
  const group = dev === null ? undefined : around.deviceGroup?.(dev);
  if (group === undefined) return unknown(`the group of ${dev ?? 'no device'} is not known`, 'ip-link');
  if (typeof group !== 'string') return group;
  return inverted(sameGroup(test.group, group), test.invert);
}

/** Names stand for numbers that only the node's own file tells. */
function sameGroup(asked: DeviceGroup, group: string): Tri {
  const number = group === 'default' ? 0 : parseUint32(group);
  if (asked.kind === 'name') {
    return asked.name === group || unknown(`the number of group ${asked.name} is not known`);
  }
  if (number === null) return unknown(`the number of group ${group} is not known`);
  return ((number ^ asked.value) & asked.mask) === 0;
}

function groupTest(given: Given<DeviceGroup> | undefined): GroupTest | null {
  return given === undefined ? null : { group: given.value, invert: given.invert };
}

function hasDevice(side: 'in' | 'out', { chain }: ReadContext): boolean {
  const without = side === 'in' ? ['OUTPUT', 'POSTROUTING'] : ['PREROUTING', 'INPUT'];
  return chain === null || !without.includes(chain);
}

function saveGroup(option: string, test: GroupTest | null): readonly string[] {
  return test === null ? [] : printed(option, [formatGroup(test.group)], test.invert);
}

function formatGroup(group: DeviceGroup): string {
  if (group.kind === 'name') return group.name;
  const value = `0x${group.value.toString(16)}`;
  if (group.mask !== every) return `${value}/0x${group.mask.toString(16)}`;
  return group.value === 0 ? 'default' : value;
}

function readListedGroup(cursor: ListingCursor, label: string, cx: ReadContext): GroupTest | null {
  const at = cursor.at;
  const invert = cursor.accept('!');
  if (cursor.accept(label)) {
    const read = group.read([cursor.take() ?? ''], cx);
    if (!('refused' in read)) return { group: read, invert };
  }
  cursor.reset(at);
  return null;
}
