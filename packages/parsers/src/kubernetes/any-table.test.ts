import type { KubeObject } from '@coldtrace/core';
import { describe, expect, it } from 'vitest';
import { ledgerIsComplete, sectionOf } from '../testing.js';
import { kubeTableFormat } from './tables.js';

function read(text: string, given: Parameters<typeof sectionOf>[1] = {}) {
  const section = sectionOf(text, given);
  const parsed = kubeTableFormat.parse(section);
  expect(ledgerIsComplete(section, parsed)).toBe(true);
  const rows = parsed.value.flatMap((facts) => (facts.kind === 'kube-objects' ? facts.rows : []));
  return { rows, ledger: [...parsed.ledger], codes: parsed.diagnostics.map((one) => one.code) };
}

const show = (one: KubeObject) =>
  `${one.kind === 'Other' ? one.apiKind : one.kind} ${one.meta.namespace ?? '-'}/${one.meta.name}`;

describe('tables of any kind', () => {
  it.each<[string, string, readonly string[]]>([
    [
      'configmaps -A',
      'NAMESPACE     NAME                 DATA   AGE\nkube-system   kube-proxy           2      3d\nkube-flannel  kube-flannel-cfg     2      3d\n',
      ['ConfigMap kube-system/kube-proxy', 'ConfigMap kube-flannel/kube-flannel-cfg'],
    ],
    [
      'daemonsets',
      'NAME         DESIRED   CURRENT   READY   UP-TO-DATE   AVAILABLE   NODE SELECTOR            AGE\nkube-proxy   3         3         2       3            2           kubernetes.io/os=linux   41d\n',
      ['DaemonSet -/kube-proxy'],
    ],
    [
      'deployments -o wide',
      'NAME   READY   UP-TO-DATE   AVAILABLE   AGE   CONTAINERS   IMAGES         SELECTOR\nweb    2/3     3            2           7d    nginx        nginx:1.25     app=web\n',
      ['Deployment -/web'],
    ],
    ['network policies', 'NAME       POD-SELECTOR   AGE\ndeny-all   <none>         6d\n', ['NetworkPolicy -/deny-all']],
    [
      'namespaces',
      'NAME              STATUS   AGE\ndefault           Active   41d\nold               Terminating   41d\n',
      ['Namespace -/default', 'Namespace -/old'],
    ],
    [
      'nodes of an old cluster',
      'NAME         STATUS     AGE\n10.10.0.11   Ready      41d\n10.10.0.12   NotReady   41d\n',
      ['Node -/10.10.0.11', 'Node -/10.10.0.12'],
    ],
    [
      'claims that are not bound leave cells blank',
      'NAME     STATUS    VOLUME     CAPACITY   ACCESS MODES   STORAGECLASS   AGE\ndata-0   Bound     pvc-1234   8Gi        RWO            fast           3d\ndata-1   Pending                                        fast           3d\n',
      ['PersistentVolumeClaim -/data-0', 'PersistentVolumeClaim -/data-1'],
    ],
    [
      'a label column that is called NAME too',
      'NAME    READY   STATUS    RESTARTS   AGE   NAME\nweb-0   1/1     Running   0          3d    web\n',
      ['Pod -/web-0'],
    ],
    [
      'all',
      `NAME                       READY   STATUS    RESTARTS   AGE
pod/web-6c7d9bd8b5-x2x9w   1/1     Running   0          3d

NAME                 TYPE        CLUSTER-IP   EXTERNAL-IP   PORT(S)   AGE
service/kubernetes   ClusterIP   10.96.0.1    <none>        443/TCP   41d

NAME                        DESIRED   CURRENT   READY   UP-TO-DATE   AVAILABLE   NODE SELECTOR   AGE
daemonset.apps/kube-proxy   3         3         3       3            3           <none>          41d

NAME                  READY   UP-TO-DATE   AVAILABLE   AGE
deployment.apps/web   1/1     1            1           3d

NAME                             DESIRED   CURRENT   READY   AGE
replicaset.apps/web-6c7d9bd8b5   1         1         1       3d
`,
      [
        'Pod -/web-6c7d9bd8b5-x2x9w',
        'Service -/kubernetes',
        'DaemonSet -/kube-proxy',
        'Deployment -/web',
        'ReplicaSet -/web-6c7d9bd8b5',
      ],
    ],
  ])('%s', (_, text, expected) => {
    const { rows, ledger, codes } = read(text);
    expect(rows.map(show)).toEqual(expected);
    expect(codes).toEqual([]);
    expect(ledger).not.toContain(0);
    expect(kubeTableFormat.line(text.split('\n')[0] ?? '')).toBe('opens');
  });

  it('a kind that nothing tells is recognised and left as it is', () => {
    const text = 'NAME      PRIVILEGED   SCOPE   AGE\nwidget    false        all     3d\n';
    expect(kubeTableFormat.line(text.split('\n')[0] ?? '')).toBe('opens');
    expect(read(text)).toMatchObject({ rows: [], ledger: [2, 3] });
  });

  it.each([
    [
      'kubectl get crd',
      'NAME            CREATED AT\nippools.crd.projectcalico.org   2024-01-05T10:00:00Z\n',
      'CustomResourceDefinition -/ippools.crd.projectcalico.org',
    ],
    [
      'kubectl get networkpolicies.crd.projectcalico.org -n shop',
      'NAME        AGE\ndefault.a   3d\n',
      'NetworkPolicy shop/default.a',
    ],
    [
      'kubectl -n kube-system get svc',
      'NAME       TYPE        CLUSTER-IP   EXTERNAL-IP   PORT(S)         AGE\nkube-dns   ClusterIP   10.96.0.10   <none>        53/UDP,53/TCP   41d\n',
      'Service kube-system/kube-dns',
    ],
    [
      'kubectl get --namespace=shop ds',
      'NAME   DESIRED   CURRENT   READY   UP-TO-DATE   AVAILABLE   NODE SELECTOR   AGE\nlog    3         3         3       3            3           <none>          1d\n',
      'DaemonSet shop/log',
    ],
  ])('%s tells kind and namespace', (command, text, expected) => {
    expect(read(text, { command }).rows.map(show)).toEqual([expected]);
  });

  it('labels are the object\u2019s labels', () => {
    const text =
      'NAME   STATUS   ROLES    AGE   VERSION   LABELS\nn1     Ready    <none>   4d    v1.29.1   kubernetes.io/os=linux,zone=a\n';
    expect(read(text).rows[0]?.meta.labels).toEqual({ 'kubernetes.io/os': 'linux', zone: 'a' });
  });

  it('the Service of a slice is likely at most, unless the label is shown', () => {
    const bare =
      'NAME         ADDRESSTYPE   PORTS   ENDPOINTS    AGE\nweb-x7k2p    IPv4          80      10.244.0.7   3d\n';
    expect(read(bare)).toMatchObject({
      rows: [{ service: 'web', trust: 'repaired' }],
      codes: ['kubernetes/guessed-service'],
    });
    const labelled =
      'NAME     ADDRESSTYPE   PORTS   ENDPOINTS    AGE   LABELS\nodd-1    IPv4          80      10.244.0.7   3d    kubernetes.io/service-name=shop\n';
    const [row] = read(labelled).rows;
    expect(row).toMatchObject({ service: 'shop' });
    expect(row?.trust).toBeUndefined();
  });
});
