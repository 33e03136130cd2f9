/** Elements of IP sets, `10.0.0.1,tcp:80`, in the forms that `ipset` prints and takes. ipset(8); lib/parse.c of ipset. */
import {
  compareIp,
  type Dimension,
  type Family,
  hostPrefix,
  type Ip,
  parseCidrAddress,
  parseIp,
  parseMac,
  parsePort,
  parseProto,
  parseUint32,
  prefixOf,
  type SetPart,
  type SetType,
} from '@coldtrace/core';
import { icmpNumber } from './icmp-names.js';
import { codeIn, hasAt } from './scan.js';

const COMMA = 44;
const DASH = 45;
const SLASH = 47;
const COLON = 58;

/** What the header tells about the elements of a set. */
export interface ElementShape {
  readonly type: SetType;
  readonly family: Family | null;
}

/** The parts of an element that stands in [start, end) of a text; null when it is not one of that shape. */
export function readElement(text: string, start: number, end: number, shape: ElementShape): readonly SetPart[] | null {
  const { dimensions, needed } = shape.type;
  const [dimension] = dimensions;
  if (dimension === undefined) return null;
  const stop = partEnd(text, start, end, dimensions.length === 1);
  const part = readPart(text, start, stop, dimension, shape);
  if (part === null) return null;
  if (stop === end) return needed > 1 ? null : [part];
  return readRest(text, stop + 1, end, part, shape);
}

/** Literals of the right length, since arrays that grow keep room for many more: a big set has a hundred thousand of them. */
function readRest(text: string, start: number, end: number, first: SetPart, shape: ElementShape) {
  const { dimensions } = shape.type;
  const [, second, third] = dimensions;
  if (second === undefined) return null;
  const stop = partEnd(text, start, end, third === undefined);
  const middle = readPart(text, start, stop, second, shape);
  if (middle === null) return null;
  if (third === undefined) return [first, middle];
  const last = stop === end ? null : readPart(text, stop + 1, end, third, shape);
  return last === null ? null : [first, middle, last];
}

/** The last part takes the rest: names of interfaces and sets may hold a comma. */
function partEnd(text: string, start: number, end: number, last: boolean): number {
  const comma = last ? -1 : codeIn(text, COMMA, start, end);
  return comma < 0 ? end : comma;
}

function readPart(text: string, start: number, end: number, dimension: Dimension, shape: ElementShape): SetPart | null {
  switch (dimension) {
    case 'ip':
    case 'net':
      return readAddress(text, start, end, dimension, shape.family);
    case 'port':
      return readPort(text, start, end, shape.type.name === 'bitmap:port');
    case 'mac': {
      const mac = parseMac(text.slice(start, end));
      return mac === null ? null : { kind: 'mac', mac };
    }
    case 'mark': {
      const mark = parseUint32(text, start, end);
      return mark === null ? null : { kind: 'mark', mark };
    }
    case 'iface':
      return readInterface(text, start, end);
    case 'set':
      return start < end ? { kind: 'set', name: text.slice(start, end) } : null;
  }
}

function readAddress(
  text: string,
  start: number,
  end: number,
  dimension: 'ip' | 'net',
  family: Family | null,
): SetPart | null {
  const bracketed = text[start] === '[' && end - start > 2 && text[end - 1] === ']';
  const from = bracketed ? start + 1 : start;
  const to = bracketed ? end - 1 : end;
  const ip = parseIp(text, from, to);
  if (ip !== null) {
    if (family !== null && ip.family !== family) return null;
    return dimension === 'ip' ? { kind: 'ip', ip } : { kind: 'net', prefix: hostPrefix(ip) };
  }
  if (codeIn(text, SLASH, from, to) >= 0) return readNet(text, from, to, family);
  return readRange(text, from, to, family);
}

function readNet(text: string, start: number, end: number, family: Family | null): SetPart | null {
  const net = parseCidrAddress(text.slice(start, end));
  if (net === null || (family !== null && net.ip.family !== family)) return null;
  return { kind: 'net', prefix: prefixOf(net.ip, net.length) };
}

function readRange(text: string, start: number, end: number, family: Family | null): SetPart | null {
  const dash = codeIn(text, DASH, start, end);
  if (dash < 0) return null;
  const one = parseIp(text, start, dash);
  const other = parseIp(text, dash + 1, end);
  if (one === null || other === null || one.family !== other.family) return null;
  if (family !== null && one.family !== family) return null;
  return { kind: 'range', range: ordered(one, other) };
}

/** ipset exchanges the ends of a range that runs downwards. */
function ordered(one: Ip, other: Ip) {
  return compareIp(one, other) <= 0 ? { first: one, last: other } : { first: other, last: one };
}

const usual: ReadonlyMap<string, number> = new Map([
  ['tcp', 6],
  ['udp', 17],
]);

function protoNamed(name: string): number | null {
  return usual.get(name) ?? parseProto(name);
}

/** `tcp:80`, `udp:1-1024`, `icmp:echo-request`, `200:0`; a bare port is tcp, but in bitmap:port it is any protocol's. */
function readPort(text: string, start: number, end: number, bare: boolean): SetPart | null {
  const colon = codeIn(text, COLON, start, end);
  if (colon < 0) return readPorts(text, start, end, bare ? null : 6);
  const proto = protoNamed(text.slice(start, colon));
  if (proto === null || proto === 0) return null;
  if (proto === 1 || proto === 58) {
    const number = readIcmp(text, colon + 1, end, proto);
    return number === null ? null : { kind: 'port', proto, ports: { first: number, last: number } };
  }
  return readPorts(text, colon + 1, end, bare ? null : proto);
}

function readPorts(text: string, start: number, end: number, proto: number | null): SetPart | null {
  const dash = codeIn(text, DASH, start, end);
  const first = parsePort(text, start, dash < 0 ? end : dash);
  const last = dash < 0 ? first : parsePort(text, dash + 1, end);
  if (first === null || last === null) return null;
  return { kind: 'port', proto, ports: first <= last ? { first, last } : { first: last, last: first } };
}

function readIcmp(text: string, start: number, end: number, proto: 1 | 58): number | null {
  const slash = codeIn(text, SLASH, start, end);
  if (slash < 0) return icmpNumber(proto, text.slice(start, end));
  const type = parsePort(text, start, slash);
  const code = parsePort(text, slash + 1, end);
  return type === null || code === null || type > 255 || code > 255 ? null : type * 256 + code;
}

const longestInterface = 15;

function readInterface(text: string, start: number, end: number): SetPart | null {
  const physdev = hasAt(text, 'physdev:', start, end);
  const name = text.slice(physdev ? start + 8 : start, end);
  if (name === '' || name.length > longestInterface) return null;
  return { kind: 'iface', name, physdev, wildcard: false };
}
