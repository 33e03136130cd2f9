/** The lines of a listing that are not rules: `Chain X (…)`, the column headings, what wrappers and tools add. iptables: iptables/xshared.c `print_header`. */
import type { Counters } from '@coldtrace/core';

export interface ChainLine {
  readonly name: string;
  readonly policy: 'ACCEPT' | 'DROP' | null;
  readonly counters: Counters | null;
  /** How many rules lead there; null for built-in chains. */
  readonly references: number | null;
}

const chainLine =
  /^\s*Chain (\S+) \((?:policy ([A-Z]+)(?: (\d+[KMGTPE]?) packets, (\d+[KMGTPE]?) bytes)?|(\d+) references|ERROR obtaining refs)\)\s*$/;

export function readChainLine(text: string): ChainLine | null {
  if (text.length > 500) return null;
  const found = chainLine.exec(text);
  if (found === null) return null;
  const [, name = '', policy, packets, bytes, references] = found;
  return {
    name,
    policy: policy === 'ACCEPT' || policy === 'DROP' ? policy : null,
    counters: packets === undefined || bytes === undefined ? null : readCounts(packets, bytes),
    references: references === undefined ? null : Number(references),
  };
}

/** What stands before the address columns. */
export interface Columns {
  readonly number: boolean;
  readonly counters: boolean;
  readonly interfaces: boolean;
}

export function readColumns(text: string): Columns | null {
  if (text.length > 500 || !text.includes('target') || !text.includes('destination')) return null;
  const words = text.trim().split(/\s+/);
  const number = words[0] === 'num';
  const counters = words.includes('pkts') && words.includes('bytes');
  const expected = [
    ...(number ? ['num'] : []),
    ...(counters ? ['pkts', 'bytes'] : []),
    'target',
    'prot',
    'opt',
    ...(words.includes('in') ? ['in', 'out'] : []),
    'source',
    'destination',
  ];
  if (words.join(' ') !== expected.join(' ')) return null;
  return { number, counters, interfaces: words.includes('in') };
}

/** `Table: nat`, as the init script of older distributions prints it before each table. */
export function readTableLine(text: string): string | null {
  return text.length > 50 ? null : (/^\s*Table: ([a-z]+)\s*$/.exec(text)?.[1] ?? null);
}

/** What collectors add below a listing. */
export function isAddition(text: string): boolean {
  return text.length < 200 && /^\s*(?:=+|-{3,}|Total Number of Rules: *\d+)\s*$/.test(text);
}

const units: Readonly<Record<string, number>> = { K: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18 };

/** `1235K`: units are of 1000, and the tool has rounded. Null when it is no count. */
function readCount(word: string): number | null {
  const found = /^(\d{1,20})([KMGTPE]?)$/.exec(word);
  return found === null ? null : Number(found[1]) * (units[found[2] ?? ''] ?? 1);
}

export function readCounts(packets: string, bytes: string): Counters | null {
  const packetCount = readCount(packets);
  const byteCount = readCount(bytes);
  if (packetCount === null || byteCount === null) return null;
  const exact = /\d$/.test(packets) && /\d$/.test(bytes);
  const counters = { packets: packetCount, bytes: byteCount };
  return exact ? counters : { ...counters, approximate: true };
}
