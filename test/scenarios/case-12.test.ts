/** Case 12, IPVS and the Service address as source: every cause of it, as a ticket, healthy, with any one dump taken away, and changed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Origin, parseIp, type Snapshot, trace } from '@coldtrace/core';
import { applyText } from '@coldtrace/parsers';
import { analyze } from '@coldtrace/rules';
import { describe, expect, it } from 'vitest';
import { afterFix } from './after-fix.js';
import { citedLines, remove, replace, sampleCase } from './sample-case.js';

const rule = 'ipvs-source-is-service-address';
const missing = 'ipvs-service-missing';
const { analysed, changed, folder } = sampleCase('12-ipvs-source-is-service-address');
const sampleText = (path: string) => readFileSync(join(folder, path), 'utf8');

describe('a node that calls a Service', () => {
  it('is ranked first, proven, with the lines that prove it and the way to the server', async () => {
    const bad = await analysed('bad');
    expect(bad.report.findings).toHaveLength(1);
    expect(bad.first).toMatchObject({
      rule,
      severity: 'error',
      certainty: 'proven',
      node: 'node-1',
      data: { ip: '10.96.0.1', service: 'default/kubernetes (10.96.0.1:443)', probability: '1' },
    });
    expect(bad.first?.message).toContain('nothing masquerades it');
    expect(bad.first?.message).toContain('drops the packet as martian');
    const lines = citedLines(bad);
    expect(lines).toContain('node-1/ip-route.txt: local 10.96.0.1 dev kube-ipvs0');
    expect(lines).toContain('node-1/ip-addr.txt: inet 10.96.0.1/32 scope global kube-ipvs0');
    expect(lines).toContain('node-1/ipvsadm.txt: TCP  10.96.0.1:443 rr');
    expect(lines).toContain('node-1/ipvsadm.txt: -> 192.168.10.11:6443');
    expect(lines).toContain('--mark 0x4000/0x4000 -j MASQUERADE');
    expect(lines).toContain('master-1/ip-addr.txt: inet 10.96.0.1/32');
    expect(lines).toMatch(/conntrack.txt: tcp .*SYN_SENT src=10.96.0.1 dst=10.96.0.1/);
    expect(bad.first?.path.at(-1)).toMatchObject({ node: 'master-1', stage: 'source check' });
  });

  it.each([
    ['conntrack-off', 'net.ipv4.vs.conntrack is 0', 'sysctl -w net.ipv4.vs.conntrack=1'],
    ['member-missing', 'set KUBE-CLUSTER-IP lacks 10.96.0.1,tcp:443', 'ipset add KUBE-CLUSTER-IP 10.96.0.1,tcp:443'],
  ])('fails for another reason in %s, and the message and the remedy say which', async (variant, reason, command) => {
    const { first, report } = await analysed(variant);
    expect(report.findings).toHaveLength(1);
    expect(first).toMatchObject({ rule, severity: 'error', certainty: 'proven', node: 'node-1' });
    expect(first?.message).toContain(reason);
    expect(first?.fix?.steps.map((step) => step.command)).toEqual([command]);
  });

  it.each([
    ['service-missing', 'has no virtual service for default/kubernetes', 'ipvsadm -A -t 10.96.0.1:443 -s rr'],
    ['no-server', 'has no server for Service default/kubernetes', 'ipvsadm -a -t 10.96.0.1:443 -r 192.168.10.11:6443'],
  ])('ends on the node itself in %s', async (variant, reason, command) => {
    const { report } = await analysed(variant);
    const found = report.findings.map(({ rule: id, certainty, node }) => [id, certainty, node]);
    expect(found).toEqual([
      [missing, 'proven', 'master-1'],
      [missing, 'proven', 'node-1'],
    ]);
    for (const finding of report.findings) {
      expect(finding.message).toContain(reason);
      expect(finding.fix?.steps[0]?.command).toContain(command);
    }
  });

  it('is what really happened: the source on the wire, who answered, and what the remedies did', () => {
    expect(sampleText('probes/bad/tcpdump-master-1-eth0.txt')).toContain('IP 10.96.0.1.');
    expect(sampleText('probes/bad/node-1.txt')).toContain('Connection timed out');
    expect(sampleText('probes/bad/pod-shell.txt')).toContain('"code": 401');
    expect(sampleText('probes/bad/route-deleted.txt')).toMatch(/"code": 401[\s\S]*Failed to connect to 10.96.0.1/);
    expect(sampleText('probes/bad/masqueraded.txt').match(/"code": 401/g)).toHaveLength(2);
    expect(sampleText('probes/healthy/tcpdump-master-1-eth0.txt')).not.toContain('IP 10.96.0.1.');
  });

  it('is reached from the ticket, weaker, and what is missing is named', async () => {
    const { first } = await analysed('ticket.txt');
    expect(first).toMatchObject({ rule, severity: 'error', certainty: 'likely', node: 'node-1' });
    expect(first?.message).toContain('nothing masquerades it');
    expect(first?.assumptions.join()).toContain('192.168.10.11 was not captured');
  });

  it('is reached from two captured packets, and the list of virtual services is asked for', async () => {
    const { first } = await analysed('ticket-tcpdump-only.txt');
    expect(first).toMatchObject({ rule, severity: 'error', certainty: 'likely', node: 'worker7' });
    expect(first?.assumptions.join()).toContain('ipvsadm');
  });

  it('is in order in the healthy twin', async () => {
    const { report } = await analysed('healthy');
    expect(report.findings).toEqual([]);
    expect(report.evaluated).toEqual(expect.arrayContaining([rule, missing, 'ipvs-address-not-local']));
  });
});

/** What becomes of a call to 10.96.0.1:443, from node-1 itself and from the pod behind it. */
function calls(snapshot: Snapshot): readonly [node: string, pod: string] {
  const node = snapshot.nodes.find(({ name }) => name === 'node-1');
  const [ip, src] = [parseIp('10.96.0.1'), parseIp('10.244.1.5')];
  if (node === undefined || ip === null || src === null) throw new Error('the sample has no node-1');
  const verdict = (from: Origin) =>
    trace(snapshot, { from, to: { ip, port: 443 }, proto: 6, sport: null, assume: 'defaults' }).verdict;
  return [
    verdict({ kind: 'process', node, ns: node.host, src: null }),
    verdict({ kind: 'entering', node, ns: node.host, dev: 'cni0', src }),
  ];
}

describe('the remedy, carried out', () => {
  it.each(['bad', 'conntrack-off', 'member-missing', 'service-missing', 'no-server'])(
    'leaves nothing to find in %s, and both node and pod are served',
    async (variant) => {
      const { snapshot, report } = await analysed(variant);
      const mended = report.findings.reduce((now, finding) => afterFix(now, finding), snapshot);
      expect(analyze(mended).findings).toEqual([]);
      expect(calls(mended)).toEqual(['works', 'works']);
    },
  );

  it('is not the one that is passed around: without the local route the node is served and the pod no longer is', async () => {
    const { snapshot } = await analysed('bad');
    expect(calls(snapshot)).toEqual(['fails', 'works']);
    const { snapshot: after, problems } = applyText(
      snapshot,
      'ip route del table local local 10.96.0.1 dev kube-ipvs0',
      {
        node: 'node-1',
        fileName: 'advice',
      },
    );
    expect(problems).toEqual([]);
    const [node, pod] = calls(after);
    expect(node).toBe('works');
    expect(pod).toBe('unknown');
    const found = analyze(after).findings.map(({ rule: id, data }) => `${id} ${data['ip']}`);
    expect(found).toEqual(['ipvs-address-not-local 10.96.0.1', `${rule} 10.96.0.10`]);
  });
});

describe('with an input taken away', () => {
  it.each([
    'node-1/ipvsadm.txt',
    'node-1/ip-addr.txt',
    'node-1/ip-route.txt',
    'node-1/iptables-save.txt',
    'node-1/ipset-list.txt',
    'node-1/sysctl.txt',
    'node-1/ip-rule.txt',
    'node-1/ip-neigh.txt',
    'master-1/ip-addr.txt',
    'master-1/ip-route.txt',
    'master-1/iptables-save.txt',
    'master-1/sysctl.txt',
  ])('without %s it is no longer proven, or not evaluated', async (file) => {
    const { report } = await analysed(changed(`without-${file}`, remove(file)));
    const finding = report.findings.find((one) => one.rule === rule);
    if (finding === undefined) expect(report.notEvaluated.find((row) => row.rule === rule)).toBeDefined();
    else expect(finding).toMatchObject({ certainty: expect.not.stringMatching('proven') });
  });

  it('without the addresses its symptoms are still listed below it, since the routes show the source', async () => {
    const { report } = await analysed(changed('without-addresses', remove('node-1/ip-addr.txt')));
    expect(report.findings.map(({ rule: id }) => id)).toEqual([rule]);
    expect(report.findings[0]?.symptoms.map(({ rule: id }) => id)).toContain('connection-fails');
  });
});

describe('the healthy twin with an input taken away from both nodes', () => {
  it.each(['ipvsadm', 'ip-addr', 'iptables-save', 'ipset-list', 'sysctl'])(
    'without %s nothing is said to be wrong',
    async (dump) => {
      const drop = (copy: string) => {
        for (const node of ['node-1', 'master-1']) remove(`${node}/${dump}.txt`)(copy);
      };
      const { report } = await analysed(changed(`healthy-without-${dump}`, drop, 'healthy'));
      expect(report.findings).toEqual([]);
      if (dump !== 'ip-addr') expect(report.notEvaluated.flatMap(({ needs }) => needs)).toContain(dump);
    },
  );
});

describe('with the decisive line changed', () => {
  const marked =
    '-A KUBE-SERVICES ! -s 10.244.0.0/16 -m set --match-set KUBE-CLUSTER-IP dst,dst -j KUBE-MARK-MASQ\n-A KUBE-SERVICES -m addrtype';

  it('is gone once a rule marks the calls', async () => {
    const copy = changed('marked', replace('node-1/iptables-save.txt', '-A KUBE-SERVICES -m addrtype', marked));
    expect((await analysed(copy)).report.findings).toEqual([]);
  });

  it('is gone once packets of IPVS are tracked, and once the set has its member', async () => {
    const off = replace('node-1/sysctl.txt', 'net.ipv4.vs.conntrack = 0', 'net.ipv4.vs.conntrack = 1');
    expect((await analysed(changed('tracked', off, 'conntrack-off'))).report.findings).toEqual([]);
    const set = replace(
      'node-1/ipset-list.txt',
      /(Name: KUBE-CLUSTER-IP[\s\S]*?entries: )2(\nMembers:\n)/,
      '$13$210.96.0.1,tcp:443\n',
    );
    expect((await analysed(changed('member', set, 'member-missing'))).report.findings).toEqual([]);
  });

  it('comes back in the healthy twin when the rule is taken out', async () => {
    const out = replace('node-1/iptables-save.txt', /^-A KUBE-SERVICES ! -s .*\n/m, '');
    const { first } = await analysed(changed('unmarked', out, 'healthy'));
    expect(first).toMatchObject({ rule, certainty: 'proven', node: 'node-1' });
  });

  it('is another fault once the local route is deleted: the node is served, and its pods no longer are', async () => {
    const gone = replace('node-1/ip-route.txt', /^local 10\.96\.0\.1 .*\n/m, '');
    const { report } = await analysed(changed('route-deleted', gone));
    expect(report.findings.map(({ rule: id, certainty, data }) => [id, certainty, data['ip']])).toEqual([
      ['ipvs-address-not-local', 'proven', '10.96.0.1'],
      // The other Service is as it was.
      [rule, 'proven', '10.96.0.10'],
    ]);
    expect(report.findings[0]).toMatchObject({ node: 'node-1', data: { pod: '10.244.1.5' } });
  });
});
