/** Pieces of which the schemas are made: leaf types with what the component checks, as schemas of zod whose messages read after a field's name. */
import { parseIp, parsePort, parsePrefix } from '@coldtrace/core';
import * as z from 'zod/mini';

/** A field's type, or the fields of a section. */
export type Field = z.ZodMiniType | Fields;
export interface Fields {
  readonly [name: string]: Field;
}

export const isLeaf = (field: unknown): field is z.ZodMiniType => field instanceof z.ZodMiniType;

const checked = (test: (text: string) => boolean, message: string) =>
  z.string().check(z.refine((text) => text === '' || test(text), { error: message }));

export const text = z.string();
export const bool = z.boolean();
export const int = (least = -2147483648, most = 2147483647) => z.int().check(z.minimum(least), z.maximum(most));
export const number = z.number();
export const texts = z.array(z.string());
export const any = z.unknown();
export const flagMap = z.record(z.string(), z.boolean());
export const textMap = z.record(z.string(), z.string());

/** Go's time.ParseDuration: `30s`, `1h15m`, `0s`. */
export const duration = checked(
  (given) => given.length < 64 && /^[-+]?(?:0|(?:\d+(?:\.\d*)?(?:ns|us|µs|ms|s|m|h))+)$/.test(given),
  'is no duration such as 30s',
);
export const ip = checked((given) => parseIp(given) !== null, 'is no IP address');
export const port = int(0, 65535);
const cidr = checked(isCidr, 'is no CIDR');
export const cidrs = z.array(cidr);

/** One CIDR, or one of each family with a comma between. */
export const cidrList = checked((given) => {
  const all = given.split(',').map((one) => one.trim());
  const v6 = all.filter((one) => one.includes(':')).length;
  return all.every(isCidr) && (all.length === 1 || (all.length === 2 && v6 === 1));
}, 'is no CIDR, and no pair of CIDRs of two families');

/** `primary`, or CIDRs. */
export const nodePortAddresses = z.array(checked((given) => given === 'primary' || isCidr(given), 'is no CIDR'));

/** `address:port`; a bare address is taken with the default port. */
export const ipPort = checked((given) => {
  if (parseIp(given) !== null) return true;
  const colon = given.lastIndexOf(':');
  const host = given.slice(0, Math.max(colon, 0));
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  return colon >= 0 && (bare === '' || parseIp(bare) !== null) && parsePort(given, colon + 1) !== null;
}, 'is no address:port');

/** `first-last`, `first+count` or one port. */
export const portRange = checked((given) => {
  const match = /^(\d{1,5})(?:([-+])(\d{1,5}))?$/.exec(given);
  if (match === null) return false;
  const first = Number(match[1]);
  const second = match[3] === undefined ? first : Number(match[3]);
  const last = match[2] === '+' ? first + second : second;
  return last <= 65535 && last >= first;
}, 'is no range of ports');

/** A closed set of words; the empty one stands for the default. */
export const oneOf = (...words: readonly string[]) =>
  checked((given) => words.includes(given), `is none of ${words.join(', ')}`);

function isCidr(given: string): boolean {
  return given.includes('/') && parsePrefix(given) !== null;
}

/** The zod schema of a section: every field may be absent or null, and no other field may be there. */
export function sectionSchema(fields: Fields): z.ZodMiniType {
  const shape: Record<string, z.ZodMiniType> = {};
  for (const [name, field] of Object.entries(fields)) {
    shape[name] = isLeaf(field) ? leafOrNothing(field) : z.nullish(sectionSchema(field));
  }
  return z.strictObject(shape);
}

/** Many fields are of one type: a schema is a heavy thing to make. */
const nullish = new Map<z.ZodMiniType, z.ZodMiniType>();

function leafOrNothing(leaf: z.ZodMiniType): z.ZodMiniType {
  const known = nullish.get(leaf);
  if (known !== undefined) return known;
  const made = z.nullish(leaf);
  nullish.set(leaf, made);
  return made;
}

/** The fields known at a path; null where no section is. */
export function fieldsAt(root: Fields, path: readonly (string | number)[]): Fields | null {
  let at: Fields = root;
  for (const key of path) {
    const next = typeof key === 'string' && Object.hasOwn(at, key) ? at[key] : undefined;
    if (next === undefined || isLeaf(next)) return null;
    at = next;
  }
  return at;
}
