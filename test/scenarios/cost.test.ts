/** A cluster of twice the nodes has twice the rules to look at: no rule of coldtrace reads those of every node for every other node. */
import type { Node, Rows, Rule } from '@coldtrace/core';
import { parseSnapshot } from '@coldtrace/parsers';
import { analyze } from '@coldtrace/rules';
import { expect, it } from 'vitest';
import { clusterFiles } from '../bench/generate-many.js';

/** How often rules of iptables are looked at, or asked whether they hold a word, while a healthy cluster is judged: by node. */
function looksAt(nodes: number): number {
  let looks = 0;
  const counting = <T>(rows: Rows<T>): Rows<T> => ({
    length: rows.length,
    at: (index) => {
      looks++;
      return rows.at(index);
    },
    lacks: (...asked) => {
      looks++;
      return rows.lacks?.(...asked) ?? false;
    },
  });
  const snapshot = parseSnapshot(clusterFiles({ nodes, services: 10 }));
  const { findings } = analyze({ ...snapshot, nodes: snapshot.nodes.map((node) => withRules(node, counting)) });
  expect(findings).toEqual([]);
  return looks / nodes;
}

function withRules(node: Node, change: (rules: Rows<Rule>) => Rows<Rule>): Node {
  const rulesets = node.host.rulesets.map((ruleset) => ({
    ...ruleset,
    tables: ruleset.tables.map((table) => ({
      ...table,
      chains: table.chains.map((chain) => ({ ...chain, rules: change(chain.rules) })),
    })),
  }));
  return { ...node, host: { ...node.host, rulesets } };
}

it('looks at as many rules of each node, however many there are', () => {
  const [few, many] = [looksAt(6), looksAt(18)];
  expect(few).toBeGreaterThan(0);
  expect(many / few).toBeLessThan(1.2);
});
