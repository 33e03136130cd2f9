/** Worlds that show the fault, and worlds that look like it. */
import { parseSnapshot } from '@coldtrace/parsers';
import { alpha, beta, files, gamma, type World } from '../flannel/world.js';
import { dualStack } from '../flannel/world-ipv6.js';
import type { BuiltinCases } from '../testing/builtin-cases.js';
import { loAddress } from '../testing/loopback.js';

const old = '5a:11:00:00:0b:77';
const world = (given: Partial<World>) => parseSnapshot(files({ nodes: [alpha, beta], backend: 'vxlan', ...given }));
const staleNeighbour = ['alpha/ip-neigh.txt', /5a:11:00:00:0b:02/, old] as const;
const staleForward = ['alpha/bridge-fdb.txt', /5a:11:00:00:0b:02/, old] as const;

/** As pasted into a ticket, from two nodes that it does not name. */
const pasted = (entry: string) =>
  parseSnapshot({
    'ticket.txt': `$ ip a s flannel.1
4: flannel.1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 qdisc noqueue state UNKNOWN group default
    link/ether 5a:11:00:00:0b:02 brd ff:ff:ff:ff:ff:ff
    inet 10.77.2.0/32 scope global flannel.1

and on the others:
$ arp -na
? (10.77.2.0) at ${entry} [ether] PERM on flannel.1
`,
  });

const sharing = (one: typeof alpha) => ({ ...one, mac: '5a:11:00:00:0b:09' });

export const cases: BuiltinCases = {
  bad: [
    { name: 'clones have one hardware address', snapshot: world({ nodes: [sharing(alpha), sharing(beta), gamma] }) },
    {
      name: 'the devices of two clones are all there is',
      snapshot: parseSnapshot({
        'ticket.txt': `[root@n11 ~]# ip -d link show flannel.1
5: flannel.1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 qdisc noqueue state UNKNOWN mode DEFAULT group default
    link/ether 5a:11:00:00:0b:09 brd ff:ff:ff:ff:ff:ff promiscuity 0
    vxlan id 1 local 10.66.0.11 dev ens18 srcport 0 0 dstport 8472 nolearning ttl auto ageing 300
[root@n12 ~]# ip -d link show flannel.1
5: flannel.1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 qdisc noqueue state UNKNOWN mode DEFAULT group default
    link/ether 5a:11:00:00:0b:09 brd ff:ff:ff:ff:ff:ff promiscuity 0
    vxlan id 1 local 10.66.0.12 dev ens18 srcport 0 0 dstport 8472 nolearning ttl auto ageing 300
`,
      }),
    },
    { name: 'a paste of two nodes that names neither', snapshot: pasted(old) },
    {
      name: 'both tables have the former hardware address',
      snapshot: world({ edits: [staleNeighbour, staleForward] }),
    },
    {
      name: 'of two devices, that of IPv6 was made anew',
      snapshot: world({
        edits: [
          ...dualStack([alpha, beta]),
          ['alpha/ip-neigh.txt', '5a:66:00:00:00:02', old],
          ['alpha/bridge-fdb.txt', '5a:66:00:00:00:02', old],
          [
            'kubernetes/nodes.yaml',
            /(public-ip: 10\.66\.0\.12\n)/,
            `$1      flannel.alpha.coreos.com/backend-v6-data: '{"VNI":1,"VtepMAC":"5a:66:00:00:00:02"}'\n      flannel.alpha.coreos.com/public-ipv6: fd66::12\n`,
          ],
        ],
      }),
    },
    {
      name: 'of two devices, that of IPv6 sends to nobody of the cluster',
      snapshot: world({
        edits: [
          ...dualStack([alpha, beta]),
          ['alpha/bridge-fdb.txt', 'dst fd66::12', 'dst fd66::99'],
          [
            'kubernetes/nodes.yaml',
            /(public-ip: 10\.66\.0\.12\n)/,
            `$1      flannel.alpha.coreos.com/backend-v6-data: '{"VNI":1,"VtepMAC":"5a:66:00:00:00:02"}'\n      flannel.alpha.coreos.com/public-ipv6: fd66::12\n`,
          ],
        ],
      }),
    },
    {
      name: 'without ip neigh, the forwarding table leads to the peer by a former hardware address alone',
      snapshot: parseSnapshot(
        Object.fromEntries(
          Object.entries(files({ nodes: [alpha, beta], backend: 'vxlan', edits: [staleForward] })).filter(
            ([name]) => name !== 'alpha/ip-neigh.txt',
          ),
        ),
      ),
    },
    {
      name: 'the neighbour entry alone was kept, and nothing forwards its hardware address',
      snapshot: world({ edits: [staleNeighbour] }),
    },
    {
      name: 'the neighbour entry has the hardware address of a third node, which passes the frames on',
      snapshot: world({
        nodes: [alpha, beta, gamma],
        edits: [['alpha/ip-neigh.txt', '5a:11:00:00:0b:02', '5a:11:00:00:0c:03']],
      }),
    },
    {
      name: 'the neighbour entry has the hardware address of a third node, which does not forward',
      snapshot: world({
        nodes: [alpha, beta, gamma],
        edits: [
          ['alpha/ip-neigh.txt', '5a:11:00:00:0b:02', '5a:11:00:00:0c:03'],
          ['gamma/sysctl.txt', 'net.ipv4.conf.flannel/1.forwarding = 1', 'net.ipv4.conf.flannel/1.forwarding = 0'],
        ],
      }),
    },
    {
      name: 'the neighbour entry has the hardware address of a third node, of which little was captured',
      snapshot: world({
        nodes: [alpha, beta, gamma],
        edits: [['alpha/ip-neigh.txt', '5a:11:00:00:0b:02', '5a:11:00:00:0c:03']],
        files: { 'alpha/bridge-fdb.txt': null },
      }),
    },
    {
      name: 'a grep of its annotations is all that tells of the peer',
      snapshot: parseSnapshot({
        'ticket.txt': `root@alpha:~# kubectl describe node beta | grep flannel
Annotations:        flannel.alpha.coreos.com/backend-data: {"VNI":1,"VtepMAC":"5a:11:00:00:0b:02"}
                    flannel.alpha.coreos.com/backend-type: vxlan
                    flannel.alpha.coreos.com/public-ip: 10.66.0.12
root@alpha:~# ip neigh show dev flannel.1
172.29.8.0 lladdr ${old} PERMANENT
root@alpha:~# bridge fdb show dev flannel.1
${old} dst 10.66.0.12 self permanent
`,
      }),
    },
    {
      name: 'its annotations, printed one by one, are all that tells of the peer',
      snapshot: parseSnapshot({
        'ticket.txt': `root@alpha:~# kubectl get node beta -o jsonpath='{.metadata.annotations.flannel\\.alpha\\.coreos\\.com/backend-data}'
{"VNI":1,"VtepMAC":"5a:11:00:00:0b:02"}root@alpha:~# kubectl get node beta -o jsonpath='{.metadata.annotations.flannel\\.alpha\\.coreos\\.com/public-ip}'; echo
10.66.0.12
root@alpha:~# ip neigh show dev flannel.1
172.29.8.0 lladdr ${old} PERMANENT
root@alpha:~# bridge fdb show dev flannel.1
${old} dst 10.66.0.12 self permanent
`,
      }),
    },
    { name: 'the forwarding entry alone was kept', snapshot: world({ edits: [staleForward] }) },
    {
      name: 'the forwarding entry leads to an address that the node no longer has',
      snapshot: world({ edits: [['alpha/bridge-fdb.txt', 'dst 10.66.0.12', 'dst 10.66.0.92']] }),
    },
    {
      name: 'the other node was not captured and announces another one',
      snapshot: world({
        files: Object.fromEntries(
          Object.keys(files({ nodes: [alpha, beta], backend: 'vxlan' }))
            .filter((name) => name.startsWith('beta/'))
            .map((name) => [name, null]),
        ),
        edits: [staleNeighbour, staleForward],
      }),
    },
    {
      name: 'forwarding entries were not captured',
      snapshot: world({ edits: [staleNeighbour], files: { 'alpha/bridge-fdb.txt': null } }),
    },
    {
      name: 'a node announces the address of the device it had',
      snapshot: world({ edits: [['kubernetes/nodes.yaml', 'VtepMAC":"5a:11:00:00:0b:02', `VtepMAC":"${old}`]] }),
    },
    {
      name: 'a new device that its node does not announce yet',
      snapshot: world({
        edits: [
          ['beta/ip-link.txt', '5a:11:00:00:0b:02', old],
          ['beta/ip-addr.txt', '5a:11:00:00:0b:02', old],
        ],
      }),
    },
    {
      name: 'nothing tells the address of the other node but the entry of its former device',
      snapshot: world({
        edits: [staleNeighbour, staleForward],
        objects: false,
        files: {
          'beta/ip-link.txt': null,
          'beta/ip-route.txt': null,
          'beta/ip-addr.txt':
            loAddress +
            '9: flannel.1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 qdisc noqueue state UNKNOWN group default \n    link/ether 5a:11:00:00:0b:02 brd ff:ff:ff:ff:ff:ff\n    inet 172.29.8.0/32 scope global flannel.1\n       valid_lft forever preferred_lft forever\n',
        },
      }),
    },
    {
      name: 'one of three nodes has a new device and two have not heard of it',
      snapshot: world({
        nodes: [alpha, beta, gamma],
        edits: [
          ['gamma/ip-link.txt', '5a:11:00:00:0c:03', '5a:11:00:00:0c:99'],
          ['gamma/ip-addr.txt', '5a:11:00:00:0c:03', '5a:11:00:00:0c:99'],
          ['kubernetes/nodes.yaml', 'VtepMAC":"5a:11:00:00:0c:03', 'VtepMAC":"5a:11:00:00:0c:99'],
        ],
      }),
    },
  ],
  good: [
    {
      name: 'one machine was captured under two names',
      snapshot: world({
        nodes: [alpha],
        files: {
          'twin/ip-link.txt': files({ nodes: [alpha], backend: 'vxlan' })['alpha/ip-link.txt'] ?? '',
          'twin/ip-addr.txt': files({ nodes: [alpha], backend: 'vxlan' })['alpha/ip-addr.txt'] ?? '',
        },
      }),
      needs: ['ip-neigh'],
    },
    {
      name: 'a paste of two nodes that agree',
      snapshot: pasted('5a:11:00:00:0b:02'),
      needs: ['bridge-fdb', 'ip-link', 'nodes'],
    },
    { name: 'all three sources agree', snapshot: world({}) },
    { name: 'three nodes that know each other', snapshot: world({ nodes: [alpha, beta, gamma] }) },
    {
      name: 'an entry of a node that is gone',
      snapshot: world({
        files: { 'alpha/extra.txt': '' },
        edits: [['alpha/ip-neigh.txt', /^/, `172.29.44.0 dev flannel.1 lladdr ${old} PERMANENT \n`]],
      }),
    },
    {
      name: 'a forwarding entry of the former device beside the present one',
      snapshot: world({
        edits: [['alpha/bridge-fdb.txt', /^/, `${old} dev flannel.1 dst 10.66.0.12 self permanent\n`]],
      }),
    },
    { name: 'routes without a tunnel', snapshot: world({ backend: 'host-gw' }) },
    {
      name: 'neighbours were not captured',
      snapshot: world({ files: { 'alpha/ip-neigh.txt': null } }),
      needs: ['ip-neigh'],
    },
  ],
};
