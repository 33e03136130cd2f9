/** Holds what the second kernel did with a packet against what a probe is answered. */
import { type AnswerLine, formatIp, parseIp } from '@coldtrace/core';

/** What `second-kernel/nodes.py` tells of one packet. */
export interface Seen {
  readonly frames: readonly {
    readonly out_iface: string;
    readonly src: string;
    readonly dst: string;
    readonly proto: number;
    readonly ttl: number;
    readonly seq?: number;
    readonly sport?: number;
    readonly dport?: number;
    /** Ends of what an ICMP error quotes. */
    readonly inner?: string;
  }[];
  /** Table, chain, rule from 1, and by how much its counter rose. */
  readonly hits: readonly (readonly [string, string, number, number])[];
  readonly conntrack: string;
  /** What was delivered on the node. */
  readonly heard: readonly {
    readonly src: string;
    readonly dst: string;
    readonly sport?: number;
    readonly dport?: number;
    readonly seq?: number;
    readonly inner?: string;
  }[];
  /** ICMP errors that the node sent: `icmp 3/3`. */
  readonly told: readonly string[];
  readonly errno?: string;
  readonly socket_src?: string;
  readonly reply?: Seen;
}

type Fields = Readonly<Record<string, unknown>>;

/** The kernel's answer in the words of a probe's. */
export function kernelAnswer(seen: Seen): Fields {
  const hits = seen.hits
    .flatMap(([table, chain, rule, count]) => Array.from({ length: count }, () => `${table} ${chain} ${rule}`))
    .sort();
  const entries = seen.conntrack.split('\n').filter((line) => line !== '');
  const [frame] = seen.frames;
  const [entry] = entries;
  const tracked = entries.length === 1 && entry !== undefined ? { conntrack: tuplesOf(entry) } : {};
  const [error] = seen.told.filter((what) => !what.endsWith('other'));
  const [heard] = seen.heard;
  // A port of the node that nobody listens on: the packet has arrived all the same.
  const arrived = heard !== undefined && (error === 'icmp 3/3' || error === 'icmpv6 1/4');
  if (error !== undefined && !arrived) return { outcome: 'reject', reject_with: error, hits };
  if (seen.frames.length + seen.heard.length > 1) return { outcome: 'many', hits };
  if (frame !== undefined) {
    const { proto, seq: _, inner: _inner, ...rest } = frame;
    return { outcome: 'forward', ...rest, proto: words[proto] ?? proto, hits, ...tracked };
  }
  if (heard === undefined) return { outcome: 'drop', hits };
  const { seq: _, inner: _inner, ...rest } = heard;
  return { outcome: 'local', ...rest, hits, ...tracked };
}

const words: Readonly<Record<number, string>> = {
  1: 'icmp',
  58: 'ipv6-icmp',
  132: 'sctp',
  6: 'tcp',
  17: 'udp',
  4: 'ipencap',
  41: 'ipv6',
};

/** /proc prints IPv6 in full. */
function canonical(text = ''): string {
  const ip = parseIp(text);
  return ip === null ? text : formatIp(ip);
}

function tuplesOf(line: string): Fields {
  const tuples = [...line.matchAll(/src=(\S+) dst=(\S+)(?: sport=(\d+) dport=(\d+))?/g)].map((found) =>
    [canonical(found[1]), canonical(found[2]), found[3] ?? '-', found[4] ?? '-'].join(' '),
  );
  return { orig: tuples[0], reply: tuples[1] };
}

/** Our answer in the same words; each branch of it. */
export function ourAnswers(answer: AnswerLine): readonly Fields[] {
  if ('branches' in answer) return answer.branches.map((branch) => plain(branch));
  return [plain(answer)];
}

function plain(answer: object): Fields {
  const { hits, conntrack, ...rest } = answer as Fields & { readonly hits?: readonly (readonly unknown[])[] };
  return {
    ...rest,
    hits: (hits ?? []).map((hit) => hit.slice(0, 3).join(' ')).sort(),
    ...(conntrack === undefined ? {} : { conntrack: tuplesIn(conntrack as Readonly<Record<string, Tuple>>) }),
  };
}

interface Tuple {
  readonly src: string;
  readonly dst: string;
  readonly sport?: number;
  readonly dport?: number;
}

function tuplesIn(conntrack: Readonly<Record<string, Tuple>>): Fields {
  const line = ({ src, dst, sport, dport }: Tuple) => `${src} ${dst} ${sport ?? '-'} ${dport ?? '-'}`;
  return Object.fromEntries(Object.entries(conntrack).map(([name, tuple]) => [name, line(tuple)]));
}

/** Where the kernel told a field, ours is the same; what it did not show is not compared. */
export function agrees(kernel: Fields, ours: Fields): boolean {
  const outcome = ours['outcome'] === 'unreachable' ? 'drop' : ours['outcome'];
  if (kernel['outcome'] !== outcome) return false;
  return Object.entries(kernel).every(
    ([name, value]) => name === 'outcome' || name === 'proto' || JSON.stringify(ours[name]) === JSON.stringify(value),
  );
}
