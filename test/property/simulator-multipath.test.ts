/** Which of several ways: by chance where the kernel's hash is a secret, and then the same one for the same flow; by the hash where it is none. */
import { formatFraction, type Outcome } from '@coldtrace/core';
import { describe, expect, it } from 'vitest';
import { ask, askOne, router, rules } from './node-text.js';
import { routerWith } from './router.js';

const several = `10.9.0.0/16 proto static src 10.2.0.1\n\tnexthop via 10.1.0.9 dev eth0 weight 1\n\tnexthop via 10.2.0.9 dev eth1 weight 3\n`;
const node = (sysctl: string, table: Parameters<typeof rules>[0] = {}, release = '6.18.0') =>
  routerWith({
    'ip-route.txt': `${several}${router['ip-route.txt']}`,
    'uname.txt': `Linux router ${release} #1 SMP x86_64 GNU/Linux\n`,
    'sysctl.txt': `${router['sysctl.txt']}net.ipv4.fib_multipath_use_neigh = 0\n${sysctl}`,
    'iptables-save.txt': rules(table),
  });
const byWay = ({ probability, final }: Outcome) => `${formatFraction(probability)} ${final.iface}`;
const fromInside = { in: 'eth1', src: '10.2.0.9', port: 80, sport: 4000 } as const;

describe('several ways', () => {
  // Since Linux 6.16 the way that gives the source would be taken.
  it.each([
    ['by addresses keeps its own', 0, ['1/4 eth0', '3/4 eth1']],
    ['by ports has none of them then', 1, ['1/16 eth0', '3/16 eth0', '3/16 eth1', '9/16 eth1']],
  ])('are shared out by weight, and a flow that is routed anew %s', (_, policy, anew) => {
    const marks = { mangle: ['-A OUTPUT -j MARK --set-mark 1', '-A POSTROUTING -o eth0 -j MARK --set-mark 2'] };
    const question = { to: '10.9.0.1', src: '10.2.0.1', port: 80, sport: 4000 } as const;
    const ways = (table: Parameters<typeof rules>[0]) => {
      const { outcomes } = ask(node(`net.ipv4.fib_multipath_hash_policy = ${policy}\n`, table, '6.8.0'), question);
      return outcomes.map(byWay).sort();
    };
    expect(ways({})).toEqual(['1/4 eth0', '3/4 eth1']);
    expect(ways(marks)).toEqual(anew);
  });

  it('one by the hash of the addresses, where its seed is set', () => {
    const seeded = node('net.ipv4.fib_multipath_hash_seed = 12345\nnet.ipv4.fib_multipath_hash_policy = 0\n');
    const ways = Array.from(
      { length: 64 },
      (_, at) => askOne(seeded, { ...fromInside, to: `10.9.0.${at}` }).final.iface,
    );
    const first = ways.filter((dev) => dev === 'eth0').length;
    expect([...new Set(ways)].sort()).toEqual(['eth0', 'eth1']);
    // A quarter of all addresses, more or less.
    expect(first).toBeGreaterThan(6);
    expect(first).toBeLessThan(28);
    const unseeded = node('net.ipv4.fib_multipath_hash_seed = 0\nnet.ipv4.fib_multipath_hash_policy = 0\n');
    expect(ask(unseeded, { ...fromInside, to: '10.9.0.1' }).outcomes).toHaveLength(2);
  });

  it('by chance under a policy that looks at ports of what comes in', () => {
    const seeded = node('net.ipv4.fib_multipath_hash_seed = 12345\nnet.ipv4.fib_multipath_hash_policy = 1\n');
    expect(ask(seeded, { ...fromInside, to: '10.9.0.1' }).outcomes).toHaveLength(2);
  });
});
