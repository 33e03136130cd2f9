/** No line of any output opens two formats: whoever cuts a text by its lines gets one answer. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { iprouteFormats } from './index.js';
import { toolMessage } from './tool-message.js';

const folder = fileURLToPath(new URL('./fixtures', import.meta.url));
const names = readdirSync(folder).filter((name) => name.endsWith('.txt'));
const verdicts = (line: string) =>
  iprouteFormats.flatMap((format) => {
    const verdict = format.line(line);
    return verdict === null ? [] : [`${format.id} ${verdict}`];
  });

describe('lines of captured outputs', () => {
  test.each(names)('%s', (name) => {
    for (const line of readFileSync(`${folder}/${name}`, 'utf8').split('\n')) {
      if (line.trim() === '' || toolMessage(line) !== null || /^iprq2$|^pod1$/.test(line)) continue;
      const said = verdicts(line);
      expect(said.filter((one) => one.endsWith('opens')).length, `${line}: ${said.join(', ')}`).toBeLessThan(2);
      expect(said.length, line).toBeGreaterThan(0);
    }
  });
});

describe('lines that are shared', () => {
  const header = '2: eth0@if7: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP';

  test.each([
    [`${header} group default qlen 1000`, ['ip-addr opens', 'ip-link continues']],
    [`${header} mode DEFAULT group default qlen 1000`, ['ip-addr continues', 'ip-link opens']],
    [
      '2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 master br0 state forwarding priority 32 cost 2',
      ['bridge-link opens'],
    ],
    [
      '    link/ether 02:00:00:00:01:02 brd ff:ff:ff:ff:ff:ff link-netnsid 0',
      ['ip-addr continues', 'ip-link continues'],
    ],
    ['    inet 10.0.0.5/24 brd 10.0.0.255 scope global eth0', ['ip-addr continues']],
    ['       valid_lft forever preferred_lft forever', ['ip-addr continues']],
    ['1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever', ['ip-addr opens']],
    ['lo               UNKNOWN        127.0.0.1/8 ::1/128 ', ['ip-addr opens']],
    ['lo               UNKNOWN        00:00:00:00:00:00 <LOOPBACK,UP,LOWER_UP> ', ['ip-link opens']],
    ['br0              DOWN           ', ['ip-addr continues', 'ip-link continues']],
    ['    bridge_slave state forwarding priority 32', ['ip-addr continues', 'ip-link continues']],
    ['02:00:00:00:00:13 dev vxlan.calico dst 10.0.0.9 self permanent', ['bridge-fdb opens']],
    ['prefix fd00::/64 dev eth0 label 99', ['ip-addrlabel opens']],
    ['1 10.3.0.0/24 dev eth0 proto 2 scope 253 src 10.3.0.1 ', ['ip-route opens']],
    ['id 13 group 1/2,5', ['ip-nexthop opens']],
    ['cni-1 (id: 5)', ['ip-netns opens']],
    ['eth1              1 PVID Egress Untagged', ['bridge-vlan opens']],
    ['[{"ifindex":1,"ifname":"lo","flags":["UP"]}]', ['iproute-json opens']],
    ['[ {', ['iproute-json opens']],
  ])('%s', (line, expected) => {
    expect(verdicts(line)).toEqual(expected);
  });
});

describe('lines of other tools and of people', () => {
  test.each([
    'eth0: flags=4163<UP,BROADCAST,RUNNING,MULTICAST>  mtu 1500',
    '        inet 10.0.0.5  netmask 255.255.255.0  broadcast 10.0.0.255',
    '          inet addr:10.0.0.5  Bcast:10.0.0.255  Mask:255.255.255.0',
    'default         10.0.0.1        0.0.0.0         UG    0      0        0 eth0',
    'Destination     Gateway         Genmask         Flags Metric Ref    Use Iface',
    'KUBE-SERVICES  all  --  anywhere             anywhere',
    '-A PREROUTING -j KUBE-SERVICES',
    ':INPUT ACCEPT [0:0]',
    'Name: cali40masq-ipam-pools',
    'net.ipv4.ip_forward = 1',
    'tcp   LISTEN 0      128          0.0.0.0:22        0.0.0.0:*',
    'NAME    STATUS   ROLES           AGE   VERSION',
    'node1   Ready    control-plane   5d    v1.30.1',
    'The server is UP again',
    'root@node1:~# ip addr',
    '1: check the routes',
    '2) ip route',
    'id: 5',
    'apiVersion: v1',
    '{"kind":"List"}',
    '10:00:01.123456 IP 10.0.0.1.4000 > 10.0.0.2.80: Flags [S]',
    'nameserver 10.96.0.10',
    '* dev eth0',
  ])('%s', (line) => {
    expect(verdicts(line)).toEqual([]);
  });
});
