/**
 * Which side `-m addrtype LOCAL` tests when `--src-type` or `--dst-type` was lost. A packet in nat PREROUTING came from elsewhere, so its source is
 * not local, and in nat OUTPUT every source is: only the destination tells packets apart there. In nat POSTROUTING a packet leaves the node, so its
 * destination is not local: only the source does. nat tables do not filter, so nobody asks there whether a source is forged. In chains of one's own
 * both sides are used (kube-proxy does), except where they lead to the node ports of a Service, which are chosen by destination.
 */
import { findTarget, type TableName } from '@coldtrace/core';

interface Place {
  readonly table: string | null;
  readonly chain: string | null;
  readonly words: readonly string[];
}

export function sideTested({ table, chain, words }: Place, value: string): 'src-type' | 'dst-type' | null {
  if (value.toUpperCase() !== 'LOCAL') return null;
  const jump = words.findIndex((word) => word === '-j' || word === '-g');
  const target = jump < 0 ? null : (words[jump + 1] ?? null);
  if (target === 'KUBE-NODEPORTS') return 'dst-type';
  if (table !== null && table !== 'nat') return null;
  if (table === null && !isOfNat(chain, target)) return null;
  switch (chain) {
    case 'PREROUTING':
    case 'OUTPUT':
      return 'dst-type';
    case 'POSTROUTING':
      return 'src-type';
    default:
      return null;
  }
}

function isOfNat(chain: string | null, target: string | null): boolean {
  if (chain === 'POSTROUTING') return true;
  const tables: readonly string[] = target === null ? [] : (findTarget(target, 4)?.tables ?? []);
  const nat: TableName = 'nat';
  return tables.length === 1 && tables[0] === nat;
}
