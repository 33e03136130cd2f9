/** Builds IPVS nodes in one boot of the second kernel, captures each with the ordinary commands, sends packets at it and tells what became of them. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Seen } from '../ipvs-compare.js';
import { type IpvsCase, type IpvsProbe, servicePorts } from '../ipvs-generator.js';
import { inSecondKernel } from './boot.js';

type Captured = Readonly<Record<string, string>>;

export type BuiltNode =
  /** `captured` of an answer: files as they are when the probe is sent, where that is no longer what they were. */
  | { readonly captured: Captured; readonly answers: readonly (Seen & { readonly captured?: Captured })[] }
  | { readonly failed: string };

const driver = new URL('nodes.py', import.meta.url);

/** The table of services in each of the forms that people take; nothing at all does not say that it is empty. */
function capturesOf({ family, services }: IpvsCase, seed: number): Captured {
  const six = family === 6 ? '6' : '';
  // A tunnel's kind is not shown otherwise.
  const tunnels = services.some((line) => / -i\b/.test(line));
  return {
    hostname: 'echo node-1',
    'uname.txt': 'uname -a',
    [`ip${six}tables-save.txt`]: `ip${six}tables-legacy-save`,
    'ip-addr.txt': 'ip addr',
    'ip-route.txt': 'ip route show table all',
    'ip-6-route.txt': 'ip -6 route show table all',
    'ip-rule.txt': 'ip rule',
    'ip-6-rule.txt': 'ip -6 rule',
    'ip-neigh.txt': 'ip neigh',
    'ip-addrlabel.txt': 'ip addrlabel',
    'sysctl.txt': 'sysctl -a 2>/dev/null | grep ^net',
    'conntrack.txt': `conntrack -L -f ipv${family} 2>&1`,
    'ipset.txt': 'ipset list',
    'ipvsadm-connections.txt': seed % 3 === 0 ? 'cat /proc/net/ip_vs_conn' : 'ipvsadm -Lnc',
    'ipvsadm.txt':
      seed % 2 === 1 ? 'ipvsadm -Sn | grep . || ipvsadm -Ln' : `ipvsadm -Ln${tunnels ? ' --tun-info' : ''}`,
  };
}

/** Earlier probes load the servers: by what a listing shows of that, these schedulers choose another one for the next. */
const byLoad = /^-A .* -s (?:w?lc|sed|nq|ovf)\b/;

function countsOf(one: IpvsCase): readonly string[] {
  return one.services.some((line) => byLoad.test(line)) ? ['ipvsadm.txt', 'ipvsadm-connections.txt'] : [];
}

/** What a port of the node without a listener answers: it is no refusal of the path. */
const RESET = 'reset other';

/** What the node may send on its own, most special first; `other` is neighbour discovery and the like. */
function fenceOf(family: 4 | 6): readonly string[] {
  const icmp =
    family === 4
      ? ['3/0', '3/1', '3/3', '3/4', '3/13', '11/0', 'other'].map((what) => `icmp ${what}`)
      : ['1/0', '1/1', '1/3', '1/4', '1/5', '1/6', '2/0', '3/0', 'other'].map((what) => `icmpv6 ${what}`);
  return [...icmp, RESET];
}

/** The node's own errors and resets are counted and go no further. */
function fenceRules(family: 4 | 6): string {
  const [tool, proto, option] =
    family === 4 ? ['iptables', 'icmp', '--icmp-type'] : ['ip6tables', 'ipv6-icmp', '--icmpv6-type'];
  const asked = (what: string) => {
    if (what === RESET) return '-p tcp --tcp-flags RST RST';
    const type = what.split(' ')[1] ?? '';
    return type === 'other' ? `-p ${proto}` : `-p ${proto} ${option} ${type}`;
  };
  // Errors that IPVS sends on are none of the node's own.
  const rules = fenceOf(family).map((what, at) => `-I OUTPUT ${at + 1} ${asked(what)} -m ipvs ! --ipvs -j DROP`);
  return heredoc(`${tool}-legacy-restore --noflush`, ['*raw', ...rules, 'COMMIT']);
}

/** Those that the kernel refuses are left out; one by one where any is. */
function servicesOf(services: readonly string[]): string {
  const each = services.map((words) => `ipvsadm ${words} || true`);
  return `{ ${heredoc('ipvsadm -R', services)}\n} || { ipvsadm -C\n${each.join('\n')}\n}`;
}

function heredoc(command: string, lines: readonly string[]): string {
  return `${command} <<'END'\n${lines.join('\n')}\nEND`;
}

/** Processes are slow to start there: neighbours of one tool become one batch of it. */
function batched(lines: readonly string[]): readonly string[] {
  const runs: { tool: string; words: string[] }[] = [];
  for (const line of lines) {
    const [, tool = 'sh', words = line] = /^(ip(?: -[46])?|sysctl -qw) (.*)$/.exec(line) ?? [];
    const last = runs.at(-1);
    if (last?.tool === tool) last.words.push(words);
    else runs.push({ tool, words: [words] });
  }
  return runs.map(({ tool, words }) => {
    if (tool.startsWith('ip')) return heredoc(`${tool} -batch -`, words);
    return tool === 'sh' ? words.join('\n') : `${tool} ${words.join(' ')}`;
  });
}

const SECONDS_PER_NODE = 20;

/** The seed of a case decides in what form it is captured. */
export function nodesIn(cases: readonly IpvsCase[], seeds: readonly number[]): readonly BuiltNode[] {
  const orders = cases.map((one, at) => ({
    family: one.family,
    setup: [...batched(one.setup), fenceRules(one.family), servicesOf(one.services)],
    captures: capturesOf(one, seeds[at] ?? 0),
    counts: countsOf(one),
    ports: servicePorts,
    fence: fenceOf(one.family),
    before: one.before.map(inGuest),
    // Those that name what is not there are refused.
    later: one.later.map((words) => `ipvsadm ${words} || true`),
    probes: one.probes.map(inGuest),
  }));
  const files = inSecondKernel({
    timeoutSeconds: 60 + cases.length * SECONDS_PER_NODE,
    files: new Map([
      ['cases.json', JSON.stringify(orders)],
      ['nodes.py', readFileSync(driver, 'utf8')],
    ]),
    script: `modprobe -a ip_vs xt_ipvs dummy nf_conntrack\n'${python()}' nodes.py`,
  });
  return JSON.parse(files.get('answers.json') ?? '[]');
}

/** The interpreter itself: what stands on the path may be a script around it, and processes are slow to start there. */
function python(): string {
  return execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim();
}

/** A packet that comes in is a frame on the wire; one of the node's own is sent by a socket. */
function inGuest(probe: IpvsProbe): object {
  return {
    ...probe,
    kind: probe.kind === 'ingress' ? 'frame' : 'socket',
    reply: probe.inner === undefined && probe.frag_body === undefined,
  };
}
