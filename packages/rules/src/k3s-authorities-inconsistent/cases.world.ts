/** A k3s server and its certificates in text form, consistent but for what a case changes; for tests only. */
import { parseSnapshot } from '@coldtrace/parsers';
import { type CertificateText, certificateText, publicKeyText } from '../testing/certificate-text.js';

type Changes = Readonly<Record<string, Partial<CertificateText> | null>>;

const server = '/var/lib/rancher/k3s/server/tls';
const agent = '/var/lib/rancher/k3s/agent';

const ca = (name: string, key: string): CertificateText => ({
  cn: `k3s-${name}@1767600000`,
  issuer: `k3s-${name}@1767600000`,
  ca: true,
  key,
  issuerKey: key,
  keyUsage: 'Digital Signature, Key Encipherment, Certificate Sign',
});
const by = (cn: string, name: string, issuerKey: string): CertificateText => ({
  cn,
  issuer: `k3s-${name}@1767600000`,
  key: '77',
  issuerKey,
});

/** Consistent certificates by file. */
const sound: Readonly<Record<string, CertificateText>> = {
  [`${server}/server-ca.crt`]: ca('server-ca', 'a1'),
  [`${server}/client-ca.crt`]: ca('client-ca', 'b2'),
  [`${server}/request-header-ca.crt`]: ca('request-header-ca', 'c3'),
  [`${server}/serving-kube-apiserver.crt`]: {
    ...by('kube-apiserver', 'server-ca', 'a1'),
    names: 'DNS:kubernetes, IP Address:10.43.0.1',
  },
  [`${server}/client-admin.crt`]: by('system:admin', 'client-ca', 'b2'),
  [`${server}/client-auth-proxy.crt`]: by('system:auth-proxy', 'request-header-ca', 'c3'),
  [`${agent}/server-ca.crt`]: ca('server-ca', 'a1'),
  [`${agent}/client-kubelet.crt`]: by('system:node:cp', 'client-ca', 'b2'),
};

/** `tls/server-ca.crt` and `agent/…` for the files' whole paths; null takes one away. */
export function certificatesWith(changes: Changes = {}): string {
  const path = (short: string) => short.replace(/^tls\//, `${server}/`).replace(/^agent\//, `${agent}/`);
  const given = new Map(Object.entries(changes).map(([short, change]) => [path(short), change]));
  return Object.entries(sound)
    .map(([file, text]) => {
      const change = given.get(file);
      return change === null ? '' : `${file}\n${certificateText({ ...text, ...change })}`;
    })
    .join('');
}

/** The keys beside them, as they were collected; `keys` puts another one in the place of a file's. */
function keysWith(changes: Changes, keys: Readonly<Record<string, string>>): string {
  return Object.entries(sound)
    .map(([file, { key = '' }]) => {
      const short = file.replace(server, 'tls').replace(agent, 'agent');
      const own = keys[short] ?? changes[short]?.key ?? key;
      return `${file.replace(/\.crt$/, '.key')}\n${publicKeyText(own)}`;
    })
    .join('');
}

export interface K3sWorld {
  readonly changes?: Changes;
  /** Two digits for the key of a file, where it is not the certificate's. */
  readonly keys?: Readonly<Record<string, string>> | null;
  readonly more?: Readonly<Record<string, string>>;
  readonly date?: string | null;
}

export function k3sServer({
  changes = {},
  keys = {},
  more = {},
  date = 'Fri Nov 20 10:00:00 UTC 2026',
}: K3sWorld = {}) {
  return parseSnapshot({
    'cp/hostname': 'cp\n',
    ...(date === null ? {} : { 'cp/date.txt': `${date}\n` }),
    'cp/certificates.txt': certificatesWith(changes),
    ...(keys === null ? {} : { 'cp/public-keys.txt': keysWith(changes, keys) }),
    ...more,
  });
}

/** Another authority, as a kubeconfig embeds it. */
export const otherAuthority =
  'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUJtekNDQVVHZ0F3SUJBZ0lVWW54WFl3cFZEMkZzVmEwR0NOVi9qMVgwWnVFd0NnWUlLb1pJemowRUF3SXcKSXpFaE1COEdBMVVFQXd3WWF6TnpMWE5sY25abGNpMWpZVUF4Tnpjd01EQXdNREF3TUI0WERUSTJNVEV5TVRBMgpORFF5TUZvWERUTTJNVEV4T0RBMk5EUXlNRm93SXpFaE1COEdBMVVFQXd3WWF6TnpMWE5sY25abGNpMWpZVUF4Ck56Y3dNREF3TURBd01Ga3dFd1lIS29aSXpqMENBUVlJS29aSXpqMERBUWNEUWdBRUY3M0VZWEM3RUF3TGgvTjIKOUh6WDZLR0xuc244d2NQN0RPMmQvS01Va2VmQnYzY25wMFpyd0c4TGN1c0ErREl2TEg1eTFDVnpsY0E2UXJkNQpaWVFpVjZOVE1GRXdIUVlEVlIwT0JCWUVGS2k5MElpUUd6U3Zmc0M2dVhwL2ZJT28zeDJ5TUI4R0ExVWRJd1FZCk1CYUFGS2k5MElpUUd6U3Zmc0M2dVhwL2ZJT28zeDJ5TUE4R0ExVWRFd0VCL3dRRk1BTUJBZjh3Q2dZSUtvWkkKemowRUF3SURTQUF3UlFJaEFOTHFKUWhnejkrSnArREVib3pGeTcrMEpSWmdFSk1zcTM2MXJ5Mmxvbk5aQWlCNAp1WGhYL0U3Q2xoYmkrSldrWDVFbFVocVdjQlpkeUpmcnhYaFZoY3NHbmc9PQotLS0tLUVORCBDRVJUSUZJQ0FURS0tLS0tCg==';
export const kubeconfig = (server: string) =>
  `apiVersion: v1\nkind: Config\nclusters:\n- cluster:\n    certificate-authority-data: ${otherAuthority}\n    server: ${server}\n  name: default\n`;
