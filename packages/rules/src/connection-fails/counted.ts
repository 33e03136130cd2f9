/** What the counters of the rule or policy that ends a connection say: packets have ended there. iptables-save(8), `-c`. */
import type { Evidence, Snapshot, Step } from '@coldtrace/core';
import { tablesNamed } from '../facts/table-rules.js';

/** Packets that the last step's rule or policy has counted; null: not known. */
export function countOf({ nodes }: Snapshot, last: Step | null): number | null {
  return last === null ? null : counted(nodes, last);
}

/** The lines, with the count where it is not zero; zero says something only where somebody was seen to send. */
export function withCount(count: number | null, evidence: readonly Evidence[], isSent: boolean): readonly Evidence[] {
  const [line, ...rest] = evidence;
  if (line === undefined || count === null || (count === 0 && !isSent)) return evidence;
  const met = count === 0 ? 'no packet has' : `${count} packet${count === 1 ? ' has' : 's have'}`;
  return [{ ...line, why: `${line.why}; ${met} met it` }, ...rest];
}

function counted(nodes: Snapshot['nodes'], { node: place, claim }: Step): number | null {
  if (claim === undefined || (claim.kind !== 'applies' && claim.kind !== 'policy')) return null;
  const node = nodes.find(({ name }) => name === place);
  if (node === undefined) return null;
  const tables = tablesNamed(node.host, claim.packet.family, claim.table).filter(
    ({ ruleset }) => claim.variant === null || ruleset.variant === null || ruleset.variant === claim.variant,
  );
  const [chain, another] = tables.flatMap(({ table }) => table.chains.find(({ name }) => name === claim.chain) ?? []);
  if (chain === undefined || another !== undefined) return null;
  if (claim.kind === 'applies') return chain.rules.at(claim.index - 1)?.counters?.packets ?? null;
  // iptables-nft prints zeros where the kernel keeps no counter of a policy.
  const packets = chain.counters?.packets ?? 0;
  return packets === 0 ? null : packets;
}
