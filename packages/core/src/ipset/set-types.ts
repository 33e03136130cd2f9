/** Set types and the dimensions of their elements. ipset(8); net/netfilter/ipset of Linux. */
import type { Family } from '../inet/ip.js';

/** One dimension as a type names it. `net` of hash:net,iface may be matched by any shorter prefix too. */
export type Dimension = 'ip' | 'net' | 'port' | 'mac' | 'mark' | 'iface' | 'set';

/** What a set's type says of its elements. */
export interface SetType {
  /** As `ipset list` prints it: `hash:ip,port`. */
  readonly name: string;
  /** In the order of an element's parts and of `src,dst` in `--match-set`. */
  readonly dimensions: readonly Dimension[];
  /** How many dimensions an element must have; bitmap:ip,mac may leave the hardware address out. */
  readonly needed: number;
  /** The family when no option tells one; null for types without addresses. */
  readonly family: Family | null;
}

const type = (name: string, dimensions: readonly Dimension[], family: Family | null, needed = dimensions.length) =>
  [name, { name, dimensions, needed, family }] as const;

/** The types by the name that `ipset list` prints. */
export const setTypes: ReadonlyMap<string, SetType> = new Map([
  type('bitmap:ip', ['ip'], 4),
  type('bitmap:ip,mac', ['ip', 'mac'], 4, 1),
  type('bitmap:port', ['port'], null),
  type('hash:ip', ['ip'], 4),
  type('hash:ip,mac', ['ip', 'mac'], 4),
  type('hash:ip,mark', ['ip', 'mark'], 4),
  type('hash:ip,port', ['ip', 'port'], 4),
  type('hash:ip,port,ip', ['ip', 'port', 'ip'], 4),
  type('hash:ip,port,net', ['ip', 'port', 'net'], 4),
  type('hash:mac', ['mac'], null),
  type('hash:net', ['net'], 4),
  type('hash:net,iface', ['net', 'iface'], 4),
  type('hash:net,net', ['net', 'net'], 4),
  type('hash:net,port', ['net', 'port'], 4),
  type('hash:net,port,net', ['net', 'port', 'net'], 4),
  type('list:set', ['set'], null),
]);

/** Names that ipset takes for a type beside its own: `iphash`, `nethash`, … of ipset 4, still accepted by `create`. */
const aliases: ReadonlyMap<string, string> = new Map([
  ['ipmap', 'bitmap:ip'],
  ['macipmap', 'bitmap:ip,mac'],
  ['portmap', 'bitmap:port'],
  ['iphash', 'hash:ip'],
  ['nethash', 'hash:net'],
  ['ipporthash', 'hash:ip,port'],
  ['ipportiphash', 'hash:ip,port,ip'],
  ['ipportnethash', 'hash:ip,port,net'],
  ['setlist', 'list:set'],
]);

/** The type of a name as typed or printed; undefined: none that ipset(8) has. */
export function setTypeNamed(name: string): SetType | undefined {
  return setTypes.get(aliases.get(name) ?? name);
}

/** Its members are sets. */
export function isListOfSets(typeName: string): boolean {
  return setTypeNamed(typeName)?.name === 'list:set';
}
