/** Certificates that lack the address by which their server is dialled, and ones that hold it. */
import type { BuiltinCases } from '../testing/builtin-cases.js';
import {
  apiServer,
  apiServerManifest,
  kubeconfig,
  kubelet,
  kubernetesService,
  refused,
  unitText,
} from './cases.world.js';

const k3sApi = '/var/lib/rancher/k3s/server/tls/serving-kube-apiserver.crt';
const kubeadmApi = '/etc/kubernetes/pki/apiserver.crt';
const presented = (address: string, verdict: string) => ({
  'edge-2/s_client.txt': `CONNECTED(00000003)\n---\nCertificate chain\n---\nVerify return code: ${verdict}\n`,
  'ticket.txt': `[root@edge-2 ~]# openssl s_client -connect ${address}:10250 -verify_ip ${address}\nCONNECTED(00000003)\n---\nVerify return code: ${verdict}\n`,
});

const sound = 'DNS:kubernetes, DNS:cp-1, IP Address:10.112.0.1, IP Address:10.0.0.4';

const controlPlane = {
  'cp-1/ip-addr.txt':
    '2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc fq_codel state UP group default qlen 1000\n    link/ether 02:00:0a:00:00:04 brd ff:ff:ff:ff:ff:ff\n    inet 10.0.0.4/24 brd 10.0.0.255 scope global eth0\n       valid_lft forever preferred_lft forever\n    inet 10.0.0.9/24 brd 10.0.0.255 scope global secondary eth0\n       valid_lft forever preferred_lft forever\n',
  'objects/services.yaml': kubernetesService('10.112.0.1'),
};

export const cases: BuiltinCases = {
  bad: [
    { name: 'the address is in nothing but the Node object', snapshot: kubelet() },
    { name: 'a client said so too', snapshot: kubelet({ log: refused() }) },
    {
      name: 'only the log tells',
      snapshot: kubelet({ names: null, nodes: false, addresses: false, config: null, unit: null, log: refused() }),
    },
    { name: 'over IPv6', snapshot: kubelet({ address: 'fd00:9::7', names: ['127.0.0.1', '::1', 'fd00:16::9'] }) },
    { name: 'the unit pins another address', snapshot: kubelet({ unit: unitText(' --node-ip 172.16.4.9') }) },
    { name: 'it is pinned since, but not issued anew', snapshot: kubelet({ config: 'node-ip: 10.9.0.7\n' }) },
    { name: 'the options were not captured', snapshot: kubelet({ config: null, unit: null }) },
    {
      name: 'the certificate on disk holds the address that a client missed',
      snapshot: kubelet({ names: ['127.0.0.1', '10.9.0.7'], log: refused() }),
    },
    {
      name: 'openssl asked for the address',
      snapshot: kubelet({ nodes: false, more: presented('10.9.0.7', '64 (IP address mismatch)') }),
    },
    {
      name: 'the API server of k3s lacks the first Service address',
      snapshot: apiServer(k3sApi, 'DNS:kubernetes, IP Address:127.0.0.1, IP Address:10.43.0.1', {
        'cp-1/k3s-config.yaml': 'service-cidr: 10.96.0.0/16\n',
      }),
    },
    {
      name: 'so does that of kubeadm',
      snapshot: apiServer(kubeadmApi, 'DNS:kubernetes, DNS:cp-1, IP Address:10.0.0.4', {
        'objects/services.yaml': kubernetesService('10.112.0.1'),
      }),
    },
    {
      name: 'the manifest of the API server tells the range',
      snapshot: apiServer(kubeadmApi, 'DNS:kubernetes, DNS:cp-1, IP Address:10.96.0.1', {
        'cp-1/etc/kubernetes/manifests/kube-apiserver.yaml': apiServerManifest('10.112.0.0/16,fd00:112::/112'),
      }),
    },
    {
      name: 'a kubelet dials an address of the control plane',
      snapshot: apiServer(kubeadmApi, sound, {
        'w-1/hostname': 'w-1\n',
        'w-1/etc/kubernetes/kubelet.conf': kubeconfig('https://10.0.0.9:6443'),
        ...controlPlane,
      }),
    },
    {
      name: 'a kubelet dials a name that leads to the control planes',
      snapshot: apiServer(kubeadmApi, sound, {
        'w-1/hostname': 'w-1\n',
        'w-1/etc/kubernetes/kubelet.conf': kubeconfig('https://api.lan.example:6443'),
        ...controlPlane,
      }),
    },
    { name: 'the range is the default one', snapshot: apiServer(k3sApi, 'DNS:kubernetes, IP Address:127.0.0.1') },
    {
      name: 'the first address of a node of two families',
      snapshot: kubelet({
        address: 'fd00:9::7',
        others: ['10.9.0.7'],
        names: ['127.0.0.1', '10.9.0.7'],
        config: null,
      }),
    },
    {
      name: 'a program of its own complains of its database',
      snapshot: kubelet({
        names: ['127.0.0.1', '10.9.0.7'],
        more: { 'ticket.txt': 'app-7 ERROR db: pq: x509: certificate is valid for 10.1.1.1, not 10.1.1.2\n' },
      }),
    },
  ],
  good: [
    {
      name: 'the second address of a node of two families, which nobody dials',
      snapshot: kubelet({ names: ['127.0.0.1', '10.9.0.7'], others: ['fd00:9::7'] }),
    },
    { name: 'the certificate holds the address', snapshot: kubelet({ names: ['127.0.0.1', '10.9.0.7'] }) },
    {
      name: 'in another spelling',
      snapshot: kubelet({ address: 'fd00:9::7', names: ['0:0:0:0:0:0:0:1', 'FD00:9:0:0:0:0:0:7'] }),
    },
    { name: 'nothing was captured', snapshot: kubelet({ names: null }), needs: ['certificates'] },
    {
      name: 'a kubelet of kubeadm, which nobody checks',
      snapshot: kubelet({
        version: 'v1.28.4',
        config: null,
        unit: null,
        names: ['127.0.0.1'],
        path: '/var/lib/kubelet/pki/kubelet.crt',
      }),
      needs: ['certificates'],
    },
    {
      name: 'the API server holds the first Service address',
      snapshot: apiServer(kubeadmApi, 'DNS:kubernetes, IP Address:10.96.0.1', {
        'objects/services.yaml': kubernetesService('10.96.0.1'),
      }),
    },
    {
      name: 'kubeconfigs for what it holds, for another cluster, and with a name of their own',
      snapshot: apiServer(kubeadmApi, sound, {
        'cp-1/etc/kubernetes/kubelet.conf': kubeconfig('https://cp-1:6443'),
        'cp-1/etc/kubernetes/admin.conf': kubeconfig('https://10.0.0.4:6443'),
        'cp-1/etc/kubernetes/scheduler.conf': kubeconfig('https://10.0.0.9:6443', '    tls-server-name: kubernetes\n'),
        'cp-1/etc/kubernetes/controller-manager.conf': kubeconfig('https://127.0.0.1:6443'),
        'cp-1/home/ops/.kube/config.yaml': kubeconfig('https://elsewhere.example:6443'),
        ...controlPlane,
      }),
    },
    {
      name: 'what k3s presents to its clients is another certificate than its API server has',
      snapshot: apiServer(k3sApi, 'DNS:kubernetes, IP Address:127.0.0.1, IP Address:10.112.0.1, IP Address:10.0.0.4', {
        'cp-1/etc/rancher/k3s/k3s.yaml': kubeconfig('https://10.0.0.9:6443'),
        ...controlPlane,
      }),
    },
    {
      name: 'nobody knows the Service range',
      snapshot: apiServer(kubeadmApi, 'DNS:kubernetes, IP Address:10.0.0.4'),
      needs: ['services'],
    },
  ],
};
