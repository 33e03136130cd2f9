/** Worlds that show the fault, and worlds that look like it. */
import { parseSnapshot } from '@coldtrace/parsers';
import { alpha, beta, files, gamma, type World } from '../flannel/world.js';
import { dualStack } from '../flannel/world-ipv6.js';
import type { BuiltinCases } from '../testing/builtin-cases.js';

const world = (given: Partial<World>) => parseSnapshot(files({ nodes: [alpha, beta], backend: 'vxlan', ...given }));

/** A second interface that leads nowhere, as the machines of a test laboratory have it: `10.0.2.15` on each. */
const nat = (name: string, ip: string) =>
  [
    `${name}/ip-addr.txt`,
    /^/,
    `9: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 state UP\n    link/ether 08:00:27:aa:bb:0${ip.at(-1)} brd ff:ff:ff:ff:ff:ff\n    inet ${ip}/24 scope global eth0\n`,
  ] as const;
const bound = (name: string, from: string, to: string) =>
  [`${name}/ip-link.txt`, `local ${from} dev ens18`, `local ${to} dev eth0`] as const;

const nat6 = (name: string, ip: string) =>
  [
    `${name}/ip-addr.txt`,
    /^/,
    `9: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 state UP\n    link/ether 08:00:27:aa:bb:09 brd ff:ff:ff:ff:ff:ff\n    inet6 ${ip} scope global \n`,
  ] as const;

export const cases: BuiltinCases = {
  bad: [
    {
      name: 'all nodes announce the same address of a network behind NAT',
      snapshot: world({
        edits: [
          nat('alpha', '10.0.2.15'),
          nat('beta', '10.0.2.15'),
          bound('alpha', '10.66.0.11', '10.0.2.15'),
          bound('beta', '10.66.0.12', '10.0.2.15'),
          ['kubernetes/nodes.yaml', 'public-ip: 10.66.0.11', 'public-ip: 10.0.2.15'],
          ['kubernetes/nodes.yaml', 'public-ip: 10.66.0.12', 'public-ip: 10.0.2.15'],
        ],
      }),
    },
    {
      name: 'one node stands in a network of its own',
      snapshot: world({
        nodes: [alpha, beta, gamma],
        edits: [
          nat('alpha', '198.18.7.4'),
          bound('alpha', '10.66.0.11', '198.18.7.4'),
          ['kubernetes/nodes.yaml', 'public-ip: 10.66.0.11', 'public-ip: 198.18.7.4'],
        ],
      }),
    },
    {
      name: 'IPv6 alone goes by an interface of a network of its own',
      snapshot: world({
        nodes: [alpha, beta, gamma],
        edits: [
          ...dualStack([alpha, beta, gamma]),
          nat6('alpha', 'fd5e::4/64'),
          ['alpha/ip-link.txt', 'local fd66::11 dev ens18', 'local fd5e::4 dev eth0'],
        ],
      }),
    },
    {
      name: 'the option names another interface',
      snapshot: world({
        nodes: [alpha, beta],
        edits: [nat('alpha', '198.18.7.4')],
        files: {
          'alpha/ps.txt':
            'UID          PID    PPID  C STIME TTY          TIME CMD\nroot           1       0  0 Nov19 ?        00:00:11 /usr/lib/systemd/systemd\nroot         810       1  0 Nov19 ?        00:10:11 /opt/bin/flanneld --ip-masq --kube-subnet-mgr --iface=eth0\n',
        },
      }),
    },
    {
      name: 'only the log says which it took',
      snapshot: world({
        backend: 'host-gw',
        objects: false,
        edits: [nat('alpha', '198.18.7.4')],
        files: {
          'alpha/flanneld.log':
            'I1120 22:59:59.000000       1 match.go:259] Using interface with name eth0 and address 198.18.7.4\n',
        },
      }),
    },
    {
      name: 'the other nodes are known from a table of kubectl alone',
      snapshot: world({
        nodes: [alpha],
        backend: 'host-gw',
        objects: false,
        edits: [nat('alpha', '198.18.7.4')],
        files: {
          'alpha/flanneld.log':
            'I1120 22:59:59.000000       1 match.go:259] Using interface with name eth0 and address 198.18.7.4\n',
          'kubernetes/nodes.txt':
            'NAME    STATUS   ROLES    AGE   VERSION   INTERNAL-IP   EXTERNAL-IP   OS-IMAGE   KERNEL-VERSION   CONTAINER-RUNTIME\nalpha   Ready    <none>   9d    v1.22.4   10.66.0.11    <none>        Debian     5.10.0-9-amd64   docker://20.10.9\nbeta    Ready    <none>   9d    v1.22.4   10.66.0.12    <none>        Debian     5.10.0-9-amd64   docker://20.10.9\n',
        },
      }),
    },
  ],
  good: [
    {
      name: 'the IPv6 address is of DHCPv6, which gives no network: a route on the device leads to the peers',
      snapshot: world({
        edits: [
          ...dualStack([alpha, beta]),
          nat6('alpha', 'fd66::b0/64'),
          ['alpha/ip-addr.txt', 'inet6 fd66::11/64', 'inet6 fd66::11/128'],
        ],
      }),
    },
    { name: 'one interface each', snapshot: world({ nodes: [alpha, beta, gamma] }) },
    {
      name: 'a second interface for storage',
      snapshot: world({ edits: [nat('alpha', '198.18.7.4'), nat('beta', '198.18.7.5')] }),
    },
    {
      name: 'nodes in networks that are routed',
      snapshot: world({ nodes: [alpha, { ...beta, address: '10.67.4.12/24' }] }),
    },
    {
      name: 'the option names the interface in use',
      snapshot: world({
        files: {
          'alpha/ps.txt':
            'UID          PID    PPID  C STIME TTY          TIME CMD\nroot           1       0  0 Nov19 ?        00:00:11 /usr/lib/systemd/systemd\nroot         810       1  0 Nov19 ?        00:10:11 /opt/bin/flanneld --iface=ens18\n',
        },
      }),
    },
    {
      name: 'addresses were not captured',
      snapshot: world({ files: { 'alpha/ip-addr.txt': null } }),
      needs: ['ip-addr'],
    },
  ],
};
