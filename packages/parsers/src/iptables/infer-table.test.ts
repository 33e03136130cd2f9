import { describe, expect, it } from 'vitest';
import { readText } from './repair/testing.js';

const tablesOf = (text: string, command: string | null = null) =>
  readText(text, false, command).rules.map((rule) => rule.split(' ')[1]);

describe('the table of rules without one', () => {
  it.each([
    ['-A X -j MASQUERADE', ['nat']],
    ['-A X -j REJECT', ['filter']],
    ['-A X -p tcp -j TPROXY --on-port 15001', ['mangle']],
    ['-A X -j CT --notrack', ['raw']],
    ['-A POSTROUTING -s 10.0.0.0/8 -j RETURN', ['nat']],
    ['-A PREROUTING -s 10.0.0.0/8 -j RETURN', ['nat']],
    ['-A INPUT -s 10.0.0.0/8 -j RETURN', ['filter']],
    ['-A cali-nat-outgoing -j RETURN', ['nat']],
    ['-A KUBE-FORWARD -j RETURN', ['filter']],
    ['-A KUBE-SERVICES -j KUBE-SVC-NPX46M4PTMTKRN6Y', ['nat']],
    ['-A CNI-DN-0a1b2c -j RETURN', ['nat']],
    ['-A FLANNEL-FWD -j ACCEPT', ['filter']],
    ['-A Y -j ACCEPT', ['filter']],
  ])('%s is told by targets and names', (text, tables) => expect(tablesOf(text)).toEqual(tables));

  it('goes along jumps', () => {
    expect(tablesOf('-A one -j two\n-A two -j three\n-A three -j MASQUERADE')).toEqual(['nat', 'nat', 'nat']);
  });

  it('is that of the built-in chains that lead there', () => {
    expect(tablesOf('-A PREROUTING -j mine\n-A mine -j ACCEPT')).toEqual(['nat', 'nat']);
    expect(tablesOf('-A FORWARD -j mine\n-A mine -j ACCEPT')).toEqual(['filter', 'filter']);
  });

  it('may be another for each rule of a built-in chain', () => {
    const rules = readText(
      '-A OUTPUT -j KUBE-FIREWALL\n-A OUTPUT -j DOCKER\n-A DOCKER -p tcp --dport 80 -j DNAT --to-destination 10.0.0.2:80',
      false,
    );
    expect(rules.rules).toEqual([
      '-t filter -A OUTPUT -j KUBE-FIREWALL',
      '-t nat -A OUTPUT -j DOCKER',
      '-t nat -A DOCKER -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.0.0.2:80',
    ]);
  });

  it('is said to be concluded', () => {
    const { rulesets } = readText('-A X -j MASQUERADE', false);
    expect(rulesets[0]?.tables[0]).toMatchObject({ name: 'nat', inferred: true, complete: false });
  });

  it('is told by the policies at the head of each listing', () => {
    const policies = (...chains: readonly string[]) => chains.map((chain) => `-P ${chain} ACCEPT\n`).join('');
    const filter = `${policies('INPUT', 'FORWARD', 'OUTPUT')}-A INPUT -p udp -m udp --dport 53 -j DROP\n`;
    const nat = `${policies('PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING')}-A INPUT -j ACCEPT\n`;
    const former = `${policies('PREROUTING', 'POSTROUTING', 'OUTPUT')}-A OUTPUT -j RETURN\n`;
    expect(tablesOf(filter + nat)).toEqual(['filter', 'nat']);
    expect(tablesOf(nat + filter)).toEqual(['nat', 'filter']);
    expect(tablesOf(filter + former)).toEqual(['filter', 'nat']);
    expect(tablesOf(policies('PREROUTING', 'OUTPUT') + nat)).toEqual(['nat']);
  });

  it('is the one that the command names', () => {
    expect(tablesOf('-A X -j RETURN', 'iptables -t mangle -S')).toEqual(['mangle']);
    expect(tablesOf('-A X -j RETURN', 'iptables-save -t raw | grep X')).toEqual(['raw']);
  });
});

describe('a chain that a fragment only jumps to', () => {
  it('is not collected, which is not the same as empty', () => {
    const chains = readText('-A KUBE-SERVICES -d 10.96.0.1/32 -j KUBE-SVC-A', false).rulesets[0]?.tables[0]?.chains;
    expect(chains?.map(({ name, collected, partial }) => [name, collected, partial === true])).toEqual([
      ['KUBE-SERVICES', true, true],
      ['KUBE-SVC-A', false, false],
    ]);
  });

  it('is whole when it was listed by itself', () => {
    const chains = readText('-N KUBE-SVC-A\n-A KUBE-SVC-A -j KUBE-SEP-A', false, 'iptables -t nat -S KUBE-SVC-A')
      .rulesets[0]?.tables[0]?.chains;
    expect(chains?.map(({ name, collected, partial }) => [name, collected, partial === true])).toEqual([
      ['KUBE-SVC-A', true, false],
      ['KUBE-SEP-A', false, false],
    ]);
  });
});
