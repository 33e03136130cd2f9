/** One probe asked of the kernel: what it did, in the fields in which coldtrace answers. */
import { formatIp, parseIp, parsePrefix, prefixContains } from '@coldtrace/core';
import type { Agent, LoggedPacket, Seen, SeenEntry, SeenTuple, Sent } from './agent.js';
import type { Case, ProbeLine } from './case.js';
import { cutUpper, type Ends, frameOf, hexOfBytes, protoNumber, upperBytes } from './packet-bytes.js';
import { type PacketSeen, readPacket } from './packet-read.js';
import { askRoutes } from './routes-asked.js';

export type Hit = readonly [table: string, chain: string, number: number, variant?: string];

export interface Tuple {
  readonly src: string;
  readonly dst: string;
  readonly proto: number;
  readonly sport?: number;
  readonly dport?: number;
  readonly icmp_id?: number;
}

export interface TuplePair {
  readonly orig: Tuple;
  readonly reply: Tuple;
}

/** Fields as in an answer of `coldtrace probe`, protocols by number. */
export interface KernelAnswer {
  readonly outcome: string;
  readonly out_iface?: string;
  readonly src?: string;
  readonly dst?: string;
  readonly proto?: number;
  readonly sport?: number;
  readonly dport?: number;
  readonly icmp_id?: number;
  readonly ttl?: number;
  readonly tos?: number;
  readonly mark?: number;
  readonly reject_with?: string;
  readonly reject_src?: string;
  readonly socket_src?: string;
  readonly errno?: string;
  readonly neighbour?: string;
  readonly type?: string;
  readonly via?: string;
  readonly dev?: string;
  readonly fibmatch?: unknown;
  readonly hits?: readonly Hit[];
  readonly conntrack?: TuplePair;
}

/** What a later `reply` needs: where the packet ended, and as what. */
export interface Observed {
  readonly answer: KernelAnswer;
  /** Every connection that is known afterwards. */
  readonly table?: readonly TuplePair[];
  readonly final?: PacketSeen;
  readonly sent?: ProbeLine;
  /** Device of POSTROUTING, also of a packet that no neighbour took. */
  readonly leftBy?: string;
}

export async function observe(
  agent: Agent,
  one: Case,
  probe: ProbeLine,
  earlier: ReadonlyMap<string, Observed>,
): Promise<Observed> {
  switch (probe.kind) {
    case 'source':
    case 'routeget':
      return { answer: await askRoutes(agent, probe) };
    case 'ingress': {
      const seen = await agent.probe(ingressOf(one, probe), probe.family, true);
      return told(one, probe, seen);
    }
    case 'output': {
      const seen = await agent.probe({ socket: socketOf(probe) }, probe.family, true);
      return told(one, probe, seen);
    }
    case 'reply': {
      const of = earlier.get(probe.of ?? '');
      const reply = of === undefined ? undefined : replyTo(of, probe, one.devices);
      if (reply === undefined) return { answer: { outcome: 'no-reply' } };
      const sent = reply.in_iface === undefined ? { socket: socketOf(reply) } : ingressOf(one, reply);
      return told(one, reply, await agent.probe(sent, probe.family, false));
    }
  }
}

function ingressOf(one: Case, probe: ProbeLine): Sent {
  const at = one.devices.findIndex(([name]) => name === probe.in_iface);
  const device = one.devices[at];
  if (device === undefined) throw new Error(`no device ${probe.in_iface}`);
  return { port: `p${at}`, frame: frameOf(probe, device[1]) };
}

function socketOf(probe: ProbeLine): Readonly<Record<string, string | number | boolean>> {
  const proto = protoNumber(probe.proto);
  const ends: Ends = { family: probe.family, src: probe.src ?? anyOf(probe.family), dst: probe.dst ?? '' };
  const raw = proto !== 6 && proto !== 17;
  // Ports are the kernel's to write, other headers ours; its checksum comes later.
  const whole = (): string => probe.frag_body ?? hexOfBytes(cutUpper(ends, probe, upperBytes(ends, probe)));
  const data = raw ? whole() : '00'.repeat(probe.payload ?? 0);
  const { family, dst = '', sport = 0, dport = 0, mark = 0, tos = 0, ttl = 0, oif = '', uid = 0 } = probe;
  return { family, dst, proto, sport, dport, mark, tos, ttl, oif, data, uid };
}

const anyOf = (family: 4 | 6): string => (family === 4 ? '0.0.0.0' : '::');

/** Addresses and ports of the final packet reversed; it comes back where the first left, or from the process that received it. */
function replyTo({ final, answer, sent }: Observed, probe: ProbeLine, devices: Case['devices']): ProbeLine | undefined {
  if (final === undefined || sent === undefined || answer.outcome !== 'forward') return undefined;
  // What comes back through a tunnel is another packet outside.
  if (!devices.some(([name]) => name === answer.out_iface)) return undefined;
  const ports = final.sport === undefined ? {} : { sport: final.dport ?? 0, dport: final.sport };
  const mac = devices.find(([name]) => name === answer.out_iface)?.[1];
  const echo =
    final.icmp_id === undefined
      ? {}
      : { icmp_id: final.icmp_id, icmp_type: final.family === 4 ? 0 : 129, icmp_code: sent.icmp_code ?? 0 };
  return {
    id: probe.id,
    kind: 'ingress',
    family: final.family,
    in_iface: answer.out_iface ?? '',
    src: final.dst,
    dst: final.src,
    proto: final.proto,
    ...(mac === undefined ? {} : { src_mac: mac }),
    ...(final.proto === 6 ? { tcp_flags: 'SYN,ACK', tcp_ack: ((final.tcpSeq ?? 0) + 1) % 2 ** 32 } : {}),
    ...ports,
    ...echo,
  };
}

/** What the log messages and frames say. */
function told(one: Case, probe: ProbeLine, seen: Seen): Observed {
  const both = new Set(seen.hits.map(([variant]) => variant)).size > 0 && usesBoth(one);
  const hits = seen.hits.flatMap(([variant, table, chain, number, times]) =>
    Array.from({ length: times }, (): Hit => (both ? [table, chain, number, variant] : [table, chain, number])),
  );
  const tunnels = tunnelsOf(one);
  const [entry] = seen.conntrack.filter(({ orig }) => tunnels.length === 0 || !vxlanPorts.has(orig.dport ?? 0));
  const conntrack = entry === undefined ? {} : { conntrack: pairOf(entry) };
  const socket = probe.kind === 'output' && seen.src !== null ? { socket_src: seen.src } : {};
  const ended = endOf(one, probe, seen, tunnels);
  return {
    answer: { ...ended.answer, ...socket, hits, ...conntrack },
    table: seen.table.map(pairOf),
    ...(ended.final === undefined ? {} : { final: ended.final }),
    sent: probe,
    ...(ended.leftBy === undefined ? {} : { leftBy: ended.leftBy }),
  };
}

const usesBoth = (one: Case): boolean =>
  one.setup.some(({ tool }) => tool === 'legacy') && one.setup.some(({ tool }) => tool === 'nft');

function pairOf({ orig, reply }: SeenEntry): TuplePair {
  return { orig: tupleOf(orig), reply: tupleOf(reply) };
}

function tupleOf({ src, dst, proto, sport, dport, icmp_id }: SeenTuple): Tuple {
  return {
    src,
    dst,
    proto,
    ...(sport === undefined ? {} : { sport }),
    ...(dport === undefined ? {} : { dport }),
    ...(icmp_id === undefined ? {} : { icmp_id }),
  };
}

interface Ended {
  readonly answer: KernelAnswer;
  readonly final?: PacketSeen;
  readonly leftBy?: string;
}

const vxlanPorts: ReadonlySet<number> = new Set([4789, 8472]);

/** Devices that put packets into others. */
function tunnelsOf({ setup }: Case): readonly string[] {
  return setup.flatMap(({ text }) => /^link add (\S+) type (?:vxlan|ipip)\b/.exec(text)?.[1] ?? []);
}

function endOf(one: Case, probe: ProbeLine, seen: Seen, tunnels: readonly string[]): Ended {
  const local = seen.logs.find(({ at }) => at === 'local');
  if (local !== undefined) {
    const final = readPacket(local.packet);
    return { answer: { outcome: 'local', ...fieldsOf(final, local) }, final };
  }
  const refusal = seen.logs
    .filter((log) => log.at === 'answer' && !isCopyOf(probe, log))
    .map(refusalOf)
    .find((one) => one !== null);
  if (refusal !== undefined) return { answer: refusal };
  const out = seen.logs.filter(({ at }) => at === 'out');
  const inside = out.find((log) => tunnels.includes(log.out ?? ''));
  // What carries it has met a rule that drops it, or has no way.
  if (inside !== undefined && out.at(-1) === inside) return { answer: { outcome: 'drop' } };
  const left = inside ?? out.at(-1);
  if (left !== undefined && left.out !== 'lo') {
    const final = readPacket(left.packet);
    if (!seen.frames.some(({ frame }) => isIp(frame))) {
      if (isTooLong(one, left) || isKeptBack(one, final, left)) return { answer: { outcome: 'drop' }, final };
      return { answer: { outcome: 'drop', neighbour: 'unresolved' }, final, leftBy: left.out ?? '' };
    }
    return { answer: { outcome: 'forward', out_iface: left.out ?? '', ...fieldsOf(final, left) }, final };
  }
  const passed = seen.logs.length === 0 ? seen.frames.find(({ frame }) => isIp(frame)) : undefined;
  const reset = passed === undefined ? null : resetOver(probe, passed.frame);
  if (reset !== null) return { answer: reset };
  if (passed !== undefined) return bridgedUnseen(one, passed);
  if (seen.errno !== null && seen.errno !== 'EPERM') return { answer: { outcome: 'unreachable', errno: seen.errno } };
  return { answer: { outcome: 'drop' } };
}

/** TEE's copy of a packet that comes in with an address of the node itself looks like what the node says. */
function isCopyOf(probe: ProbeLine, { packet }: LoggedPacket): boolean {
  const { src, dst } = readPacket(packet);
  return src !== dst && src === canonical(probe.src) && dst === canonical(probe.dst);
}

function canonical(text = ''): string {
  const ip = parseIp(text);
  return ip === null ? text : formatIp(ip);
}

/** For the device, or for one below it: it is lost behind POSTROUTING, and no neighbour is asked for. */
function isTooLong({ setup, devices }: Case, { packet, out }: LoggedPacket): boolean {
  const isWire = devices.some(([name]) => name === out);
  const sizes = setup.map(({ text }) => /^link set (\S+) (?:.* )?mtu (\d+)/.exec(text) ?? []);
  // What the node routes there is cut up, unless that is forbidden.
  if (isWire && packet.startsWith('4') && (Number.parseInt(packet.slice(12, 14), 16) & 0x40) === 0) return false;
  const least = Math.min(1500, ...sizes.map(([, dev, mtu]) => (isWire && dev !== out ? 1500 : Number(mtu ?? 1500))));
  return packet.length / 2 > least;
}

/** A bridge lets it out of no port, although its neighbour was told by hand. */
function isKeptBack({ setup }: Case, { dst }: PacketSeen, { out }: LoggedPacket): boolean {
  if (!setup.some(({ text }) => text.startsWith(`link add ${out} `) && text.includes('type bridge'))) return false;
  const towards = setup.flatMap(({ text }) => {
    const [, net, via, dev = out] = /^route \S+ (\S+) via (\S+)(?: dev (\S+))?/.exec(text) ?? [];
    const prefix = parsePrefix(net ?? '');
    const ip = parseIp(dst);
    // A route by another device is not the one that it left by.
    return dev === out && prefix !== null && ip !== null && prefixContains(prefix, ip) ? [via] : [];
  });
  const byHand = setup.filter(({ text }) => text.startsWith('neigh ') && text.includes(`dev ${out} nud perm`));
  return [...towards, dst].some((host) => byHand.some(({ text }) => text.includes(` ${host} lladdr `)));
}

/** What REJECT resets on a bridge goes out by the port itself, past every hook. net/ipv4/netfilter/nf_reject_ipv4.c nf_send_reset. */
function resetOver(probe: ProbeLine, frame: string): KernelAnswer | null {
  const { src, dst, proto, tcpFlags = 0 } = readPacket(frame.slice(28));
  if (proto !== 6 || (tcpFlags & 4) === 0 || dst !== canonical(probe.src)) return null;
  return { outcome: 'reject', reject_with: 'tcp-reset', reject_src: src };
}

/** A bridge that shows nothing to iptables has passed the frame on. */
function bridgedUnseen(one: Case, { port, frame }: Seen['frames'][number]): Ended {
  const final = readPacket(frame.slice(28));
  const out_iface = one.devices[Number(port.slice(1))]?.[0] ?? '';
  return { answer: { outcome: 'forward', out_iface, ...fieldsOf(final, { mark: 0 }) }, final };
}

const isIp = (frame: string): boolean => ['0800', '86dd'].includes(frame.slice(24, 28));

function fieldsOf({ src, dst, proto, sport, dport, icmp_id, ttl, tos }: PacketSeen, log: Pick<LoggedPacket, 'mark'>) {
  return {
    src,
    dst,
    proto,
    ...(sport === undefined ? {} : { sport }),
    ...(dport === undefined ? {} : { dport }),
    ...(icmp_id === undefined ? {} : { icmp_id }),
    ttl,
    tos,
    mark: log.mark,
  };
}

/** An answer of the node itself that refuses the packet; a redirect does not. */
function refusalOf(log: LoggedPacket): KernelAnswer | null {
  const { src, proto, icmpType = 0, icmpCode = 0, tcpFlags = 0 } = readPacket(log.packet);
  if (proto === 6 && (tcpFlags & 4) !== 0) return { outcome: 'reject', reject_with: 'tcp-reset', reject_src: src };
  if (proto === 1 && [3, 4, 11, 12].includes(icmpType))
    return { outcome: 'reject', reject_with: `icmp ${icmpType}/${icmpCode}`, reject_src: src };
  if (proto === 58 && icmpType < 128)
    return { outcome: 'reject', reject_with: `icmpv6 ${icmpType}/${icmpCode}`, reject_src: src };
  return null;
}
