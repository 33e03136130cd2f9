/** One packet line of tcpdump(8) 3.9 to 4.99, all link-level and time forms; scanned by hand, so that any line costs linear time. */
import { type Ip, parseDecimal, parseIp, parsePort, type SeenPacket, servicePort } from '@coldtrace/core';

export interface PacketHead {
  readonly time: string | null;
  readonly dev: string | null;
  readonly direction: 'in' | 'out' | null;
  /** Protocol that `-v` prints in brackets. */
  readonly proto: number | null;
}

export type PacketBody = Pick<SeenPacket, 'proto' | 'src' | 'sport' | 'dst' | 'dport' | 'flags' | 'tsVal' | 'tsEcr'>;

export type PacketLine =
  | { readonly kind: 'packet'; readonly head: PacketHead; readonly body: PacketBody; readonly named: boolean }
  /** `IP (tos 0x0, …)`: addresses come on the next line. */
  | { readonly kind: 'head'; readonly head: PacketHead }
  /** The second line of the `-v` form. */
  | { readonly kind: 'body'; readonly body: PacketBody };

const directions: Readonly<Record<string, 'in' | 'out' | null>> = { In: 'in', Out: 'out', M: 'in', B: 'in', P: null };

/** Reads a line, or null when it is none of a packet's. */
export function readPacketLine(text: string): PacketLine | null {
  if (text.length > 4096) return null;
  const body = text[0] === ' ' || text[0] === '\t';
  const headEnd = headLength(text);
  if (headEnd < 0) {
    const flow = body ? findFlow(text, 0) : null;
    return flow?.body == null || flow.named ? null : { kind: 'body', body: flow.body };
  }
  const head = readHead(text.slice(0, headEnd), text);
  if (head === null) return null;
  const arp = readArp(text, headEnd);
  if (arp !== null) return { kind: 'packet', head, body: arp, named: false };
  const flow = findFlow(text, headEnd);
  if (flow !== null) {
    const proto = flow.body.proto ?? head.proto;
    return { kind: 'packet', head, body: { ...flow.body, proto }, named: flow.named };
  }
  const rest = text.slice(headEnd).trimStart();
  return rest.startsWith('(') && rest.trimEnd().endsWith(')') && head.time !== null ? { kind: 'head', head } : null;
}

/** Offset past the word that names the network protocol (`IP`, `IP6`, `ARP,`, `ethertype IPv4 (0x0800)`); -1 without one. */
function headLength(text: string): number {
  for (let at = 0, words = 0; at < text.length && words < 24; words++) {
    while (text[at] === ' ' || text[at] === '\t') at++;
    const space = text.indexOf(' ', at);
    const end = space < 0 ? text.length : space;
    const word = text.slice(at, end);
    if (word === 'IP' || word === 'IP6' || word === 'ARP,' || word === 'arp') return end;
    // On `any`, tcpdump 4.9 puts `ethertype IPv4, `.
    if (word === 'ethertype' && /^ IPv[46], IP6? /.test(text.slice(end, end + 12))) {
      at = end + 7;
      continue;
    }
    if (word === 'ethertype') {
      const colon = text.indexOf(': ', end);
      const kind = text.slice(end + 1, end + 5);
      return colon > 0 && (kind.startsWith('IPv') || kind.startsWith('ARP') || kind.startsWith('802.'))
        ? colon + 1
        : -1;
    }
    at = end;
  }
  return -1;
}

/** What stands before the protocol: nothing, a time (`-t` … `-tttt`), a device and a direction (`-i any`), MACs (`-e`). */
function readHead(head: string, text: string): PacketHead | null {
  const words = head.split(/[ \t]+/).filter((word) => word !== '');
  let at = 0;
  let time: string | null = null;
  if (isDate(words[at]) && isTime(words[at + 1])) {
    time = `${words[at]} ${words[at + 1]}`;
    at += 2;
  } else if (isTime(words[at])) time = words[at++] ?? null;
  let dev: string | null = null;
  let direction: 'in' | 'out' | null = null;
  const first = words[at];
  const second = words[at + 1];
  if (first !== undefined && Object.hasOwn(directions, first)) {
    direction = directions[first] ?? null;
    at++;
  } else if (first !== undefined && second !== undefined && Object.hasOwn(directions, second)) {
    dev = first;
    direction = directions[second] ?? null;
    at += 2;
  }
  // Without a time only the bare protocol, or what -i any and -e put before it, makes a packet line; prose has other words there.
  const next = words[at];
  const known =
    next === 'IP' || next === 'IP6' || next === 'ARP,' || next === 'arp' || next === 'ethertype' || next === 'ifindex';
  const mac = next !== undefined && /^(?:[0-9a-f]{1,2}:){5}[0-9a-f]{1,2}$/i.test(next);
  if (!known && !mac) return null;
  return { time, dev, direction, proto: verboseProto(text) };
}

function isTime(word: string | undefined): boolean {
  return word !== undefined && word.length < 24 && /^(?:\d{1,2}:\d{2}:\d{2}(?:\.\d+)?|\d{10}\.\d+)$/.test(word);
}

function isDate(word: string | undefined): boolean {
  return word !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(word);
}

/** `proto TCP (6)` and `next-header ICMPv6 (58)` of `-v`. */
function verboseProto(text: string): number | null {
  for (const word of [', proto ', ', next-header ']) {
    const at = text.indexOf(word);
    const open = at < 0 ? -1 : text.indexOf('(', at + word.length);
    const close = open < 0 ? -1 : text.indexOf(')', open);
    if (close > 0 && close - open < 5) return parseDecimal(text, 255, open + 1, close);
  }
  return null;
}

function readArp(text: string, from: number): PacketBody | null {
  const ask = text.indexOf('who-has ', from);
  if (ask >= 0) {
    const tell = text.indexOf(' tell ', ask);
    return tell < 0 ? null : arpBody(addressAt(text, tell + 6), addressAt(text, ask + 8));
  }
  const answer = text.indexOf(' is-at ', from);
  if (answer < 0) return null;
  return arpBody(addressAt(text, text.lastIndexOf(' ', answer - 1) + 1), null);
}

function arpBody(src: Ip | null, dst: Ip | null): PacketBody {
  return { proto: null, src, sport: null, dst, dport: null, flags: null, tsVal: null, tsEcr: null };
}

function addressAt(text: string, at: number): Ip | null {
  let end = at;
  while (end < text.length && text[end] !== ' ' && text[end] !== ',') end++;
  return parseIp(text, at, end);
}

/** The first `SRC > DST:` at or after an offset. */
function findFlow(text: string, from: number): { readonly body: PacketBody; readonly named: boolean } | null {
  for (let at = text.indexOf(' > ', from); at >= 0; at = text.indexOf(' > ', at + 3)) {
    const left = text.slice(Math.max(text.lastIndexOf(' ', at - 1), text.lastIndexOf('\t', at - 1)) + 1, at);
    const space = text.indexOf(' ', at + 3);
    const right = text.slice(at + 3, space < 0 ? text.length : space);
    if (!right.endsWith(':')) continue;
    const src = endpoint(left);
    const dst = endpoint(right.slice(0, -1));
    const rest = space < 0 ? '' : text.slice(space);
    const detail = readDetail(rest, src.port !== null || dst.port !== null);
    const named = src.ip === null || dst.ip === null;
    if (named && detail.flags === null) continue;
    return { body: { ...detail, src: src.ip, sport: src.port, dst: dst.ip, dport: dst.port }, named };
  }
  return null;
}

function endpoint(text: string): { readonly ip: Ip | null; readonly port: number | null } {
  const ip = parseIp(text);
  if (ip !== null) return { ip, port: null };
  const dot = text.lastIndexOf('.');
  if (dot < 0) return { ip: null, port: null };
  const name = text.slice(dot + 1);
  const port = parsePort(name) ?? servicePort(name, null);
  return { ip: parseIp(text, 0, dot), port };
}

type Detail = Pick<PacketBody, 'proto' | 'flags' | 'tsVal' | 'tsEcr'>;

/** What follows the colon: `Flags [S], …`, old `S 1:1(0) …`, `UDP, length 5`, `ICMP echo request`, a datagram's contents. */
function readDetail(rest: string, ports: boolean): Detail {
  const none = { flags: null, tsVal: null, tsEcr: null };
  const flags = tcpFlags(rest);
  if (flags !== null) return { proto: 6, flags, ...timestamps(rest) };
  const text = rest.trimStart();
  if (text.startsWith('tcp ')) return { proto: 6, ...none };
  if (text.startsWith('ICMP6') || text.startsWith('HBH') || text.includes('] ICMP6,')) return { proto: 58, ...none };
  if (text.startsWith('ICMP')) return { proto: 1, ...none };
  if (text.startsWith('IP ') || text.includes('(ipip-proto-4)')) return { proto: 4, ...none };
  if (text.startsWith('IP6 ')) return { proto: 41, ...none };
  if (text.startsWith('ESP(')) return { proto: 50, ...none };
  if (text.startsWith('GRE')) return { proto: 47, ...none };
  if (text.startsWith('sctp')) return { proto: 132, ...none };
  return { proto: ports ? 17 : null, ...none };
}

function tcpFlags(rest: string): string | null {
  if (rest.startsWith(' Flags [')) {
    const close = rest.indexOf(']', 8);
    return close < 0 || close > 24 ? null : rest.slice(8, close);
  }
  const old = /^ ([SFRPWE.]{1,6}) (?:\d|ack |win )/.exec(rest);
  return old?.[1] ?? null;
}

function timestamps(rest: string): Pick<Detail, 'tsVal' | 'tsEcr'> {
  const modern = /TS val (\d{1,10}) ecr (\d{1,10})/.exec(rest) ?? /timestamp (\d{1,10}) (\d{1,10})/.exec(rest);
  const value = modern?.[1];
  const echo = modern?.[2];
  return { tsVal: value === undefined ? null : Number(value), tsEcr: echo === undefined ? null : Number(echo) };
}
