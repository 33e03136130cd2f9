/** Dumps copied from a terminal that broke lines at its last column are read whole, and that is said. */
import { printTable } from '@coldtrace/core';
import { describe, expect, test } from 'vitest';
import { codesOf, onlyNode, snapshotOf, snapshotOfFiles } from '../assemble/testing.js';

const fold = (text: string, width: number) => text.replace(new RegExp(`(.{${width}})(?=.)`, 'g'), '$1\n');

const rules = `*nat
:POSTROUTING ACCEPT [0:0]
:KUBE-SERVICES - [0:0]
:KUBE-SVC-NPX46M4PTMTKRN6Y - [0:0]
-A KUBE-SERVICES -d 10.96.0.1/32 -p tcp -m comment --comment "default/kubernetes:https cluster IP" -m tcp --dport 443 -j KUBE-SVC-NPX46M4PTMTKRN6Y
-A KUBE-SVC-NPX46M4PTMTKRN6Y ! -s 10.244.0.0/16 -d 10.96.0.1/32 -p tcp -m comment --comment "default/kubernetes:https cluster IP" -m tcp --dport 443 -j MASQUERADE
COMMIT
`;
const routes = `default via 10.0.0.1 dev eth0 proto static metric 100 \n10.244.1.0/24 via 10.0.0.6 dev eth0 proto bird src 10.0.0.5 metric 1024 onlink rto_min lock 20ms \n10.244.128.192/26 via 192.168.100.106 dev tunl0 proto bird src 192.168.100.105 metric 1024 onlink \n`;
const entries =
  'tcp      6 86392 ESTABLISHED src=192.168.100.105 dst=10.96.0.1 sport=43210 dport=443 src=192.168.100.105 dst=192.168.100.105 sport=6443 dport=12345 [ASSURED] mark=0 use=1\n';

function printed(text: string): string {
  const [ruleset] = onlyNode(snapshotOf(text, {}, 'iptables-save.txt')).host.rulesets;
  const [table] = ruleset?.tables ?? [];
  return ruleset === undefined || table === undefined ? '' : printTable(table, ruleset, 'legacy');
}

describe('lines that a terminal broke', () => {
  test.each([72, 80, 93, 100, 120])('at column %d of iptables-save', (width) => {
    const text = fold(rules, width);
    expect(printed(text).split('\n').sort()).toEqual(printed(rules).split('\n').sort());
    expect(codesOf(snapshotOf(text, {}, 'iptables-save.txt'))).toContain('iptables/repaired-wrap');
  });

  test('of ip route and conntrack', () => {
    const snapshot = snapshotOfFiles({ 'n/ip-route.txt': fold(routes, 80), 'n/conntrack.txt': fold(entries, 80) });
    const { host } = onlyNode(snapshot);
    expect([host.routes.rows.length, host.conntrack.rows.length]).toEqual([3, 1]);
    expect(snapshot.read.map(({ counts }) => counts.unrecognized + counts.opaque)).toEqual([0, 0]);
  });

  test('but nothing is mended in a dump that is broken anywhere', () => {
    const text = rules.replace('--comment "default', '\n--comment "default');
    const { host } = onlyNode(snapshotOf(text, {}, 'iptables-save.txt'));
    const [table] = host.rulesets[0]?.tables ?? [];
    expect(table?.complete).toBe(false);
    expect(table?.chains.map(({ name, collected, partial, gaps }) => [name, collected, partial, gaps])).toEqual([
      ['POSTROUTING', false, undefined, undefined],
      ['KUBE-SERVICES', true, true, [0]],
      ['KUBE-SVC-NPX46M4PTMTKRN6Y', true, true, [0]],
    ]);
  });
});
