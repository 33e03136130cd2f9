/** `kubectl patch|label|annotate` on objects as they stand in a capture. */

import { formatIp } from '@coldtrace/core';
import { describe, expect, it } from 'vitest';
import { parseSnapshot } from '../parse-snapshot.js';
import { applyText } from './apply-text.js';
import { said } from './testing.js';

const objects = `apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Endpoints
  metadata:
    name: kubernetes
    namespace: default
  subsets:
  - addresses:
    - ip: 10.0.0.8
    - ip: 10.0.0.9
    ports:
    - name: https
      port: 6443
- apiVersion: v1
  kind: Service
  metadata:
    name: web
    namespace: shop
  spec:
    clusterIP: 10.96.0.9
    ports: [{port: 80, targetPort: 8080}]
    selector: {app: web}
    type: ClusterIP
`;
const pool = `{"apiVersion": "crd.projectcalico.org/v1", "kind": "IPPool", "metadata": {"name": "pool"},
 "spec": {"cidr": "192.168.0.0/16", "natOutgoing": false, "ipipMode": "Never"}}
`;
const node = `apiVersion: v1
kind: Node
metadata:
  annotations:
    flannel.alpha.coreos.com/backend-data: '{"VtepMAC":"a6:11:22:33:44:55"}'
    flannel.alpha.coreos.com/public-ip: 10.0.0.1
  labels: {zone: a}
  name: n1
`;
const table = `NAME   TYPE        CLUSTER-IP    EXTERNAL-IP   PORT(S)   AGE
api    ClusterIP   10.96.0.20    <none>        80/TCP    5d
`;
const cluster = parseSnapshot({
  'kubernetes/objects.yaml': objects,
  'kubernetes/pool.json': pool,
  'kubernetes/nodes.yaml': node,
  'kubernetes/services.txt': table,
});

function after(text: string) {
  const { snapshot, problems } = applyText(cluster, text);
  expect(problems).toEqual([]);
  return snapshot;
}

function find<Kind extends string>(snapshot: ReturnType<typeof after>, kind: Kind, name: string) {
  const found = snapshot.objects.find((one) => one.kind === kind && one.meta.name === name);
  if (found === undefined) throw new Error(`no ${kind} ${name}`);
  return found as Extract<typeof found, { kind: Kind }>;
}

describe('kubectl patch', () => {
  it.each([
    `kubectl patch ippool pool --type merge -p '{"spec":{"natOutgoing":true,"ipipMode":"Always"}}'`,
    `kubectl patch ippools.crd.projectcalico.org/pool --type=merge --patch='{"spec": {"natOutgoing": true, "ipipMode": "Always"}}'`,
    `kubectl --kubeconfig admin.conf patch ippool pool --type=json -p='[{"op":"replace","path":"/spec/natOutgoing","value":true},{"op":"replace","path":"/spec/ipipMode","value":"Always"}]'`,
    `kubectl patch ippool pool --type merge -p "{\\"spec\\":{\\"natOutgoing\\":true,\\"ipipMode\\":\\"Always\\"}}"`,
    `kubectl patch ippool pool --type merge -p 'spec:\n  natOutgoing: true\n  ipipMode: Always\n'`,
    `kubectl patch ippool pool --type merge -p '{"spec":{"natOutgoing":true}}'\nkubectl patch ippool pool --type merge -p '{"spec":{"ipipMode":"Always"}}'`,
  ])('%s', (text) => {
    const found = find(after(text), 'IPPool', 'pool');
    expect([found.natOutgoing, found.ipipMode, found.cidr?.length]).toEqual([true, 'Always', 16]);
  });

  it('takes one address out of Endpoints in a list, and the others stay where they stand', () => {
    const now = after(
      `kubectl patch endpoints kubernetes --type=json -p '[{"op":"remove","path":"/subsets/0/addresses/0"}]'`,
    );
    const found = find(now, 'Endpoints', 'kubernetes');
    expect(found.subsets[0]?.endpoints.map(({ ip }) => formatIp(ip))).toEqual(['10.0.0.9']);
    expect(now.objects.map(({ meta }) => meta.name)).toEqual(cluster.objects.map(({ meta }) => meta.name));
    expect(found.span).toEqual(find(cluster, 'Endpoints', 'kubernetes').span);
  });

  it('goes on from a run before', () => {
    const first = after(`kubectl -n shop patch svc web -p '{"spec":{"externalTrafficPolicy":"Local"}}'`);
    const { snapshot } = applyText(first, `kubectl -n shop patch svc web -p '{"spec":{"type":"NodePort"}}'`);
    const found = find(snapshot, 'Service', 'web');
    expect([found.type, found.externalTrafficPolicy, found.ports.length]).toEqual(['NodePort', 'Local', 1]);
  });

  it('does nothing that is only tried', () => {
    expect(
      find(after(`kubectl patch ippool pool --dry-run=server --type merge -p '{"spec":null}'`), 'IPPool', 'pool'),
    ).toBe(find(cluster, 'IPPool', 'pool'));
  });

  it.each([
    [
      `patch ippool pool -p '{"spec":{"disabled":true}}'`,
      'refused: kubectl refuses this: kinds of a CustomResourceDefinition take no strategic patch (--type merge or json)',
    ],
    [
      `-n shop patch svc web -p '{"spec":{"ports":[{"port":80,"nodePort":30080}]}}'`,
      'unsupported: a strategic patch of a list (with --type merge the whole list is given) cannot be simulated',
    ],
    [
      `patch svc api -p '{"spec":{"type":"NodePort"}}'`,
      'not-captured: whether kubectl would do this cannot be told: the snapshot does not show all of svc api; kubectl get svc api -o yaml does',
    ],
    [
      `patch svc none -p '{}'`,
      'not-captured: whether kubectl would do this cannot be told: the snapshot shows no svc none',
    ],
    [
      `patch node n1 -p '{"status":{"addresses":null}}'`,
      'unsupported: a patch of status (which the API server drops unless --subresource=status is given) cannot be simulated',
    ],
    [
      `patch node n1 -p '{"metadata":{"name":"n2"}}'`,
      'refused: kubectl refuses this: the name, namespace and kind of an object stay as they are',
    ],
    [
      `patch node n1 --type json -p '[{"op":"remove","path":"/metadata/labels/none"}]'`,
      'refused: kubectl refuses this: the object has no such place: remove /metadata/labels/none',
    ],
    [
      `patch node n1 --type apply -p '{}'`,
      'refused: kubectl refuses this: --type must be one of json, merge, strategic, not "apply"',
    ],
    ['patch node n1', 'bad-words: kubectl: a patch is needed (-p)'],
    [`patch node n1 -p 'text'`, 'bad-words: kubectl: the patch is neither JSON nor YAML of a map or a list'],
    ['patch node n1 --patch-file fix.yaml', 'unsupported: kubectl patch with a patch in a file cannot be simulated'],
    [`patch node -p '{}'`, 'bad-words: kubectl: one kind and one name are needed'],
    ['label node n1 zone=b', 'refused: kubectl refuses this: --overwrite is false, and zone has a value already (a)'],
    ['label node n1', 'bad-words: kubectl: one kind, its names and at least one of labels are needed'],
  ])('%s', (text, expected) => {
    expect(
      said(
        `kubectl ${text}`,
        parseSnapshot({
          'kubernetes/objects.yaml': objects,
          'kubernetes/pool.json': pool,
          'kubernetes/nodes.yaml': node,
          'kubernetes/services.txt': table,
        }),
      ),
    ).toEqual([expected]);
  });
});

describe('kubectl annotate and label', () => {
  it.each([
    `kubectl annotate node n1 --overwrite flannel.alpha.coreos.com/backend-data='{"VtepMAC":"de:ad:00:00:00:01"}' extra=1`,
    `kubectl annotate node/n1 'flannel.alpha.coreos.com/backend-data={"VtepMAC":"de:ad:00:00:00:01"}' extra=1 --overwrite=true`,
  ])('%s', (text) => {
    expect(find(after(text), 'Node', 'n1').meta.annotations).toEqual({
      'flannel.alpha.coreos.com/backend-data': '{"VtepMAC":"de:ad:00:00:00:01"}',
      'flannel.alpha.coreos.com/public-ip': '10.0.0.1',
      extra: '1',
    });
  });

  it('take away what a minus follows', () => {
    expect(find(after('kubectl label node n1 zone- rack=7'), 'Node', 'n1').meta.labels).toEqual({ rack: '7' });
  });
});
