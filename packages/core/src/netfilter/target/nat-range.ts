/** `[address[-address]][:port[-port[/base]]]`, where NAT targets send a connection. iptables: extensions/libxt_NAT.c. */
import { parseUint32 } from '../../inet/decimal.js';
import type { Ip } from '../../inet/ip.js';
import { sameIp } from '../../inet/ip.js';
import { formatIp, parseIp } from '../../inet/ip-text.js';
import type { PortRange } from '../../inet/port.js';
import { formatPortRange } from '../../inet/port.js';
import type { IpRange } from '../../inet/range.js';
import { type Choose, isRefusal, type ReadContext, type Refusal, refuse, type ValueType } from '../extension.js';
import { servicePort } from '../service-port.js';
import { pick, sampleAddress, word } from '../value.js';

export interface NatPorts {
  readonly ports: PortRange;
  /** Port that `ports.first` stands for in a shifted map; null where the map is not shifted. */
  readonly portBase: number | null;
}

export interface NatRange {
  /** null: the address stays. `last` may be below `first`, as typed. */
  readonly addresses: IpRange | null;
  /** null: the port stays, or is the kernel's choice. */
  readonly ports: PortRange | null;
  readonly portBase: number | null;
}

/** What becomes of the base port: DNAT keeps it, SNAT and MASQUERADE load 0 whatever was typed, REDIRECT refuses it. */
export type PortBase = 'kept' | 'zeroed' | 'refused';

export function natRange(name: string, base: PortBase): ValueType<NatRange> {
  return word(
    name,
    (text, cx) => readNatRange(text, cx, base),
    (choose, cx) => sampleNatRange(choose, cx, base),
  );
}

export function natPorts(base: PortBase): ValueType<NatPorts> {
  return word(
    'port[-port]',
    (text, cx) => readNatPorts(text, cx, base),
    (choose) => sampleNatPorts(choose, base),
  );
}

const portProtos: readonly number[] = [1, 6, 17, 33, 132];

/** The tool looks at what stood before: a `-p` that follows comes too late, and a negated one is good enough. */
function portsAllowed(cx: ReadContext): boolean {
  const proto = cx.namedProto ?? cx.proto;
  return proto !== null && portProtos.includes(proto);
}

export function readNatPorts(text: string, cx: ReadContext, base: PortBase): NatPorts | Refusal {
  if (!portsAllowed(cx)) return refuse('a port needs -p tcp, udp, sctp or dccp before it');
  const first = leadingNumber(text, 0);
  if (first === null || first.value > 65535) {
    const named = servicePort(text, null);
    return named === null ? refuse(`port "${text}" is not valid`) : onePort(named);
  }
  if (first.end === text.length) return onePort(first.value);
  if (text[first.end] !== '-') return refuse(`"${text.slice(first.end)}" follows the port`);
  const last = leadingNumber(text, first.end + 1);
  if (last === null || last.value > 65535) return refuse(`port "${text.slice(first.end + 1)}" is not valid`);
  if (last.value < first.value) return refuse(`port range ${text} runs backwards`);
  const ports = { first: first.value, last: last.value };
  if (last.end === text.length) return { ports, portBase: null };
  if (text[last.end] !== '/') return refuse(`"${text.slice(last.end)}" follows the port range`);
  return readPortBase(text.slice(last.end + 1), ports, base);
}

function readPortBase(text: string, ports: PortRange, base: PortBase): NatPorts | Refusal {
  if (base === 'refused') return refuse('a shifted port range is not supported here');
  // The zero is what -save prints of a base that was not kept.
  const least = base === 'zeroed' ? 0 : 1;
  const number = leadingNumber(text, 0);
  const valid = number !== null && number.value >= least && number.value <= 65535;
  const value = valid ? number.value : servicePort(text, null);
  if (value === null) return refuse(`base port "${text}" is not valid`);
  return { ports, portBase: base === 'zeroed' ? 0 : value };
}

function onePort(port: number): NatPorts {
  return { ports: { first: port, last: port }, portBase: null };
}

/** The number that begins there, in base 0 of strtoul(3), and where it ends. */
function leadingNumber(text: string, start: number): { readonly value: number; readonly end: number } | null {
  const digits = /^(?:0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)/.exec(text.slice(start, start + 24))?.[0];
  const value = digits === undefined ? null : parseUint32(digits);
  return digits === undefined || value === null ? null : { value, end: start + digits.length };
}

export function readNatRange(text: string, cx: ReadContext, base: PortBase): NatRange | Refusal {
  const open = text.indexOf('[');
  const close = open < 0 ? -1 : text.indexOf(']', open);
  if (open >= 0 && (close < 0 || cx.family === 4)) return refuse(`"${text}" is not an address`);
  const colon = open < 0 ? loneColon(text) : text.indexOf(':', close);
  const ports = colon < 0 ? null : readNatPorts(text.slice(colon + 1), cx, base);
  if (ports !== null && isRefusal(ports)) return ports;
  const start = open + 1;
  const end = open >= 0 ? close : colon < 0 ? text.length : colon;
  const portsOnly = colon === 0 || (open === 0 && close === 1 && colon === 2);
  const addresses = portsOnly ? null : readAddresses(text.slice(start, end), cx);
  if (addresses !== null && isRefusal(addresses)) return addresses;
  return { addresses, ports: ports?.ports ?? null, portBase: ports?.portBase ?? null };
}

/** Several colons without brackets belong to an IPv6 address. */
function loneColon(text: string): number {
  const colon = text.indexOf(':');
  return text.indexOf(':', colon + 1) > colon ? -1 : colon;
}

function readAddresses(text: string, cx: ReadContext): IpRange | Refusal {
  const dash = text.indexOf('-');
  const first = readAddress(dash < 0 ? text : text.slice(0, dash), cx);
  if (isRefusal(first) || dash < 0) return isRefusal(first) ? first : { first, last: first };
  const last = readAddress(text.slice(dash + 1), cx);
  return isRefusal(last) ? last : { first, last };
}

function readAddress(text: string, cx: ReadContext): Ip | Refusal {
  const ip = parseIp(text);
  return ip === null || ip.family !== cx.family ? refuse(`"${text}" is not an IPv${cx.family} address`) : ip;
}

export function formatNatPorts({ ports, portBase }: NatPorts): string {
  return `${formatPortRange(ports, '-')}${portBase === null ? '' : `/${portBase}`}`;
}

export function formatNatRange({ addresses, ports, portBase }: NatRange): string {
  const shown = addresses === null ? '' : formatAddresses(addresses);
  if (ports === null) return shown;
  const bracketed = addresses?.first.family === 6 ? `[${shown}]` : shown;
  return `${bracketed}:${formatNatPorts({ ports, portBase })}`;
}

function formatAddresses({ first, last }: IpRange): string {
  return sameIp(first, last) ? formatIp(first) : `${formatIp(first)}-${formatIp(last)}`;
}

/** What its print loses: the zero that stands for a base port is one that the tools do not take back. */
export function lostBase(portBase: number | null): string | null {
  return portBase === 0 ? 'the base port of the shifted range, of which it prints /0' : null;
}

function sampleNatPorts(choose: Choose, base: PortBase): string {
  const first = choose(60000);
  const last = first + choose(5000);
  const shifted = base === 'refused' ? `${first}-${last}` : `${first}-${last}/${1 + choose(65535)}`;
  return pick(choose, [
    String(first),
    `${first}-${last}`,
    `${first}-${first}`,
    '0',
    '65535',
    'domain',
    '0x50',
    shifted,
  ]);
}

function sampleNatRange(choose: Choose, cx: ReadContext, base: PortBase): string {
  const first = sampleAddress(choose, cx);
  const addresses = pick(choose, [first, first, `${first}-${sampleAddress(choose, cx)}`]);
  if (!portsAllowed(cx)) return addresses;
  const ports = sampleNatPorts(choose, base);
  const bracketed = cx.family === 6 ? `[${addresses}]` : addresses;
  return pick(choose, [addresses, `:${ports}`, `${bracketed}:${ports}`, `${bracketed}:${ports}`]);
}
