/** Outputs that the model has no place for: said to be what they are, and nothing else is made of them. */
import { expect, test } from 'vitest';
import { onlyNode, sectionsOf, snapshotOf } from '../assemble/testing.js';

const macs =
  'port no\tmac addr\t\tis local?\tageing timer\n  1\t66:b6:ef:5e:22:19\tyes\t\t   0.00\n  2\t9a:2c:1a:9c:2a:11\tno\t\t   3.21\n';
const stp =
  'cni0\n bridge id\t\t8000.8e1a2cdd6aae\n designated root\t8000.8e1a2cdd6aae\n flags\t\t\t\n\n\nveth1 (1)\n port id\t\t8001\t\t\tstate\t\t     forwarding\n hairpin mode\t\t   1\n';
const module =
  'filename:       /lib/modules/5.15.0-91-generic/kernel/net/bridge/br_netfilter.ko\ndescription:    Linux ethernet netfilter firewall bridge\nvermagic:       5.15.0-91-generic SMP mod_unload modversions \nparm:           brnf_call_iptables:int\n';
const expiry =
  '[check-expiration] Reading configuration from the cluster...\n\nCERTIFICATE                EXPIRES                  RESIDUAL TIME   CERTIFICATE AUTHORITY   EXTERNALLY MANAGED\nadmin.conf                 Jan 20, 2026 10:11 UTC   364d            ca                      no      \n!MISSING! etcd-server\n\nCERTIFICATE AUTHORITY   EXPIRES                  RESIDUAL TIME   EXTERNALLY MANAGED\nca                      Jan 18, 2035 10:11 UTC   9y              no      \n';
const expected =
  '297 proto=6 src=10.0.0.5 dst=10.0.0.6 sport=0 dport=38123 mask-src=255.255.255.255 mask-dst=255.255.255.255 sport=0 dport=65535 master-src=10.0.0.5 master-dst=10.0.0.6 sport=40000 dport=21 class=0 helper=ftp\nconntrack v1.4.7 (conntrack-tools): 1 expectations have been shown.\n';
const ufw =
  'Status: active\n\n     To                         Action      From\n     --                         ------      ----\n[ 1] 22/tcp                     ALLOW IN    Anywhere\n[ 2] 8472/udp                   DENY IN     10.0.0.0/24\n';
const zone =
  'public (active)\n  target: default\n  icmp-block-inversion: no\n  interfaces: ens3\n  sources: \n  services: ssh\n  ports: 6443/tcp 10250/tcp\n  masquerade: no\n  rich rules: \n\trule family="ipv4" source address="10.0.0.0/24" accept\n';
const devices =
  'DEVICE  TYPE      STATE      CONNECTION\nens3    ethernet  connected  ens3\ncni0    bridge    unmanaged  --\n';
const links =
  'IDX LINK      TYPE     OPERATIONAL SETUP\n  1 lo        loopback carrier     unmanaged\n  2 ens3      ether    routable    configured\n\n2 links listed.\n';
const networks =
  'NETWORK ID     NAME      DRIVER    SCOPE\n0a1b2c3d4e5f   bridge    bridge    local\n1a1b2c3d4e5f   host      host      local\n';

test.each([
  ['ufw status numbered', ufw, 'ufw-status', { opaque: 5 }],
  ['firewall-cmd --list-all', zone, 'firewalld-zones', { opaque: 10 }],
  ['nmcli device status', devices, 'network-manager', { opaque: 0 }],
  ['networkctl list', links, 'network-manager', { opaque: 0 }],
  ['docker network ls', networks, 'container-networks', { opaque: 3 }],
  ['brctl showmacs cni0', macs, 'brctl-details', { opaque: 3 }],
  ['brctl showstp cni0', stp, 'brctl-details', { opaque: 7 }],
  ['modinfo br_netfilter', module, 'module-info', { opaque: 0 }],
  ['kubeadm certs check-expiration', expiry, 'kubeadm-certificates', { opaque: 6 }],
  ['conntrack -L expect', expected, 'conntrack', { opaque: 1 }],
])('%s', (command, text, format, states) => {
  const snapshot = snapshotOf(`root@n1:~# ${command}\n${text}root@n1:~# date\nSat Nov 21 20:00:00 UTC 2026\n`);
  expect(sectionsOf(snapshot)).toContain(`${format}@n1`);
  expect(snapshot.read[0]?.counts).toMatchObject({ ...states, unrecognized: 0 });
  const { host } = onlyNode(snapshot);
  expect([host.links.state, host.conntrack.state]).toEqual(['absent', 'absent']);
});

test.each([
  ['ufw', ufw, 'ufw-status'],
  ['firewalld', zone, 'firewalld-zones'],
  ['nmcli', devices, 'network-manager'],
  ['networkctl', links, 'network-manager'],
])('%s without its command', (_, text, format) => {
  expect(sectionsOf(snapshotOf(`Firewall:\n\n${text}`)).some((one) => one.startsWith(format))).toBe(true);
});

const info =
  'Containers: 12\n Running: 8\nServer Version: 18.06.1-ce\nStorage Driver: overlay2\nKernel Version: 3.10.0-862.el7.x86_64\nOperating System: CentOS Linux 7 (Core)\nTotal Memory: 7.638GiB\nName: n1\nWARNING: bridge-nf-call-iptables is disabled\nWARNING: IPv4 forwarding is disabled\n';

test.each([`root@n1:~# docker info\n${info}root@n1:~# uptime\n`, `$ docker info\n${info}`, info])(
  'docker info warns of what is off, and its name is no set',
  (text) => {
    const snapshot = snapshotOf(text);
    const { host, kernel } = onlyNode(snapshot);
    expect(host.ipsets.rows).toEqual([]);
    expect(host.sysctl.byKey.get('net/ipv4/ip_forward')).toMatchObject({ value: '0', trust: 'repaired' });
    expect(host.sysctl.byKey.get('net/bridge/bridge-nf-call-iptables')?.value).toBe('0');
    expect(kernel?.release).toBe('3.10.0-862.el7.x86_64');
  },
);
