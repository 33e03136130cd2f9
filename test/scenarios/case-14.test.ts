/** Case 14, a Service that keeps a dead apiserver: on every kind of evidence, as a ticket, healthy, with any one dump taken away, and changed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatFraction, parseIp, plus, trace, zero } from '@coldtrace/core';
import { analyze } from '@coldtrace/rules';
import { describe, expect, it } from 'vitest';
import { afterFix } from './after-fix.js';
import { citedLines, remove, replace, sampleCase } from './sample-case.js';

const rule = 'service-endpoint-dead';
const { analysed, changed, folder } = sampleCase('14-service-endpoint-dead');

describe('a Service with a dead endpoint', () => {
  it('is ranked first, proven, with the exact share and the lines that prove it', async () => {
    const bad = await analysed('bad');
    expect(bad.report.findings).toHaveLength(1);
    expect(bad.first).toMatchObject({
      rule,
      severity: 'error',
      certainty: 'proven',
      node: 'node-1',
      data: {
        service: 'default/kubernetes (10.96.0.1:443)',
        endpoint: '192.168.70.12:6443',
        probability: '1/2',
        holder: 'master-2',
      },
    });
    const lines = citedLines(bad);
    expect(lines).toContain('--probability 0.50000000000 -j KUBE-SEP-KT6T6KXMT7EVXROB');
    expect(lines).toContain('DNAT --to-destination 192.168.70.12:6443');
    expect(lines).toContain('master-2/ss.txt');
    expect(lines).toContain('kubernetes/endpoints.yaml: - ip: 192.168.70.12');
    expect(bad.first?.path.at(-1)).toMatchObject({ node: 'master-2', stage: 'socket' });
  });

  it('has branches that sum to 1, one answered and one refused', async () => {
    const { snapshot } = await analysed('bad');
    const node = snapshot.nodes.find(({ name }) => name === 'node-1');
    const ip = parseIp('10.96.0.1');
    if (node === undefined || ip === null) throw new Error('the sample has no node-1');
    const from = { kind: 'process', node, ns: node.host, src: null } as const;
    const { verdict, outcomes } = trace(snapshot, {
      from,
      to: { ip, port: 443 },
      proto: 6,
      sport: null,
      assume: 'none',
    });
    expect(verdict).toBe('depends');
    expect(outcomes.map(({ disposition }) => disposition)).toEqual(['delivered', 'rejected']);
    expect(formatFraction(outcomes.reduce((sum, { probability }) => plus(sum, probability), zero))).toBe('1');
  });

  it.each([
    [
      'filtered',
      'where filter/INPUT of master-2 drops them',
      'proven',
      'iptables -I INPUT -p tcp -m tcp --dport 6443 -j ACCEPT',
    ],
    ['not-ready', 'which nobody answers for', 'likely', 'iptables -t nat -R KUBE-SEP-GY47ZNCGJOQFUCUG 2 '],
  ])('is told apart in %s', async (variant, words, certainty, command) => {
    const found = await analysed(variant);
    expect(found.report.findings).toHaveLength(1);
    expect(found.first).toMatchObject({ rule, severity: 'error', certainty, data: { probability: '1/2' } });
    expect(found.first?.message).toContain(words);
    expect(found.first?.fix?.steps[0]?.command).toContain(command);
  });

  it('rests on the Node object where no neighbour entry tells', async () => {
    const copy = changed('no-neighbours', remove('node-1/ip-neigh.txt'), 'not-ready');
    const { first } = await analysed(copy);
    expect(first).toMatchObject({ rule, certainty: 'likely', data: { holder: 'master-2', probability: '1/2' } });
    expect(first?.message).toContain('on node master-2, which is not ready');
  });

  it('is what really happened: about half of the calls failed', () => {
    const counts = (variant: string) => readFileSync(join(folder, `probes/${variant}/node-1.txt`), 'utf8');
    for (const variant of ['bad', 'filtered', 'not-ready']) {
      const failed = Number(/^ +(\d+) 000$/m.exec(counts(variant))?.[1]);
      expect(failed).toBeGreaterThan(5);
      expect(failed).toBeLessThan(35);
    }
    expect(counts('healthy')).toContain('40 401');
  });

  it('is reached from the ticket, weaker, since only a client and a log tell', async () => {
    const { first } = await analysed('ticket.txt');
    expect(first).toMatchObject({ rule, severity: 'error', certainty: 'likely', data: { probability: '1/2' } });
    expect(first?.message).toContain('192.168.70.12:6443, where clients meet a refusal');
  });

  it('is in order in the healthy twin', async () => {
    const { report } = await analysed('healthy');
    expect(report.findings).toEqual([]);
    expect(report.evaluated).toContain(rule);
  });

  it('has a remedy that takes the endpoint out of rules and API', async () => {
    const { first } = await analysed('bad');
    const [divert, forget] = first?.fix?.steps ?? [];
    expect(divert).toMatchObject({ node: 'node-1' });
    expect(divert?.command).toContain('--to-destination 192.168.70.11:6443');
    expect(divert?.undo).toContain('--to-destination 192.168.70.12:6443');
    expect(forget?.command).toMatch(
      /^kubectl apply -f - <<'EOF'\n\{\n[\s\S]*"addresses": \[\s*\{\s*"ip": "192.168.70.11"\s*\}\s*\][\s\S]*\n\}\nEOF$/,
    );
    expect(first?.fix?.persist).toContain('--endpoint-reconciler-type=lease');
  });
});

describe('the remedy, carried out', () => {
  it.each(['bad', 'filtered', 'not-ready'])('leaves nothing to find in %s', async (variant) => {
    const { snapshot, first } = await analysed(variant);
    if (first?.fix == null) throw new Error('nothing was found');
    // What kube-proxy makes of the API's object is not simulated: the rules are changed beside it.
    const steps = first.fix.steps.filter(({ command }) => !command.startsWith('kubectl'));
    const mended = afterFix(snapshot, { rule, fix: { ...first.fix, steps } });
    expect(analyze(mended).findings).toEqual([]);
    const node = mended.nodes.find(({ name }) => name === 'node-1');
    const ip = parseIp('10.96.0.1');
    if (node === undefined || ip === null) throw new Error('the sample has no node-1');
    const from = { kind: 'process', node, ns: node.host, src: null } as const;
    expect(trace(mended, { from, to: { ip, port: 443 }, proto: 6, sport: null, assume: 'none' }).verdict).toBe('works');
  });
});

describe('with an input taken away', () => {
  it.each([
    'node-1/iptables-save.txt',
    'node-1/ip-addr.txt',
    'node-1/ip-route.txt',
    'node-1/ip-rule.txt',
    'node-1/ip-neigh.txt',
    'master-2/ss.txt',
    'master-2/ip-addr.txt',
    'master-2/ip-route.txt',
    'master-2/iptables-save.txt',
  ])('without %s it is no longer proven, or not evaluated', async (file) => {
    const { report } = await analysed(changed(`without-${file}`, remove(file)));
    const finding = report.findings.find((one) => one.rule === rule);
    if (finding === undefined) expect(report.notEvaluated.find((row) => row.rule === rule)).toBeDefined();
    else expect(finding).toMatchObject({ certainty: expect.not.stringMatching('proven') });
  });
});

describe('with the decisive line changed', () => {
  it('is gone once something listens', async () => {
    const listening = replace(
      'master-2/ss.txt',
      /$/,
      'tcp   LISTEN 0      128                *:6443            *:*          \n',
    );
    expect((await analysed(changed('listening', listening))).report.findings).toEqual([]);
  });

  it('is gone once the chain sends to the living endpoint', async () => {
    const diverted = replace(
      'node-1/iptables-save.txt',
      '--to-destination 192.168.70.12:6443',
      '--to-destination 192.168.70.11:6443',
    );
    expect((await analysed(changed('diverted', diverted))).report.findings).toEqual([]);
  });

  it('has another share once the chances are others', async () => {
    const rare = replace('node-1/iptables-save.txt', '--probability 0.50000000000', '--probability 0.75000000000');
    expect((await analysed(changed('rare', rare))).first).toMatchObject({ rule, data: { probability: '1/4' } });
  });

  it('appears in the healthy twin when the socket is taken away', async () => {
    const silent = replace('master-2/ss.txt', /^tcp .*:6443 .*\n/m, '');
    expect((await analysed(changed('silent', silent, 'healthy'))).first).toMatchObject({ rule, certainty: 'proven' });
  });
});
