/** Case 9, docker's masquerading hides pods: as directories and as a ticket, healthy and mended, with a dump taken away, with the line changed. */
import { formatIp, parseIp, type Snapshot, trace } from '@coldtrace/core';
import { analyze } from '@coldtrace/rules';
import { describe, expect, it } from 'vitest';
import { afterFix } from './after-fix.js';
import { citedLines, remove, replace, sampleCase } from './sample-case.js';

const sample = sampleCase('09-masquerade-hides-pod-source');
const rule = 'masquerade-hides-pod-source';
const report = async (path: string) => (await sample.analysed(path)).report;
const found = async (path: string) =>
  (await report(path)).findings.find((finding) => finding.rule === rule && finding.node === 'node-1');

/** The source that a server sees of pod 172.30.24.2. */
function seenBy(snapshot: Snapshot, server: string): string {
  const [node, src, ip] = [
    snapshot.nodes.find(({ name }) => name === 'node-1'),
    parseIp('172.30.24.2'),
    parseIp(server),
  ];
  if (node === undefined || src === null || ip === null) throw new Error('no such way');
  const from = { kind: 'entering', node, ns: node.host, dev: 'docker0', src } as const;
  const { verdict, outcomes } = trace(snapshot, {
    from,
    to: { ip, port: 80 },
    proto: 6,
    sport: null,
    assume: 'defaults',
  });
  return `${verdict} as ${outcomes.map(({ final }) => formatIp(final.src)).join()}`;
}

describe('structured input', () => {
  it('is ranked first, proven, with the lines that prove it', async () => {
    const analysed = await sample.analysed('bad');
    const [first, second, ...others] = analysed.report.findings;
    expect(others).toEqual([]);
    expect(first).toMatchObject({
      rule,
      certainty: 'proven',
      node: 'node-1',
      data: { source: '172.30.24.0', dev: 'flannel.1', chain: 'POSTROUTING', owner: 'docker' },
    });
    expect(second).toMatchObject({ rule, certainty: 'proven', node: 'node-2', data: { source: '172.30.35.0' } });
    const lines = citedLines(analysed);
    for (const line of [
      'iptables-save.txt: -A POSTROUTING -s 172.30.24.0/24 ! -o docker0 -j MASQUERADE',
      'ip-addr.txt: inet 172.30.24.0/32 scope global flannel.1',
      'ip-route.txt: 172.30.35.0/24 via 172.30.35.0 dev flannel.1',
      'docker: DOCKER_OPT_IPMASQ="--ip-masq=true"',
      'dst=172.30.24.0 sport=5000',
    ])
      expect(lines).toContain(line);
    expect([...new Set(first?.path.map(({ node }) => node))]).toEqual(['node-1', 'node-2']);
  });

  it('tells what each server sees, before and after', async () => {
    const [bad, mended] = [(await sample.analysed('bad')).snapshot, (await sample.analysed('mended')).snapshot];
    expect(['172.30.35.2', '172.30.24.3', '8.8.8.8'].map((ip) => seenBy(bad, ip))).toEqual([
      'works as 172.30.24.0',
      'works as 172.30.24.2',
      'works as 10.64.3.7',
    ]);
    expect(['172.30.35.2', '172.30.24.3', '8.8.8.8'].map((ip) => seenBy(mended, ip))).toEqual([
      'works as 172.30.24.2',
      'works as 172.30.24.2',
      'works as 10.64.3.7',
    ]);
  });
});

describe('other inputs', () => {
  it.each(['healthy', 'mended'])('is silent on %s', async (variant) => {
    expect((await report(variant)).findings).toEqual([]);
  });

  it('is seen in the pasted ticket, and not called proven', async () => {
    const analysed = await sample.analysed('ticket.txt');
    const [first, ...others] = analysed.report.findings;
    expect(others).toEqual([]);
    expect(first).toMatchObject({ rule, certainty: 'likely', node: 'node-1', data: { source: '172.30.24.0' } });
    expect(first?.assumptions.length).toBeGreaterThan(0);
    expect(citedLines(analysed)).toContain('172.30.24.0.52440 > 172.30.35.2.5000');
  });
});

describe('with one dump taken away', () => {
  it.each(['iptables-save.txt', 'ip-addr.txt', 'ip-route.txt'])(
    'without %s it is asked for, or not proven',
    async (dump) => {
      const { findings, notEvaluated } = await report(sample.changed(`without-${dump}`, remove(`node-1/${dump}`)));
      const finding = findings.find((one) => one.rule === rule && one.node === 'node-1');
      if (finding === undefined)
        expect(notEvaluated.some((one) => one.rule === rule && one.node === 'node-1')).toBe(true);
      else expect(finding.certainty).not.toBe('proven');
    },
  );

  it.each(['ip-rule.txt', 'sysctl.txt'])('without %s it is no longer proven', async (dump) => {
    expect((await found(sample.changed(`without-${dump}`, remove(`node-1/${dump}`))))?.certainty).toBe('likely');
  });
});

describe('with the decisive line changed', () => {
  const file = 'node-1/iptables-save.txt';
  const line = '-A POSTROUTING -s 172.30.24.0/24 ! -o docker0 -j MASQUERADE\n';
  it.each([
    ['removed', ''],
    ['for the internet alone', '-A POSTROUTING -s 172.30.24.0/24 -o eth0 -j MASQUERADE\n'],
    ['behind an exemption', `-A POSTROUTING -s 172.30.24.0/24 -d 172.30.0.0/16 -j RETURN\n${line}`],
  ])('is gone when the rule is %s', async (name, replacement) => {
    expect(await found(sample.changed(name, replace(file, line, replacement)))).toBeUndefined();
  });
});

describe('the fix', () => {
  it('shows pods to each other, and keeps the internet', async () => {
    const { snapshot, report: before } = await sample.analysed('bad');
    const after = before.findings.reduce((now, finding) => afterFix(now, finding), snapshot);
    expect(analyze(after).findings).toEqual([]);
    expect(['172.30.35.2', '172.30.24.3', '8.8.8.8'].map((ip) => seenBy(after, ip))).toEqual([
      'works as 172.30.24.2',
      'works as 172.30.24.2',
      'works as 10.64.3.7',
    ]);
  });
});
