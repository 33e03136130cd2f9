/** Rules that grep has left of a table: a built-in chain that is not among them is taken to be empty only where every chain that is there is entered. */
import { interview, placeOf } from '@coldtrace/core';
import { expect, it } from 'vitest';
import { nodeOf, router } from './node-text.js';

const service =
  '-A KUBE-SVC-A -m comment --comment x -j KUBE-SEP-A\n-A KUBE-SEP-A -p tcp -j DNAT --to-destination 10.1.0.9:80\n';
const entry = '-A KUBE-SERVICES -d 10.96.0.1/32 -p tcp --dport 80 -j KUBE-SVC-A\n';

it.each([
  ['nobody enters KUBE-SERVICES', `${entry}${service}`, 'unknown'],
  ['nobody enters KUBE-SVC-A', service, 'unknown'],
  ['PREROUTING alone enters them', `-A PREROUTING -j KUBE-SERVICES\n${entry}${service}`, 'forward'],
  ['OUTPUT enters them', `-A OUTPUT -j KUBE-SERVICES\n${entry}${service}`, 'forward'],
])('%s: a call of the node', (_sentence, text, outcome) => {
  const { 'iptables-save.txt': _all, ...others } = router;
  const node = nodeOf({ ...others, 'iptables-t-nat-S.txt': text });
  const asked = interview(placeOf(node, node.host, 'defaults'));
  const said: Readonly<Record<string, unknown>> = {
    ...asked('{"id":1,"kind":"output","dst":"10.96.0.1","proto":"tcp","dport":80,"sport":4000}', 1),
  };
  expect([said['outcome'], said['because']]).toEqual([
    outcome,
    outcome === 'unknown' ? [expect.stringContaining('none of the captured rules leads to')] : undefined,
  ]);
});
