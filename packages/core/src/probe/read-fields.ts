/** Typed reading of a JSON object's fields; the first one that is not what it must be is remembered, in words. RFC 8259. */
import type { Family, Ip } from '../inet/ip.js';
import { parseIp } from '../inet/ip-text.js';
import { type Mac, parseMac } from '../inet/mac.js';
import { parseProto } from '../inet/proto.js';
import { tcpFlag } from '../packet/skb.js';

export type JsonObject = Readonly<Record<string, unknown>>;

export interface Fields {
  /** Is there such a field? null counts as absent. */
  has(name: string): boolean;
  /** As it stands there; undefined: absent. */
  value(name: string): unknown;
  number(name: string, most: number): number | null;
  text(name: string): string | null;
  flag(name: string): boolean;
  ip(name: string, family: Family | null): Ip | null;
  mac(name: string): Mac | null;
  proto(name: string): { readonly number: number; readonly word: string | number } | null;
  tcpFlags(name: string): number | null;
  bytes(name: string): Uint8Array | null;
  object(name: string): JsonObject | null;
  /** Says what is wrong with a field; the first complaint stays. */
  refuse(problem: string): null;
  readonly problem: () => string | null;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `within`: the object's own name, where it is part of another. */
export function fieldsOf(object: JsonObject, within = ''): Fields {
  let problem: string | null = null;
  const given = (name: string): unknown => (Object.hasOwn(object, name) ? (object[name] ?? undefined) : undefined);
  const refuse = (text: string): null => {
    problem ??= text;
    return null;
  };
  const isNot = (name: string, what: string) => refuse(`"${within}${name}" is not ${what}: ${shown(given(name))}`);
  const parsed = <T>(name: string, what: string, parse: (text: string) => T | null): T | null => {
    const value = given(name);
    if (value === undefined) return null;
    return (typeof value === 'string' ? parse(value) : null) ?? isNot(name, what);
  };
  return {
    has: (name) => given(name) !== undefined,
    value: given,
    number: (name, most) => {
      const value = given(name);
      if (value === undefined) return null;
      return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most
        ? value
        : isNot(name, `a whole number from 0 to ${most}`);
    },
    text: (name) => parsed(name, 'a text', (text) => (text === '' ? null : text)),
    flag: (name) => {
      const value = given(name);
      if (value === undefined || value === false || value === 0) return false;
      return value === true || value === 1 || isNot(name, 'true or false') !== null;
    },
    ip: (name, family) => {
      const ip = parsed(name, 'an address', (text) => parseIp(text));
      return ip === null || family === null || ip.family === family ? ip : isNot(name, `an IPv${family} address`);
    },
    mac: (name) => parsed(name, 'a hardware address', (text) => parseMac(text)),
    proto: (name) => {
      const word = given(name);
      if (word === undefined) return null;
      const number =
        typeof word === 'number' || typeof word === 'string' ? parseProto(String(word).toLowerCase()) : null;
      return number === null || (typeof word !== 'number' && typeof word !== 'string')
        ? isNot(name, 'a protocol')
        : { number, word };
    },
    tcpFlags: (name) => parsed(name, 'a list of TCP flags', readTcpFlags),
    bytes: (name) => parsed(name, 'bytes in hexadecimal', readHex),
    object: (name) => {
      const value = given(name);
      if (value === undefined) return null;
      return isObject(value) ? value : isNot(name, 'an object');
    },
    refuse,
    problem: () => problem,
  };
}

const flagBits: ReadonlyMap<string, number> = new Map(Object.entries(tcpFlag));

function readTcpFlags(text: string): number | null {
  const single = flagBits.get(text);
  if (single !== undefined) return single;
  let flags = 0;
  for (const word of text.toUpperCase().split(',')) {
    const name = word.trim();
    if (name === '' || name === 'NONE') continue;
    const bit = name === 'ALL' ? 63 : flagBits.get(name);
    if (bit === undefined) return null;
    flags |= bit;
  }
  return flags;
}

const mostBytes = 65535;

function readHex(text: string): Uint8Array | null {
  if (text.length % 2 !== 0 || text.length > 2 * mostBytes || !/^[0-9a-f]*$/i.test(text)) return null;
  return Uint8Array.from({ length: text.length / 2 }, (_, at) => Number.parseInt(text.slice(2 * at, 2 * at + 2), 16));
}

const longestShown = 60;

/** The value as the user wrote it: texts without quotes. */
function shown(value: unknown): string {
  const text = Array.isArray(value) ? 'a list' : isObject(value) ? 'an object' : String(value);
  return text.length > longestShown ? `${text.slice(0, longestShown)}…` : text;
}
