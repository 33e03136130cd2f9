/** What becomes of answers to a source that SNAT gave: whoever asks for it by ARP hears the gateway, or nobody. net/ipv4/arp.c arp_process. */
import { parseIp, trace } from '@coldtrace/core';
import { parseSnapshot } from '@coldtrace/parsers';
import { expect, it } from 'vitest';
import { describeKernel } from './gate.js';
import { ordinaryDumps, part, partsOf, showing } from './named-parts.js';
import { inNetns } from './netns.js';

const dumps = { ...ordinaryDumps, 'ip-neigh.txt': 'ip neigh; ip neigh show proxy' };

/** The namespace itself is the gateway of `client`; `far`, which is not captured, stands in its uplink's network and has no route beyond it. */
function gatewayOf(source: string, act: readonly string[]): string {
  return [
    'ip netns add client; ip netns add far',
    'ip link add lan type veth peer name eth0 netns client; ip link add wan type veth peer name eth0 netns far',
    'for d in lo lan wan; do ip link set $d up; done; for n in client far; do for d in lo eth0; do ip -n $n link set $d up; done; done',
    'ip addr add 192.0.2.1/24 dev lan; ip addr add 198.51.100.1/24 dev wan; ip route add default via 198.51.100.254; sysctl -qw net.ipv4.ip_forward=1',
    'ip -n client addr add 192.0.2.9/24 dev eth0; ip -n client route add default via 192.0.2.1',
    'ip -n far addr add 198.51.100.9/24 dev eth0',
    `iptables-legacy -t nat -A POSTROUTING -o wan -j SNAT --to-source ${source}`,
    ...act,
    'if ip netns exec client busybox ping -c 1 -W 1 198.51.100.9 >/dev/null 2>&1; then a=answered; else a=lost; fi',
    ...showing(dumps, 'gateway/'),
    part('$a'),
  ].join('\n');
}

describeKernel('a source that SNAT gave', () => {
  it.each<[string, string, readonly string[], 'answered' | 'lost']>([
    ['is the address of the uplink', '198.51.100.1', [], 'answered'],
    ['stands on no device', '198.51.100.77', [], 'lost'],
    ['stands on lo', '198.51.100.77', ['ip addr add 198.51.100.77/32 dev lo'], 'answered'],
    [
      'lies in a network that a local route claims',
      '198.51.100.77',
      ['ip route add local 198.51.100.64/26 dev lo'],
      'answered',
    ],
    ['stands on no device but in an entry', '198.51.100.77', ['ip neigh add proxy 198.51.100.77 dev wan'], 'lost'],
    ['stands on no device, and proxy_arp is on', '198.51.100.77', ['sysctl -qw net.ipv4.conf.wan.proxy_arp=1'], 'lost'],
    ['is that of another device', '192.0.2.1', [], 'lost'],
  ])('%s', (_, source, act, fate) => {
    const files = partsOf(inNetns(gatewayOf(source, act)));
    expect(Object.keys(files)).toContain(fate);
    const snapshot = parseSnapshot(files);
    const node = snapshot.nodes.find(({ name }) => name === 'gateway');
    const [src, ip] = [parseIp('192.0.2.9'), parseIp('198.51.100.9')];
    if (node === undefined || src === null || ip === null) throw new Error('unreachable');
    const { verdict } = trace(snapshot, {
      from: { kind: 'entering', node, ns: node.host, dev: 'lan', src },
      to: { ip, port: null },
      proto: 1,
      sport: null,
      assume: 'defaults',
    });
    expect(verdict).toBe(fate === 'answered' ? 'works' : 'fails');
  });
}, ['busybox']);
