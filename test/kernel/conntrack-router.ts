/** A router in namespaces with rules of its own, asked packet by packet; the other side is what the probes say of its dumps. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type AnswerLine, interview, type Place, placeOf } from '@coldtrace/core';
import { parseSnapshot } from '@coldtrace/parsers';

const script = fileURLToPath(new URL('conntrack-router.py', import.meta.url));

export interface WirePacket {
  readonly dev: string | null;
  readonly src: string;
  readonly dst: string;
  readonly proto: number;
  readonly sport?: number;
  readonly dport?: number;
  readonly flags?: number;
  readonly type?: number;
  readonly code?: number;
  readonly id?: number;
  readonly ttl?: number;
  readonly payload?: string;
  readonly inner?: WirePacket;
}

/** A packet in full, or what changes of the one before it: `answers` turns round what came out, `from` quotes it in an ICMP error. */
export type Sent =
  | WirePacket
  | { readonly again: true; readonly flags?: number }
  | ({ readonly answers: true } & Partial<WirePacket> & { readonly from?: string });

export interface RouterCase {
  readonly setup?: string;
  readonly packets: readonly Sent[];
}

export interface Became {
  readonly sent: WirePacket;
  readonly hits: readonly (readonly [string, string, number])[];
  readonly out: readonly WirePacket[];
  readonly refused: number | null;
  /** `conntrack -L -o extended` before and after. */
  readonly before: string;
  readonly after: string;
}

export interface Router {
  readonly family: 4 | 6;
  readonly variant: 'legacy' | 'nft';
  readonly setup: string;
  readonly cases: readonly RouterCase[];
}

export interface AskedRouter {
  readonly family: 4 | 6;
  readonly dumps: ReadonlyMap<string, string>;
  readonly cases: readonly (readonly Became[])[];
}

function dumpsOf(family: 4 | 6, variant: string): Readonly<Record<string, string>> {
  const rules = family === 4 ? 'iptables' : 'ip6tables';
  return {
    [`${rules}-save.txt`]: `${rules}-${variant}-save`,
    'ip-addr.txt': 'ip addr',
    'ip-route.txt': 'ip route show table all',
    'ip-6-route.txt': 'ip -6 route show table all',
    'ip-rule.txt': 'ip rule',
    'ip-6-rule.txt': 'ip -6 rule',
    'ip-neigh.txt': 'ip neigh',
    'ipset-list.txt': 'ipset list',
    'ss.txt': 'ss -lntup',
    'uname.txt': 'uname -a',
    'sysctl.txt': 'sysctl -a 2>/dev/null | grep ^net',
  };
}

export function askRouter({ family, variant, setup, cases }: Router): AskedRouter {
  const order = JSON.stringify({ family, variant, setup, cases, capture: dumpsOf(family, variant) });
  const shell = `mount -t tmpfs tmpfs /run; exec python3 '${script}'`;
  const run = spawnSync('unshare', ['--net', '--mount', 'sh', '-e', '-c', shell], {
    input: order,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    env: { ...process.env, LC_ALL: 'C' },
  });
  if (run.status !== 0) throw new Error(`exit ${run.status ?? run.signal}: ${run.stderr.slice(-2000)}`);
  const said = JSON.parse(run.stdout) as { capture: Record<string, string>; cases: readonly (readonly Became[])[] };
  return { family, dumps: new Map(Object.entries(said.capture)), cases: said.cases };
}

/** The router as its dumps show it, with this table of connections. */
export function placeWith({ dumps }: AskedRouter, conntrack: string): Place {
  const files = [...dumps].map(([name, text]) => [`node-1/${name}`, text] as const);
  const [node] = parseSnapshot(new Map([...files, ['node-1/conntrack.txt', conntrack]])).nodes;
  if (node === undefined) throw new Error('the capture holds no node');
  return placeOf(node, node.host, 'none');
}

const flagNames = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR'];

function tcpFlags(flags: number): string {
  const set = flagNames.filter((_, bit) => flags & (1 << bit));
  return set.length === 0 ? 'NONE' : set.join(',');
}

/** The packet as a probe asks about it. */
export function probeOf(family: 4 | 6, id: string, packet: WirePacket): string {
  const { dev, src, dst, proto, sport, dport, flags, type, code, id: icmpId, inner, ttl } = packet;
  return JSON.stringify({
    id,
    kind: dev === null ? 'output' : 'ingress',
    family,
    in_iface: dev ?? undefined,
    src,
    dst,
    proto,
    sport,
    dport,
    ttl,
    tcp_flags: flags === undefined ? undefined : tcpFlags(flags),
    icmp_type: type,
    icmp_code: code,
    icmp_id: icmpId,
    inner: inner === undefined ? undefined : innerOf(inner),
  });
}

function innerOf({ src, dst, proto, sport, dport, type, code, id }: WirePacket) {
  return { src, dst, proto, sport, dport, icmp_type: type, icmp_code: code, icmp_id: id };
}

/** What is said of each packet of a case, given the table as it was before that packet. */
export function sayOf(router: AskedRouter, became: readonly Became[]): readonly AnswerLine[] {
  return became.map((one, index) => {
    const ask = interview(placeWith(router, one.before));
    return ask(probeOf(router.family, `p${index}`, one.sent), 1);
  });
}

/** The same of an answer, asked as the reply to the packet before it instead of by the table. */
export function sayOfReply(router: AskedRouter, asked: Became, answer: Became): AnswerLine {
  const ask = interview(placeWith(router, asked.before));
  ask(probeOf(router.family, 'of', asked.sent), 1);
  const { flags } = answer.sent;
  const tcp = flags === undefined ? undefined : tcpFlags(flags);
  return ask(JSON.stringify({ id: 'reply', kind: 'reply', family: router.family, of: 'of', tcp_flags: tcp }), 2);
}
