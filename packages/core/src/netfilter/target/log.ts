/** `-j LOG`: a line in the kernel log. iptables-extensions(8); net/netfilter/xt_LOG.c. */
import { parseUint32 } from '../../inet/decimal.js';
import { defineTarget, type GivenTable, option, refuse } from '../extension.js';
import type { ListingCursor } from '../listing-cursor.js';
import { quote } from '../quote.js';
import { firstBytes, flag, pick, text, word } from '../value.js';

export interface LogTarget {
  readonly prefix: string;
  readonly level: number;
  readonly flags: readonly LogFlag[];
}

const levels: Readonly<Record<string, number>> = {
  emerg: 0,
  panic: 0,
  alert: 1,
  crit: 2,
  error: 3,
  warning: 4,
  notice: 5,
  info: 6,
  debug: 7,
};

/** In the order of the print; each one's bit and its name in `iptables -L` without -n. */
const logFlags = [
  ['log-tcp-sequence', 1, 'tcp-sequence'],
  ['log-tcp-options', 2, 'tcp-options'],
  ['log-ip-options', 4, 'ip-options'],
  ['log-uid', 8, 'uid'],
  ['log-macdecode', 32, 'macdecode'],
] as const;

export type LogFlag = (typeof logFlags)[number][0];

const usualLevel = 4;

/** What fits the kernel's buffer beside its final zero; the tool cuts the rest off silently. */
const longestPrefix = 29;

const level = word(
  'level',
  (typed) => {
    const number = parseUint32(typed);
    if (number !== null && number <= 7) return number;
    return (Object.hasOwn(levels, typed) ? levels[typed] : undefined) ?? refuse(`log level "${typed}" is unknown`);
  },
  (choose) => pick(choose, ['0', '4', '7', '0x6', 'emerg', 'panic', 'error', 'warning', 'info', 'debug']),
);

export const log = defineTarget({
  name: 'LOG',
  families: [4, 6],
  options: {
    'log-level': option(level),
    'log-prefix': option(text('prefix', Number.POSITIVE_INFINITY)),
    'log-tcp-sequence': option(flag),
    'log-tcp-options': option(flag),
    'log-ip-options': option(flag),
    'log-uid': option(flag),
    'log-macdecode': option(flag),
  },
  build: (given) => {
    const prefix = given['log-prefix']?.value ?? '';
    if (given['log-prefix'] !== undefined && prefix === '') return refuse('--log-prefix is empty');
    if (prefix.includes('\n')) return refuse('--log-prefix holds a line break');
    return {
      prefix: firstBytes(prefix, longestPrefix),
      level: given['log-level']?.value ?? usualLevel,
      flags: givenFlags(given),
    };
  },
  save: (data: LogTarget) => [
    ...(data.prefix === '' ? [] : ['--log-prefix', quote(data.prefix)]),
    ...(data.level === usualLevel ? [] : ['--log-level', String(data.level)]),
    ...data.flags.map((name) => `--${name}`),
  ],
  listing: (cursor): LogTarget | null => {
    if (!cursor.accept('LOG')) return null;
    const bits = cursor.accept('flags') ? (parseUint32(cursor.take() ?? '') ?? 0) : 0;
    const listed = cursor.accept('level') ? (cursor.take() ?? '') : '';
    const flags = logFlags.filter(([, bit, word]) => (bits & bit) !== 0 || cursor.accept(word)).map(([name]) => name);
    return { prefix: listedPrefix(cursor), level: listedLevel(listed), flags };
  },
  apply: (_data, { skb }) => ({ kind: 'continue', skb }),
});

function givenFlags(given: GivenTable): readonly LogFlag[] {
  return logFlags.map(([name]) => name).filter((name) => given[name] !== undefined);
}

function listedLevel(listed: string): number {
  const short: Readonly<Record<string, number>> = { ...levels, warn: 4, err: 3 };
  return parseUint32(listed) ?? short[listed] ?? usualLevel;
}

/** Runs to the last quote of the line: what is inside is printed as it is. */
function listedPrefix(cursor: ListingCursor): string {
  if (!cursor.accept('prefix')) return '';
  const rest = cursor.rest();
  const end = rest.lastIndexOf('"');
  return end > 0 && rest.startsWith('"') ? rest.slice(1, end) : rest;
}
