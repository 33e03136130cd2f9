/** Captures of several machines in one folder, told apart by what their files are called. */
import { describe, expect, test } from 'vitest';
import { looksLikeMachine, machinesInNames } from './file-names.js';
import { nodeNames, onlyNode, route, rules, snapshotOfFiles } from './testing.js';

const addr = (ip: string) =>
  `2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc fq state UP group default qlen 1000\n    inet ${ip}/24 brd 10.0.0.255 scope global eth0\n       valid_lft forever preferred_lft forever\n`;

describe('names of files', () => {
  test.each<[string, readonly string[], readonly (readonly [string, string])[]]>([
    [
      'before the command',
      ['node-1-iptables-save.txt', 'node-2-iptables-save.txt', 'node-1_ip_route_show_table_100.txt'],
      [
        ['node-1-iptables-save.txt', 'node-1'],
        ['node-2-iptables-save.txt', 'node-2'],
        ['node-1_ip_route_show_table_100.txt', 'node-1'],
      ],
    ],
    [
      'behind it',
      ['ip_addr.web1', 'ip_addr.web2', 'uname.txt'],
      [
        ['ip_addr.web1', 'web1'],
        ['ip_addr.web2', 'web2'],
      ],
    ],
    [
      'below a folder for each command',
      ['iptables/n1.example.org.log', 'iptables/n2.example.org.log', 'sysctl/n1.example.org'],
      [
        ['iptables/n1.example.org.log', 'n1.example.org'],
        ['iptables/n2.example.org.log', 'n2.example.org'],
        ['sysctl/n1.example.org', 'n1.example.org'],
      ],
    ],
    [
      'before a command with what it was given',
      [
        'node-1_ss_-tuan.txt',
        'node-2_ss_-tuan.txt',
        'node-1_cat_.run.flannel.subnet.env',
        'node-2_cat_.run.flannel.subnet.env',
      ],
      [
        ['node-1_ss_-tuan.txt', 'node-1'],
        ['node-2_ss_-tuan.txt', 'node-2'],
        ['node-1_cat_.run.flannel.subnet.env', 'node-1'],
        ['node-2_cat_.run.flannel.subnet.env', 'node-2'],
      ],
    ],
    [
      'names with the numbers of an address',
      ['ip_10_0_0_1_ip_addr.txt', 'ip_10_0_0_2_ip_addr.txt'],
      [
        ['ip_10_0_0_1_ip_addr.txt', 'ip_10_0_0_1'],
        ['ip_10_0_0_2_ip_addr.txt', 'ip_10_0_0_2'],
      ],
    ],
    [
      'of one machine, with options',
      ['ip_4_addr.txt', 'ip_6_route.txt', 'node-1_crictl_pods', 'node-1_head_-n_2_.var.lib'],
      [],
    ],
    ['of one machine', ['ip-addr.txt', 'iptables-save.txt', 'uname', 'sysctl_-a', 'hostname'], []],
    ['of one machine, with its name', ['web1-ip-addr.txt', 'web1-iptables-save.txt'], []],
  ])('%s', (_, paths, wanted) => {
    expect([...machinesInNames(paths)]).toEqual(wanted);
  });

  test('names that people give to machines', () => {
    expect(['node-1', 'k8s-worker-b', 'ip-10-0-0-7', 'prod-master01'].filter(looksLikeMachine)).toHaveLength(4);
    expect(['eth0', '100', 'before', 'flannel.1', 'kube-system', 'host-local'].filter(looksLikeMachine)).toEqual([]);
  });
});

describe('one folder, several machines', () => {
  test('whose devices have other addresses', () => {
    const snapshot = snapshotOfFiles({
      'web-ip-addr.txt': addr('10.0.0.1'),
      'web-ip-rule.txt': rules,
      'db-ip-addr.txt': addr('10.0.0.2'),
      'db-ip-rule.txt': rules,
    });
    expect(nodeNames(snapshot)).toEqual(['web', 'db']);
  });

  test('whose names can be nothing else', () => {
    expect(nodeNames(snapshotOfFiles({ 'd/rules/node-1.txt': rules, 'd/rules/node-2.txt': rules }))).toEqual([
      'node-1',
      'node-2',
    ]);
  });

  test('not where the names may mean something else and nothing contradicts', () => {
    const node = onlyNode(
      snapshotOfFiles({ 'before-ip-rule.txt': rules, 'after-ip-rule.txt': rules, 'after-ip-route.txt': route }),
    );
    expect(node.host.policyRules4.rows).toHaveLength(3);
  });
});
