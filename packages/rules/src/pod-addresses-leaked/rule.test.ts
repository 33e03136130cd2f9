/** How sure the rule is, and what its remedy removes. */
import { parseSnapshot } from '@coldtrace/parsers';
import { describe, expect, it } from 'vitest';
import { analyze } from '../analyze.js';
import { cases } from './cases.js';
import { nodeWith, upTo } from './cases.world.js';

const first = (name: string) => {
  const found = cases.bad.find((one) => one.name === name);
  if (found === undefined) throw new Error(name);
  return analyze(found.snapshot).findings[0];
};

describe('how sure it is', () => {
  it.each([
    ['two of five addresses belong to nobody', 'warning', 'proven'],
    ['a small subnet is full of leaks, and a pod gets no address', 'error', 'proven'],
    ['docker lists the pause containers', 'warning', 'proven'],
    ['only containers are listed', 'warning', 'likely'],
    ['only the API tells of pods', 'warning', 'likely'],
  ])('%s: %s, %s', (name, severity, certainty) => {
    expect(first(name)).toMatchObject({ rule: 'pod-addresses-leaked', severity, certainty });
  });
});

describe('the remedy', () => {
  it('removes exactly the leaked files', () => {
    const command = first('two of five addresses belong to nobody')?.fix?.steps[0]?.command ?? '';
    expect([...command.matchAll(/\/var\/\S+/g)].map(([path]) => path)).toEqual([
      '/var/lib/cni/networks/cbr0/10.9.7.3',
      '/var/lib/cni/networks/cbr0/10.9.7.5',
    ]);
  });

  it('names every one of many', () => {
    const [finding] = analyze(nodeWith({ reserved: upTo(254), running: upTo(20) })).findings;
    expect(finding?.data).toMatchObject({ leaked: 234, reserved: 253, usable: 253 });
    expect(finding?.fix?.steps[0]?.command.match(/cbr0\//g)).toHaveLength(234);
    expect(finding?.symptoms.map(({ rule }) => rule)).toEqual(['pod-addresses-exhausted']);
  });
});

it('asks what stands in the files where only their names were captured', () => {
  const id = '4c1d0a3f5b6e7d8c9a0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6f7a8b9c0d1e2f';
  const text = `[root@node03 ~]# ls /var/lib/cni/networks/cbr0
10.22.3.10
10.22.3.11
last_reserved_ip.0
lock
[root@node03 ~]# docker ps --no-trunc
CONTAINER ID                                                       IMAGE                  COMMAND    CREATED      STATUS      PORTS   NAMES
${id}   k8s.gcr.io/pause:3.1   "/pause"   3 days ago   Up 3 days           k8s_POD_web-1_default_0000_0
`;
  const { findings, notEvaluated } = analyze(parseSnapshot({ 'ticket.txt': text }));
  expect(findings).toEqual([]);
  expect(notEvaluated).toContainEqual(
    expect.objectContaining({ rule: 'pod-addresses-leaked', node: 'node03', needs: ['cni-networks'] }),
  );
});
