/** Which output an object of `ip -j` or `bridge -j` belongs to, told by its keys alone. */
import type { YamlValue } from '@coldtrace/core';
import { entriesIn, entryOf } from './words.js';

export type Shape =
  | 'route'
  | 'rule'
  | 'neighbour'
  | 'link'
  | 'nexthop'
  | 'label'
  | 'netns'
  | 'membership'
  | 'fdb'
  | 'port'
  | 'vlan'
  | 'netconf'
  | 'mdb';

export function shapeOf(object: YamlValue): Shape | null {
  const has = (key: string) => entryOf(object, key) !== null;
  if (has('maddr')) return 'membership';
  if (has('vlans')) return 'vlan';
  if (has('mdb')) return 'mdb';
  if (has('interface') && has('forwarding')) return 'netconf';
  if (has('mac') && has('ifname')) return 'fdb';
  if (has('priority') && has('ifname')) return 'port';
  if (has('priority')) return 'rule';
  if (has('ifname') && (has('operstate') || has('flags') || has('addr_info'))) return 'link';
  // `-o -j addr` names the device beside each address only.
  if (has('addr_info')) return 'link';
  if (has('label') && has('prefixlen')) return 'label';
  if (has('dst') && (has('lladdr') || has('proxy') || isStates(entryOf(object, 'state')?.value))) return 'neighbour';
  if (has('dst') && (has('flags') || has('dev') || has('gateway'))) return 'route';
  if (has('id') && (has('gateway') || has('blackhole') || has('group') || has('dev') || has('encap'))) return 'nexthop';
  return has('name') && entriesIn(object).every(({ key }) => key === 'name' || key === 'id') ? 'netns' : null;
}

function isStates(value: YamlValue | undefined): boolean {
  return value?.kind === 'list';
}

/** What an empty list is the output of. */
export function shapeOfCommand(object: string): Shape | null {
  if (object === '') return null;
  const objects: readonly (readonly [string, Shape])[] = [
    ['address', 'link'],
    ['addrlabel', 'label'],
    ['link', 'link'],
    ['route', 'route'],
    ['rule', 'rule'],
    ['neighbour', 'neighbour'],
    ['neighbor', 'neighbour'],
    ['nexthop', 'nexthop'],
    ['netns', 'netns'],
    ['maddress', 'membership'],
    ['fdb', 'fdb'],
    ['vlan', 'vlan'],
    ['mdb', 'mdb'],
  ];
  return objects.find(([name]) => name.startsWith(object))?.[1] ?? null;
}
