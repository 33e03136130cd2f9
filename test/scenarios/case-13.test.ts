/** Case 13, the source is picked before DNAT: as directories and as a ticket, healthy twins, with a dump taken away, with the line changed, and mended. */
import { parseIp, type Snapshot, trace } from '@coldtrace/core';
import { analyze } from '@coldtrace/rules';
import { describe, expect, it } from 'vitest';
import { afterFix } from './after-fix.js';
import { citedLines, remove, replace, sampleCase } from './sample-case.js';

const sample = sampleCase('13-source-address-cannot-return');
const rule = 'source-address-cannot-return';
const found = async (path: string) =>
  (await sample.analysed(path)).report.findings.find((finding) => finding.rule === rule);

describe('structured input', () => {
  it('is ranked first, proven, with both route lines', async () => {
    const analysed = await sample.analysed('bad');
    const [first, ...others] = analysed.report.findings;
    expect(others).toEqual([]);
    expect(first).toMatchObject({
      rule,
      severity: 'error',
      certainty: 'proven',
      node: 'node-1',
      data: {
        source: '10.141.13.182',
        chosen: 'enslf1',
        right: 'enslf0',
        service: '172.24.0.1:443',
        range: '172.24.0.0/13',
      },
    });
    const lines = citedLines(analysed);
    for (const line of [
      'node-1/ip-route.txt: default via 10.141.13.1 dev enslf1',
      'node-1/ip-route.txt: 10.0.0.0/24 dev enslf0',
      'inet 10.141.13.182/24',
      '--to-destination 10.0.0.8:6443',
      'master-1/ip-route.txt: default via 10.0.0.1',
      '[UNREPLIED] src=10.0.0.8 dst=10.141.13.182',
    ])
      expect(lines).toContain(line);
    expect(first?.fix?.steps.map(({ node, command }) => `${node}: ${command}`)).toEqual([
      'node-1: ip route add 172.24.0.0/13 dev enslf0',
    ]);
  });
});

describe('other inputs', () => {
  it.each(['healthy', 'masqueraded', 'routed'])('is silent on %s', async (variant) => {
    expect((await sample.analysed(variant)).report.findings).toEqual([]);
  });

  it('is seen in the pasted ticket, and not called proven', async () => {
    const { report, first } = await sample.analysed('ticket.txt');
    expect(report.findings.length).toBe(1);
    expect(first).toMatchObject({ rule, severity: 'error', certainty: 'likely', data: { source: '10.141.13.182' } });
    expect(first?.assumptions.length).toBeGreaterThan(0);
  });
});

describe('with one dump taken away', () => {
  it.each(['iptables-save.txt', 'ip-addr.txt', 'ip-route.txt', 'ip-rule.txt', 'conntrack.txt'])(
    'without %s of the node it is no longer proven, or asked for',
    async (dump) => {
      const { report } = await sample.analysed(sample.changed(`node-${dump}`, remove(`node-1/${dump}`)));
      const finding = report.findings.find((one) => one.rule === rule);
      if (finding === undefined)
        expect(report.notEvaluated.some((one) => one.rule === rule && one.node === 'node-1')).toBe(true);
      else expect(finding.certainty).not.toBe('proven');
    },
  );
});

describe('with a decisive line changed', () => {
  it.each([
    [
      'the default route leads by the other interface',
      'default via 10.141.13.1 dev enslf1',
      'default via 10.0.0.1 dev enslf0',
    ],
    ['Services have a route of their own', 'default via 10.141.13.1 dev enslf1', '172.24.0.0/13 dev enslf0 scope link'],
  ])('is gone when %s', async (name, from, to) => {
    expect(await found(sample.changed(name, replace('node-1/ip-route.txt', from, to)))).toBeUndefined();
  });
});

describe('the call itself, before anything is mended', () => {
  it.each([
    [
      'bad',
      'unknown',
      'nothing shows that it leads to 10.141.13.182: node-1 reaches 10.0.0.8 by enslf0, not by enslf1',
    ],
    ['bad/node-1', 'fails', 'nothing shows that it has a way back to 10.141.13.182'],
    ['ticket.txt', 'fails', 'nothing shows that it has a way back to 10.141.13.182'],
    ['routed', 'works', ''],
    ['masqueraded', 'works', ''],
  ])('of %s: %s', async (path, verdict, why) => {
    const { snapshot } = await sample.analysed(path);
    const traced = called(snapshot, 'defaults');
    expect(traced.verdict).toBe(verdict);
    const said = traced.outcomes.flatMap(({ because, assumptions }) => [...because, ...assumptions]);
    expect(said.map(({ text }) => text).join('\n')).toContain(why);
  });
});

/** The first node with a Service address of its own to call, as a process of it does. */
function called({ nodes }: Snapshot, assume: 'none' | 'defaults') {
  const node = nodes.find(({ name }) => name === 'node-1') ?? nodes[0];
  const ip = parseIp('172.24.0.1');
  if (node === undefined || ip === null) throw new Error('no such way');
  const from = { kind: 'process', node, ns: node.host, src: null } as const;
  return trace({ nodes }, { from, to: { ip, port: 443 }, proto: 6, sport: null, assume });
}

describe('the fix', () => {
  it('lets the call leave with the address of the right interface', async () => {
    const { snapshot, first } = await sample.analysed('bad');
    if (first === undefined) throw new Error('nothing found');
    const after = afterFix(snapshot, first);
    expect(analyze(after).findings).toEqual([]);
    const source = parseIp('10.0.0.12');
    const { verdict, outcomes } = called(after, 'none');
    expect(verdict).toBe('works');
    expect(outcomes.map(({ final }) => final.src)).toEqual([source, source]);
  });
});
