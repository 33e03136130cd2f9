/** Value types that many options share. What each accepts is what libxtables accepts: iptables 1.8.9, libxtables/xtoptions.c. */
import { parseUint32 } from '../inet/decimal.js';
import { type Mark, parseMark } from '../inet/mark.js';
import type { PortRange } from '../inet/port.js';
import { type Choose, isRefusal, type ReadContext, type Refusal, refuse, type ValueType } from './extension.js';
import { servicePort } from './service-port.js';

/** An option without words; its value is `true`. */
export const flag: ValueType<true> = { name: '', words: 0, read: () => true, sample: () => [] };

type ReadWord<T> = (text: string, cx: ReadContext) => T | Refusal;
type SampleWord = (choose: Choose, cx: ReadContext) => string;

/** A value type of one word. */
export function word<T>(name: string, read: ReadWord<T>, sample: SampleWord): ValueType<T> {
  return {
    name,
    words: 1,
    read: (words, cx) => read(words[0] ?? '', cx),
    sample: (choose, cx) => [sample(choose, cx)],
  };
}

/** One of the given values. */
export function pick<T>(choose: Choose, values: readonly [T, ...T[]]): T {
  return values[choose(values.length)] ?? values[0];
}

export const sampleTexts = [
  'plain',
  'two words',
  'say "hi"',
  "it's",
  'back\\slash',
  'a:b/c',
  '-j ACCEPT',
  '!',
  'käse',
  '$HOME',
  'x',
] as const;

/** Any text up to a length in bytes of UTF-8, as the kernel's buffer is counted. */
export function text(name: string, longest: number): ValueType<string> {
  return word(
    name,
    (value) => (utf8Length(value) > longest ? refuse(`"${value}" is longer than ${longest} bytes`) : value),
    (choose) => pick(choose, sampleTexts).slice(0, longest),
  );
}

/** A whole number in base 0 of strtoul(3), within bounds. */
export function integer(name: string, least: number, most: number): ValueType<number> {
  return word(
    name,
    (value) => {
      const number = parseUint32(value);
      if (number === null) return refuse(`"${value}" is not a number`);
      if (number < least || number > most) return refuse(`${value} is not between ${least} and ${most}`);
      return number;
    },
    (choose) => sampleInteger(choose, least, most),
  );
}

/** A number near an edge or anywhere between, now and then in hexadecimal. */
function sampleInteger(choose: Choose, least: number, most: number): string {
  const between = least + choose(Math.min(most - least, 0x7fffffff) + 1);
  const value = pick(choose, [least, most, between, between]);
  return choose(6) === 0 ? `0x${value.toString(16)}` : String(value);
}

/** One of fixed words. */
export function oneOf<const Word extends string>(words: readonly [Word, ...Word[]]): ValueType<Word> {
  return word(
    words.join('|'),
    (value) => words.find((known) => known === value) ?? refuse(`"${value}" is none of ${words.join(', ')}`),
    (choose) => pick(choose, words),
  );
}

/** Comma-separated words, each one of a fixed list, in either case. */
export function listOf<const Word extends string>(
  name: string,
  words: readonly [Word, ...Word[]],
): ValueType<readonly Word[]> {
  return word(
    name,
    (value) => {
      const chosen: Word[] = [];
      for (const part of value.split(',')) {
        const known = words.find((candidate) => candidate.toUpperCase() === part.toUpperCase());
        if (known === undefined) return refuse(`"${part}" is none of ${words.join(', ')}`);
        if (!chosen.includes(known)) chosen.push(known);
      }
      return chosen;
    },
    (choose) => Array.from({ length: 1 + choose(3) }, () => pick(choose, words)).join(','),
  );
}

/** `value[/mask]` of a mark. */
export const mark: ValueType<Mark> = word(
  'value[/mask]',
  (value) => parseMark(value) ?? refuse(`"${value}" is not a mark`),
  (choose) => pick(choose, ['1', '0x4000/0x4000', '0', '0xffffffff', '0x10000/0x30000', '010', '7/3', '0x1/0x0']),
);

const sampleAddresses = {
  4: ['10.0.0.1', '192.168.255.255', '0.0.0.0', '255.255.255.255', '127.0.0.1'],
  6: ['fd00::1', '::1', '::', '2001:db8:0:1::', '::ffff:10.0.0.1'],
} as const;

export function sampleAddress(choose: Choose, cx: ReadContext): string {
  return pick<string>(choose, sampleAddresses[cx.family]);
}

/** A port by number or by service name. */
export const port: ValueType<number> = word('port', readPort, samplePort);

/** `port`, `first:last`, `:last`, `first:`; names are accepted. */
export const portRange: ValueType<PortRange> = word('port[:port]', readPortRange, (choose) => {
  const first = choose(60000);
  return pick(choose, [
    String(first),
    `${first}:${first + choose(5000)}`,
    `:${first}`,
    `${first}:`,
    '0:65535',
    'domain',
    '65535',
  ]);
});

function samplePort(choose: Choose): string {
  return pick(choose, ['0', '80', '65535', 'domain', String(choose(65536))]);
}

function readPort(value: string, cx: ReadContext): number | Refusal {
  const number = parseUint32(value) ?? servicePort(value, cx.proto);
  if (number === null) return refuse(`"${value}" is neither a port number nor a known service`);
  return number > 65535 ? refuse(`port ${value} is over 65535`) : number;
}

function readPortRange(value: string, cx: ReadContext): PortRange | Refusal {
  const colon = value.indexOf(':');
  if (colon < 0) {
    const single = readPort(value, cx);
    return isRefusal(single) ? single : { first: single, last: single };
  }
  const first = colon === 0 ? 0 : readPort(value.slice(0, colon), cx);
  const last = colon === value.length - 1 ? 65535 : readPort(value.slice(colon + 1), cx);
  if (isRefusal(first)) return first;
  if (isRefusal(last)) return last;
  return first > last ? refuse(`port range ${value} runs backwards`) : { first, last };
}

/** `80` or `80:90`, as every port option prints. */
export function formatPorts(range: PortRange): string {
  return range.first === range.last ? String(range.first) : `${range.first}:${range.last}`;
}

export function utf8Length(value: string): number {
  let bytes = 0;
  for (let at = 0; at < value.length; at++) {
    const unit = value.charCodeAt(at);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else if (unit >= 0xd800 && unit < 0xdc00 && at + 1 < value.length) {
      bytes += 4;
      at++;
    } else bytes += 3;
  }
  return bytes;
}

/** As much of the text as fits so many bytes of UTF-8, whole characters only. */
export function firstBytes(value: string, most: number): string {
  let bytes = 0;
  let kept = '';
  for (const character of value) {
    bytes += utf8Length(character);
    if (bytes > most) break;
    kept += character;
  }
  return kept;
}

/** `--option` with a `!` before it when inverted, followed by its words. */
export function printed(option: string, words: readonly string[], invert = false): readonly string[] {
  return invert ? ['!', option, ...words] : [option, ...words];
}
