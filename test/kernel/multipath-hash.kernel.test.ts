/** Which way of a multipath route packets take where net.ipv4.fib_multipath_hash_seed is set: the hash is no secret then, and the answer one way. */
import { interview, placeOf } from '@coldtrace/core';
import { parseSnapshot } from '@coldtrace/parsers';
import { expect, it } from 'vitest';
import { describeKernel } from './gate.js';
import { inNetns } from './netns.js';
import { chooser } from './routing-generator.js';

const seed = Number(process.env['COLDTRACE_SEED'] ?? Date.now() % 1_000_000);
const parameter = 'net.ipv4.fib_multipath_hash_seed';
const dumps = {
  'ip-addr.txt': 'ip addr',
  'ip-route.txt': 'ip route show table all',
  'ip-rule.txt': 'ip rule',
  'ip-nexthop.txt': 'ip nexthop',
  'ip-neigh.txt': 'ip neigh',
  'sysctl.txt': 'sysctl -a 2>/dev/null | grep ^net',
  'uname.txt': 'uname -a',
};

interface Asked {
  readonly words: string;
  readonly probe: object;
}

function build(choose: (below: number) => number, policy: number): string {
  const weight = () => 1 + choose(5);
  return `
ip link set lo up
for i in 0 1 2; do ip link add d$i type veth peer name q$i; ip link set q$i up; ip link set d$i up; ip addr add 10.9.$i.1/24 dev d$i; done
sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.fib_multipath_hash_policy=${policy}
for i in 0 1 2; do sysctl -qw net.ipv4.conf.d$i.rp_filter=0; done
[ ! -e /proc/sys/${parameter.replaceAll('.', '/')} ] || sysctl -qw ${parameter}=${1 + choose(0xffff_fffe)}
ip route add 10.7.0.0/16 ${[0, 1, 2].map((at) => `nexthop via 10.9.${at}.2 weight ${weight()}`).join(' ')}
for i in 0 1 2; do ip nexthop add id $((i+1)) via 10.9.$i.3 dev d$i; done
ip nexthop add id 9 group 1,${weight()}/2,${weight()}/3,${weight()}
ip route add 10.8.0.0/16 nhid 9
sleep 0.3`;
}

function questions(choose: (below: number) => number): readonly Asked[] {
  return Array.from({ length: 60 }, (_, at) => {
    const dst = `10.${7 + choose(2)}.${choose(256)}.${choose(256)}`;
    const sport = 1 + choose(65_535);
    const dport = 1 + choose(65_535);
    const ports = `ipproto tcp sport ${sport} dport ${dport}`;
    const told = { dst, proto: 'tcp', sport, dport };
    switch (at % 3) {
      case 0:
        return { words: `${dst} ${ports}`, probe: told };
      case 1:
        return { words: `${dst} from 10.9.1.1 ${ports}`, probe: { ...told, src: '10.9.1.1' } };
      default: {
        const src = `10.20.${choose(256)}.${choose(256)}`;
        return { words: `${dst} from ${src} iif d0 ${ports}`, probe: { ...told, src, in_iface: 'd0' } };
      }
    }
  });
}

describeKernel('the hash of multipath routes', () => {
  it.each([0, 1])(`under policy %i (seed ${seed})`, (policy) => {
    const choose = chooser(seed + policy);
    const script = build(choose, policy);
    const asked = questions(choose);
    const shown = Object.values(dumps).map((command) => `echo =====; ${command} || true`);
    const gets = asked.map(({ words }) => `echo =====; ip route get ${words} 2>&1 | head -1`);
    const parts = inNetns([script, ...shown, ...gets].join('\n'))
      .split('=====\n')
      .slice(1);
    const files = Object.keys(dumps).map((file, index) => [`node-1/${file}`, parts[index] ?? ''] as const);
    const [node] = parseSnapshot(new Map([['node-1/hostname', 'node-1\n'], ...files])).nodes;
    if (node === undefined) throw new Error('the capture holds no node');
    const isSet = node.host.sysctl.byKey.has(parameter.replaceAll('.', '/'));
    const ask = interview(placeOf(node, node.host, 'none'));
    asked.forEach(({ words, probe }, index) => {
      const answer = ask(JSON.stringify({ id: index, kind: 'routeget', family: 4, ...probe }), index + 1);
      const ways = 'branches' in answer ? answer.branches : [answer];
      const dev = / dev (\S+)/.exec(parts[files.length + index] ?? '')?.[1];
      expect(
        ways.map((way) => ('dev' in way ? way.dev : null)),
        words,
      ).toContain(dev);
      // Of what comes in, a network card may have made another hash of the ports.
      if (isSet && (policy === 0 || !words.includes('iif'))) expect(ways, words).toHaveLength(1);
    });
  });
});
