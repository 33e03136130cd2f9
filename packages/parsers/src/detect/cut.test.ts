import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  neigh,
  nodeNamed,
  nodeNames,
  onlyNode,
  route,
  rules,
  save,
  snapshotOf,
  snapshotOfFiles,
} from '../assemble/testing.js';
import { netnsOfPath } from './choose.js';

describe('empty is not absent', () => {
  test('an empty file whose name says what it is holds a complete dump without rows', () => {
    const node = onlyNode(snapshotOfFiles({ 'ipset-list.txt': '', 'ip-route.txt': route, 'iptables-save.txt': '' }));
    expect(node.host.ipsets).toMatchObject({ state: 'complete', rows: [] });
    expect(node.host.rulesets).toMatchObject([{ family: 4, tables: [], complete: true }]);
    expect(node.host.neighbours.state).toBe('absent');
  });

  test('a command that printed nothing before the next prompt shows that there is nothing', () => {
    const node = onlyNode(snapshotOf(`[root@n ~]# ipset list\n[root@n ~]# ip route\n${route}`));
    expect(node.host.ipsets.state).toBe('complete');
  });

  test('what every machine has is never empty: such an output did not deliver', () => {
    const text = `[root@n ~]# ip addr\n[root@n ~]# watch -n1 ip -s link\n[root@n ~]# ip route\n${route}`;
    const { host } = onlyNode(snapshotOf(text));
    expect([host.addresses.state, host.links.state, host.routes.state]).toEqual(['absent', 'absent', 'complete']);
  });

  test('the last command of a text may have been cut off, and one whose output went to a file shows nothing', () => {
    const text = `[root@n ~]# ip route\n${route}[root@n ~]# ipset list > /tmp/sets\n[root@n ~]# ip rule\n`;
    const node = onlyNode(snapshotOf(text));
    expect(node.host.ipsets.state).toBe('absent');
    expect(node.host.policyRules4.state).toBe('absent');
  });

  test.each([
    'bash: ipset: command not found',
    'ipset v7.15: Kernel error received: Operation not permitted',
    'sh: 1: ipset: not found',
    'sudo: ipset: command not found',
  ])('not collected: %s', (message) => {
    const text = `[root@n ~]# ipset list\n${message}\n[root@n ~]# ip route\n${route}`;
    const node = onlyNode(snapshotOf(text));
    expect(node.host.ipsets.state).toBe('absent');
    expect(node.failures).toHaveLength(1);
    const file = onlyNode(snapshotOfFiles({ 'ipset-list.txt': `${message}\n`, 'ip-route.txt': route }));
    expect(file.host.ipsets.state).toBe('absent');
    expect(file.failures).toHaveLength(1);
  });
});

describe('messages between the lines of an output', () => {
  test('do not cut it in two', () => {
    const lines = `${neigh}RTNETLINK answers: Permission denied\n${neigh.replace('8.1', '8.2')}`;
    const node = onlyNode(snapshotOf(`[root@n ~]# ip neigh\n${lines}[root@n ~]# ip rule\n${rules}`));
    expect(node.host.neighbours.rows).toHaveLength(2);
    expect(node.failures).toHaveLength(1);
  });

  test('behind it are not lost', () => {
    const text = `${route}bash: ipset: command not found\n${rules}`;
    const node = onlyNode(snapshotOf(text, {}, 'all.txt'));
    expect(node.failures.map((one) => one.message)).toEqual(['bash: ipset: command not found']);
    expect(node.host.policyRules4.rows).toHaveLength(3);
  });
});

describe('several outputs in one file', () => {
  test.each<[string, (command: string) => string]>([
    ['*** Output of … ***', (command) => `*** Output of ${command} ***`],
    ['===== … =====', (command) => `===== ${command} =====`],
    ['### … ###', (command) => `### ${command} ###`],
    ['--- … ---', (command) => `--- ${command} ---`],
    ['# …', (command) => `# ${command}`],
    ['$ …', (command) => `$ ${command}`],
    ['+ …', (command) => `+ ${command}`],
    ['>>> …', (command) => `>>> ${command}`],
    ['the command itself', (command) => command],
    ['Command: …', (command) => `Command: ${command}`],
    ['nothing', () => ''],
  ])('banner %s', (_, banner) => {
    const parts: readonly [string, string][] = [
      ['ip route show table all', route],
      ['ip rule', rules],
      ['iptables-save', save],
      ['ip neigh', neigh],
    ];
    const text = parts.map(([command, output]) => `${banner(command)}\n${output}`).join('\n');
    const snapshot = snapshotOf(text, {}, 'all.txt');
    const { host } = onlyNode(snapshot);
    expect([host.routes.rows.length, host.policyRules4.rows.length, host.neighbours.rows.length]).toEqual([2, 3, 1]);
    expect(host.rulesets.map((ruleset) => ruleset.tables.map((table) => table.name))).toEqual([['filter']]);
    expect(snapshot.read[0]?.counts.unrecognized).toBe(0);
  });

  test('a dump that was cut off ends where the next prompt begins, though a later dump has the COMMIT', () => {
    const cutOff = save.slice(0, save.indexOf('COMMIT'));
    const snapshot = snapshotOf(`[root@a ~]# iptables-save\n${cutOff}[root@b ~]# iptables-save\n${save}`);
    expect(nodeNames(snapshot)).toEqual(['a', 'b']);
    const complete = (name: string) => nodeNamed(snapshot, name).host.rulesets[0]?.tables[0]?.complete;
    expect([complete('a'), complete('b')]).toEqual([false, true]);
  });

  test('outputs in any order yield the same facts', () => {
    const parts = [`# ip route\n${route}`, `# ip rule\n${rules}`, `# iptables-save\n${save}`, `# ip neigh\n${neigh}`];
    const summary = (text: string) => {
      const { host } = onlyNode(snapshotOf(text, {}, 'all.txt'));
      const count = (dump: { readonly state: string; readonly rows: readonly unknown[] }) => [
        dump.state,
        dump.rows.length,
      ];
      const tables = host.rulesets.map((one) => one.tables.map((table) => [table.name, table.complete]));
      return [count(host.routes), count(host.policyRules4), count(host.neighbours), tables];
    };
    const expected = summary(parts.join(''));
    fc.assert(
      fc.property(fc.shuffledSubarray(parts, { minLength: 4 }), (some) => {
        expect(summary(some.join(''))).toEqual(expected);
      }),
      { numRuns: 24 },
    );
  });
});

test('lists of API objects one after the other, with logs between, as kubectl cluster-info dump prints them', () => {
  const list = (kind: string, item: string) =>
    `${JSON.stringify({ kind, apiVersion: 'v1', metadata: {}, items: [JSON.parse(item)] }, null, 4)}\n`;
  const node = list('NodeList', '{"metadata":{"name":"n1"},"status":{"addresses":[]}}');
  const pod = list('PodList', '{"metadata":{"name":"p1","namespace":"default"},"spec":{"nodeName":"n1"}}');
  const logs =
    '==== START logs for container c of pod default/p1 ====\nhello\n==== END logs for container c of pod default/p1 ====\n';
  const { objects, read } = snapshotOfFiles({
    'dump.txt': `${node}${pod}${logs}${list('ServiceList', '{"metadata":{"name":"s1","namespace":"default"},"spec":{}}')}`,
  });
  expect(objects.map(({ kind, meta }) => `${kind} ${meta.name}`).sort()).toEqual(['Node n1', 'Pod p1', 'Service s1']);
  expect(read[0]?.counts.unrecognized).toBeLessThan(2);
});

test('a tag of XML is no command between outputs', () => {
  const set = (name: string) =>
    `<ipset name="${name}">\n<type>hash:ip</type>\n<header><family>inet</family>\n</header>\n<members>\n<member><elem>10.3.0.1</elem></member>\n</members>\n</ipset>\n`;
  const { host } = onlyNode(snapshotOfFiles({ 'ipset.xml': `<ipsets>\n${set('a')}${set('b')}</ipsets>\n` }));
  expect(host.ipsets.rows.map(({ name, elements }) => [name, elements.length])).toEqual([
    ['a', 1],
    ['b', 1],
  ]);
});

describe('the namespace that a path names', () => {
  test.each([
    ['sos_commands/networking/namespaces/blue/ip_netns_exec_blue_ip_route', 'blue'],
    ['netns/blue/proc/net/route', 'blue'],
    ['sos_commands/networking/ip_netns_exec_blue_ip_addr', 'blue'],
    // Those of Kubernetes, in a must-gather.
    ['namespaces/default/core/services.yaml', null],
    ['namespaces/default/default.yaml', null],
    ['namespaces/kube-system/pods/p/c/c/logs/current.log', null],
  ])('%s: %s', (path, netns) => {
    expect(netnsOfPath(path)).toBe(netns);
  });
});
