/** Two pods on one bridge, and a Service that leads from one to the other: where br_netfilter is off the answer never meets conntrack, and comes from somebody whom the client did not call. */
import { trace } from '@coldtrace/core';
import { parseSnapshot } from '@coldtrace/parsers';
import { resolveConnection } from '@coldtrace/rules';
import { expect, it } from 'vitest';
import { describeKernel } from './gate.js';
import { ordinaryDumps, part, partsOf, showing } from './named-parts.js';
import { inNetns } from './netns.js';

const dumps = { ...ordinaryDumps, 'bridge-fdb.txt': 'bridge fdb', 'ss.txt': 'ss -lntu' };

const server = `python3 -c '
import socket, threading
t = socket.create_server(("10.5.0.11", 8080))
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.bind(("10.5.0.11", 8080))
def echo():
    while True:
        data, client = u.recvfrom(100)
        u.sendto(data, client)
threading.Thread(target=echo, daemon=True).start()
print("up", flush=True)
while True:
    t.accept()[0].sendall(b"yes")
'`;
const client = (type: string) => `python3 -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_${type})
s.settimeout(2)
try:
    s.connect(("10.96.0.10", 80))
    s.send(b"yes")
    print(s.recv(100).decode())
except OSError as error:
    print("no")
'`;

function script(called: number): string {
  const shown = [
    ...showing(dumps, 'node/'),
    ...['a', 'b'].flatMap((pod) => showing(dumps, `node/netns/${pod}/`, `ip netns exec ${pod}`)),
  ];
  return [
    'ip link set lo up; ip link add name br0 type bridge; ip link set dev br0 up; ip addr add 10.5.0.1/24 dev br0',
    'for p in a b; do ip netns add $p; ip link add name v$p type veth peer name eth0 netns $p; ip link set dev v$p master br0 up; done',
    'for p in a b; do for d in lo eth0; do ip -n $p link set dev $d up; done; done',
    'ip -n a addr add 10.5.0.10/24 dev eth0; ip -n b addr add 10.5.0.11/24 dev eth0',
    'for p in a b; do ip -n $p route add default via 10.5.0.1; done',
    `sysctl -qw net.ipv4.ip_forward=1 net.bridge.bridge-nf-call-iptables=${called}`,
    'for p in tcp udp; do iptables-legacy -t nat -A PREROUTING -d 10.96.0.10/32 -p $p --dport 80 -j DNAT --to-destination 10.5.0.11:8080; done',
    `ip netns exec b ${server} > /run/up & trap "kill $!" EXIT`,
    'until grep -q up /run/up; do sleep 0.1; done',
    ...['STREAM', 'DGRAM'].map((type) => `${part(type)}; ip netns exec a ${client(type)}`),
    ...shown,
  ].join('\n');
}

describeKernel('an answer that comes from somebody else', () => {
  it.each([
    ['past conntrack is none', 0, 'no', 'fails'],
    ['through conntrack, by br_netfilter, is one', 1, 'yes', 'works'],
  ] as const)('%s', (_, called, answered, verdict) => {
    const { STREAM, DGRAM, ...files } = partsOf(inNetns(script(called)));
    expect([STREAM?.trim(), DGRAM?.trim()]).toEqual([answered, answered]);
    const snapshot = parseSnapshot(files);
    const verdicts = [6, 17].map((proto) => {
      const asked = resolveConnection(snapshot, { from: '10.5.0.10', to: '10.96.0.10:80', proto });
      if (!asked.ok) throw new Error(asked.problem);
      return trace(snapshot, { from: asked.origin, to: asked.target, proto, sport: null, assume: 'none' }).verdict;
    });
    expect(verdicts).toEqual([verdict, verdict]);
  });
}, ['python3']);
