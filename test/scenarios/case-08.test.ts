/** Case 8, tcp_tw_recycle behind NAT: the parameter with the NAT, captured SYNs replayed, as a ticket, healthy, with any one dump taken away, and changed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { analyze } from '@coldtrace/rules';
import { describe, expect, it } from 'vitest';
import { afterFix } from './after-fix.js';
import { citedLines, remove, replace, sampleCase } from './sample-case.js';

const rule = 'tcp-tw-recycle-behind-nat';
const { analysed, changed, folder } = sampleCase('08-tcp-tw-recycle-behind-nat');

describe('a NodePort that answers the first connection and then hangs', () => {
  it('is ranked first, proven, with the parameter, the NAT, the way, and each SYN replayed', async () => {
    const bad = await analysed('bad');
    expect(bad.report.findings).toHaveLength(1);
    expect(bad.first).toMatchObject({
      rule,
      severity: 'error',
      certainty: 'proven',
      node: 'node-1',
      data: { port: 30080, server: '10.244.1.7', source: '10.244.1.1', syns: 6, dropped: 4 },
    });
    expect(bad.first?.message).toContain('of 6 captured SYNs it drops 4, and none of those was answered');
    const lines = citedLines(bad);
    expect(lines).toContain('node-1/sysctl.txt: net.ipv4.tcp_tw_recycle = 1');
    expect(lines).toContain('node-1/sysctl.txt: net.ipv4.tcp_timestamps = 1');
    expect(lines).toContain('3.10.0-862.el7.x86_64');
    expect(lines).toContain('--mark 0x4000/0x4000 -j MASQUERADE');
    expect(lines).toMatch(/SYN_SENT src=10.10.8.254 dst=10.10.8.21 .*\[UNREPLIED\]/);
    const replayed = bad.first?.evidence.flatMap(({ why }) => (why.startsWith('timestamp ') ? [why] : []));
    expect(replayed).toEqual([
      'timestamp 621677338: nothing is remembered of the address, so it is taken; it was answered',
      ...['613760712', '613761714', '613763718', '613767730'].map(
        (stamp) => `timestamp ${stamp} is older than 621677338: dropped; no answer was captured`,
      ),
      'timestamp 621697338 is newer than 621677338: taken; it was answered',
    ]);
    expect(bad.first?.path.some(({ stage, what }) => stage === 'nat/POSTROUTING' && what.includes('10.244.1.1'))).toBe(
      true,
    );
  });

  it('is seen in the ticket, weaker, and the assumption is stated', async () => {
    const { first } = await analysed('ticket.txt');
    expect(first).toMatchObject({
      rule,
      severity: 'error',
      certainty: 'likely',
      data: { source: '10.10.8.254', dropped: 3 },
    });
    expect(first?.assumptions.join()).toContain('TIME_WAIT on the side of the listener');
  });

  it('is in order in the healthy twin, where all SYNs were answered', async () => {
    const { report } = await analysed('healthy');
    expect(report.findings).toEqual([]);
    expect(report.evaluated).toContain(rule);
    const seen = readFileSync(join(folder, 'healthy/node-1/tcpdump.txt'), 'utf8');
    expect(seen).toContain('ecr 613760712');
  });

  it('is mended by the parameter', async () => {
    const { snapshot, first } = await analysed('bad');
    if (first === undefined) throw new Error('nothing was found');
    expect(first.fix?.steps.map(({ command }) => command)).toEqual(['sysctl -w net.ipv4.tcp_tw_recycle=0']);
    expect(analyze(afterFix(snapshot, first)).findings).toEqual([]);
  });
});

describe('with an input taken away', () => {
  it.each([
    'node-1/sysctl.txt',
    'node-1/uname.txt',
    'node-1/iptables-save.txt',
    'node-1/ip-addr.txt',
    'node-1/ip-route.txt',
    'node-1/ip-rule.txt',
    'node-1/ip-neigh.txt',
  ])('without %s it is no longer proven, or not evaluated', async (file) => {
    const { report } = await analysed(changed(`without-${file}`, remove(file)));
    const finding = report.findings.find((one) => one.rule === rule);
    if (finding === undefined) expect(report.notEvaluated.find((row) => row.rule === rule)).toBeDefined();
    else expect(finding).toMatchObject({ certainty: expect.not.stringMatching('proven') });
  });

  it('without the parameters captured SYNs alone make it possible', async () => {
    const copy = changed('packets', (path) => {
      for (const file of ['node-1/sysctl.txt', 'node-1/uname.txt']) remove(file)(path);
    });
    const { first } = await analysed(copy);
    expect(first).toMatchObject({ rule, severity: 'warning', certainty: 'possible' });
  });
});

describe('with the decisive line changed', () => {
  it.each([
    ['the parameter is off', 'node-1/sysctl.txt', 'tcp_tw_recycle = 1', 'tcp_tw_recycle = 0'],
    ['timestamps are off', 'node-1/sysctl.txt', 'tcp_timestamps = 1', 'tcp_timestamps = 0'],
    ['the kernel is newer', 'node-1/uname.txt', '3.10.0-862.el7.x86_64', '5.4.0-42-generic'],
  ])('is gone where %s', async (name, file, from, to) => {
    expect((await analysed(changed(name, replace(file, from, to)))).report.findings).toEqual([]);
  });

  it('rests on the captured SYNs where nothing masquerades', async () => {
    const copy = changed('plain', replace('node-1/iptables-save.txt', /^-A KUBE-NODEPORTS .*KUBE-MARK-MASQ\n/m, ''));
    const { first } = await analysed(copy);
    expect(first).toMatchObject({ rule, severity: 'error', certainty: 'likely', data: { source: '10.10.8.254' } });
  });
});
