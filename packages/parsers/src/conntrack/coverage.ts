/** What a listing of connections speaks for: all of them, one family, or only itself. conntrack(8). */
import type { ConnEntry, Family } from '@coldtrace/core';
import type { Section } from '../format.js';

export interface Spoken {
  /** No option that selects entries, no pipe. */
  readonly whole: boolean;
  /** Set when the listing is of one family only. */
  readonly family: { readonly family?: Family };
}

const families: Readonly<Record<string, Family>> = { ipv4: 4, inet: 4, ipv6: 6, inet6: 6 };
const familyOption = /\s(?:-f|--family)[ =]?(ipv4|ipv6|inet6?)(?=\s|$)/g;
const listing = /^(?:\S*\/)?conntrack\s+(?:-[LSC]+|--dump|list)(?:\s+(?:conntrack|-[SC]+|-o\s+\S+|--output\s+\S+))*$/;
const kernelFile = /^(?:cat|less|more)\s+\/proc\/net\/(?:nf|ip)_conntrack$/;

/** A paste without its command may be a part. */
export function spokenFor(section: Section, rows: readonly ConnEntry[]): Spoken {
  const { command, path, freeForm } = section;
  if (command === null) {
    const named = /conntrack[-_.]*(?:L[-_.]*)?(?:f[-_.]*)?(?:ip)?v?(4|6)[^/]*$/.exec(path)?.[1];
    if (named !== undefined) return { whole: !freeForm, family: { family: named === '6' ? 6 : 4 } };
    const file = /(?:nf|ip)_conntrack[^/]*$/.test(path);
    return { whole: !freeForm, family: file ? bothOr4(rows, /ip_/.test(path)) : ofTool(section, rows) };
  }
  const plain = command.replace(/\s+2?>\s*(?:&1|\S+)/g, '').trim();
  if (kernelFile.test(plain)) return { whole: true, family: bothOr4(rows, plain.includes('/ip_')) };
  const asked = [...plain.matchAll(familyOption)].map(([, name]) => families[name ?? '']);
  const [family] = asked;
  const whole = listing.test(plain.replaceAll(familyOption, ''));
  return { whole, family: family === undefined ? ofTool(section, rows) : { family } };
}

/** /proc/net/ip_conntrack is older than tracking of IPv6. */
function bothOr4(rows: readonly ConnEntry[], old: boolean): Spoken['family'] {
  return old && !rows.some((row) => row.family === 6) ? { family: 4 } : {};
}

/** Before 1.4.7 the tool listed IPv4 only unless told otherwise; without its version nobody knows. */
function ofTool({ file, start, end }: Section, rows: readonly ConnEntry[]): Spoken['family'] {
  if (rows.some((row) => row.family === 6)) return {};
  const version = /conntrack v(\d+)\.(\d+)\.(\d+)/.exec(file.text.slice(Math.max(start, end - 4000), end));
  const [, major = 0, minor = 0, patch = 0] = (version ?? []).map(Number);
  return major * 10_000 + minor * 100 + patch >= 10_407 ? {} : { family: 4 };
}
