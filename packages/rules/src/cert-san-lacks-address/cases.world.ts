/** A k3s node with a kubelet, its certificate, its addresses and what clients said; for tests only. */
import { parseSnapshot } from '@coldtrace/parsers';
import { certificateText } from '../testing/certificate-text.js';

export interface KubeletWorld {
  /** The node's own address, by which it is known in the cluster. */
  readonly address?: string;
  /** Addresses in the certificate; null: it was not captured. */
  readonly names?: readonly string[] | null;
  readonly version?: string;
  /** Lines of the node's log. */
  readonly log?: string;
  readonly config?: string | null;
  readonly unit?: string | null;
  readonly nodes?: boolean;
  /** Further addresses of the Node object. */
  readonly others?: readonly string[];
  readonly addresses?: boolean;
  readonly path?: string;
  readonly more?: Readonly<Record<string, string>>;
}

const nodeObject = (name: string, addresses: readonly string[], version: string) =>
  `apiVersion: v1\nkind: Node\nmetadata:\n  name: ${name}\nstatus:\n  addresses:\n${addresses.map((one) => `  - address: ${one}\n    type: InternalIP\n`).join('')}  nodeInfo:\n    kubeletVersion: ${version}\n`;

const listing = (address: string) =>
  `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
    inet 127.0.0.1/8 scope host lo
       valid_lft forever preferred_lft forever
    inet6 ::1/128 scope host
       valid_lft forever preferred_lft forever
2: ens5: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP group default qlen 1000
    link/ether 02:00:0a:09:00:07 brd ff:ff:ff:ff:ff:ff
    ${address.includes(':') ? `inet6 ${address}/64 scope global` : `inet ${address}/24 brd + scope global ens5`}
       valid_lft forever preferred_lft forever
`;

export const unitText = (options = '') =>
  `# /etc/systemd/system/k3s.service\n[Service]\nExecStart=/usr/local/bin/k3s server${options}\n`;

export const namesText = (addresses: readonly string[]) =>
  ['DNS:edge-2', ...addresses.map((one) => `IP Address:${one}`)].join(', ');

export function kubeletFiles(given: KubeletWorld = {}): Record<string, string> {
  const {
    address = '10.9.0.7',
    names = ['127.0.0.1', '172.16.4.9'],
    version = 'v1.28.4+k3s1',
    log,
    config = 'disable:\n- traefik\n',
  } = given;
  const {
    unit = unitText(),
    nodes = true,
    others = [],
    addresses = true,
    path = '/var/lib/rancher/k3s/agent/serving-kubelet.crt',
    more = {},
  } = given;
  return {
    'edge-2/hostname': 'edge-2\n',
    ...(addresses ? { 'edge-2/ip-addr.txt': listing(address).replace('brd +', 'brd 10.9.0.255') } : {}),
    ...(names === null
      ? {}
      : { 'edge-2/certificates.txt': `${path}\n${certificateText({ cn: 'edge-2', names: namesText(names) })}` }),
    ...(config === null ? {} : { 'edge-2/k3s-config.yaml': config }),
    ...(unit === null ? {} : { 'edge-2/k3s-unit.txt': unit }),
    ...(log === undefined ? {} : { 'edge-2/k3s.log': log }),
    ...(nodes ? { 'kubernetes/nodes.yaml': nodeObject('edge-2', [address, ...others], version) } : {}),
    ...more,
  };
}

export const kubelet = (given?: KubeletWorld) => parseSnapshot(kubeletFiles(given));

export const refused = (address = '10.9.0.7', names = '127.0.0.1, 172.16.4.9') =>
  `time="2026-11-20T10:00:00Z" level=error msg="Get \\"https://${address.includes(':') ? `[${address}]` : address}:10250/exec/a/b/c\\": tls: failed to verify certificate: x509: certificate is valid for ${names}, not ${address}"\n`;

const api = (names: string) => certificateText({ cn: 'kube-apiserver', names });

/** A control plane and the certificate of its API server. */
export function apiServer(path: string, names: string, more: Readonly<Record<string, string>> = {}) {
  return parseSnapshot({
    'cp-1/hostname': 'cp-1\n',
    'cp-1/certificates.txt': `${path}\n${api(names)}`,
    ...more,
  });
}

export const kubernetesService = (address: string) =>
  `apiVersion: v1\nkind: Service\nmetadata:\n  name: kubernetes\n  namespace: default\nspec:\n  clusterIP: ${address}\n  clusterIPs:\n  - ${address}\n  ports:\n  - port: 443\n    protocol: TCP\n    targetPort: 6443\n  type: ClusterIP\n`;

/** A static Pod as kubeadm writes it. */
export const apiServerManifest = (range: string) =>
  `apiVersion: v1\nkind: Pod\nmetadata:\n  name: kube-apiserver\n  namespace: kube-system\nspec:\n  containers:\n  - command:\n    - kube-apiserver\n    - --secure-port=6443\n    - --service-cluster-ip-range=${range}\n    name: kube-apiserver\n  hostNetwork: true\n`;

export const kubeconfig = (server: string, more = '') =>
  `apiVersion: v1\nkind: Config\nclusters:\n- cluster:\n    certificate-authority: /etc/kubernetes/pki/ca.crt\n    server: ${server}\n${more}  name: default\n`;
