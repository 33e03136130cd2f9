/** The fault on other networks, names and tools than the sample's, and what must stay silent. */
import { parseSnapshot } from '@coldtrace/parsers';
import { describe, expect, it } from 'vitest';
import { analyze } from '../analyze.js';
import { base, files } from './cases.world.js';
import { ippoolOverlapsHostNetwork } from './rule.js';

const first = (given: Record<string, string>) => analyze(parseSnapshot(given)).findings[0];

describe('the fault, wherever it stands', () => {
  it.each([
    ['a pool around the host network', base],
    ['another interface and a wider pool', { ...base, nic: 'bond0.100', pool: '0.0.0.0/1' }],
    [
      'only the second exempt network overlaps',
      { ...base, pool: '10.200.0.0/16', exempt: ['10.200.0.0/16', '10.77.0.0/16'] },
    ],
    [
      'the pool is a part of the host network',
      { ...base, pool: '10.200.0.0/16', exempt: ['10.77.3.0/28', '10.200.0.0/16'] },
    ],
  ])('%s', (_, world) => {
    const finding = first(files({ ...world, serverRoutes: ['default via 10.77.3.1 dev eth0'] }));
    expect(finding).toMatchObject({
      rule: 'ippool-overlaps-host-network',
      severity: 'error',
      node: 'worker',
      data: { dialled: '172.20.0.1:443', target: '10.77.3.9', pod: '10.200.1.5' },
    });
  });

  it('is likely when the server was not captured: nothing shows its way back', () => {
    expect(first(files(base))).toMatchObject({ severity: 'error', certainty: 'likely' });
  });

  it('is a warning when the server has a route to the pods', () => {
    const world = {
      ...base,
      serverRoutes: ['default via 10.77.3.1 dev eth0', '10.200.1.0/24 via 10.77.3.20 dev eth0'],
    };
    expect(first(files(world))).toMatchObject({ severity: 'warning' });
  });

  it('is seen from API objects alone, as a warning', () => {
    const objects = `apiVersion: v1
kind: List
items:
- apiVersion: crd.projectcalico.org/v1
  kind: IPPool
  metadata:
    name: pods
  spec:
    cidr: 172.16.0.0/12
    natOutgoing: true
- apiVersion: v1
  kind: Node
  metadata:
    name: n1
  status:
    addresses:
    - address: 172.20.1.7
      type: InternalIP
`;
    expect(first({ 'objects.yaml': objects })).toMatchObject({
      severity: 'warning',
      certainty: 'likely',
      data: { pool: '172.16.0.0/12', address: '172.20.1.7' },
    });
  });
});

describe('what is no fault', () => {
  it.each([
    ['a pool beside the host network', { ...base, pool: '10.200.0.0/16' }],
    [
      'the traffic is masqueraded by an earlier rule and answered',
      {
        ...base,
        before: '-A POSTROUTING -s 10.200.0.0/16 -j MASQUERADE\n',
        serverRoutes: ['default via 10.77.3.1 dev eth0'],
      },
    ],
  ])('%s', (_, world) => {
    expect(first(files(world))).toBe(undefined);
  });
});

describe('what cannot be told', () => {
  it('without the sets it is not evaluated, and the command that collects them is named', () => {
    const { 'worker/ipset-list.txt': _, ...rest } = files(base);
    const report = analyze(parseSnapshot(rest), { rules: [ippoolOverlapsHostNetwork] });
    expect(report.findings).toEqual([]);
    expect(report.notEvaluated).toMatchObject([{ node: 'worker', needs: ['ipset-list'], collect: 'ipset list' }]);
  });

  it('without any rule it is not evaluated', () => {
    const { 'worker/iptables-save.txt': _, ...rest } = files(base);
    expect(analyze(parseSnapshot(rest), { rules: [ippoolOverlapsHostNetwork] }).notEvaluated).toMatchObject([
      { node: 'worker', needs: ['iptables-save', 'ipset-list'] },
    ]);
  });

  it('the fingerprint names the fault, not its lines', () => {
    const plain = files(base);
    const shifted = { ...plain, 'worker/ipset-list.txt': `\n\n${plain['worker/ipset-list.txt']}` };
    expect(first(shifted)?.fingerprint).toBe(first(plain)?.fingerprint);
  });
});
