/** To which node a VXLAN device sends a frame, as far as its forwarding entries tell. drivers/net/vxlan/vxlan_core.c vxlan_xmit. */
import { expect, it } from 'vitest';
import { router } from './node-text.js';
import { answerTo, interviewOf } from './probe-node.js';

const device = (far: string) =>
  `${String(router['ip-addr.txt'])}9: vx: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 qdisc noqueue state UNKNOWN mode DEFAULT group default
    link/ether 02:00:00:00:09:01 brd ff:ff:ff:ff:ff:ff promiscuity 0
    vxlan id 1 ${far} dev eth1 srcport 0 0 dstport 4789 ttl auto ageing 300 addrgenmode eui64
`;
const entry = '02:00:00:00:09:02 dev vx dst 10.2.0.9 self permanent\n';
const all = '00:00:00:00:00:00 dev vx dst 10.2.0.7 self permanent\n';
const group = '02:00:00:00:09:02 dev vx nhid 102 self permanent\n';
const other = '02:00:00:00:09:03 dev vx dst 10.2.0.9 self permanent\n';

it.each([
  ['an entry names it', 'local 10.2.0.1', entry, '10.2.0.9'],
  ['an entry names another than the device', 'remote 10.2.0.7', entry, '10.2.0.9'],
  ['no entry does but that of the remote end', 'remote 10.2.0.7', all + other, '10.2.0.7'],
  ['somebody deleted that of the remote end', 'remote 10.2.0.7', other, 'dropped'],
  ['the entry names a group of next hops', 'remote 10.2.0.7', all + group, null],
  ['the device names one, and entries were not captured', 'remote 10.2.0.7', null, null],
  ['the device names a group of nodes', 'group 239.1.1.1', all.replace('10.2.0.7', '239.1.1.1 via eth1'), null],
])('is told or open where %s', (_, far, fdb, dst) => {
  const answer = answerTo(
    interviewOf({
      'ip-addr.txt': device(far),
      'ip-route.txt': `${String(router['ip-route.txt'])}10.9.0.0/24 via 10.9.0.1 dev vx onlink\n`,
      'ip-neigh.txt': `${String(router['ip-neigh.txt'])}10.9.0.1 dev vx lladdr 02:00:00:00:09:02 PERMANENT\n`,
      ...(fdb === null ? {} : { 'bridge-fdb.txt': fdb }),
    }),
    {
      kind: 'ingress',
      family: 4,
      in_iface: 'eth0',
      src: '10.1.0.9',
      dst: '10.9.0.9',
      proto: 'udp',
      sport: 4000,
      dport: 53,
    },
  );
  const lost = dst === 'dropped' ? { outcome: 'drop' } : { outcome: 'forward', carrier: { dst } };
  expect(answer).toMatchObject(dst === null ? { outcome: 'unknown' } : lost);
});
