/** What kubectl and oc say around an output of a node is no line of it, and takes nothing from it. */
import { expect, test } from 'vitest';
import { nodeNamed, rules, snapshotOf } from '../assemble/testing.js';

test.each([
  [
    'oc',
    (node: string) => `oc debug node/${node} -- chroot /host`,
    'Starting pod/n-debug ...\nTo use host binaries, run `chroot /host`\n',
    '\nRemoving debug pod ...\n',
  ],
  [
    'kubectl',
    (node: string) => `kubectl debug node/${node} -it --image=busybox -- chroot /host`,
    'Creating debugging pod node-debugger-n-x7k2p with container debugger on node n.\n',
    '',
  ],
] as const)('%s', (_, command, before, behind) => {
  const shown = (node: string, typed: string, output: string) =>
    `$ ${command(node)} ${typed}\n${before.replace(/on node n\./, 'on node n')}${output}${behind}`;
  const text = ['n1', 'n2'].map((node) => shown(node, 'ip rule', rules)).join('');
  const snapshot = snapshotOf(text);
  for (const name of ['n1', 'n2']) {
    const { host } = nodeNamed(snapshot, name);
    expect([host.policyRules4.state, host.policyRules4.rows.length]).toEqual(['complete', 3]);
  }
});
