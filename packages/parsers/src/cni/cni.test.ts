import type { Facts, Setting } from '@coldtrace/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Format, Section } from '../format.js';
import { kubernetesFormats } from '../kubernetes/index.js';
import { hostileTexts, ledgerIsComplete, sectionOf, slowLines, textAt } from '../testing.js';
import { cniFormats, settingsOfCommandLine } from './index.js';

const formatNamed = (id: string): Format => {
  const found = [...cniFormats, ...kubernetesFormats].find((one) => one.id === id);
  if (found === undefined) throw new Error(id);
  return found;
};
const settingsIn = (facts: readonly Facts[]): readonly Setting[] =>
  facts.flatMap((one) => (one.kind === 'settings' ? one.rows : []));

function read(id: string, text: string, given: Partial<Section> = {}) {
  const section = sectionOf(text, given);
  const parsed = formatNamed(id).parse(section);
  expect(ledgerIsComplete(section, parsed)).toBe(true);
  const rows = settingsIn(parsed.value);
  return {
    section,
    parsed,
    rows,
    shown: rows.map((one) => `${one.source} ${one.key} = ${one.value}`),
    unread: [...parsed.ledger].filter((state) => state === 0).length,
  };
}

const conflist = `{
  "name": "cbr0",
  "cniVersion": "0.3.1",
  "plugins": [
    {
      "type": "flannel",
      "delegate": { "hairpinMode": true, "isDefaultGateway": true }
    },
    { "type": "portmap", "capabilities": { "portMappings": true } }
  ]
}
`;

describe('settings', () => {
  const table: readonly (readonly [string, string, string, Partial<Section>, readonly string[]])[] = [
    [
      'a conflist',
      'network-json',
      conflist,
      {},
      [
        'cni-conflist name = cbr0',
        'cni-conflist cniVersion = 0.3.1',
        'cni-conflist plugins.0.type = flannel',
        'cni-conflist plugins.0.delegate.hairpinMode = true',
        'cni-conflist plugins.0.delegate.isDefaultGateway = true',
        'cni-conflist plugins.1.type = portmap',
        'cni-conflist plugins.1.capabilities.portMappings = true',
      ],
    ],
    [
      'net-conf.json',
      'network-json',
      '{\n "Network": "10.244.0.0/16",\n "Backend": {"Type": "vxlan", "VNI": 1}\n}\n',
      {},
      ['net-conf Network = 10.244.0.0/16', 'net-conf Backend.Type = vxlan', 'net-conf Backend.VNI = 1'],
    ],
    [
      'a delegate file',
      'network-json',
      '{"cniVersion":"0.3.1","ipMasq":false,"ipam":{"subnet":"10.244.1.0/24","type":"host-local"},"mtu":1450,"name":"cbr0","type":"bridge"}',
      { path: 'var/lib/cni/flannel/0a1b' },
      [
        'cni-delegate cniVersion = 0.3.1',
        'cni-delegate ipMasq = false',
        'cni-delegate ipam.subnet = 10.244.1.0/24',
        'cni-delegate ipam.type = host-local',
        'cni-delegate mtu = 1450',
        'cni-delegate name = cbr0',
        'cni-delegate type = bridge',
      ],
    ],
    [
      'a lease',
      'network-json',
      '{"PublicIP":"192.168.3.119","BackendType":"vxlan","BackendData":{"VtepMAC":"e6:ca:d7:0c:0f:3b"}}',
      {},
      [
        'flannel-lease PublicIP = 192.168.3.119',
        'flannel-lease BackendType = vxlan',
        'flannel-lease BackendData.VtepMAC = e6:ca:d7:0c:0f:3b',
      ],
    ],
    [
      'daemon.json',
      'network-json',
      '{"bip": "172.30.24.1/24", "ip-masq": true, "exec-opts": []}',
      {},
      ['docker-daemon bip = 172.30.24.1/24', 'docker-daemon ip-masq = true', 'docker-daemon exec-opts = []'],
    ],
    [
      'subnet.env',
      'environment-file',
      'FLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_SUBNET=10.244.1.1/24\nFLANNEL_MTU=1450\nFLANNEL_IPMASQ=true\n',
      {},
      [
        'subnet.env FLANNEL_NETWORK = 10.244.0.0/16',
        'subnet.env FLANNEL_SUBNET = 10.244.1.1/24',
        'subnet.env FLANNEL_MTU = 1450',
        'subnet.env FLANNEL_IPMASQ = true',
      ],
    ],
    [
      '/run/flannel/docker',
      'environment-file',
      'DOCKER_OPT_BIP="--bip=172.30.24.1/24"\nDOCKER_NETWORK_OPTIONS=" --bip=172.30.24.1/24 --ip-masq=true --mtu=1450"\n',
      {},
      [
        'docker DOCKER_OPT_BIP = --bip=172.30.24.1/24',
        'docker bip = 172.30.24.1/24',
        'docker DOCKER_NETWORK_OPTIONS =  --bip=172.30.24.1/24 --ip-masq=true --mtu=1450',
        'docker bip = 172.30.24.1/24',
        'docker ip-masq = true',
        'docker mtu = 1450',
      ],
    ],
    [
      'etcdctl',
      'etcdctl-set',
      `etcdctl --endpoints=https://10.0.0.1:2379 set /coreos.com/network/config '{"Network":"172.30.0.0/16","SubnetLen":24,"Backend":{"Type":"vxlan"}}'\n`,
      {},
      ['net-conf Network = 172.30.0.0/16', 'net-conf SubnetLen = 24', 'net-conf Backend.Type = vxlan'],
    ],
    [
      'etcdctl over several lines',
      'etcdctl-set',
      `etcdctl put /coreos.com/network/config '{\n "Network": "10.5.0.0/16"\n}'\n`,
      {},
      ['net-conf Network = 10.5.0.0/16'],
    ],
    [
      'k3s config.yaml',
      'k3s-config',
      '# pinned\nnode-ip: 192.168.3.123\ntls-san:\n  - gw.example\n  - 192.168.3.123\nflannel-iface: eth1\n',
      {},
      [
        'k3s-config node-ip = 192.168.3.123',
        'k3s-config tls-san.0 = gw.example',
        'k3s-config tls-san.1 = 192.168.3.123',
        'k3s-config flannel-iface = eth1',
      ],
    ],
    [
      'a unit',
      'systemd-unit',
      '# /etc/systemd/system/k3s.service\n[Unit]\nDescription=Lightweight Kubernetes\n[Service]\nEnvironmentFile=-/etc/default/k3s\nEnvironment="DOCKER_OPTS=--mtu=1400"\nExecStart=/usr/local/bin/k3s \\\n    server \\\n  --node-ip=192.168.3.123 \\\n  --flannel-iface eth1\n',
      {},
      [
        'systemd-unit Unit.Description = Lightweight Kubernetes',
        'systemd-unit Service.EnvironmentFile = -/etc/default/k3s',
        'systemd-unit Service.Environment = "DOCKER_OPTS=--mtu=1400"',
        'docker DOCKER_OPTS = --mtu=1400',
        'docker mtu = 1400',
        'systemd-unit Service.ExecStart = /usr/local/bin/k3s       server     --node-ip=192.168.3.123     --flannel-iface eth1',
        'k3s node-ip = 192.168.3.123',
        'k3s flannel-iface = eth1',
      ],
    ],
    [
      'a unit in which the installer of k3s quoted each argument',
      'systemd-unit',
      "[Service]\nExecStart=/usr/local/bin/k3s \\\n    server \\\n\t'--node-ip' \\\n\t'192.168.3.123' \\\n\t'--flannel-backend=host-gw' \\\n\n",
      {},
      [
        "systemd-unit Service.ExecStart = /usr/local/bin/k3s       server   \t'--node-ip'   \t'192.168.3.123'   \t'--flannel-backend=host-gw'",
        'k3s node-ip = 192.168.3.123',
        'k3s flannel-backend = host-gw',
      ],
    ],
    [
      'flanneld’s own options',
      'environment-file',
      'FLANNEL_OPTIONS="--iface=eth1"\n',
      {},
      ['flanneld FLANNEL_OPTIONS = --iface=eth1', 'flanneld iface = eth1'],
    ],
    [
      'etcdctl with escaped quotes',
      'etcdctl-set',
      'etcdctl mk /kube-centos/network/config "{ \\"Network\\": \\"172.17.0.0/16\\", \\"Backend\\": { \\"Type\\": \\"host-gw\\" } }"\n',
      {},
      ['net-conf Network = 172.17.0.0/16', 'net-conf Backend.Type = host-gw'],
    ],
    [
      'a command line',
      'daemon-flags',
      '/opt/bin/flanneld --ip-masq --kube-subnet-mgr --iface=enp1s0\n',
      {},
      ['flanneld ip-masq = true', 'flanneld kube-subnet-mgr = true', 'flanneld iface = enp1s0'],
    ],
  ];
  it.each(table)('of %s', (_name, id, text, given, expected) => {
    const { shown, unread } = read(id, text, given);
    expect(shown.map((one) => one.replace(/ {2,}/g, '  '))).toEqual(expected.map((one) => one.replace(/ {2,}/g, '  ')));
    expect(unread).toBe(0);
  });
  it('point at the value, or at the line', () => {
    const { rows, section } = read('network-json', conflist);
    expect(textAt(section, rows[2]?.span ?? { start: 0, end: 0 })).toBe('"flannel"');
  });
  it('of a ps line are read by whoever reads ps', () => {
    const line = 'root 1234 1 0 10:00 ? 00:00:01 /usr/bin/dockerd --bip=172.30.24.1/24 --ip-masq=true --mtu=1450';
    expect(settingsOfCommandLine(line, 0, 0).map((one) => `${one.source} ${one.key}=${one.value}`)).toEqual([
      'docker bip=172.30.24.1/24',
      'docker ip-masq=true',
      'docker mtu=1450',
    ]);
  });
  it('of kube-proxy in a unit become its configuration', () => {
    const { parsed } = read(
      'systemd-unit',
      '[Service]\nExecStart=/usr/bin/kube-proxy --proxy-mode=ipvs --cluster-cidr=10.0.0.0/8\n',
    );
    expect(parsed.value.map((one) => one.kind)).toEqual(['settings', 'component-configs']);
  });
  it('of kube-flannel.yml come from its ConfigMap and its arguments', () => {
    const text = `apiVersion: v1
kind: ConfigMap
metadata: {name: kube-flannel-cfg}
data:
  cni-conf.json: |
    {"name": "cbr0", "plugins": []}
  net-conf.json: |
    {
      "Network": "10.244.0.0/16",
      "Backend": {
        "Type": "host-gw"
      }
    }
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: kube-flannel-ds}
spec:
  template:
    spec:
      containers:
      - name: kube-flannel
        image: flannel:v0.22.0
        command: [/opt/bin/flanneld]
        args:
        - --ip-masq
        - --iface=enp1s0
`;
    const { rows, section } = read('kube-objects', text);
    expect(rows.map((one) => `${one.source} ${one.key} = ${one.value}`)).toEqual([
      'cni-conflist name = cbr0',
      'cni-conflist plugins = []',
      'net-conf Network = 10.244.0.0/16',
      'net-conf Backend.Type = host-gw',
      'kube-flannel ip-masq = true',
      'kube-flannel iface = enp1s0',
    ]);
    expect(textAt(section, rows[2]?.span ?? { start: 0, end: 0 })).toBe('"10.244.0.0/16"');
  });
});

describe('recognition', () => {
  const table: readonly (readonly [string, string, string | null])[] = [
    ['network-json', '{"Network":"10.0.0.0/8"}', 'opens'],
    ['network-json', '{', null],
    ['environment-file', 'FLANNEL_SUBNET=10.244.1.1/24', 'opens'],
    ['environment-file', 'net.ipv4.ip_forward = 1', null],
    ['environment-file', 'PATH=/usr/bin', 'continues'],
    ['etcdctl-set', 'etcdctl member list', null],
    ['k3s-config', 'node-ip: 192.168.3.123', 'opens'],
    ['k3s-config', 'inet: 10.0.0.1', null],
    ['systemd-unit', '[Service]', 'opens'],
    ['systemd-unit', '[KUBE-SVC-X]', null],
    ['daemon-flags', 'k3s server --node-ip 10.0.0.1', 'opens'],
    ['daemon-flags', 'k3s kubectl get nodes', null],
  ];
  it.each(table)('%s: %s is %s', (id, line, expected) => {
    expect(formatNamed(id).line(line)).toBe(expected);
  });
  it.each([
    ['network-json', conflist, 'x.json'],
    ['k3s-config', 'node-ip: 10.0.0.1\n', 'etc/rancher/k3s/config.yaml'],
  ])('%s of a whole file', (id, text, path) => {
    expect(formatNamed(id).whole?.(text, path)).toBeGreaterThan(0.8);
  });
});

describe('any text', () => {
  it('never throws, and every line is accounted for', () => {
    const pieces = [
      ...conflist.split('\n'),
      '[Service]',
      'ExecStart=/usr/bin/kube-proxy --a=b \\',
      'Environment="A=b',
      'A=b',
      "etcdctl set /a/config '{",
      '}',
      'node-ip: x',
      'k3s server --x',
      '{"Network":"1.2.3.4/8"}',
    ];
    const text = fc.array(fc.oneof(fc.constantFrom(...pieces), fc.constantFrom(...hostileTexts), fc.string()), {
      maxLength: 25,
    });
    fc.assert(
      fc.property(text, (lines) => {
        const section = sectionOf(lines.join('\n'));
        for (const format of cniFormats) {
          for (const line of lines) format.line(line);
          format.extent?.(section.file.text, 0);
          format.whole?.(section.file.text, 'x');
          expect(ledgerIsComplete(section, format.parse(section)), format.id).toBe(true);
        }
      }),
      { numRuns: 150 },
    );
  });
  it('takes linear time', () => {
    const pieces = [
      'A=',
      'etcdctl ',
      'etcdctl set /',
      '{"a":',
      '[Service]',
      '--a ',
      ' ',
      '"',
      '\\\n',
      "etcdctl set /a/config '{\n",
    ];
    for (const format of cniFormats) {
      const readLine = (line: string) => {
        format.line(line);
        format.parse(sectionOf(line));
      };
      expect(slowLines(pieces, 2000, readLine, 300_000), format.id).toEqual([]);
    }
  });
});
