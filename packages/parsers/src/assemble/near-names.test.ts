import { printRule, type Rule, type Snapshot } from '@coldtrace/core';
import { describe, expect, it } from 'vitest';
import { parseSnapshot } from '../parse-snapshot.js';

function rulesOf(snapshot: Snapshot): readonly Rule[] {
  return snapshot.nodes.flatMap(({ host }) =>
    host.rulesets.flatMap(({ tables }) =>
      tables.flatMap(({ chains }) =>
        chains.flatMap(({ rules }) =>
          Array.from({ length: rules.length }, (_, at) => rules.at(at)).filter((rule) => rule !== undefined),
        ),
      ),
    ),
  );
}

const prompt = '[root@node-1 ~]# ';
const listed = (...names: readonly string[]) =>
  names
    .map(
      (name) =>
        `${prompt}ipset list ${name}\nName: ${name}\nType: hash:net\nRevision: 7\nHeader: family inet hashsize 1024 maxelem 65536\nSize in memory: 504\nReferences: 1\nNumber of entries: 1\nMembers:\n10.0.0.0/8\n`,
    )
    .join('');
const ruleWith = (set: string) =>
  `${prompt}iptables -t nat -S POSTROUTING\n-P POSTROUTING ACCEPT\n-A POSTROUTING -m set --match-set ${set} src -j MASQUERADE\n`;

function read(text: string) {
  const snapshot = parseSnapshot({ 'ticket.txt': text });
  const said = snapshot.diagnostics.filter(({ code }) => code === 'iptables/repaired-name');
  const [rule] = rulesOf(snapshot);
  if (rule === undefined) throw new Error('no rule');
  return { said, rule, print: printRule(rule, 'X', 4, 'legacy') };
}

describe('a set that a pasted rule names', () => {
  it.each([
    ['a letter other than it should be', 'pods-all0ut', 'pods-allout'],
    ['a letter too many', 'cali40masqq-ipam-pools', 'cali40masq-ipam-pools'],
    ['a letter too few', 'cali40all-ipm-pools', 'cali40all-ipam-pools'],
    ['two letters swapped', 'cali40lal-ipam-pools', 'cali40all-ipam-pools'],
    ['the wrong case', 'kube-loop-back', 'KUBE-LOOP-BACK'],
  ])('with %s is the only captured one that near', (_, typed, name) => {
    const { said, rule, print } = read(ruleWith(typed) + listed(name, 'quite-another'));
    expect(print).toBe(`-A X -m set --match-set ${name} src -j MASQUERADE`);
    expect(rule.trust).toBe('repaired');
    expect(said[0]?.data).toEqual({ what: 'set', was: typed, read: name });
    expect(said[0]?.related).toHaveLength(1);
  });

  it.each([
    ['it is captured itself', 'blocked-a', ['blocked-a', 'blocked-b']],
    ['two captured ones are as near', 'blocked-c', ['blocked-a', 'blocked-b']],
    ['they differ in a number', 'blocked1', ['blocked2']],
    ['a number is longer', 'blocked11', ['blocked1']],
    ['nothing is near', 'blocked', ['allowed']],
  ])('stays as it is when %s', (_, typed, names) => {
    const { said, rule, print } = read(ruleWith(typed) + listed(...names));
    expect(print).toContain(` ${typed} `);
    expect(rule.trust).toBeUndefined();
    expect(said).toEqual([]);
  });

  it('stays as it is in a dump that a tool wrote', () => {
    const dump =
      '*nat\n:POSTROUTING ACCEPT [0:0]\n-A POSTROUTING -m set --match-set pods-alll src -j MASQUERADE\nCOMMIT\n';
    const list =
      'Name: pods-all\nType: hash:net\nRevision: 7\nHeader: family inet hashsize 1024 maxelem 65536\nSize in memory: 504\nReferences: 1\nNumber of entries: 0\nMembers:\n';
    const snapshot = parseSnapshot({ 'iptables-save.txt': dump, 'ipset-list.txt': list });
    expect(snapshot.diagnostics.map(({ code }) => code)).not.toContain('iptables/repaired-name');
    expect(rulesOf(snapshot)[0]?.trust).toBeUndefined();
  });
});

describe('a chain that a pasted rule jumps to', () => {
  const text = (jump: string) =>
    `${prompt}iptables -t nat -S PREROUTING\n-P PREROUTING ACCEPT\n-A PREROUTING -j ${jump}\n${prompt}iptables -t nat -S KUBE-SERVICES\n-N KUBE-SERVICES\n-A KUBE-SERVICES -d 10.96.0.1/32 -j RETURN\n`;

  it('is the captured one that is one slip away', () => {
    const { said, print } = read(text('KUBE-SERVCIES'));
    expect(print).toBe('-A X -j KUBE-SERVICES');
    expect(said[0]?.data).toEqual({ what: 'chain', was: 'KUBE-SERVCIES', read: 'KUBE-SERVICES' });
  });

  it('is not collected when none is near', () => {
    expect(read(text('KUBE-NODEPORTS')).print).toBe('-A X -j KUBE-NODEPORTS');
  });
});

describe('an interface that a pasted rule names', () => {
  const text = (name: string) =>
    `${prompt}iptables -S FORWARD\n-P FORWARD DROP\n-A FORWARD -i ${name} -j ACCEPT\n${prompt}ip link\n1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN mode DEFAULT group default qlen 1000\n    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n2: docker0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT group default\n    link/ether 02:42:0a:00:00:01 brd ff:ff:ff:ff:ff:ff\n`;

  it.each([
    ['dokcer0', 'docker0'],
    ['doker0', 'docker0'],
    ['Docker0', 'docker0'],
    ['docker1', 'docker1'],
    ['cni0', 'cni0'],
    ['docke+', 'docke+'],
  ])('%s is read as %s', (typed, name) => {
    expect(read(text(typed)).print).toBe(`-A X -i ${name} -j ACCEPT`);
  });
});
