/** Rows of kubectl tables whose heading a grep took away: the command tells the columns. */
import { expect, test } from 'vitest';
import { ledgerIsComplete, sectionOf } from '../testing.js';
import { columnsAsked } from './asked-columns.js';
import { kubeTableFormat } from './tables.js';

const pod = 'web-7d9b   0/1   CrashLoopBackOff   12 (2m ago)   3h   10.244.2.7   n2   <none>   <none>';
const node =
  'n2   Ready   <none>   12d   v1.28.2   10.0.0.13   <none>   Ubuntu 22.04.3 LTS   5.15.0-91-generic   containerd://1.7.2';

test.each<[string, string, readonly object[]]>([
  [
    'kubectl get po -owide | grep web',
    pod,
    [{ kind: 'Pod', meta: { name: 'web-7d9b' }, nodeName: 'n2', trust: 'repaired' }],
  ],
  [
    'kubectl get pods -A -o wide | grep n2',
    `shop   ${pod}`,
    [{ kind: 'Pod', meta: { namespace: 'shop' }, nodeName: 'n2' }],
  ],
  ['kubectl -n shop get pod -o wide --no-headers', pod, [{ meta: { namespace: 'shop' } }]],
  ['kubectl get po -owide | grep -n web', pod, [{ meta: { namespace: null } }]],
  [
    'kubectl get svc | grep web',
    'web   ClusterIP   10.96.7.7   <none>   80/TCP   3h',
    [{ kind: 'Service', meta: { name: 'web' } }],
  ],
  ['kubectl get no -o wide | grep n2', node, [{ kind: 'Node', addresses: [{ address: '10.0.0.13' }] }]],
  ['kubectl get ep | tail -1', 'web   10.244.2.7:80   3h', [{ kind: 'Endpoints', service: 'web' }]],
  [
    'kubectl get nodes -o custom-columns=NAME:.metadata.name,CIDR:.spec.podCIDR,IP:.status.addresses[?(@.type=="InternalIP")].address',
    'NAME   CIDR            IP\nn2     10.244.2.0/24   10.0.0.13\nn3     <none>          10.0.0.14',
    [
      { kind: 'Node', podCidrs: [{ length: 24 }], addresses: [{ address: '10.0.0.13' }] },
      { kind: 'Node', podCidrs: [], addresses: [{ address: '10.0.0.14' }] },
    ],
  ],
  [
    "kubectl get po -o 'custom-columns=NAME:metadata.name,WHERE:spec.nodeName,ADDRESS:{.status.podIP}'",
    'NAME   WHERE   ADDRESS\nweb    n2      10.244.2.7',
    [{ kind: 'Pod', nodeName: 'n2', ips: [{ a: 0x0af40207 }] }],
  ],
  ['kubectl get po | grep web', pod, []],
  ['kubectl get po -owide', pod, []],
])('%s', (command, row, expected) => {
  const section = sectionOf(`${row}\n`, { command });
  const parsed = kubeTableFormat.parse(section);
  expect(ledgerIsComplete(section, parsed)).toBe(true);
  const rows = parsed.value.flatMap((facts) => (facts.kind === 'kube-objects' ? facts.rows : []));
  expect(rows).toMatchObject(expected);
  expect(rows).toHaveLength(expected.length);
});

test.each([
  'kubectl get pods | awk "{print $1}"',
  'kubectl get pods -o custom-columns=NAME:.metadata.name --no-headers',
  'kubectl get ds | grep x',
  'kubectl get svc,ep | grep x',
])('%s: nobody knows its columns', (command) => {
  expect(columnsAsked(command)).toBeNull();
});
