/** Case 10, flannel's data path: each backend traced, each fault found and proven in its capture, with an input taken away, mended. */

import { type Outcome, trace } from '@coldtrace/core';
import { analyze, resolveDestination, resolveOrigin } from '@coldtrace/rules';
import { describe, expect, it } from 'vitest';
import { afterFix } from './after-fix.js';
import { citedLines, remove, replace, sampleCase } from './sample-case.js';

const { analysed, changed } = sampleCase('10-flannel-subnet-unreachable');

async function podToPod(variant: string) {
  const { snapshot } = await analysed(variant);
  const from = resolveOrigin(snapshot, 'pod:default/web', null);
  const to = resolveDestination(snapshot, 'pod:default/api');
  if (!from.ok || !to.ok) throw new Error('the pods are in the snapshot');
  return trace(snapshot, { from: from.value, to: to.value, proto: 1, sport: null, assume: 'defaults' });
}

const stagesOf = (outcome: Outcome | undefined) => outcome?.steps.map(({ node, stage }) => `${node} ${stage}`) ?? [];

describe('a packet from pod to pod', () => {
  it.each([
    ['healthy', ['node-1 vxlan', 'node-2 vxlan']],
    ['host-gw', ['node-1 routing', 'node-2 routing']],
    ['udp', ['node-1 tun', 'node-2 udp']],
  ])('arrives and is answered in %s', async (variant, stages) => {
    const { verdict, outcomes } = await podToPod(variant);
    expect(verdict).toBe('works');
    expect(stagesOf(outcomes[0])).toEqual(expect.arrayContaining(stages));
  });

  it('rests on what flanneld is taken to do where a program carries it', async () => {
    const { outcomes } = await podToPod('udp');
    expect(outcomes[0]?.assumptions.map(({ text }) => text).join()).toContain('flanneld is taken to send');
  });

  it.each(['bad', 'host-gw-far', 'port-blocked', 'wrong-interface'])('is lost in %s', async (variant) => {
    expect((await podToPod(variant)).verdict).toBe('fails');
  });
});

describe('each fault', () => {
  it.each<[string, string, 'error' | 'warning', RegExp]>([
    ['bad', 'flannel-subnet-unreachable', 'error', /FLANNEL_SUBNET=10\.244\.1\.1\/24/],
    [
      'host-gw-far',
      'flannel-nexthop-not-onlink',
      'error',
      /Error adding route to 10\.244\.1\.0\/24 via 192\.168\.4\.119/,
    ],
    [
      'bridge-left',
      'flannel-bridge-outside-subnet',
      'error',
      /inet 10\.88\.3\.1\/24[\s\S]*FLANNEL_SUBNET=10\.244\.1\.1\/24/,
    ],
    [
      'docker-bip',
      'flannel-docker-bip-mismatch',
      'error',
      /--bip=172\.30\.99\.1\/24[\s\S]*FLANNEL_SUBNET=10\.244\.1\.1\/24/,
    ],
    ['duplicate', 'flannel-subnet-duplicate', 'error', /node-1\/subnet\.env[\s\S]*node-2\/subnet\.env/],
    ['mtu', 'flannel-mtu-too-large', 'warning', /mtu 1500/],
    [
      'port-blocked',
      'flannel-tunnel-port-blocked',
      'error',
      /:INPUT DROP[\s\S]*dstport 8472|:INPUT DROP[\s\S]*flannel\.1/,
    ],
    ['wrong-interface', 'flannel-wrong-interface', 'error', /public-ip: 10\.0\.2\.15[\s\S]*inet 192\.168\.3\.118/],
    ['network-elsewhere', 'flannel-network-mismatch', 'error', /"Network": "10\.99\.0\.0\/16"[\s\S]*FLANNEL_SUBNET/],
  ])('%s: %s is ranked first, proven, with its lines and a fix', async (variant, rule, severity, lines) => {
    const bad = await analysed(variant);
    expect(bad.first).toMatchObject({ rule, severity, certainty: 'proven' });
    // What follows from the fault is no fault of its own.
    expect(bad.report.findings.filter((one) => one.severity !== 'info' && one.rule !== rule)).toEqual([]);
    expect(citedLines(bad)).toMatch(lines);
    const steps = bad.first?.fix?.steps ?? [];
    expect(steps.length).toBeGreaterThan(0);
    for (const step of steps)
      expect(Math.min(step.command.length, step.disrupts.length, step.undo.length)).toBeGreaterThan(0);
  });

  it.each(['healthy', 'host-gw', 'udp'])('is none in %s', async (variant) => {
    expect((await analysed(variant)).report.findings).toEqual([]);
  });

  it('says that small packets pass where the MTU is too large', async () => {
    expect((await analysed('mtu')).first?.message).toContain('Small packets pass');
  });
});

describe('the ticket', () => {
  it('shows the missing route, weaker, and says what is missing to be sure', async () => {
    const { first } = await analysed('ticket.txt');
    expect(first).toMatchObject({ rule: 'flannel-subnet-unreachable', node: 'node-1', certainty: 'likely' });
    expect(first?.assumptions.join()).toContain('not in the snapshot');
  });
});

describe('a ticket about each', () => {
  it.each([
    ['host-gw-far', 'flannel-nexthop-not-onlink', 'likely'],
    ['bridge-left', 'flannel-bridge-outside-subnet', 'proven'],
    ['docker-bip', 'flannel-docker-bip-mismatch', 'proven'],
    ['duplicate', 'flannel-subnet-duplicate', 'proven'],
    ['mtu', 'flannel-mtu-too-large', 'proven'],
    ['port-blocked', 'flannel-tunnel-port-blocked', 'likely'],
    ['wrong-interface', 'flannel-wrong-interface', 'likely'],
    ['network-elsewhere', 'flannel-network-mismatch', 'proven'],
  ])('%s.txt shows %s', async (name, rule, certainty) => {
    expect((await analysed(`tickets/${name}.txt`)).first).toMatchObject({ rule, certainty });
  });
});

describe('with an input taken away', () => {
  it.each([
    ['bad', 'flannel-subnet-unreachable', 'node-1/ip-route.txt'],
    ['bad', 'flannel-subnet-unreachable', 'node-1/ip-rule.txt'],
    ['host-gw-far', 'flannel-nexthop-not-onlink', 'node-1/ip-addr.txt'],
    ['bridge-left', 'flannel-bridge-outside-subnet', 'node-2/ip-addr.txt'],
    ['bridge-left', 'flannel-bridge-outside-subnet', 'node-2/subnet.env'],
    ['docker-bip', 'flannel-docker-bip-mismatch', 'node-2/subnet.env'],
    ['port-blocked', 'flannel-tunnel-port-blocked', 'node-2/iptables-save.txt'],
    ['port-blocked', 'flannel-tunnel-port-blocked', 'node-2/ip-route.txt'],
    ['wrong-interface', 'flannel-wrong-interface', 'node-1/ip-addr.txt'],
  ])('%s: %s is not proven without %s', async (variant, rule, file) => {
    const { report } = await analysed(changed(`${variant}-${file}`, remove(file), variant));
    const found = report.findings.filter(
      (finding) => finding.rule === rule && (finding.node !== 'node-2') === file.startsWith('node-1'),
    );
    if (found.length === 0) expect(report.notEvaluated.map((row) => row.rule)).toContain(rule);
    for (const one of found) expect(one.certainty).not.toBe('proven');
  });
});

describe('the decisive line', () => {
  it.each<[string, string, string, RegExp | string, string]>([
    [
      'bad',
      'flannel-subnet-unreachable',
      'node-1/ip-route.txt',
      /^/,
      '10.244.1.0/24 via 10.244.1.0 dev flannel.1 onlink \n',
    ],
    [
      'host-gw-far',
      'flannel-nexthop-not-onlink',
      'node-1/ip-addr.txt',
      'inet 192.168.3.118/24',
      'inet 192.168.3.118/20',
    ],
    ['bridge-left', 'flannel-bridge-outside-subnet', 'node-2/ip-addr.txt', '10.88.3.1/24', '10.244.1.1/24'],
    ['port-blocked', 'flannel-tunnel-port-blocked', 'node-2/iptables-save.txt', /:INPUT DROP/, ':INPUT ACCEPT'],
    ['duplicate', 'flannel-subnet-duplicate', 'node-2/subnet.env', '10.244.0.1/24', '10.244.1.1/24'],
  ])('%s: without it %s is not said of the node', async (variant, rule, file, from, to) => {
    const before = await analysed(variant);
    const after = await analysed(changed(`flip-${variant}`, replace(file, from, to), variant));
    const of = ({ report }: typeof before) => report.findings.filter((finding) => finding.rule === rule).length;
    expect(of(after)).toBe(of(before) - 1);
  });
});

describe('the fix', () => {
  it.each([
    ['bad', 'flannel-subnet-unreachable'],
    ['bridge-left', 'flannel-bridge-outside-subnet'],
    ['mtu', 'flannel-mtu-too-large'],
    ['port-blocked', 'flannel-tunnel-port-blocked'],
  ])('%s: carried out, %s is gone', async (variant, rule) => {
    const { snapshot, first } = await analysed(variant);
    if (first === undefined) throw new Error('nothing was found');
    const rules = analyze(afterFix(snapshot, first)).findings.map((finding) => finding.fingerprint);
    expect(first.rule).toBe(rule);
    expect(rules).not.toContain(first.fingerprint);
  });
});
