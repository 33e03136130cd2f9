/** `FILE.failed`, as the collector leaves it: the command was not collected, whatever its messages look like. */
import { describe, expect, it } from 'vitest';
import { onlyNode, snapshotOfFiles } from '../assemble/testing.js';

const route = 'default via 172.16.8.1 dev enp3s0\n';

describe('FILE.failed', () => {
  it.each([
    ['ipset-list.txt', 'ipset v7.17: Cannot open session to kernel.'],
    ['ip-rule.txt', 'collect.sh: 22: ip: not found'],
    ['ip-rule.txt', '0:\tfrom all lookup local'],
    ['hostname', 'srv-1'],
    ['sysctl.txt', 'net.ipv4.ip_forward = 1'],
    [
      'iptables-save.txt',
      'iptables-save v1.8.9 (nf_tables): Could not fetch rule set generation id: Permission denied (you must be root)',
    ],
  ])('%s.failed with %j', (file, message) => {
    const snapshot = snapshotOfFiles({ 'n/ip-route.txt': route, [`n/${file}.failed`]: `${message}\n` });
    const node = onlyNode(snapshot);
    expect(node.failures.map((failure) => failure.message)).toEqual([message]);
    expect([node.host.ipsets.state, node.host.policyRules4.state, node.host.sysctl.state]).toEqual(
      Array(3).fill('absent'),
    );
    expect([node.name, node.host.rulesets]).toEqual(['n', []]);
    expect(snapshot.read.map(({ counts }) => counts.inert).at(-1)).toBe(1);
  });

  it('every message in it counts', () => {
    const said = [
      "Can't open a.crt for reading, No such file or directory",
      "Can't open b.crt for reading, Permission denied",
    ];
    const node = onlyNode(
      snapshotOfFiles({ 'n/ip-route.txt': route, 'n/openssl-x509.txt.failed': `${said.join('\n')}\n` }),
    );
    expect(node.failures.map((failure) => failure.message)).toEqual(said);
  });

  it('an empty one says nothing, and is no empty dump', () => {
    const node = onlyNode(snapshotOfFiles({ 'n/ip-route.txt': route, 'n/ipset-list.txt.failed': '' }));
    expect(node.host.ipsets.state).toBe('absent');
  });
});

describe('a command that succeeded and had nothing to print', () => {
  const warning = '# Warning: iptables-legacy tables present, use iptables-legacy-save to see them\n';

  it.each([
    ['nothing: there are no rules, and that is known', '', [[null, true]]],
    [
      'a warning: there are none of its own, and the other variant has tables that were not captured',
      warning,
      [
        ['nft', true],
        ['legacy', false],
      ],
    ],
  ])('iptables-save with %s', (_, text, known) => {
    const node = onlyNode(snapshotOfFiles({ 'n/ip-route.txt': route, 'n/iptables-save.txt': text }));
    expect(node.host.rulesets.map(({ variant, complete }) => [variant, complete])).toEqual(known);
    expect(node.host.rulesets.flatMap(({ tables }) => tables)).toEqual([]);
  });
});
