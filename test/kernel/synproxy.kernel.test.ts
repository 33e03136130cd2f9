/** A server behind SYNPROXY: the kernel takes the first packet from the rules and the connection is made all the same. */
import { trace } from '@coldtrace/core';
import { parseSnapshot } from '@coldtrace/parsers';
import { resolveConnection } from '@coldtrace/rules';
import { expect, it } from 'vitest';
import { describeKernel } from './gate.js';
import { ordinaryDumps, part, partsOf, showing } from './named-parts.js';
import { inNetns } from './netns.js';

const dumps = { ...ordinaryDumps, 'ss.txt': 'ss -lntu' };

const server = `python3 -c '
import socket
t = socket.create_server(("10.5.0.1", 80))
print("up", flush=True)
while True:
    t.accept()[0].sendall(b"yes")
'`;
const client = `python3 -c '
import socket
try:
    s = socket.create_connection(("10.5.0.1", 80), 2)
    s.settimeout(2)
    print(s.recv(100).decode())
except OSError:
    print("no")
'`;

function script(target: string): string {
  const rule = `iptables-legacy -A INPUT -p tcp --dport 80 -m conntrack --ctstate INVALID,UNTRACKED -j ${target}`;
  return [
    'ip link set lo up; ip netns add c; ip link add name vc type veth peer name eth0 netns c',
    'ip addr add 10.5.0.1/24 dev vc; ip link set vc up',
    'ip -n c link set lo up; ip -n c addr add 10.5.0.10/24 dev eth0; ip -n c link set eth0 up',
    'sysctl -qw net.netfilter.nf_conntrack_tcp_loose=0',
    'iptables-legacy -t raw -A PREROUTING -i vc -p tcp --dport 80 --syn -j CT --notrack',
    rule,
    'iptables-legacy -A INPUT -m conntrack --ctstate INVALID -j DROP',
    `${server} > /run/up & trap "kill $!" EXIT`,
    'until grep -q up /run/up; do sleep 0.1; done',
    `${part('answer')}; ip netns exec c ${client}`,
    `${part('counted')}; iptables-legacy -nvxL INPUT 1 | awk '{ print $1 }'`,
    ...showing(dumps, 'node/'),
  ].join('\n');
}

describeKernel('the first packet of a connection ends at a rule', () => {
  it.each([
    ['of SYNPROXY, and the server answers', 'SYNPROXY --mss 1460 --sack-perm --timestamp --wscale 7', 'yes', 'unknown'],
    ['of DROP, and nobody does', 'DROP', 'no', 'fails'],
  ] as const)('%s', (_, target, answered, verdict) => {
    const { answer, counted, ...files } = partsOf(inNetns(script(target)));
    expect(answer?.trim()).toBe(answered);
    expect(Number(counted?.trim())).toBeGreaterThan(0);
    const snapshot = parseSnapshot(files);
    const asked = resolveConnection(snapshot, { from: '10.5.0.10', to: '10.5.0.1:80', proto: 6 });
    if (!asked.ok) throw new Error(asked.problem);
    const { origin: from, target: to } = asked;
    expect(trace(snapshot, { from, to, proto: 6, sport: null, assume: 'none' }).verdict).toBe(verdict);
  });
}, ['python3']);
