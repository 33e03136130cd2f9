/** Certificates of k3s that do not fit together, one way after the other, and ones that do. */
import { parseSnapshot } from '@coldtrace/parsers';
import type { BuiltinCases } from '../testing/builtin-cases.js';
import { certificateText } from '../testing/certificate-text.js';
import { certificatesWith, k3sServer, kubeconfig } from './cases.world.js';

const line = (text: string) => `time="2026-11-20T09:00:00Z" level=error msg="${text}"\n`;
const unit = '[Service]\nExecStart=/usr/local/bin/k3s server\n';

/** A paste of one check, as openssl 3 prints it. */
const verified = (reason: string, against: string) =>
  parseSnapshot({
    'ticket.txt': `root@cp:/var/lib/rancher/k3s/server/tls# openssl verify -CAfile ${against} serving-kube-apiserver.crt\nCN = kube-apiserver\n${reason}\nerror serving-kube-apiserver.crt: verification failed\n`,
  });

export const cases: BuiltinCases = {
  bad: [
    {
      name: 'server-ca was made anew under the same name',
      snapshot: k3sServer({
        changes: { 'tls/server-ca.crt': { key: 'ee', issuerKey: 'ee' } },
        more: {
          'cp/k3s.log': line('Get \\"https://127.0.0.1:6444/cacerts\\": x509: certificate signed by unknown authority'),
        },
      }),
    },
    {
      name: 'client-ca has another name now',
      snapshot: k3sServer({ changes: { 'tls/client-ca.crt': { cn: 'my-client-ca', issuer: 'my-client-ca' } } }),
    },
    {
      name: 'only dates tell that the authority is new',
      snapshot: k3sServer({
        changes: {
          'tls/request-header-ca.crt': {
            issuerKey: null,
            from: 'Nov 19 08:00:00 2026 GMT',
            to: 'Nov 17 08:00:00 2036 GMT',
          },
          'tls/client-auth-proxy.crt': { issuerKey: null },
        },
      }),
    },
    {
      name: 'a client certificate was signed by server-ca',
      snapshot: k3sServer({
        changes: { 'tls/client-admin.crt': { issuer: 'k3s-server-ca@1767600000', issuerKey: 'a1' } },
      }),
    },
    { name: 'client-ca is no authority', snapshot: k3sServer({ changes: { 'tls/client-ca.crt': { ca: false } } }) },
    {
      name: 'server-ca has no basic constraints',
      snapshot: k3sServer({ changes: { 'tls/server-ca.crt': { ca: null } } }),
    },
    {
      name: 'request-header-ca must not sign',
      snapshot: k3sServer({
        changes: { 'tls/request-header-ca.crt': { keyUsage: 'Digital Signature, Key Encipherment' } },
      }),
    },
    { name: 'request-header-ca is missing', snapshot: k3sServer({ changes: { 'tls/request-header-ca.crt': null } }) },
    {
      name: 'a log line says that client-ca is missing',
      snapshot: k3sServer({
        changes: { 'tls/client-ca.crt': null, 'tls/client-admin.crt': null, 'agent/client-kubelet.crt': null },
        more: { 'cp/k3s.log': line('open /var/lib/rancher/k3s/server/tls/client-ca.crt: no such file or directory') },
      }),
    },
    {
      name: 'a certificate has ended',
      snapshot: k3sServer({
        changes: { 'agent/client-kubelet.crt': { from: 'Nov  1 08:00:00 2025 GMT', to: 'Nov  1 08:00:00 2026 GMT' } },
        more: {
          'cp/k3s.log': line(
            'Get \\"https://127.0.0.1:6443/api\\": x509: certificate has expired or is not yet valid: current time 2026-11-20T09:00:00Z is after 2026-11-01T08:00:00Z',
          ),
        },
      }),
    },
    {
      name: 'the clock is behind the authority',
      snapshot: k3sServer({ date: 'Thu Jan  1 00:05:00 UTC 2026' }),
    },
    {
      name: 'the key beside server-ca is another one',
      snapshot: k3sServer({ keys: { 'tls/server-ca.crt': 'ee' } }),
    },
    {
      name: 'the kubeconfig embeds another authority',
      snapshot: k3sServer({ more: { 'cp/etc/rancher/k3s/k3s.yaml': kubeconfig('https://127.0.0.1:6443') } }),
    },
    {
      name: 'two servers disagree',
      snapshot: k3sServer({
        more: {
          'cp-2/hostname': 'cp-2\n',
          'cp-2/certificates.txt': certificatesWith({
            'tls/request-header-ca.crt': { key: 'dd', issuerKey: 'dd' },
            'tls/client-auth-proxy.crt': { issuerKey: 'dd' },
          }),
        },
      }),
    },
    {
      name: 'only a log line tells',
      snapshot: parseSnapshot({
        'edge/hostname': 'edge\n',
        'edge/k3s-unit.txt': unit,
        'edge/k3s.log': line(
          'Get \\"https://127.0.0.1:6443/version\\": x509: certificate signed by unknown authority (possibly because of \\"x509: ECDSA verification failure\\" while trying to verify candidate authority certificate \\"k3s-server-ca@1770000000\\")',
        ),
      }),
    },
    {
      name: 'openssl verify is all there is',
      snapshot: verified('error 20 at 0 depth lookup: unable to get local issuer certificate', 'server-ca.crt'),
    },
    {
      name: 'openssl verify says that a certificate has ended',
      snapshot: verified('error 10 at 0 depth lookup: certificate has expired', 'server-ca.crt'),
    },
  ],
  good: [
    {
      name: 'openssl verify was given another authority',
      snapshot: verified('error 20 at 0 depth lookup: unable to get local issuer certificate', 'client-ca.crt'),
      needs: ['certificates'],
    },
    { name: 'everything fits', snapshot: k3sServer() },
    {
      name: 'an authority was renewed with its key',
      snapshot: k3sServer({
        changes: { 'tls/client-ca.crt': { from: 'Nov 19 08:00:00 2026 GMT', to: 'Nov 17 08:00:00 2036 GMT' } },
      }),
    },
    {
      name: 'other programs have authorities of their own',
      snapshot: parseSnapshot({
        'vpn/hostname': 'vpn\n',
        'vpn/date.txt': 'Fri Nov 20 10:00:00 UTC 2026\n',
        'vpn/etc/openvpn/ca.crt.txt': certificateText({ cn: 'vpn', issuer: 'vpn', ca: true }),
        'vpn/etc/openvpn/client-alice.crt.txt': certificateText({ cn: 'alice', issuer: 'nobody' }),
      }),
      needs: ['certificates'],
    },
    {
      name: 'a registry that nobody trusts',
      snapshot: k3sServer({
        more: {
          'cp/k3s.log': line(
            'failed to pull image: Get \\"https://registry.lan/v2/\\": x509: certificate signed by unknown authority',
          ),
        },
      }),
    },
    {
      name: 'nothing was captured',
      snapshot: parseSnapshot({ 'edge/hostname': 'edge\n', 'edge/k3s-unit.txt': unit }),
      needs: ['certificates'],
    },
    {
      name: 'leaves without any authority',
      snapshot: k3sServer({
        changes: {
          'tls/server-ca.crt': null,
          'tls/client-ca.crt': null,
          'tls/request-header-ca.crt': null,
          'agent/server-ca.crt': null,
        },
      }),
      needs: ['certificates'],
    },
    { name: 'no key was collected', snapshot: k3sServer({ keys: null }), needs: ['public-keys'] },
    { name: 'nobody knows the time', snapshot: k3sServer({ date: null }), needs: ['date'] },
  ],
};
