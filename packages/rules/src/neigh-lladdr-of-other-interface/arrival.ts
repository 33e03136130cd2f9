/** What all wrong entries have in common: whom they are about, the ways of a packet to the address, and how sure that is. */
import {
  type AssumeMode,
  formatIp,
  formatMac,
  gapOf,
  type Node,
  type Outcome,
  type Reason,
  type Row,
  type Snapshot,
} from '@coldtrace/core';
import { traceOnce } from '../connections/trace-once.js';
import type { Certainty } from '../finding.js';
import type { Misdirected } from './misdirected.js';

/** The ways of a packet from the node to the address of the entry. */
export function waysOf(snapshot: Snapshot, { node, entry }: Misdirected, assume: AssumeMode): readonly Outcome[] {
  const { outcomes } = traceOnce(snapshot, {
    from: { kind: 'process', node, ns: node.host, src: null },
    to: { ip: entry.ip, port: null },
    proto: entry.ip.family === 4 ? 1 : 58,
    sport: null,
    assume,
  });
  return outcomes;
}

/** Whom and what the finding is about. */
export function subjectOf({ node, entry, holder, right, wrong }: Misdirected) {
  const [ip, lladdr] = [formatIp(entry.ip), formatMac(entry.lladdr)];
  return {
    node: node.name,
    subject: `${ip} ${entry.dev}`,
    data: {
      node: node.name,
      ip,
      dev: entry.dev,
      lladdr,
      holder: holder.name,
      right: right.name,
      rightMac: formatMac(right.mac),
      wrong: wrong.name,
    },
  };
}

export function certaintyOf(found: Misdirected, others: readonly Node[], doubts: readonly Reason[]): Certainty {
  const { node, holder, entry, address, right, wrong } = found;
  const rows: readonly Row[] = [entry, address, right, wrong];
  const captured = rows.every(({ trust }) => (trust ?? 'captured') === 'captured');
  const named = [node, holder, ...others].every((one) => one.named);
  return named && captured && doubts.length === 0 ? 'proven' : 'likely';
}

/** That the node is in the network of the address, where its own addresses do not say so. */
export function networkDoubt({ node, own }: Misdirected): readonly Reason[] {
  if (own !== null) return [];
  const text = `that ${node.name} is in the network of the address is assumed ${gapOf(node.name, node.host, 'ip-addr')}`;
  return [{ dump: 'ip-addr', text }];
}

/** No way leads to where the entry does, or it is open there: what leaves it so, or that nothing was seen to use the entry. */
export function wayDoubt({ node, entry }: Misdirected, ways: readonly Outcome[]): readonly Reason[] {
  const open = ways.flatMap(({ because }) => because);
  if (open.length > 0) return open;
  const text = `that ${node.name} sends to ${formatIp(entry.ip)} by ${entry.dev} is assumed: its routes and rules do not say so`;
  return [{ dump: null, text }];
}
