/** A cluster of twice the nodes has twice the rules to look at: no rule of coldtrace reads those of every node for every other node. */
import { parseSnapshot } from '@coldtrace/parsers';
import { analyze } from '@coldtrace/rules';
import { expect, it, vi } from 'vitest';
import { clusterFiles } from '../bench/generate-many.js';

/** How often rules of iptables are looked at, or asked whether they hold a word, while a healthy cluster is judged. */
function looksAt(nodes: number): number {
  const snapshot = parseSnapshot(clusterFiles({ nodes, services: 10 }));
  const rules = snapshot.nodes[0]?.host.rulesets[0]?.tables[0]?.chains[0]?.rules;
  if (rules === undefined) throw new Error('the generated cluster has no rules');
  const shared = Object.getPrototypeOf(rules) as Required<typeof rules>;
  const [at, lacks] = [vi.spyOn(shared, 'at'), vi.spyOn(shared, 'lacks')];
  const { findings } = analyze(snapshot);
  const looks = at.mock.calls.length + lacks.mock.calls.length;
  for (const spy of [at, lacks]) spy.mockRestore();
  expect(findings).toEqual([]);
  return looks / nodes;
}

it('looks at as many rules of each node, however many there are', () => {
  const [few, many] = [looksAt(6), looksAt(18)];
  expect(few).toBeGreaterThan(0);
  expect(many / few).toBeLessThan(1.5);
});
