/** Every fix that the samples' findings propose is simulated: it mends the fault, or says why that cannot be told. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Snapshot } from '@coldtrace/core';
import { applyText, parseSnapshot } from '@coldtrace/parsers';
import { analyze, defineRule, type Finding } from '@coldtrace/rules';
import { describe, expect, it } from 'vitest';
import { filesIn } from './sample-files.js';

const samples = fileURLToPath(new URL('../../samples/', import.meta.url));

const read = (path: string): Snapshot => parseSnapshot(new Map(filesIn(`${samples}${path}`)));
const verdicts = (findings: readonly Finding[]) => findings.map(({ rule, fix }) => [rule, fix?.verified]);

describe('a fix', () => {
  it.each([
    ['02-neigh-lladdr-of-other-interface/bad', 'neigh-lladdr-of-other-interface'],
    ['05-gateway-does-not-forward/bad', 'gateway-does-not-forward'],
    ['07-flannel-vtep-mac-stale/bad', 'flannel-vtep-mac-stale'],
    ['09-masquerade-hides-pod-source/bad', 'masquerade-hides-pod-source'],
    ['12-ipvs-source-is-service-address/bad', 'ipvs-source-is-service-address'],
  ])('of %s is verified', (path, rule) => {
    const { findings } = analyze(read(path), { apply: applyText });
    expect(verdicts(findings)[0]).toEqual([rule, true]);
  });

  it('of a ticket is verified as well: what was missing before is no reason for silence', () => {
    const text = readFileSync(`${samples}07-flannel-vtep-mac-stale/ticket.txt`, 'utf8');
    const { findings } = analyze(parseSnapshot({ 'ticket.txt': text }), { apply: applyText });
    expect(verdicts(findings)).toEqual([['flannel-vtep-mac-stale', true]]);
  });

  const bad = read('05-gateway-does-not-forward/bad');
  /** The same finding with other commands in its fix. */
  const verdictOf = (...commands: readonly string[]) => {
    const apply = (snapshot: Snapshot, _: string, options = {}) => {
      let applied = applyText(snapshot, commands[0] ?? '', options);
      for (const more of commands.slice(1)) applied = applyText(applied.snapshot, more, options);
      return applied;
    };
    return analyze(bad, { apply }).findings[0]?.fix?.verified;
  };

  it('that changes nothing is none', () => {
    expect(verdictOf('true')).toBe(false);
  });

  it('that the tool refuses is none', () => {
    expect(verdictOf('iptables -D FORWARD -s 203.0.113.77 -j DROP')).toBe(false);
  });

  it('that a daemon must carry out is left open', () => {
    expect(verdictOf('systemctl restart docker')).toBe(null);
  });

  it('without a simulator is left open', () => {
    expect(analyze(bad).findings[0]?.fix?.verified).toBe(null);
  });

  /** A switch that a rule wants to be 1, once the other one is. */
  const wants = (id: string, key: string, without?: string) =>
    defineRule({
      id,
      severity: 'error',
      summary: '',
      needs: ['sysctl'],
      messages: { off: `${key} is 0` },
      check: ({ snapshot, report }) => {
        const values = snapshot.nodes[0]?.host.sysctl.byKey;
        const [own, other] = [key, without].map((name) =>
          name === undefined ? '1' : values?.get(name.replaceAll('.', '/'))?.value,
        );
        const steps = [{ node: null, command: `sysctl -w ${key}=1`, disrupts: '', undo: '' }];
        if (own === '0' || other === '0')
          report('off', {
            certainty: 'proven',
            node: null,
            subject: key,
            data: {},
            evidence: [],
            fix: { steps, persist: '', notes: '', verified: null },
          });
      },
    });

  it('that helps only after the fix of another finding says after which', () => {
    const text = 'net.ipv4.conf.eth0.forwarding = 0\nnet.ipv4.conf.eth1.forwarding = 0\n';
    const rules = [
      wants('eth0-forwards-not', 'net.ipv4.conf.eth0.forwarding', 'net.ipv4.conf.eth1.forwarding'),
      wants('eth1-forwards-not', 'net.ipv4.conf.eth1.forwarding'),
    ];
    const { findings } = analyze(parseSnapshot({ 'n/sysctl.txt': text }), { rules, apply: applyText });
    expect(findings.map(({ rule, fix }) => [rule, fix?.verified, fix?.after?.map((one) => one.rule)])).toEqual([
      ['eth0-forwards-not', true, ['eth1-forwards-not']],
      ['eth1-forwards-not', true, undefined],
    ]);
  });

  it('is found beside another fault: the route back of masqueraded pods is missing too', () => {
    const files = filesIn(`${samples}09-masquerade-hides-pod-source/bad`).map(
      ([name, text]) =>
        [name, name === 'node-2/ip-route.txt' ? text.replace(/^172\.30\.24\.0\/24 via .*\n/m, '') : text] as const,
    );
    const { findings } = analyze(parseSnapshot(new Map(files)), { apply: applyText });
    expect(findings.map(({ rule, node, fix }) => [rule, node, fix?.verified, fix?.after?.[0]?.rule])).toEqual([
      ['flannel-subnet-unreachable', 'node-2', true, undefined],
      ['masquerade-hides-pod-source', 'node-1', true, 'flannel-subnet-unreachable'],
    ]);
  });
});
