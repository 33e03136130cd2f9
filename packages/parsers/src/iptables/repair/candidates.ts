/** What a place that was not understood may have been before the paste damaged it: readings in order of trust, for `search.ts` to try. */
import { type Family, findMatch, findTarget, isRefusal, type ReadContext } from '@coldtrace/core';
import { endOfText } from '../lost-quotes.js';
import { findOption } from '../options.js';
import type { RuleProblem } from '../rule-spec.js';
import { broughtLater } from './brought-later.js';
import type { MendCode, PastedWords } from './mend.js';
import type { NamedChains } from './names.js';
import { isDoubled, isOneEdit } from './near.js';
import { sideTested } from './sides.js';
import {
  isOptionName,
  isVerdict,
  letters,
  loadedBefore,
  matchesWith,
  matchNames,
  optionNames,
  targetNames,
} from './vocabulary.js';

/** Words [from, from + count) read as others. */
export interface Edit {
  readonly from: number;
  readonly count: number;
  readonly put: readonly string[];
  readonly code: MendCode;
}

export interface Scene {
  readonly words: PastedWords;
  /** Index of the first word of the rule's body. */
  readonly from: number;
  readonly family: Family;
  readonly table: string | null;
  readonly chain: string | null;
  readonly chains: NamedChains;
}

/** A reading may be right, and is suspicious all the same. */
export type Doubt = { readonly code: 'odd-jump' | 'odd-glue' | 'odd-name'; readonly word: number };

/** Groups of readings; a later group counts only when no reading of an earlier one is valid. */
export type Tiers = readonly (readonly Edit[])[];

const one = (from: number, put: readonly string[], code: MendCode): Edit => ({ from, count: 1, put, code });

export function candidatesFor(scene: Scene, problem: RuleProblem | Doubt): Tiers {
  const { word: at } = problem;
  const word = scene.words.text[at] ?? '';
  const joins = joinsAround(scene, at);
  const also = (tiers: Tiers): Tiers => [joins, ...tiers];
  switch (problem.code) {
    case 'odd-jump':
      return targetsLike(scene, at);
    case 'odd-glue':
      return [[one(at, [`-${word}`], 'repaired-dashes')]];
    case 'odd-name':
      return [negationIn(scene, at - 1, at)];
    case 'unknown-match':
      return also(word.startsWith('-') ? optionsLike(scene, at) : matchesLike(scene, at));
    case 'unknown-option':
      return also([broughtLater(scene, at), ...optionsLike(scene, at), targetFor(scene, at)]);
    case 'stray-word':
      return also(strays(scene, at));
    case 'bad-value':
      return also(values(scene, at));
    case 'missing-value':
      return also(word.startsWith('-') && word.length > 2 ? optionsLike(scene, at) : []);
    default:
      return joins.length === 0 ? [] : [joins];
  }
}

/** A line was broken inside a word near the place. */
function joinsAround({ words, from }: Scene, at: number): readonly Edit[] {
  const edits: Edit[] = [];
  for (let second = Math.max(at - 1, from + 1); second <= at + 3 && second < words.text.length; second++) {
    if (words.broken[second] !== true) continue;
    const joined = `${words.text[second - 1] ?? ''}${words.text[second] ?? ''}`;
    edits.push({ from: second - 1, count: 2, put: [joined], code: 'repaired-wrap' });
  }
  return edits;
}

function loadedAt({ words, from, family }: Scene, at: number) {
  return loadedBefore(words.text, from, at, family);
}

/** `--DPORT`, `-dport`, `dport`, `---dport`, `--dportt`: options that the word may be. */
function optionsLike(scene: Scene, at: number): Tiers {
  const word = scene.words.text[at] ?? '';
  const loaded = loadedAt(scene, at);
  const typed = word.replace(/^!?-*/, '');
  const body = typed.toLowerCase();
  const dashes = word.length - typed.length;
  const exact: Edit[] = [];
  const put = (read: string, code: MendCode) => {
    if (read !== word) exact.push(one(at, [read], code));
  };
  if (body.length === 1 && letters.has(body)) put(`-${body}`, dashes === 1 ? 'repaired-case' : 'repaired-dashes');
  const equals = body.indexOf('=');
  const name = equals < 0 ? body : body.slice(0, equals);
  if (name.length > 1 && isOptionName(name, loaded)) {
    put(`--${name}${equals < 0 ? '' : typed.slice(equals)}`, dashes === 2 ? 'repaired-case' : 'repaired-dashes');
  }
  if (exact.length > 0 || body.length < 4) return [exact];
  const elsewhere = matchesWith(body, scene.family);
  if (elsewhere.length > 0) {
    const [only] = elsewhere;
    if (elsewhere.length > 1 || only === undefined || dashes === 0) return [];
    return [[{ from: at, count: 1, put: ['-m', only.name, `--${body}`], code: 'repaired-lost-match' }]];
  }
  const near = optionNames(loaded).filter((option) => isOneEdit(body, option));
  const doubled = near.filter((option) => isDoubled(body, option));
  return [doubled, near].map((names) => names.map((option) => one(at, [`--${option}`], 'repaired-spelling')));
}

/** `-j MASQERADE --random-fully`: chains take no options, so the name must be a target's. */
function targetFor(scene: Scene, at: number): readonly Edit[] {
  const { words, from, family, chains } = scene;
  const jump = words.text.indexOf('-j', from);
  const name = words.text[jump + 1] ?? '';
  if (jump < 0 || jump >= at || findTarget(name, family) !== undefined || chains.present.has(name)) return [];
  const typed = name.toUpperCase();
  return targetNames(family)
    .filter((target) => !isVerdict(target) && isOneEdit(typed, target))
    .map((target) => one(jump + 1, [target], 'repaired-spelling'));
}

/** `-j accept`, `-j kube-services`, `-j ACCEPTT`, `-j ACCEPT.` where no such chain is named. */
function targetsLike({ words, family, chains }: Scene, at: number): Tiers {
  const name = words.text[at] ?? '';
  const put = (read: string, code: MendCode) => one(at, [read], code);
  const bare = name.replace(/[.,;:'`*]{1,3}$/, '');
  const targets = targetNames(family);
  if (words.text[at - 1] !== '-g') {
    const same = targets.find((target) => target === bare.toUpperCase());
    if (same !== undefined) return [[put(same, bare === name ? 'repaired-case' : 'repaired-characters')]];
  }
  const cased = (chains.byCase.get(bare.toLowerCase()) ?? []).filter((chain) => chain !== name);
  const declared = cased.filter((chain) => chains.declared.has(chain));
  if (cased.length > 0) return [(declared.length > 0 ? declared : cased).map((chain) => put(chain, 'repaired-case'))];
  if (words.text[at - 1] === '-g') return [];
  const doubled = targets.filter((target) => target.length > 2 && isDoubled(name.toUpperCase(), target));
  return [doubled.map((target) => put(target, 'repaired-spelling'))];
}

function matchesLike({ words, family }: Scene, at: number): Tiers {
  const name = words.text[at] ?? '';
  const lower = name.toLowerCase();
  const cased = findMatch(lower, family);
  if (cased !== undefined) return lower === name ? [] : [[one(at, [lower], 'repaired-case')]];
  const near = lower.length < 4 ? [] : matchNames(family).filter((match) => isOneEdit(lower, match));
  return [near.map((match) => one(at, [match], 'repaired-spelling'))];
}

/** A word that belongs to no option: its own dashes were lost, or the option before it. */
function strays(scene: Scene, at: number): Tiers {
  const { words, from, family } = scene;
  const word = words.text[at] ?? '';
  if (word.startsWith('!') && word.length > 1) {
    return [[one(at, ['!', word.slice(1)], 'repaired-negation')]];
  }
  const jumps = words.text.some((other, index) => index >= from && /^(?:-[jg]|--jump|--goto)$/.test(other));
  const options = optionsLike(scene, at)[0] ?? [];
  if (!jumps && (isVerdict(word) || findTarget(word, family) !== undefined)) {
    return [[...options, one(at, ['-j', word], 'repaired-lost-option')]];
  }
  const tiers = [options, lostOptions(scene, at), lostQuotes(scene, at)];
  return tiers.filter((edits) => edits.length > 0);
}

/** The word goes on with the text before it. */
function lostQuotes({ words: { text }, family }: Scene, at: number): readonly Edit[] {
  const option = /^--(.*)/.exec(text[at - 2] ?? '')?.[1] ?? '';
  const end = endOfText(text, option, at - 1, family);
  if (end <= at) return [];
  return [{ from: at - 1, count: end - at + 1, put: [text.slice(at - 1, end).join(' ')], code: 'repaired-quotes' }];
}

/** `-m addrtype LOCAL`, `-j DNAT 10.0.0.1:80`: each option of the extension that the words fit. */
function lostOptions(scene: Scene, at: number): readonly Edit[] {
  const { words, from, family } = scene;
  const { text } = words;
  let flag = at - 1;
  while (flag >= from && !/^-[mj]$/.test(text[flag] ?? '')) flag--;
  if (flag < from) return [];
  const name = text[flag + 1] ?? '';
  const def = text[flag] === '-m' ? findMatch(name, family) : findTarget(name, family);
  if (def === undefined) return [];
  const given = new Set(text.slice(flag + 2, at));
  const cx: ReadContext = { family, table: scene.table, chain: scene.chain, ...protoIn(scene, at) };
  const edits: Edit[] = [];
  for (const [key, { value, aliases }] of Object.entries(def.options)) {
    if (value.words === 0 || [key, ...aliases].some((option) => given.has(`--${option}`))) continue;
    const own = text.slice(at, at + value.words);
    if (own.length < value.words || own.some((other) => other === '!' || other.startsWith('-'))) continue;
    if (isRefusal(value.read(own, cx))) continue;
    edits.push({ from: at, count: 1, put: [`--${key}`, text[at] ?? ''], code: 'repaired-lost-option' });
  }
  const side =
    def.name === 'addrtype' && edits.length > 1 ? sideTested({ ...scene, words: text }, text[at] ?? '') : null;
  return side === null ? edits : edits.filter(({ put }) => put[0] === `--${side}`);
}

function protoIn({ words, from, family }: Scene, at: number): Pick<ReadContext, 'proto' | 'namedProto'> {
  const index = words.text.indexOf('-p', from);
  const name = index < 0 || index > at ? '' : (words.text[index + 1] ?? '');
  const known = name === '' ? undefined : loadedBefore(['-p', name], 0, 2, family)[0]?.protos?.[0];
  const number = known ?? (name === 'tcp' ? 6 : name === 'udp' ? 17 : null);
  return { proto: words.text[index - 1] === '!' ? null : number, namedProto: number };
}

/** The value of an option is not one: its case, a `!` in front of it, marks around it; or what looks like a glued short option is a long one. */
function values(scene: Scene, at: number): Tiers {
  const { words } = scene;
  const { text } = words;
  const word = text[at] ?? '';
  const option = word.startsWith('-') ? at : text[at - 1] === '!' ? at - 2 : at - 1;
  const value = option === at ? (text[at + 1] === '!' ? at + 2 : at + 1) : at;
  const glued = /^-[a-z]!?[^-]/i.test(word) && !word.startsWith('--');
  const tiers: (readonly Edit[])[] = glued ? [...optionsLike(scene, at)] : [];
  const first: Edit[] = [...(tiers.shift() ?? []), ...negationIn(scene, option, value)];
  if (glued && word.charAt(2) === '!') {
    first.push(one(at, ['!', word.slice(0, 2), word.slice(3)], 'repaired-negation'));
  }
  for (const change of [(part: string) => part.toUpperCase(), (part: string) => part.toLowerCase()]) {
    for (const index of [value, value + 1]) {
      const part = text[index] ?? '';
      if (index > value && (part.startsWith('-') || part === '!')) continue;
      if (part !== change(part) && !part.startsWith('-')) first.push(one(index, [change(part)], 'repaired-case'));
    }
  }
  const shown = text[value] ?? '';
  const next = text[value + 1] ?? '-';
  const bare = shown.replace(/^[`*_]{1,3}|[`*_,;.:]{1,3}$/g, '');
  if (shown.endsWith(',') && !next.startsWith('-') && next !== '!') {
    first.push({ from: value, count: 2, put: [shown + next], code: 'repaired-characters' });
  }
  if (bare !== shown && bare !== '') tiers.unshift([one(value, [bare], 'repaired-characters')]);
  return [first, ...tiers];
}

/** `-s !10.0.0.0/8`: the mark belongs before the option. */
function negationIn({ words, from }: Scene, option: number, value: number): readonly Edit[] {
  const { text } = words;
  const shown = text[value] ?? '';
  if (
    !shown.startsWith('!') ||
    shown.length < 2 ||
    option < from ||
    text[option - 1] === '!' ||
    text[value - 1] === '!'
  )
    return [];
  return [
    {
      from: option,
      count: value - option + 1,
      put: ['!', text[option] ?? '', shown.slice(1)],
      code: 'repaired-negation',
    },
  ];
}

/** The word is the value of an option that takes `!`, so that a name that begins with it is hardly a name. */
function takesNegation(text: readonly string[], from: number, at: number, family: Family): boolean {
  const before = text[at - 1] ?? '';
  if (before === '-i' || before === '-o') return true;
  if (!before.startsWith('--')) return false;
  return loadedBefore(text, from, at, family).some(
    (def) => findOption(def, before.slice(2))?.option.negatable === true,
  );
}

/** Places that read as something, but hardly as what was meant. */
export function doubtsIn(scene: Scene): readonly Doubt[] {
  const { words, from, family, chains } = scene;
  const { text } = words;
  const doubts: Doubt[] = [];
  for (let at = from; at < text.length; at++) {
    const word = text[at] ?? '';
    const before = text[at - 1] ?? '';
    if (/comment$|prefix$|string$/.test(before) && before.startsWith('-')) continue;
    if (word === '-j' || word === '-g') {
      const name = text[at + 1] ?? '';
      if (!isVerdict(name) && findTarget(name, family) === undefined && !chains.present.has(name)) {
        doubts.push({ code: 'odd-jump', word: at + 1 });
      }
    } else if (word.startsWith('!') && word.length > 1 && takesNegation(text, from, at, family)) {
      doubts.push({ code: 'odd-name', word: at });
    } else if (/^-[a-z][a-z-]{2,}$/.test(word) && isOptionName(word.slice(1), loadedBefore(text, from, at, family))) {
      doubts.push({ code: 'odd-glue', word: at });
    }
  }
  return doubts;
}
