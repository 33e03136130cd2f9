/** The options of a set, as the `Header:` of `ipset list` and `ipset create` write them. ipset(8). */
import {
  type Family,
  type Ip,
  type IpRange,
  type IpSet,
  parseDecimal,
  parseIp,
  parsePortRange,
  parsePrefix,
  parseRange,
  parseUint32,
  prefixRange,
  type SetType,
} from '@coldtrace/core';

const valued = new Set([
  'family',
  'hashsize',
  'maxelem',
  'bucketsize',
  'initval',
  'timeout',
  'netmask',
  'bitmask',
  'markmask',
  'range',
  'size',
  'probes',
  'resize',
  'gc',
]);

const flags = new Set(['counters', 'comment', 'skbinfo', 'forceadd', '-exist', '-!', '-4', '-6']);

export interface SetOptions {
  readonly options: readonly (readonly string[])[];
  readonly family: Family | null;
  readonly timeout: number | null;
  readonly range: IpSet['range'];
  readonly netmask: number | null;
  readonly bitmask: Ip | null;
  readonly markmask: number | null;
  /** Words that are no option of a set, and options whose value cannot be read. */
  readonly unknown: readonly string[];
}

export function isOptionName(word: string): boolean {
  return valued.has(word) || flags.has(word);
}

/** `hashsize1024`, as a paste may have it that lost a blank: the name and the value. */
export function splitOption(word: string): readonly [string, string] | null {
  const digit = /[0-9]/.exec(word)?.index ?? -1;
  const name = digit > 0 ? word.slice(0, digit) : '';
  return valued.has(name) ? [name, word.slice(digit)] : null;
}

export function readOptions(words: readonly string[], type: SetType | null): SetOptions {
  const options: string[][] = [];
  const unknown: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    const value = words[at + 1];
    if (valued.has(word) && value !== undefined) {
      options.push([word, value]);
      at++;
    } else {
      options.push([word]);
      if (!flags.has(word)) unknown.push(word);
    }
  }
  const value = (name: string) => options.find((option) => option[0] === name && option.length === 2)?.[1] ?? null;
  const read = <T>(name: string, parse: (text: string) => T | null): T | null => {
    const text = value(name);
    const parsed = text === null ? null : parse(text);
    if (text !== null && parsed === null) unknown.push(`${name} ${text}`);
    return parsed;
  };
  const named = read('family', readFamily) ?? shortFamily(options);
  return {
    options,
    family: type?.family === null ? null : (named ?? type?.family ?? null),
    timeout: read('timeout', (text) => parseDecimal(text, 0xffffffff)),
    range: read('range', readRange),
    netmask: read('netmask', readNetmask),
    bitmask: read('bitmask', readBitmask),
    markmask: read('markmask', (text) => parseUint32(text)),
    unknown,
  };
}

function readFamily(text: string): Family | null {
  if (text === 'inet' || text === 'ipv4') return 4;
  return text === 'inet6' || text === 'ipv6' ? 6 : null;
}

function shortFamily(options: readonly (readonly string[])[]): Family | null {
  for (const [word] of options) {
    if (word === '-4') return 4;
    if (word === '-6') return 6;
  }
  return null;
}

/** ipset 7.17 sometimes prints a left-over prefix length behind the mask, `255.255.0.255/98`; it means nothing. */
function readBitmask(text: string): Ip | null {
  const slash = text.indexOf('/');
  return parseIp(text, 0, slash < 0 ? text.length : slash);
}

function readNetmask(text: string): number | null {
  const slash = text.startsWith('/') ? 1 : 0;
  return parseDecimal(text, 128, slash) ?? parsePrefix(`0.0.0.0/${text}`)?.length ?? null;
}

function readRange(text: string): IpSet['range'] {
  const ports = parsePortRange(text, '-');
  if (ports !== null) return { kind: 'port', ports };
  const range = addressRange(text);
  return range === null ? null : { kind: 'ip', range };
}

function addressRange(text: string): IpRange | null {
  if (!text.includes('/')) return parseRange(text, { reversed: 'swap' });
  const prefix = parsePrefix(text);
  return prefix === null ? null : prefixRange(prefix);
}
