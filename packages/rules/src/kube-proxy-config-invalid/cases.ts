/** Configurations with mistakes of every kind, from every place they come from, and ones without. */
import { parseSnapshot } from '@coldtrace/parsers';
import type { BuiltinCases } from '../testing/builtin-cases.js';

const config = (fields: string) =>
  `apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nbindAddress: 0.0.0.0\n${fields}`;

const indented = (text: string) => text.replace(/^(?=.)/gm, '    ');
const configMap = (fields: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: kube-proxy\n  namespace: kube-system\ndata:\n  config.conf: |\n${indented(config(fields))}`;
const node = (name: string, version: string) =>
  `apiVersion: v1\nkind: Node\nmetadata:\n  name: ${name}\nstatus:\n  nodeInfo:\n    kubeletVersion: ${version}\n`;
const daemonSet = (image: string) =>
  `apiVersion: apps/v1\nkind: DaemonSet\nmetadata:\n  name: kube-proxy\n  namespace: kube-system\nspec:\n  template:\n    spec:\n      containers:\n      - name: kube-proxy\n        image: ${image}\n`;

const world = (files: Readonly<Record<string, string>>) => parseSnapshot({ 'edge/hostname': 'edge\n', ...files });

const lenient =
  'W1120 10:00:00.000000       1 server.go:494] using lenient decoding as strict decoding failed: strict decoder error for ...: v1alpha1.KubeProxyConfiguration.IPTables: v1alpha1.KubeProxyIPTablesConfiguration.ReadObject: found unknown field: masqueradeAlll, error found in #10 byte of ...|AlLl":true|...\n';

export const cases: BuiltinCases = {
  bad: [
    {
      name: 'a mode that the version knows no more',
      snapshot: world({
        'objects/kube-proxy.yaml': configMap('mode: userspace\n'),
        'objects/ds.yaml': daemonSet('registry.k8s.io/kube-proxy:v1.28.3'),
      }),
    },
    {
      name: 'a mode that the version does not know yet',
      snapshot: world({
        'objects/kube-proxy.yaml': configMap('mode: nftables\n'),
        'objects/nodes.yaml': node('edge', 'v1.27.1'),
      }),
    },
    {
      name: 'the mode of another system',
      snapshot: world({ 'edge/kube-proxy-config.yaml': config('mode: kernelspace\n') }),
    },
    {
      name: 'a version of the configuration that was never released',
      snapshot: world({ 'edge/kube-proxy-config.yaml': config('mode: ipvs\n').replace('v1alpha1', 'v1beta1') }),
    },
    {
      name: 'two ranges of one family',
      snapshot: world({ 'edge/kube-proxy-config.yaml': config('clusterCIDR: 10.244.0.0/16,10.245.0.0/16\n') }),
    },
    {
      name: 'a log line alone tells of a value that it does not take',
      snapshot: world({
        'edge/kube-proxy.log':
          'E1121 03:11:55.120331       1 run.go:74] "command failed" err="failed validate: KubeProxyConfiguration.IPTables.MasqueradeBit: Invalid value: 44: must be within the range [0, 31]"\n',
      }),
    },
    {
      name: 'a misspelt field of a ConfigMap under a lenient version',
      snapshot: world({
        'objects/kube-proxy.yaml': configMap('iptables:\n  masqueradAll: true\n  masqueradeBit: 14\nmode: iptables\n'),
        'objects/ds.yaml': daemonSet('registry.k8s.io/kube-proxy:v1.28.3'),
      }),
    },
    {
      name: 'a misspelt field whose value would not fit either',
      snapshot: world({
        'objects/kube-proxy.yaml': configMap('iptables:\n  masqueradeAl: ""\n'),
        'objects/nodes.yaml': node('edge', 'v1.19.2'),
      }),
    },
    {
      name: 'one log line names two fields, and nothing else was captured',
      snapshot: world({
        'edge/kube-proxy.log':
          'F1121 03:11:55.120331       1 server.go:488] failed complete: strict decoding error: unknown field "ipvs.strictArp", unknown field "conntrack.maxPerCores"\n',
      }),
    },
    {
      name: 'a misspelt field under a strict version',
      snapshot: world({
        'objects/kube-proxy.yaml': configMap('clusterCIDRs: 10.244.0.0/16\n'),
        'objects/ds.yaml': daemonSet('k8s.gcr.io/kube-proxy:v1.15.12'),
      }),
    },
    {
      name: 'a misspelt field and the version that the program itself printed',
      snapshot: world({
        'edge/kube-proxy-config.yaml': config('ipvs:\n  sheduler: rr\n'),
        'edge/kube-proxy-version.txt': '$ kube-proxy --version\nKubernetes v1.16.4\n',
      }),
    },
    {
      name: 'a misspelt field and the version of the API server',
      snapshot: world({
        'objects/kube-proxy.yaml': configMap('ipvs:\n  sheduler: rr\n'),
        'edge/kubectl-version.txt': 'Client Version: v1.28.4\nServer Version: v1.27.9\n',
      }),
    },
    {
      name: 'nodes on both sides of the change',
      snapshot: world({
        'objects/kube-proxy.yaml': configMap('ipvs:\n  schedular: rr\n'),
        'objects/nodes.yaml': `${node('a', 'v1.16.15')}---\n${node('b', 'v1.18.20')}`,
      }),
    },
    {
      name: 'a wrong type in the file of a node',
      snapshot: world({ 'edge/kube-proxy-config.yaml': config('iptables:\n  masqueradeAll: "yes"\n') }),
    },
    {
      name: 'a mark bit out of range',
      snapshot: world({ 'edge/kube-proxy-config.yaml': config('iptables:\n  masqueradeBit: 32\n') }),
    },
    {
      name: 'only the log tells',
      snapshot: world({ 'edge/kube-proxy.log': lenient }),
    },
    {
      name: 'only the log tells of fields that later versions have no more, one of them behind the configuration that it quotes',
      snapshot: world({
        'edge/kube-proxy.log':
          'W1120 10:00:00.000000       1 server.go:439] using lenient decoding as strict decoding failed: strict decoder error for apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nmode: iptables\nresourceContainer: /kube-proxy\n: v1alpha1.KubeProxyConfiguration.ReadObject: found unknown field: resourceContainer, error found in #10 byte of ...|Container":"/kube-pr|...\nI1120 10:00:00.100000       1 options.go:480] "Using lenient decoding as strict decoding failed" err="strict decoding error: unknown field \\"udpIdleTimeout\\""\n',
      }),
    },
    {
      name: 'only the log tells of a type that it does not take',
      snapshot: world({
        'edge/kube-proxy.log':
          'error: v1alpha1.KubeProxyConfiguration: FeatureGates: ReadMapCB: expect { or n, but found ", error found in #10 byte of ...|Gates":"","healthz|...\n',
      }),
    },
    {
      name: 'only the log tells that the configuration was given for a kubeconfig',
      snapshot: world({
        'edge/kube-proxy.log':
          'F1120 10:00:00.000000   12667 server.go:497] error loading config file "/etc/kube-proxy.yaml": no kind "KubeProxyConfiguration" is registered for version "kubeproxy.config.k8s.io/v1alpha1" in scheme "k8s.io/client-go/tools/clientcmd/api/latest/latest.go:50"\n',
      }),
    },
    {
      name: 'the API server refused kube-proxy',
      snapshot: world({
        'edge/kube-proxy-config.yaml': config('mode: ipvs\n'),
        'edge/kube-proxy.log':
          'E1120 10:00:00.000000       1 node.go:125] Failed to retrieve node info: Get "https://10.9.8.7:6443/api/v1/nodes/edge": dial tcp 10.9.8.7:6443: connect: connection refused\n',
      }),
    },
  ],
  good: [
    {
      name: 'modes that the version takes',
      snapshot: world({
        'objects/kube-proxy.yaml': configMap('mode: userspace\nclusterCIDR: 10.244.0.0/16,fd00:244::/56\n'),
        'objects/nodes.yaml': node('edge', 'v1.25.9'),
      }),
    },
    {
      name: 'a mode that some version takes, and no version is known',
      snapshot: world({ 'edge/kube-proxy-config.yaml': config('mode: nftables\n') }),
    },
    {
      name: 'every field is known',
      snapshot: world({
        'objects/kube-proxy.yaml': configMap(
          'iptables:\n  masqueradeAll: true\n  masqueradeBit: 14\nmode: ""\nclusterCIDR: 10.244.0.0/16\n',
        ),
      }),
    },
    {
      name: 'the unit takes values from variables',
      snapshot: world({
        'edge/kube-proxy.service':
          '[Service]\nEnvironmentFile=-/etc/kubernetes/proxy\nExecStart=/usr/local/bin/kube-proxy --proxy-mode=$MODE \\\n  --cluster-cidr=$POD_CIDR --masquerade-all \\\n  $KUBE_PROXY_ARGS\n',
      }),
    },
    { name: 'there is no configuration', snapshot: world({}), needs: ['kube-proxy-config'] },
  ],
};
