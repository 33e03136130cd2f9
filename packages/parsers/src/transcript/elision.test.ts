import { describe, expect, test } from 'vitest';
import { codesOf, ledgersAreComplete, onlyNode, snapshotOf } from '../assemble/testing.js';
import { isElision } from './elision.js';

describe('a line that says that lines are left out', () => {
  test.each(
    `...
  ...
…
......
. . .
[...]
(...)
<...>
# ...
[…]
<snip>
[snip]
-- snip --
--- 8< ---
... 200 more lines ...
[output truncated]
(12 lines omitted)
<output omitted>
--More--
*** gekürzt ***
[salida recortada: omitido]
【省略】
(以下省略)
<вырезано>
(obcięto)
[kısaltıldı]`.split('\n'),
  )('%s', (line) => {
    expect(isElision(line)).toBe(true);
  });

  test.each(
    `-A INPUT -m comment --comment "... and more" -j ACCEPT
:KUBE-SERVICES - [0:0]
[KUBE-SVC-ABCDEF]
[0:0] -A FORWARD -j ACCEPT
--- 10.0.0.1 ping statistics ---
---
==== START logs for container flannel of pod kube-system/kube-flannel ====
# ip route
<BROADCAST,MULTICAST,UP,LOWER_UP>
  -> 10.0.0.5:6443                Masq    1      0          0
-P FORWARD DROP
    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff
0: from all lookup local`.split('\n'),
  )('and one that does not: %s', (line) => {
    expect(isElision(line)).toBe(false);
  });
});

const outputs: readonly (readonly [string, string, string, (text: string) => string | undefined])[] = [
  [
    'ip route',
    'default via 10.0.0.1 dev eth0\n',
    '10.244.1.0/24 via 10.244.1.0 dev flannel.1 onlink\n',
    (text) => onlyNode(snapshotOf(text)).host.routes.state,
  ],
  [
    'ip rule',
    '0:\tfrom all lookup local\n',
    '32767:\tfrom all lookup default\n',
    (text) => onlyNode(snapshotOf(text)).host.policyRules4.state,
  ],
  [
    'ip link',
    '1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN\n    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n',
    '3: eth1: <BROADCAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP\n    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff\n',
    (text) => onlyNode(snapshotOf(text)).host.links.state,
  ],
  [
    'iptables-save -t filter',
    '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n-A INPUT -s 10.0.0.1/32 -j DROP\n',
    '-A INPUT -s 10.0.0.2/32 -j DROP\nCOMMIT\n',
    (text) => (onlyNode(snapshotOf(text)).host.rulesets[0]?.tables[0]?.complete ? 'complete' : 'partial'),
  ],
  [
    'ipset save',
    'create s hash:ip family inet hashsize 1024 maxelem 65536\nadd s 10.0.0.1\n',
    'add s 10.0.0.2\n',
    (text) => (onlyNode(snapshotOf(text)).host.ipsets.rows[0]?.complete ? 'complete' : 'partial'),
  ],
];

describe('an output that somebody trimmed', () => {
  test.each(outputs)('%s does not speak for what it leaves out', (command, head, tail, state) => {
    const prompt = `[root@n ~]# ${command}\n`;
    expect(state(`${prompt}${head}${tail}`)).toBe('complete');
    for (const text of [
      `${head}...\n${tail}`,
      `${head}${tail}[...]\n`,
      `...\n${head}${tail}`,
      `${head}<snip>\n${tail}`,
    ]) {
      const ticket = `${prompt}${text}[root@n ~]# hostname\nn\n`;
      expect(state(ticket), text).toBe('partial');
      const snapshot = snapshotOf(ticket);
      expect(codesOf(snapshot)).toContain('transcript/lines-left-out');
      expect(snapshot.read[0]?.counts.unrecognized).toBe(0);
      expect(ledgersAreComplete(snapshot)).toBe(true);
    }
  });

  test.each([
    ['iptables-save', '...\n'],
    ['iptables-save | grep -v KUBE', ''],
  ])(
    '%s tells of its chains in part: what no rule decides is open, and a chain without rules is not known',
    (command, mark) => {
      const rules = '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n';
      const text = `[root@n ~]# ${command}\n${rules}${mark}-A FORWARD -i cni0 -j DROP\nCOMMIT\n`;
      const chains = onlyNode(snapshotOf(text)).host.rulesets[0]?.tables[0]?.chains ?? [];
      expect(chains.map(({ name, collected, partial }) => `${name} ${collected} ${partial === true}`)).toEqual([
        'INPUT false false',
        'FORWARD true true',
        'OUTPUT false false',
      ]);
    },
  );

  test('is read as the rows that are there, without a word of the mark', () => {
    const text = '[root@n ~]# ip route\ndefault via 10.0.0.1 dev eth0\n...\n10.1.0.0/16 dev eth1 scope link\n';
    const { rows } = onlyNode(snapshotOf(text)).host.routes;
    expect(rows.map((row) => row.nexthops[0]?.dev)).toEqual(['eth0', 'eth1']);
    expect(rows.every((row) => row.trust === undefined)).toBe(true);
  });
});
