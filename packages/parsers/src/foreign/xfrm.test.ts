/** Whether a machine has any IPsec: told by an output that is whole, also an empty one. Outputs of iproute2 6.1. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { onlyNode, snapshotOf, snapshotOfFiles } from '../assemble/testing.js';

const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');
const typed = (command: string, output: string) =>
  snapshotOf(`root@n:~# hostname\nn\nroot@n:~# ${command}\n${output}root@n:~# \n`);
const files = (given: Readonly<Record<string, string>>) => snapshotOfFiles({ 'n/hostname': 'n\n', ...given });
const policies = fixture('xfrm-policy.txt');
const states = fixture('xfrm-state.txt');
const socket = 'src 0.0.0.0/0 dst 0.0.0.0/0 \n\tsocket out priority 0 ptype main \n';

test.each([
  [
    "the collector's files, of a machine without",
    files({ 'n/ip-xfrm.txt': '', 'n/ip-xfrm-state.txt': '\t SAD count 0\n' }),
    'none',
    'none',
  ],
  [
    "the collector's files",
    files({ 'n/ip-xfrm.txt': policies, 'n/ip-xfrm-state.txt': '\t SAD count 3\n' }),
    'some',
    'some',
  ],
  ['files that lost what the commands print always', files({ 'n/ip-xfrm-state.txt': '' }), 'open', 'open'],
  [
    'a kernel without IPsec',
    files({ 'n/ip-xfrm.txt.failed': 'RTNETLINK answers: Protocol not supported\n' }),
    'open',
    'open',
  ],
  ['policies of a terminal', typed('ip xfrm policy', policies), 'some', 'open'],
  ['no policies', typed('ip -s xfrm policy list', ''), 'none', 'open'],
  ["a socket's own policy", typed('ip x p', socket), 'some', 'open'],
  [
    'policies that were counted without those of sockets',
    typed('ip xfrm policy count', '\t SPD IN  0 OUT 0 FWD 0\n'),
    'open',
    'open',
  ],
  ['policies of one direction', typed('ip xfrm policy list dir in', ''), 'open', 'open'],
  ['policies of one family', typed('ip -6 xfrm policy', ''), 'open', 'open'],
  ['messages that were hidden', typed('ip xfrm policy 2>/dev/null', ''), 'open', 'open'],
  ['messages that were kept', typed('ip xfrm policy 2>&1', ''), 'none', 'open'],
  ['nobody who may ask', typed('ip xfrm policy', 'RTNETLINK answers: Operation not permitted\n'), 'open', 'open'],
  ['states of a terminal', typed('ip xfrm state', states), 'open', 'some'],
  ['no states', typed('ip xfrm state list nokeys', ''), 'open', 'none'],
])('%s', (_, snapshot, ofPolicies, ofStates) => {
  const { xfrmPolicies, xfrmStates } = onlyNode(snapshot).host;
  const told = [xfrmPolicies, xfrmStates].map(({ state, rows }) =>
    rows.length > 0 ? 'some' : state === 'complete' ? 'none' : 'open',
  );
  expect(told).toEqual([ofPolicies, ofStates]);
});
