/** The ordinary commands that capture a node, and what became of them: file names as packages/core/src/capture/table.ts has them. */
import type { Agent } from './agent.js';
import type { Case } from './case.js';

/** What is captured of one node, whatever it is; its own name goes for the machine's. */
export const commonDumps: readonly (readonly [file: string, command: string])[] = [
  ['hostname', 'echo node-1'],
  ['uname.txt', 'uname -a | sed "s/ $(uname -n) / node-1 /"'],
  ['ipset-list.txt', 'ipset list'],
  ['ip-addr.txt', 'ip addr'],
  ['ip-link.txt', 'ip -d -s link'],
  ['ip-route.txt', 'ip route show table all'],
  ['ip-6-route.txt', 'ip -6 route show table all'],
  ['ip-rule.txt', 'ip rule'],
  ['ip-6-rule.txt', 'ip -6 rule'],
  ['ip-neigh.txt', 'ip neigh'],
  ['ip-neigh-proxy.txt', 'ip neigh show proxy'],
  ['ip-nexthop.txt', 'ip nexthop'],
  ['ip-addrlabel.txt', 'ip addrlabel'],
  ['ip-maddr.txt', 'ip maddr'],
  ['fib-trie.txt', 'cat /proc/net/fib_trie'],
  ['nfnetlink-queue.txt', 'cat /proc/net/netfilter/nfnetlink_queue'],
  ['xt-recent.txt', 'tail -n +1 /proc/net/xt_recent/* /dev/null'],
  ['ip-xfrm.txt', 'ip xfrm policy'],
  ['ip-xfrm-state.txt', 'ip xfrm state count'],
  ['bridge-fdb.txt', 'bridge fdb'],
  ['sysctl.txt', "sysctl -a 2>/dev/null | grep '^net'"],
  ['conntrack.txt', 'conntrack -L 2>/dev/null'],
  ['conntrack-6.txt', 'conntrack -L -f ipv6 2>/dev/null'],
  ['ss.txt', 'ss -antup --inet-sockopt'],
];

/** The dumps of rules are made by the variant in use; where both are, each has its own. */
function rulesOf(one: Case): readonly (readonly [string, string])[] {
  const ip = one.family === 4 ? 'iptables' : 'ip6tables';
  const variants = variantsOf(one);
  if (variants.length === 2) {
    return [
      [`${ip}-save.txt`, `${ip}-nft-save -c`],
      [`${ip}-legacy-save.txt`, `${ip}-legacy-save -c`],
    ];
  }
  return [[`${ip}-save.txt`, `${ip}-${variants[0]}-save -c`]];
}

export function variantsOf(one: Case): readonly ('legacy' | 'nft')[] {
  const used = (['legacy', 'nft'] as const).filter((variant) => one.setup.some((line) => line.tool === variant));
  return used.length === 0 ? ['legacy'] : used;
}

export type Dumps = ReadonlyMap<string, string>;

export async function captureNode(agent: Agent, one: Case): Promise<Dumps> {
  const all = [...commonDumps, ...rulesOf(one)];
  const outputs = await agent.capture(all.map(([, command]) => command));
  return new Map(all.map(([file], index) => [`node-1/${file}`, outputs[index] ?? '']));
}
