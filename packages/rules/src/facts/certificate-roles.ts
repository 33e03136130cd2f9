/**
 * What the certificates of a node are for, told by their files: which authority signs them, which port presents them. k3s and rke2: pkg/daemons/control/deps
 * (server/tls, agent); kubeadm: Kubernetes, PKI certificates and requirements.
 */
import type { Certificate } from '@coldtrace/core';

export type Authority = 'server-ca' | 'client-ca' | 'request-header-ca' | 'etcd-server-ca' | 'etcd-peer-ca';

export type Installer = 'k3s' | 'rke2' | 'kubeadm';

export interface CertificateRole {
  readonly kind: 'authority' | 'leaf';
  /** Which authority it is, or which one has to sign it. */
  readonly authority: Authority;
  /** The port that presents it. */
  readonly port: number | null;
  readonly installer: Installer;
  /** Its file's name, with the folder where that tells files apart. */
  readonly name: string;
  /** A copy that an agent fetched from its server. */
  readonly copy: boolean;
}

type Entry = Pick<CertificateRole, 'kind' | 'authority' | 'port'>;

const leaf = (authority: Authority, port: number | null = null): Entry => ({ kind: 'leaf', authority, port });
const authority = (name: Authority): Entry => ({ kind: 'authority', authority: name, port: null });

export const kubeletPort = 10250;
export const apiServerPort = 6443;

const k3s: Readonly<Record<string, Entry>> = {
  'server-ca.crt': authority('server-ca'),
  'server-ca.nochain.crt': authority('server-ca'),
  'client-ca.crt': authority('client-ca'),
  'client-ca.nochain.crt': authority('client-ca'),
  'request-header-ca.crt': authority('request-header-ca'),
  'etcd/server-ca.crt': authority('etcd-server-ca'),
  'etcd/peer-ca.crt': authority('etcd-peer-ca'),
  'serving-kubelet.crt': leaf('server-ca', kubeletPort),
  'serving-kube-apiserver.crt': leaf('server-ca', apiServerPort),
  'client-auth-proxy.crt': leaf('request-header-ca'),
  'etcd/client.crt': leaf('etcd-server-ca'),
  'etcd/server-client.crt': leaf('etcd-server-ca', 2379),
  'etcd/peer-server-client.crt': leaf('etcd-peer-ca', 2380),
};

/** Client certificates of the components. */
const clients =
  'admin controller kube-apiserver kube-proxy kubelet scheduler supervisor cloud-controller k3s-controller k3s-cloud-controller rke2-controller rke2-cloud-controller'
    .split(' ')
    .map((name) => `client-${name}.crt`);

/** The certificates of kubeadm that serve; who signs what there is no matter of these files' names alone. */
const kubeadm: Readonly<Record<string, Entry>> = {
  'apiserver.crt': leaf('server-ca', apiServerPort),
};

/** null: the file does not tell, or the certificate is not its first, which is the chain's. */
export function roleOf({ place }: Pick<Certificate, 'place'>): CertificateRole | null {
  if (place.kind !== 'file' || place.path === null || place.index > 0) return null;
  const { path } = place;
  const [bare = '', folder = ''] = path.split('/').reverse();
  const name = folder === 'etcd' ? `etcd/${bare}` : bare;
  const entry = entryOf(k3s, name) ?? (clients.includes(name) ? leaf('client-ca') : null);
  if (entry !== null) {
    const installer = path.includes('rke2') ? 'rke2' : 'k3s';
    return { ...entry, installer, name, copy: entry.kind === 'authority' && folder === 'agent' };
  }
  const other = entryOf(kubeadm, name);
  return other === null ? null : { ...other, installer: 'kubeadm', name, copy: false };
}

function entryOf(table: Readonly<Record<string, Entry>>, name: string): Entry | null {
  return Object.hasOwn(table, name) ? (table[name] ?? null) : null;
}
