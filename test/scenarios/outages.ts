/** The outages that coldtrace solves, one row each; the rows of one sample are its sub-causes. */
import type { Outage } from './points.js';

/** What a row adds to the name of its sample, which is the number and mostly the rule too. */
type Row = Omit<Outage, 'number' | 'sample' | 'rule'> & { readonly rule?: string };

function outagesOf(sample: string, rows: readonly Row[]): readonly Outage[] {
  return rows.map((row) => ({ number: Number(sample.slice(0, 2)), sample, rule: sample.slice(3), ...row }));
}

/** Variants of sample 04: the dumps that each needs, and what stands in the first of them where the fault is not. */
function authorities(
  variants: readonly (readonly [
    bad: string,
    needed: readonly [string, ...string[]],
    from: string | RegExp,
    to: string,
  ])[],
): readonly Row[] {
  return variants.map(([bad, needed, from, to]) => ({
    bad,
    needed,
    decisive: { file: needed[0], from, to },
    path: false,
  }));
}

/** Variants of sample 10, each with a ticket of its own, the dumps that it needs, and how its decisive line reads where the fault is not. */
function flannel(
  variants: readonly (readonly [
    bad: string,
    rule: string,
    needed: readonly string[],
    file: string,
    from: string | RegExp,
    to: string,
    path?: boolean,
  ])[],
): readonly Row[] {
  return variants.map(([bad, rule, needed, file, from, to, path = false]) => ({
    bad,
    ticket: `tickets/${bad}.txt`,
    rule,
    needed,
    decisive: { file, from, to },
    path,
  }));
}

const gatewayDumps = [
  'master/iptables-save.txt',
  'master/ip-addr.txt',
  'master/ip-route.txt',
  'master/ip-rule.txt',
  'master/sysctl.txt',
];

export const outages: readonly Outage[] = [
  ...outagesOf('01-ippool-overlaps-host-network', [
    {
      needed: ['node-1/iptables-save.txt', 'node-1/ipset-list.txt', 'node-1/ip-route.txt', 'node-1/ip-addr.txt'],
      decisive: { file: 'node-1/ipset-list.txt', from: /192\.168\.0\.0\/16/g, to: '10.200.0.0/16' },
      path: true,
    },
  ]),
  ...outagesOf('02-neigh-lladdr-of-other-interface', [
    {
      needed: [
        'node-1/ip-neigh.txt',
        'node-1/ip-addr.txt',
        'node-1/ip-route.txt',
        'node-2/ip-addr.txt',
        'node-2/sysctl.txt',
      ],
      decisive: { file: 'node-1/ip-neigh.txt', from: /^.*192\.168\.4\.112.*\n/m, to: '' },
      path: true,
    },
    {
      bad: 'strict',
      needed: [
        'node-1/ip-neigh.txt',
        'node-1/ip-addr.txt',
        'node-2/ip-addr.txt',
        'node-2/ip-route.txt',
        'node-2/sysctl.txt',
      ],
      decisive: { file: 'node-2/sysctl.txt', from: /rp_filter = 1/g, to: 'rp_filter = 2' },
      path: true,
    },
  ]),
  ...outagesOf('03-cert-san-lacks-address', [
    {
      needed: [
        'gw/certificates.txt',
        'gw/ip-addr.txt',
        'gw/k3s-config.yaml',
        'gw/k3s-unit.txt',
        'kubernetes/nodes.yaml',
      ],
      decisive: { file: 'gw/certificates.txt', from: 'IP Address:172.29.1.100', to: 'IP Address:192.168.3.123' },
      path: false,
    },
    {
      bad: 'service-range',
      ticket: 'ticket-service-range.txt',
      needed: ['gw/certificates.txt', 'gw/k3s-config.yaml'],
      decisive: { file: 'gw/k3s-config.yaml', from: '10.96.0.0/16', to: '10.43.0.0/16' },
      path: false,
    },
  ]),
  ...outagesOf('04-k3s-authorities-inconsistent', [
    ...authorities([
      ['bad', ['server-1/var/lib/rancher/k3s/server/tls/server-ca.crt'], /^[\s\S]*$/, ''],
      ['missing', ['server-1/openssl-x509.txt.failed'], /No such file or directory/, 'Permission denied'],
      ['no-authority', ['server-1/certificates.txt'], 'CA:FALSE', 'CA:TRUE'],
      ['expired', ['server-1/date.txt', 'server-1/certificates.txt'], / 2026$/m, ' 2025'],
      [
        'key',
        ['server-1/public-keys.txt', 'server-1/var/lib/rancher/k3s/server/tls/client-ca.crt'],
        /client-ca\.key/,
        'service.key',
      ],
    ]),
  ]),
  ...outagesOf('05-gateway-does-not-forward', [
    {
      needed: gatewayDumps,
      decisive: { file: 'master/iptables-save.txt', from: ':FORWARD DROP', to: ':FORWARD ACCEPT' },
      path: true,
    },
    {
      bad: 'ufw',
      needed: gatewayDumps,
      decisive: {
        file: 'master/iptables-save.txt',
        from: '-A FORWARD -s 10.42.0.0/16 -j ACCEPT',
        to: '-A FORWARD -s 172.29.1.0/24 -j ACCEPT',
      },
      path: true,
    },
    {
      bad: 'sysctl-off',
      needed: ['master/sysctl.txt', 'master/ip-addr.txt'],
      decisive: {
        file: 'master/sysctl.txt',
        from: /^(net\.ipv4\.(?:ip_forward|conf\.\S+\.forwarding)) = 0$/gm,
        to: '$1 = 1',
      },
      path: true,
    },
    {
      bad: 'masquerade-missing',
      needed: [...gatewayDumps, 'master/conntrack.txt'],
      decisive: {
        file: 'master/iptables-save.txt',
        from: '-A POSTROUTING -s 172.17.0.0/16 ! -o docker0',
        to: '-A POSTROUTING -s 172.29.1.0/24 ! -o docker0',
      },
      path: true,
    },
  ]),
  ...outagesOf('06-pod-addresses-leaked', [
    {
      needed: ['node-1/cni-networks.txt', 'node-1/crictl-pods.txt'],
      decisive: { file: 'node-1/cni-networks.txt', from: /^==> \S*\/10\.244\.1\.3 <==\n[^=]*/m, to: '' },
      path: false,
    },
  ]),
  ...outagesOf('07-flannel-vtep-mac-stale', [
    {
      needed: ['node-1/ip-neigh.txt', 'node-1/bridge-fdb.txt', 'node-1/ip-route.txt', 'node-2/ip-addr.txt'],
      decisive: { file: 'node-1/ip-neigh.txt', from: '6e:1d:5c:40:b3:87', to: 'fa:3b:8e:02:d4:c1' },
      path: true,
    },
  ]),
  ...outagesOf('08-tcp-tw-recycle-behind-nat', [
    {
      needed: ['node-1/sysctl.txt', 'node-1/uname.txt', 'node-1/iptables-save.txt', 'node-1/ip-route.txt'],
      decisive: { file: 'node-1/sysctl.txt', from: 'tcp_tw_recycle = 1', to: 'tcp_tw_recycle = 0' },
      path: true,
    },
  ]),
  ...outagesOf('09-masquerade-hides-pod-source', [
    {
      needed: [
        'node-1/iptables-save.txt',
        'node-1/ip-addr.txt',
        'node-1/ip-route.txt',
        'node-1/ip-rule.txt',
        'node-1/sysctl.txt',
      ],
      decisive: {
        file: 'node-1/iptables-save.txt',
        from: '-A POSTROUTING -s 172.30.24.0/24 ! -o docker0 -j MASQUERADE',
        to: '-A POSTROUTING -s 172.30.24.0/24 -o eth0 -j MASQUERADE',
      },
      path: true,
    },
  ]),
  ...outagesOf('10-flannel-subnet-unreachable', [
    {
      needed: ['node-1/ip-route.txt', 'node-1/ip-rule.txt'],
      decisive: { file: 'node-1/ip-route.txt', from: /^/, to: '10.244.1.0/24 via 10.244.1.0 dev flannel.1 onlink \n' },
      path: true,
    },
    ...flannel([
      [
        'host-gw-far',
        'flannel-nexthop-not-onlink',
        ['node-1/ip-addr.txt'],
        'node-1/ip-addr.txt',
        '192.168.3.118/24',
        '192.168.3.118/21',
        true,
      ],
      [
        'port-blocked',
        'flannel-tunnel-port-blocked',
        ['node-2/ip-addr.txt', 'node-2/ip-route.txt', 'node-2/ip-rule.txt', 'node-2/iptables-save.txt'],
        'node-2/iptables-save.txt',
        ':INPUT DROP',
        ':INPUT ACCEPT',
        true,
      ],
      [
        'bridge-left',
        'flannel-bridge-outside-subnet',
        ['node-2/ip-addr.txt', 'node-2/subnet.env'],
        'node-2/subnet.env',
        'SUBNET=10.244.1.1/24',
        'SUBNET=10.88.3.1/24',
      ],
      ['mtu', 'flannel-mtu-too-large', [], 'node-1/ip-link.txt', /mtu 1500(?= qdisc noqueue)/g, 'mtu 1450'],
      [
        'wrong-interface',
        'flannel-wrong-interface',
        ['node-1/ip-addr.txt', 'node-2/ip-addr.txt'],
        'kubernetes/nodes.yaml',
        /10\.0\.2\.15/g,
        '192.168.3.118',
      ],
      ['duplicate', 'flannel-subnet-duplicate', [], 'node-2/subnet.env', '10.244.0.1/24', '10.244.1.1/24'],
      [
        'docker-bip',
        'flannel-docker-bip-mismatch',
        ['node-2/docker', 'node-2/subnet.env'],
        'node-2/docker',
        /172\.30\.99\.1/g,
        '10.244.1.1',
      ],
      [
        'network-elsewhere',
        'flannel-network-mismatch',
        ['kubernetes/kube-flannel-cfg.yaml'],
        'kubernetes/kube-flannel-cfg.yaml',
        '10.99.0.0/16',
        '10.244.0.0/16',
      ],
    ]),
  ]),
  ...outagesOf('11-kube-proxy-config-invalid', [
    {
      needed: ['kubernetes/kube-proxy-configmap.yaml'],
      decisive: { file: 'kubernetes/kube-proxy-configmap.yaml', from: /masqueradeAl: ""/, to: 'masqueradeAll: true' },
      path: false,
    },
  ]),
  ...outagesOf('12-ipvs-source-is-service-address', [
    {
      needed: ['node-1/iptables-save.txt', 'node-1/ipvsadm.txt', 'node-1/ip-route.txt', 'node-1/sysctl.txt'],
      decisive: { file: 'node-1/ip-route.txt', from: /^local 10\.96\.0\.1 .*\n/m, to: '' },
      path: true,
    },
    {
      bad: 'conntrack-off',
      needed: ['node-1/iptables-save.txt', 'node-1/ipvsadm.txt', 'node-1/ip-addr.txt', 'node-1/sysctl.txt'],
      decisive: { file: 'node-1/sysctl.txt', from: 'vs.conntrack = 0', to: 'vs.conntrack = 1' },
      path: true,
    },
    {
      bad: 'member-missing',
      needed: ['node-1/iptables-save.txt', 'node-1/ipvsadm.txt', 'node-1/ipset-list.txt', 'node-1/sysctl.txt'],
      decisive: { file: 'node-1/ipset-list.txt', from: '10.96.0.10,tcp:53', to: '10.96.0.1,tcp:443' },
      path: true,
    },
    {
      bad: 'service-missing',
      ticket: 'ticket-service-missing.txt',
      rule: 'ipvs-service-missing',
      needed: [],
      decisive: { file: 'kubernetes/services.yaml', from: /10\.96\.0\.1$/m, to: '10.96.0.10' },
      path: true,
    },
    {
      bad: 'no-server',
      ticket: 'ticket-no-server.txt',
      rule: 'ipvs-service-missing',
      needed: ['kubernetes/endpoints.yaml', 'kubernetes/services.yaml'],
      decisive: { file: 'kubernetes/endpoints.yaml', from: '192.168.10.11', to: '192.168.10.13' },
      path: true,
    },
  ]),
  ...outagesOf('13-source-address-cannot-return', [
    {
      needed: [
        'node-1/iptables-save.txt',
        'node-1/ip-addr.txt',
        'node-1/ip-route.txt',
        'node-1/ip-rule.txt',
        'node-1/conntrack.txt',
      ],
      decisive: {
        file: 'node-1/ip-route.txt',
        from: 'default via 10.141.13.1 dev enslf1',
        to: 'default via 10.0.0.1 dev enslf0',
      },
      path: true,
    },
  ]),
  ...outagesOf('14-service-endpoint-dead', [
    {
      needed: ['node-1/iptables-save.txt', 'node-1/ip-route.txt', 'master-2/ss.txt', 'master-2/ip-addr.txt'],
      decisive: { file: 'node-1/iptables-save.txt', from: /192\.168\.70\.12:6443/, to: '192.168.70.11:6443' },
      path: true,
    },
    {
      bad: 'filtered',
      needed: ['node-1/iptables-save.txt', 'node-1/ip-route.txt', 'master-2/iptables-save.txt', 'master-2/ip-addr.txt'],
      decisive: { file: 'master-2/iptables-save.txt', from: ':INPUT DROP', to: ':INPUT ACCEPT' },
      path: true,
    },
  ]),
];
