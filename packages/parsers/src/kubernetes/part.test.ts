/** What grep and jsonpath leave of an object is read by what the command says that it is. */
import { formatPrefix, type KubeObject } from '@coldtrace/core';
import { describe, expect, it } from 'vitest';
import { snapshotOfFiles } from '../assemble/testing.js';
import { ledgerIsComplete, sectionOf } from '../testing.js';
import { kubernetesFormats } from './index.js';

function read(id: string, command: string, text: string): readonly KubeObject[] {
  const format = kubernetesFormats.find((one) => one.id === id);
  if (format === undefined) throw new Error(id);
  const section = sectionOf(text, { command, freeForm: true });
  const parsed = format.parse(section);
  expect(ledgerIsComplete(section, parsed)).toBe(true);
  return parsed.value.flatMap((facts) => (facts.kind === 'kube-objects' ? facts.rows : []));
}

const flannel = 'flannel.alpha.coreos.com';
const annotations = (id: string, command: string, text: string) =>
  read(id, command, text).map(({ kind, meta }) => [
    kind,
    meta.name,
    meta.annotations[`${flannel}/backend-data`],
    meta.annotations[`${flannel}/public-ip`],
  ]);

const data = '{"VNI":1,"VtepMAC":"e6:ca:d7:0c:0f:3b"}';
const node2 = [['Node', 'node-2', data, '192.168.3.119']];

describe('annotations of the one node that the command names', () => {
  const described = `Annotations:        ${flannel}/backend-data: ${data}
                    ${flannel}/public-ip: 192.168.3.119
`;
  it.each(['kubectl describe node node-2 | grep flannel', 'kubectl describe no/node-2 | grep -i flannel'])(
    '%s',
    (command) => {
      expect(annotations('kube-describe', command, described)).toEqual(node2);
    },
  );

  it.each([
    'kubectl describe nodes | grep flannel',
    'kubectl describe node | grep flannel',
    'kubectl describe node node-2',
  ])('nothing tells whose they are, or they are no annotations for sure: %s', (command) =>
    expect(read('kube-describe', command, described)).toEqual([]),
  );

  it('in YAML, with the heading or without it', () => {
    const lines = `    ${flannel}/backend-data: '${data}'\n    ${flannel}/kube-subnet-manager: "true"\n    ${flannel}/public-ip: 192.168.3.119\n`;
    expect(annotations('kube-objects', 'kubectl get node node-2 -o yaml | grep flannel', lines)).toEqual(node2);
    const headed = `  annotations:\n${lines}`;
    expect(annotations('kube-objects', 'kubectl get no node-2 -oyaml | grep -A3 annotations', headed)).toEqual(node2);
    expect(read('kube-objects', 'kubectl get nodes -o yaml | grep flannel', lines)).toEqual([]);
  });

  it('in JSON', () => {
    const text = `            "${flannel}/backend-data": ${JSON.stringify(data)},\n            "${flannel}/public-ip": "192.168.3.119",\n`;
    expect(annotations('kube-objects', 'kubectl get node/node-2 -o json | grep flannel', text)).toEqual(node2);
  });

  it('as jsonpath prints them: all as JSON, all as a Go map, or one value', () => {
    const all = 'kubectl get node node-2 -o jsonpath={.metadata.annotations}';
    const json = JSON.stringify({ [`${flannel}/backend-data`]: data, [`${flannel}/public-ip`]: '192.168.3.119' });
    expect(annotations('kube-part', all, `${json}\n`)).toEqual(node2);
    const map = `map[${flannel}/backend-data:${data} ${flannel}/public-ip:192.168.3.119 node.alpha.kubernetes.io/ttl:0]`;
    expect(annotations('kube-part', `kubectl get node node-2 -o=jsonpath='{.metadata.annotations}'`, map)).toEqual(
      node2,
    );
    const one = String.raw`kubectl get node node-2 -o jsonpath='{.metadata.annotations.flannel\.alpha\.coreos\.com/public-ip}'`;
    expect(annotations('kube-part', one, '192.168.3.119')).toEqual([['Node', 'node-2', undefined, '192.168.3.119']]);
    const quoted = String.raw`kubectl get node node-2 -o jsonpath="{.metadata.annotations['flannel\.alpha\.coreos\.com/public-ip']}"`;
    expect(annotations('kube-part', quoted, '192.168.3.119')).toEqual([['Node', 'node-2', undefined, '192.168.3.119']]);
    expect(read('kube-part', 'kubectl get node node-2 -o jsonpath={.status.addresses}', json)).toEqual([]);
  });
});

describe('pools of Calico', () => {
  const pools = (id: string, command: string, text: string) =>
    read(id, command, text).map((one) =>
      one.kind === 'IPPool' && one.cidr !== null
        ? `${one.meta.name} ${formatPrefix(one.cidr)} ${one.natOutgoing} ${one.disabled} ${one.ipipMode}`
        : one.kind,
    );

  it('what follows a network is of the same pool', () => {
    const text = `    name: first
    cidr: 172.16.0.0/12
    disabled: true
    natOutgoing: false
    name: second
    cidr: fd10::/48
    ipipMode: Always
`;
    expect(pools('kube-objects', "kubectl get ippools -o yaml | grep -E 'name:|cidr|disabled|Mode|nat'", text)).toEqual(
      ['first 172.16.0.0/12 false true null', 'second fd10::/48 null false Always'],
    );
  });

  it('a network alone is a pool whose name is not known', () => {
    expect(pools('kube-objects', 'calicoctl get ippool -o yaml | grep cidr', '    cidr: 10.0.0.0/8\n')).toEqual([
      ' 10.0.0.0/8 null false null',
    ]);
    expect(pools('kube-objects', 'calicoctl get node -o yaml | grep cidr', '    cidr: 10.0.0.0/8\n')).toEqual([]);
  });

  it('networks side by side, as jsonpath prints them', () => {
    const command = "kubectl get ippools.crd.projectcalico.org -o jsonpath='{.items[*].spec.cidr}'";
    expect(pools('kube-part', command, '10.0.0.0/8 fd00:10::/48')).toEqual([
      ' 10.0.0.0/8 null false null',
      ' fd00:10::/48 null false null',
    ]);
  });
});

describe('several outputs that each show a part of one node', () => {
  it('make one object, and the places of all of them are known', () => {
    const { objects } = snapshotOfFiles({
      'ticket.txt': `$ kubectl get nodes -o wide
NAME     STATUS     ROLES    AGE   VERSION   INTERNAL-IP     EXTERNAL-IP   OS-IMAGE   KERNEL-VERSION   CONTAINER-RUNTIME
node-2   NotReady   <none>   12d   v1.27.3   192.168.3.119   <none>        Debian     6.1.0            containerd://1.7.1
$ kubectl get node node-2 -o yaml | grep flannel
    ${flannel}/backend-data: '${data}'
$ kubectl get node node-2 -o jsonpath='{.metadata.annotations.flannel\\.alpha\\.coreos\\.com/public-ip}'
192.168.3.119
`,
    });
    expect(objects).toMatchObject([
      {
        kind: 'Node',
        ready: false,
        kubeletVersion: 'v1.27.3',
        addresses: [{ address: '192.168.3.119' }],
        meta: { annotations: { [`${flannel}/backend-data`]: data, [`${flannel}/public-ip`]: '192.168.3.119' } },
      },
    ]);
    const [node] = objects;
    expect(node?.kind === 'Node' && node.also?.length).toBe(2);
  });
});
