/** One rule, spelled at random: aliases, beginnings of names, `--name=value`, quotes, options in any order. getopt_long(3), iptables(8). */

import type { MatchDef, TargetDef } from '../../packages/core/src/netfilter/extension.js';
import type { Prng } from '../bench/prng.js';
import { namingObjects } from './rule-needs.js';

type Def = MatchDef | TargetDef;

/** A word as iptables-restore reads it back. */
function quoted(word: string, random: Prng): string {
  const bare = /^[^\s"]+$/.test(word);
  if (bare && !random.chance(0.05)) return word;
  return `"${word.replace(/["\\]/g, '\\$&')}"`;
}

/** The words of an extension, each option under one of its names. */
export function respelled(words: readonly string[], def: Def, random: Prng): readonly string[] {
  const out: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    const option = word.startsWith('--') ? def.options[word.slice(2)] : undefined;
    if (option === undefined) {
      out.push(quoted(word, random));
      continue;
    }
    const name = spelledName(word.slice(2), option.aliases, random);
    const mayBeOdd = oddity && !namingObjects.has(word.slice(2)) && !readByAtoi.has(word.slice(2));
    const values = words
      .slice(at + 1, at + 1 + option.value.words)
      .map((value) => (mayBeOdd && random.chance(0.015) ? random.pick(oddValues) : value));
    const [only] = values;
    if (values.length === 1 && only !== undefined && /^[\w./:-]+$/.test(only) && random.chance(0.05)) {
      out.push(`--${name}=${only}`);
    } else {
      out.push(`--${name}`, ...values.map((value) => quoted(value, random)));
    }
    at += values.length;
  }
  return out;
}

/** Of these the tools read what digits there are and make something of it; we say that they are damaged. */
const readByAtoi: ReadonlySet<string> = new Set([
  'limit',
  'weekdays',
  'monthdays',
  'hashlimit',
  'hashlimit-upto',
  'hashlimit-above',
]);

/** `COLDTRACE_ODD=1` also types what nobody types: a search for differences, too wild to gate a change. */
const oddity = process.env['COLDTRACE_ODD'] !== undefined;

/** Values that hardly any option takes as they are. */
const oddValues = [
  '',
  '-1',
  '0x',
  '0x10',
  '010',
  '09',
  '1.5',
  '1x',
  'x',
  'ALL',
  'none',
  ',',
  '1,',
  '1,,2',
  '1:',
  ':',
  '1:2:3',
  '1/',
  '/1',
  '1/2/3',
  '255',
  '256',
  '65535',
  '65536',
  '2147483648',
  '4294967295',
  '4294967296',
  '18446744073709551616',
] as const;

function spelledName(key: string, aliases: readonly string[], random: Prng): string {
  const name = random.pick([key, key, key, ...aliases]);
  const cut = random.chance(0.06) ? name.slice(0, 2 + random.below(name.length)) : name;
  return notMeant.has(cut) ? name : cut;
}

/** Cut to one of these it is another option: the tool would end at once, or look an extension's value up as an address of /etc/networks. */
const notMeant: ReadonlySet<string> = new Set(['help', 'version', 'src', 'dst', 'source', 'destination']);

/** Options chosen one by one, for an extension that says no better. */
export function randomOptions(def: Def, random: Prng, sampleValue: (key: string) => readonly string[]): string[] {
  const keys = Object.keys(def.options);
  const count =
    keys.length === 0 ? 0 : Math.max(random.chance(0.05) ? 0 : 1, random.below(Math.min(keys.length, 4) + 1));
  const chosen = shuffled(keys, random).slice(0, count);
  const words: string[] = [];
  for (const key of chosen) {
    const option = def.options[key];
    if (option === undefined) continue;
    const times = option.repeatable && random.chance(0.3) ? 2 : 1;
    for (let time = 0; time < times; time++) {
      if (random.chance(option.negatable ? 0.3 : 0.01)) words.push('!');
      words.push(`--${key}`, ...sampleValue(key));
    }
  }
  return words;
}

export function shuffled<T>(items: readonly T[], random: Prng): T[] {
  const out = [...items];
  for (let at = out.length - 1; at > 0; at--) {
    const other = random.below(at + 1);
    const kept = out[at];
    const swapped = out[other];
    if (kept === undefined || swapped === undefined) continue;
    out[at] = swapped;
    out[other] = kept;
  }
  return out;
}
