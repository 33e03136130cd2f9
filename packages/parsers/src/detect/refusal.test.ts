/** Usage texts as BusyBox 1.35, net-tools 2.10 and iproute2 6.1 printed them. */
import { describe, expect, test } from 'vitest';
import { onlyNode, sectionsOf, snapshotOf } from '../assemble/testing.js';

const busyboxIp = `ip: unrecognized option: b
BusyBox v1.36.1 (2023-11-07 18:53:09 UTC) multi-call binary.

Usage: ip [OPTIONS] address|route|link|tunnel|neigh|rule [ARGS]

OPTIONS := -f[amily] inet|inet6|link | -o[neline]

ip addr add|del IFADDR dev IFACE | show|flush [dev IFACE] [to PREFIX]
ip route list|flush|add|del|change|append|replace|test ROUTE
ip link set IFACE [up|down] [arp on|off] [multicast on|off]
\t[promisc on|off] [mtu NUM] [name NAME] [qlen NUM] [address MAC]
\t[master IFACE | nomaster] [netns PID]
ip neigh show|flush [to PREFIX] [dev DEV] [nud STATE]
ip rule [list] | add|del SELECTOR ACTION
`;
const netstat = `netstat: unrecognized option '--foo'
usage: netstat [-vWeenNcCF] [<Af>] -r         netstat {-V|--version|-h|--help}
       netstat { [-vWeenNac] -i | [-cnNe] -M | -s [-6tuw] }

        -r, --route              display routing table
  <AF>=Use '-6|-4' or '-A <af>' or '--<af>'; default: inet
`;
const busyboxNc = `nc: invalid option -- 'z'
BusyBox v1.35.0 (Debian 1:1.35.0-4+deb12u1+b1) multi-call binary.

Usage: nc [-iN] [-wN] [-l] [-p PORT] [-f FILE|IPADDR PORT] [-e PROG]

Open a pipe to IP:PORT or FILE

\t-l\tListen mode, for inbound connects
\t\t(use -ll with -e for persistent server)
`;
const vconfig = `BusyBox v1.35.0 (Debian 1:1.35.0-4+deb12u1+b1) multi-call binary.

Usage: vconfig COMMAND [OPTIONS]

Create and remove virtual ethernet devices

\tadd IFACE VLAN_ID
\trem VLAN_NAME
`;

describe('a refused invocation', () => {
  test.each([
    ['ip -br a', busyboxIp],
    ['netstat -r --foo', netstat],
    ['nc -zv 10.0.0.1 80', busyboxNc],
    ['vconfig', vconfig],
    ['ss -Q', "ss: invalid option -- 'Q'\nUsage: ss [ OPTIONS ]\n   -h, --help          this message\n"],
  ])('%s is one failure, none of whose lines is output, before another command', (command, message) => {
    const text = `web-1:~# ${command}\n${message}web-1:~# ip route\ndefault via 10.0.0.1 dev eth0 \n`;
    const snapshot = snapshotOf(text);
    const node = onlyNode(snapshot);
    expect(node.failures.map((failure) => failure.message)).toEqual([message.split('\n', 1)[0]]);
    expect([node.host.ipsets.state, node.host.links.state, node.host.neighbours.state]).toEqual(
      Array(3).fill('absent'),
    );
    expect(node.host.routes.rows).toHaveLength(1);
    expect(snapshot.read[0]?.counts).toMatchObject({ unrecognized: 0, opaque: 0, modelled: 1 });
  });

  test('ends where the output of the next command begins, without a prompt', () => {
    const text = `${busyboxIp}Kernel IP routing table
Destination     Gateway         Genmask         Flags Metric Ref    Use Iface
0.0.0.0         10.0.0.1        0.0.0.0         UG    0      0        0 eth0
`;
    expect(sectionsOf(snapshotOf(text)).map((line) => line.split('@')[0])).toContain('nettools-route');
    expect(onlyNode(snapshotOf(text)).host.routes.rows).toHaveLength(1);
  });

  test('of iptables is not collected, whatever the table', () => {
    const said =
      "iptables v1.8.9 (legacy): can't initialize iptables table `raw': Table does not exist (do you need to insmod?)";
    const text = `web-1:~# iptables -t raw -S\n${said}\nPerhaps iptables or your kernel needs to be upgraded.\n`;
    const snapshot = snapshotOf(text);
    expect(snapshot.read[0]?.counts).toMatchObject({ unrecognized: 0 });
    expect(snapshot.nodes.flatMap(({ failures }) => failures.map(({ message }) => message))).toContain(said);
  });
});
