import { readdirSync, readFileSync } from 'node:fs';
import { formatIp, formatPrefix, type KubeObject, UNRECOGNIZED } from '@coldtrace/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Format } from '../format.js';
import { hostileTexts, ledgerIsComplete, sectionOf, textAt } from '../testing.js';
import { kubernetesFormats } from './index.js';

const formatNamed = (id: string): Format => {
  const found = kubernetesFormats.find((one) => one.id === id);
  if (found === undefined) throw new Error(id);
  return found;
};

function objectsIn(text: string, id = 'kube-objects'): readonly KubeObject[] {
  const parsed = formatNamed(id).parse(sectionOf(text));
  return parsed.value.flatMap((facts) => (facts.kind === 'kube-objects' ? facts.rows : []));
}

function only<Kind extends KubeObject['kind']>(text: string, kind: Kind): Extract<KubeObject, { kind: Kind }> {
  const [object, ...more] = objectsIn(text).filter(
    (one): one is Extract<KubeObject, { kind: Kind }> => one.kind === kind,
  );
  if (object === undefined || more.length > 0) throw new Error(`not one ${kind}`);
  return object;
}

const node = `apiVersion: v1
items:
- apiVersion: v1
  kind: Node
  metadata:
    annotations:
      flannel.alpha.coreos.com/backend-data: '{"VNI":1,"VtepMAC":"e6:ca:d7:0c:0f:3b"}'
      flannel.alpha.coreos.com/public-ip: 192.168.3.119
    labels:
      kubernetes.io/hostname: node-2
    name: node-2
  spec:
    podCIDR: 10.244.1.0/24
    podCIDRs:
    - 10.244.1.0/24
    - fd00:1::/64
  status:
    addresses:
    - address: 192.168.3.119
      type: InternalIP
    - address: node-2
      type: Hostname
    conditions:
    - status: "False"
      type: MemoryPressure
    - status: Unknown
      type: Ready
    nodeInfo:
      kubeletVersion: v1.27.4+k3s1
kind: List
metadata:
  resourceVersion: ""
`;

describe('objects in YAML', () => {
  it('reads a node out of a List', () => {
    const one = only(node, 'Node');
    expect(one.meta.name).toBe('node-2');
    expect(one.podCidrs.map(formatPrefix)).toEqual(['10.244.1.0/24', 'fd00:1::/64']);
    expect(one.addresses).toEqual([
      { type: 'InternalIP', address: '192.168.3.119' },
      { type: 'Hostname', address: 'node-2' },
    ]);
    expect(one.ready).toBe(false);
    expect(one.kubeletVersion).toBe('v1.27.4+k3s1');
    expect(one.meta.annotations['flannel.alpha.coreos.com/backend-data']).toContain('VtepMAC');
  });
  it('marks every line of it as read', () => {
    const section = sectionOf(node);
    const parsed = formatNamed('kube-objects').parse(section);
    expect([...parsed.ledger].every((state) => state === 1)).toBe(true);
  });
  it('reads a Service with its ports and selector', () => {
    const one = only(
      `apiVersion: v1
kind: Service
metadata: {name: kubernetes, namespace: default}
spec:
  clusterIP: 10.96.0.1
  clusterIPs: [10.96.0.1, "fd00::1"]
  ports:
  - {name: https, port: 443, protocol: TCP, targetPort: 6443, nodePort: 30443}
  - {port: 53, protocol: UDP, targetPort: dns}
  sessionAffinity: ClientIP
  type: NodePort
  externalTrafficPolicy: Local
  externalIPs: [192.0.2.7]
`,
      'Service',
    );
    expect(one.clusterIps.map(formatIp)).toEqual(['10.96.0.1', 'fd00::1']);
    expect(one.externalIps.map(formatIp)).toEqual(['192.0.2.7']);
    expect(one.selector).toBeNull();
    expect(one.ports).toEqual([
      { name: 'https', protocol: 'TCP', port: 443, targetPort: '6443', nodePort: 30443 },
      { name: null, protocol: 'UDP', port: 53, targetPort: 'dns', nodePort: null },
    ]);
    expect([one.type, one.externalTrafficPolicy, one.sessionAffinity]).toEqual(['NodePort', 'Local', 'ClientIP']);
  });
  it('reads Endpoints and EndpointSlices into one shape', () => {
    const text = `apiVersion: v1
kind: Endpoints
metadata: {name: kubernetes, namespace: default}
subsets:
- addresses: [{ip: 192.168.21.11, nodeName: m1}]
  notReadyAddresses: [{ip: 192.168.21.12, targetRef: {kind: Pod, name: x}}]
  ports: [{name: https, port: 6443, protocol: TCP}]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
addressType: IPv4
metadata: {name: kubernetes-abc, namespace: default, labels: {kubernetes.io/service-name: kubernetes}}
endpoints:
- addresses: [192.168.21.11]
  conditions: {ready: true}
- addresses: [192.168.21.12]
  conditions: {ready: false}
- addresses: [192.168.21.13]
ports: [{name: https, port: 6443, protocol: TCP}]
`;
    const read = objectsIn(text).flatMap((one) => (one.kind === 'Endpoints' ? [one] : []));
    expect(
      read.map((one) => [
        one.service,
        one.subsets.flatMap((subset) => subset.endpoints.map((end) => `${formatIp(end.ip)} ${end.ready}`)),
      ]),
    ).toEqual([
      ['kubernetes', ['192.168.21.11 true', '192.168.21.12 false']],
      ['kubernetes', ['192.168.21.11 true', '192.168.21.12 false', '192.168.21.13 true']],
    ]);
  });
  it('reads a Calico pool of either API', () => {
    const one = only(
      'apiVersion: crd.projectcalico.org/v1\nkind: IPPool\nmetadata:\n  name: default-ipv4-ippool\nspec:\n  cidr: 192.168.0.0/16\n  ipipMode: Never\n  natOutgoing: true\n',
      'IPPool',
    );
    expect([one.cidr === null ? null : formatPrefix(one.cidr), one.natOutgoing, one.ipipMode, one.disabled]).toEqual([
      '192.168.0.0/16',
      true,
      'Never',
      false,
    ]);
  });
  it('keeps a ConfigMap text, and every other kind with its body', () => {
    const one = only(
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kube-proxy}\ndata:\n  config.conf: |-\n    a: b\n',
      'ConfigMap',
    );
    expect(one.data.map((entry) => [entry.key, entry.text])).toEqual([['config.conf', 'a: b']]);
    expect(
      only('apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: kube-flannel-ds}\nspec: {}\n', 'Other').apiKind,
    ).toBe('DaemonSet');
  });
  it('reads the same from JSON', () => {
    const one = only(
      '{\n    "apiVersion": "v1",\n    "kind": "Pod",\n    "metadata": {"name": "a", "namespace": "b"},\n    "spec": {"nodeName": "n", "hostNetwork": true},\n    "status": {"podIP": "10.244.0.2", "podIPs": [{"ip": "10.244.0.2"}, {"ip": "fd00::2"}], "containerStatuses": [{"containerID": "containerd://abc"}]}\n}\n',
      'Pod',
    );
    expect([one.nodeName, one.hostNetwork, one.ips.map(formatIp), one.containerIds]).toEqual([
      'n',
      true,
      ['10.244.0.2', 'fd00::2'],
      ['abc'],
    ]);
  });
  it('points at the object', () => {
    const section = sectionOf(node);
    const one = only(node, 'Node');
    expect(textAt(section, one.span)).toMatch(/^apiVersion: v1\n {2}kind: Node/);
  });
  it('keeps the good documents when one is broken', () => {
    const text =
      'apiVersion: v1\nkind: Node\nmetadata: {name: a}\n---\nkind: [\n---\napiVersion: v1\nkind: Node\nmetadata: {name: b}\n';
    const section = sectionOf(text);
    const parsed = formatNamed('kube-objects').parse(section);
    expect(objectsIn(text).map((one) => one.meta.name)).toEqual(['a', 'b']);
    expect(parsed.diagnostics.map((one) => one.code)).toContain('yaml/syntax');
    expect([...parsed.ledger]).toEqual([1, 1, 1, 2, 0, 2, 1, 1, 1]);
  });
});

describe('what kubectl 1.27 and 1.33 print', () => {
  const fixture = (name: string) => readFileSync(new URL(`./fixtures/${name}`, import.meta.url), 'utf8');
  const names = readdirSync(new URL('./fixtures/', import.meta.url));
  it.each(names)('%s is read to the last line', (name) => {
    const parsed = formatNamed('kube-objects').parse(sectionOf(fixture(name)));
    expect([...parsed.ledger].every((state) => state === 1)).toBe(true);
    expect(parsed.diagnostics).toEqual([]);
    expect(objectsIn(fixture(name))).toHaveLength(1);
  });
  it.each(names.filter((name) => name.startsWith('configmap')))('%s holds a configuration with its places', (name) => {
    const section = sectionOf(fixture(name));
    const configs = formatNamed('kube-objects')
      .parse(section)
      .value.flatMap((facts) => (facts.kind === 'component-configs' ? facts.rows : []));
    expect(configs.flatMap((one) => one.problems.map((problem) => textAt(section, problem.span)))).toEqual([
      'masqueradeAl',
    ]);
  });
  it('texts that it wraps and escapes are whole again', () => {
    const one = only(fixture('odd-1.33.yaml'), 'ConfigMap');
    expect(Object.fromEntries(one.data.map((entry) => [entry.key, entry.text]))).toEqual({
      esc: 'tab\there: \x07 # x',
      long: 'word '.repeat(60),
      multi: 'a \n b',
      trail: 'a ',
    });
  });
});

describe('what kubectl 1.2 prints', () => {
  it('has tabs behind the names of fields', () => {
    const text =
      'Name:\t\t\tkubernetes\nNamespace:\t\tdefault\nLabels:\t\t\tcomponent=apiserver\nSelector:\t\t<none>\nType:\t\t\tClusterIP\nIP:\t\t\t10.3.0.1\nPort:\t\t\thttps\t443/TCP\nEndpoints:\t\t10.9.0.4:6443\nSession Affinity:\tNone\nNo events.\n';
    const format = formatNamed('kube-describe');
    expect(format.line(text.split('\n')[0] ?? '')).toBe('opens');
    const kinds = format
      .parse(sectionOf(text))
      .value.flatMap((facts) => (facts.kind === 'kube-objects' ? facts.rows.map(({ kind }) => kind) : []));
    expect(kinds).toContain('Service');
  });
});

describe('the end of objects in the middle of other text', () => {
  const end = (text: string) => {
    const at = formatNamed('kube-objects').extent?.(text, 0) ?? null;
    return at === null ? null : text.slice(at);
  };
  it.each([
    [
      'a log line',
      'apiVersion: v1\nkind: Node\nmetadata:\n  name: a\n\nE0706 10:00:00 oops\n',
      '\nE0706 10:00:00 oops\n',
    ],
    [
      'a message',
      'kind: Node\napiVersion: v1\ncurl: (7) Failed to connect to 10.0.0.1\n',
      'curl: (7) Failed to connect to 10.0.0.1\n',
    ],
    [
      'a sentence',
      'kind: Node\napiVersion: v1\nnote: this is not a field of ours\n',
      'note: this is not a field of ours\n',
    ],
    ['nothing', 'apiVersion: v1\nitems:\n- kind: Node\nkind: List\nmetadata: {}\n---\nkind: Pod\n', ''],
    ['text after JSON', '{\n  "a": "}"\n}\n[{}]\nand so on', 'and so on'],
    ['JSON that never closes', '{"a": [', null],
  ])('is found before %s', (_name, text, rest) => {
    expect(end(text)).toBe(rest);
  });
});

describe('any text', () => {
  const pieces = [
    ...node.split('\n'),
    '---',
    '- - - a',
    '? x',
    '&a [*a]',
    '*b',
    '!t x',
    '"\\x',
    "'",
    '|2',
    '>-',
    '{a: [',
    '\t',
  ];
  it.each(kubernetesFormats.map((one) => [one.id, one] as const))(
    'never makes %s throw, and every line is accounted for',
    (_id, format) => {
      const text = fc
        .array(fc.oneof(fc.constantFrom(...pieces), fc.constantFrom(...hostileTexts), fc.string()), { maxLength: 30 })
        .map((lines) => lines.join('\n'));
      fc.assert(
        fc.property(text, (given) => {
          const section = sectionOf(given, { freeForm: true });
          format.whole?.(given, 'x.yaml');
          format.extent?.(given, 0);
          for (const line of given.split('\n')) format.line(line);
          expect(ledgerIsComplete(section, format.parse(section))).toBe(true);
        }),
        { numRuns: 150 },
      );
    },
  );
});

it.each(['[]\n', '{}\n', '[\n]\n'])('%j holds no object, and nothing that is not understood', (text) => {
  const parsed = formatNamed('kube-objects').parse(sectionOf(text));
  expect(parsed.diagnostics.map(({ code }) => code)).toEqual(['kubernetes/empty-json']);
  expect([...parsed.ledger].filter((state) => state === UNRECOGNIZED)).toEqual([]);
});
