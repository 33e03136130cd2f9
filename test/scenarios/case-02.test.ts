/** Case 2, a neighbour entry points at the wrong NIC: structured, as a ticket, healthy, with any one dump taken away, mended. */
import { analyze } from '@coldtrace/rules';
import { describe, expect, it } from 'vitest';
import { afterFix } from './after-fix.js';
import { citedLines, remove, replace, sampleCase } from './sample-case.js';

const rule = 'neigh-lladdr-of-other-interface';
const { analysed, changed } = sampleCase('02-neigh-lladdr-of-other-interface');

describe('the entry of node-1', () => {
  it('is ranked first, proven, with the lines that prove it and the way to the wrong interface', async () => {
    const bad = await analysed('bad');
    expect(bad.first).toMatchObject({
      rule,
      severity: 'error',
      certainty: 'proven',
      node: 'node-1',
      data: { ip: '192.168.4.112', right: 'eth0', wrong: 'eth1', holder: 'node-2', wrongAddress: '192.168.3.112' },
    });
    expect(bad.first?.data).toMatchObject({ arpIgnore: 0, arpAnnounce: 0, arpFilter: 0, rpFilter: 0 });
    const lines = citedLines(bad);
    expect(lines).toContain('192.168.4.112 dev eth0 lladdr 00:0c:29:87:d2:6e');
    expect(lines).toContain('inet 192.168.4.112/24');
    expect(lines).toContain('link/ether 00:0c:29:87:d2:6e');
    expect(lines).toContain('net.ipv4.conf.all.arp_ignore = 0');
    expect(lines).toContain('net.ipv4.conf.all.rp_filter = 0');
    expect(lines).toContain('10.244.2.0/24 via 192.168.4.112');
    expect(bad.first?.evidence.map(({ why }) => why).join()).toMatch(/eth1 has received 57\d+ bytes, eth0 \d{3}/);
    expect(bad.first?.path.find(({ node, stage }) => node === 'node-2' && stage === 'ingress')?.what).toContain('eth1');
    expect(bad.report.findings).toHaveLength(1);
  });

  it('loses the packets where reverse path filtering is strict', async () => {
    const { first } = await analysed('strict');
    expect(first).toMatchObject({ rule, severity: 'error', certainty: 'proven', data: { rpFilter: 1 } });
    expect(first?.message).toContain('node-2 drops it there');
    expect(first?.path.at(-1)).toMatchObject({ node: 'node-2', stage: 'rp_filter' });
    expect(first?.fix?.notes).toContain('learned while it was 0 or 2');
  });

  it('is seen in the ticket, weaker, and says what is missing to be sure', async () => {
    const { first } = await analysed('ticket.txt');
    expect(first).toMatchObject({
      rule,
      severity: 'error',
      certainty: 'likely',
      node: 'node-1',
      data: { wrong: 'eth1' },
    });
    expect(first?.assumptions.join()).toContain('ip-route is not in the snapshot');
  });

  it('is in order in the healthy twin', async () => {
    const { report } = await analysed('healthy');
    expect(report.findings).toEqual([]);
    expect(report.evaluated).toContain(rule);
  });
});

describe('with an input taken away or changed', () => {
  it.each([
    'node-1/ip-neigh.txt',
    'node-1/ip-addr.txt',
    'node-1/ip-route.txt',
    'node-1/ip-rule.txt',
    'node-2/ip-addr.txt',
    'node-2/ip-route.txt',
    'node-2/sysctl.txt',
  ])('without %s it is no longer proven, or not evaluated', async (file) => {
    const { report } = await analysed(changed(file, remove(file)));
    const found = report.findings.find((finding) => finding.rule === rule);
    if (found === undefined) expect(report.notEvaluated.map((row) => row.rule)).toContain(rule);
    else expect(found.certainty).not.toBe('proven');
  });

  it('with the right hardware address nothing is found, and without an entry neither', async () => {
    const entry = /192\.168\.4\.112 dev eth0 lladdr 00:0c:29:87:d2:6e/;
    const right = changed(
      'right',
      replace('node-1/ip-neigh.txt', entry, '192.168.4.112 dev eth0 lladdr 00:0c:29:87:d2:64'),
    );
    expect((await analysed(right)).report.findings).toEqual([]);
    const none = changed('none', replace('node-1/ip-neigh.txt', /192\.168\.4\.112 dev eth0 .*\n/, ''));
    expect((await analysed(none)).report.findings).toEqual([]);
  });
});

describe('the fix', () => {
  it('stops the wrong answers first, then forgets the entry, and says how to undo both', async () => {
    const { first } = await analysed('bad');
    expect(first?.fix?.steps.map(({ node, command }) => `${node}: ${command}`)).toEqual([
      'node-2: sysctl -w net.ipv4.conf.all.arp_ignore=1',
      'node-2: sysctl -w net.ipv4.conf.all.arp_announce=2',
      'node-1: ip neigh del 192.168.4.112 dev eth0',
    ]);
    for (const step of first?.fix?.steps ?? []) expect(`${step.disrupts}${step.undo}`.length).toBeGreaterThan(20);
    expect(first?.fix?.persist).toContain('/etc/sysctl.d/');
  });

  it.each(['bad', 'strict'])('%s: carried out, nothing is left to find', async (variant) => {
    const { snapshot, first } = await analysed(variant);
    if (first === undefined) throw new Error('nothing was found');
    expect(analyze(afterFix(snapshot, first)).findings).toEqual([]);
  });
});
