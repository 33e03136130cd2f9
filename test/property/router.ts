/** The router of the tests with something changed, and its answers as short sentences. */
import { formatIp, type Outcome } from '@coldtrace/core';
import { type Ask, type ask, askOne, type Dumps, nodeOf, router, rules } from './node-text.js';

export function routerWith(changes: Readonly<Record<string, string | null>>): {
  readonly nodes: readonly ReturnType<typeof nodeOf>[];
} {
  const dumps: Dumps = Object.fromEntries(
    Object.entries({ ...router, ...changes }).filter((entry): entry is [string, string] => entry[1] !== null),
  );
  return { nodes: [nodeOf(dumps)] };
}

export const withRules = (tables: Parameters<typeof rules>[0], more: Readonly<Record<string, string | null>> = {}) =>
  routerWith({ 'iptables-save.txt': rules(tables), ...more });

/** `delivered 10.1.0.9 > 10.2.0.9:80 by eth1`. */
export function sentence(outcome: Outcome): string {
  const { final, disposition, rejectWith } = outcome;
  const end = rejectWith === null ? disposition : `${disposition} ${rejectWith}`;
  return `${end}: ${formatIp(final.src)} > ${formatIp(final.dst)}:${final.dport} by ${final.iface}`;
}

export const saying = (snapshot: Parameters<typeof ask>[0], question: Ask) => sentence(askOne(snapshot, question));
