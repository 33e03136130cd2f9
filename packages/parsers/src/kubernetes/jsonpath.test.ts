/** What a template of `kubectl get -o jsonpath` prints of objects. */
import type { KubeObject } from '@coldtrace/core';
import { describe, expect, test } from 'vitest';
import { ledgerIsComplete, sectionOf } from '../testing.js';
import { kubePartFormat } from './part.js';

function read(command: string, text: string): readonly KubeObject[] {
  const section = sectionOf(text, { command });
  const parsed = kubePartFormat.parse(section);
  expect(ledgerIsComplete(section, parsed)).toBe(true);
  return parsed.value.flatMap((facts) => (facts.kind === 'kube-objects' ? facts.rows : []));
}

describe('jsonpath', () => {
  const each = (paths: string) => `{range .items[*]}${paths}{"\\n"}{end}`;
  test.each<[string, string, readonly object[]]>([
    [
      `kubectl get nodes -o jsonpath='${each('{.metadata.name}{"\\t"}{.spec.podCIDR}')}'`,
      'n1\t10.244.0.0/24\nn2\t10.244.1.0/24\n',
      [
        { kind: 'Node', meta: { name: 'n1' }, podCidrs: [{ length: 24 }] },
        { kind: 'Node', meta: { name: 'n2' }, podCidrs: [{ length: 24 }] },
      ],
    ],
    [
      `kubectl get no -o=jsonpath='${each('{.metadata.name} {.status.addresses[?(@.type=="InternalIP")].address}')}'`,
      'n1 10.0.0.5\n',
      [{ kind: 'Node', addresses: [{ type: 'InternalIP', address: '10.0.0.5' }] }],
    ],
    [
      "kubectl get node n2 -o jsonpath='{.metadata.annotations.flannel\\.alpha\\.coreos\\.com/public-ip}'",
      '10.0.0.6\n',
      [{ meta: { name: 'n2', annotations: { 'flannel.alpha.coreos.com/public-ip': '10.0.0.6' } } }],
    ],
    [
      `kubectl get pods -n shop -o jsonpath='${each('{.metadata.name}: {.status.podIP} on {.spec.nodeName}')}'`,
      'web-0: 10.244.1.5 on n2\n',
      [{ kind: 'Pod', meta: { name: 'web-0', namespace: 'shop' }, nodeName: 'n2', hostNetwork: null }],
    ],
    [
      "kubectl get node n2 -o jsonpath='{.spec.podCIDRs}'",
      '["10.244.1.0/24","fd00:10:244:1::/64"]\n',
      [{ kind: 'Node', meta: { name: 'n2' }, podCidrs: [{ length: 24 }, { length: 64 }] }],
    ],
    [
      "kubectl get node n2 -o jsonpath='{.spec.podCIDRs}'",
      '[10.244.1.0/24]\n',
      [{ kind: 'Node', meta: { name: 'n2' }, podCidrs: [{ length: 24 }] }],
    ],
    ["kubectl get svc kubernetes -o jsonpath='{.spec.clusterIP}'", '10.96.0.1\n', []],
    ["kubectl get pods -o jsonpath='{.items[*].status.podIP}'", '10.244.1.5 10.244.1.6\n', []],
    ["kubectl get nodes -o jsonpath='{.spec.podCIDR}'", '10.244.0.0/24\n', []],
  ])('%s', (command, text, expected) => {
    expect(read(command, text)).toMatchObject(expected);
    if (expected.length === 0) expect(read(command, text)).toEqual([]);
  });

  test('a line that the template did not print is no object', () => {
    const command = `kubectl get nodes -o jsonpath='${each('{.metadata.name}={.spec.podCIDR}')}'`;
    expect(read(command, 'n1 10.244.0.0/24\n')).toEqual([]);
  });
});
