/** Typed reading of a JSON object's fields; the first one that is not what it must be is remembered, in words. RFC 8259. */
import type { Family, Ip } from '../inet/ip.js';
import { parseIp } from '../inet/ip-text.js';
import { type Mac, parseMac } from '../inet/mac.js';
import { parseProto } from '../inet/proto.js';
import { tcpFlag } from '../packet/skb.js';

export type JsonObject = Readonly<Record<string, unknown>>;

/** An object that is being read. Its readers are functions, not members: nothing is made for a field that is read. */
export interface Fields {
  readonly object: JsonObject;
  /** The object's own name with a dot, where it is part of another. */
  readonly within: string;
  /** The first complaint, which stays. */
  problem: string | null;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function fieldsOf(object: JsonObject, within = ''): Fields {
  return { object, within, problem: null };
}

/** As it stands there; undefined: absent. No field has the name of something that every object inherits. */
export function fieldOf({ object }: Fields, name: string): unknown {
  return object[name] ?? undefined;
}

/** Is there such a field? null counts as absent. */
export function hasField(fields: Fields, name: string): boolean {
  return fieldOf(fields, name) !== undefined;
}

/** Says what is wrong with a field. */
export function refuse(fields: Fields, problem: string): null {
  fields.problem ??= problem;
  return null;
}

function isNot(fields: Fields, name: string, what: string): null {
  return refuse(fields, `"${fields.within}${name}" is not ${what}: ${shown(fieldOf(fields, name))}`);
}

export function numberOf(fields: Fields, name: string, most: number): number | null {
  const value = fieldOf(fields, name);
  if (value === undefined) return null;
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most
    ? value
    : isNot(fields, name, `a whole number from 0 to ${most}`);
}

export function textOf(fields: Fields, name: string): string | null {
  const value = fieldOf(fields, name);
  if (value === undefined) return null;
  return typeof value === 'string' && value !== '' ? value : isNot(fields, name, 'a text');
}

export function flagOf(fields: Fields, name: string): boolean {
  const value = fieldOf(fields, name);
  if (value === undefined || value === false || value === 0) return false;
  return value === true || value === 1 || isNot(fields, name, 'true or false') !== null;
}

function parsed<T>(fields: Fields, name: string, what: string, parse: (text: string) => T | null): T | null {
  const value = fieldOf(fields, name);
  if (value === undefined) return null;
  return (typeof value === 'string' ? parse(value) : null) ?? isNot(fields, name, what);
}

export function ipOf(fields: Fields, name: string, family: Family | null): Ip | null {
  const ip = parsed(fields, name, 'an address', parseIp);
  return ip === null || family === null || ip.family === family ? ip : isNot(fields, name, `an IPv${family} address`);
}

export function macOf(fields: Fields, name: string): Mac | null {
  return parsed(fields, name, 'a hardware address', parseMac);
}

export interface NamedProto {
  readonly number: number;
  readonly word: string | number;
}

export function protoOf(fields: Fields, name: string): NamedProto | null {
  const word = fieldOf(fields, name);
  if (word === undefined) return null;
  if (typeof word !== 'number' && typeof word !== 'string') return isNot(fields, name, 'a protocol');
  const number = parseProto(String(word).toLowerCase());
  return number === null ? isNot(fields, name, 'a protocol') : { number, word };
}

export function tcpFlagsOf(fields: Fields, name: string): number | null {
  return parsed(fields, name, 'a list of TCP flags', readTcpFlags);
}

export function bytesOf(fields: Fields, name: string): Uint8Array | null {
  return parsed(fields, name, 'bytes in hexadecimal', readHex);
}

export function objectOf(fields: Fields, name: string): JsonObject | null {
  const value = fieldOf(fields, name);
  if (value === undefined) return null;
  return isObject(value) ? value : isNot(fields, name, 'an object');
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
