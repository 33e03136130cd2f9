/** The words of one iptables command: its table, what it does to which chain, and the words of the rule. iptables(8), iptables/xshared.c. */
import type { Family } from '@coldtrace/core';
import type { Words } from '../../iptables/words.js';
import { badWords, type Fault } from '../call.js';

export type Verb = '-A' | '-C' | '-D' | '-E' | '-F' | '-I' | '-L' | '-N' | '-P' | '-R' | '-S' | '-X' | '-Z';

export interface IptablesCommand {
  readonly kind: 'command';
  /** Of `-4` and `-6`, the one that stands there. */
  readonly family: Family | null;
  readonly verb: Verb;
  readonly table: string | null;
  /** null: the command is about all chains. */
  readonly chain: string | null;
  /** Number of the rule; null: none was given. */
  readonly number: number | null;
  /** Policy of `-P`, new name of `-E`. */
  readonly extra: string | null;
  /** What is left: the rule. */
  readonly rule: Words;
}

const verbs: ReadonlyMap<string, Verb> = new Map([
  ['-A', '-A'],
  ['--append', '-A'],
  ['-C', '-C'],
  ['--check', '-C'],
  ['-D', '-D'],
  ['--delete', '-D'],
  ['-E', '-E'],
  ['--rename-chain', '-E'],
  ['-F', '-F'],
  ['--flush', '-F'],
  ['-I', '-I'],
  ['--insert', '-I'],
  ['-L', '-L'],
  ['--list', '-L'],
  ['-N', '-N'],
  ['--new', '-N'],
  ['--new-chain', '-N'],
  ['-P', '-P'],
  ['--policy', '-P'],
  ['-R', '-R'],
  ['--replace', '-R'],
  ['-S', '-S'],
  ['--list-rules', '-S'],
  ['-X', '-X'],
  ['--delete-chain', '-X'],
  ['-Z', '-Z'],
  ['--zero', '-Z'],
]);

/** Verbs that may stand without a chain. */
const ofAll = new Set<Verb>(['-F', '-X', '-Z', '-S', '-L']);

interface Draft {
  verb: Verb | null;
  family: Family | null;
  table: string | null;
  chain: string | null;
  number: number | null;
  extra: string | null;
  readonly text: string[];
  readonly start: number[];
  readonly end: number[];
}

export function readIptablesCommand(words: Words): IptablesCommand | Fault {
  const draft: Draft = {
    verb: null,
    family: null,
    table: null,
    chain: null,
    number: null,
    extra: null,
    text: [],
    start: [],
    end: [],
  };
  for (let at = 0; at < words.text.length; ) {
    const taken = takeOption(draft, words, at);
    if (typeof taken !== 'number') return taken;
    if (taken === at) keep(draft, words, at++);
    else at = taken;
  }
  const { verb, family, table, chain, number, extra, text, start, end } = draft;
  if (verb === null) return badWords('no command specified', stretchOf(words, 0));
  const rule = { text, start, end };
  return excess(draft, rule) ?? { kind: 'command', verb, family, table, chain, number, extra, rule };
}

/** Words that the command has no place for. */
function excess({ verb, number }: Draft, rule: Words): Fault | null {
  const takesRule =
    verb === '-A' || verb === '-C' || verb === '-I' || verb === '-R' || (verb === '-D' && number === null);
  const [first] = rule.text;
  if (first === undefined) return null;
  if (!takesRule)
    return first.startsWith('-') || first === '!'
      ? badWords(`Illegal option \`${first}' with this command`, stretchOf(rule, 0))
      : badWords(`Bad argument \`${first}'`, stretchOf(rule, 0));
  // Old versions took `-s ! ADDRESS`.
  const late = rule.text.findIndex(
    (word, at) =>
      word === '!' &&
      /^(?:-[sdpio]|--(?:src|dst|source|destination|protocol|proto|in-interface|out-interface))$/.test(
        rule.text[at - 1] ?? '',
      ),
  );
  return late < 0 ? null : badWords(`Bad argument \`${rule.text[late + 1] ?? ''}'`, stretchOf(rule, late));
}

function keep(draft: Draft, words: Words, at: number): void {
  draft.text.push(words.text[at] ?? '');
  draft.start.push(words.start[at] ?? 0);
  draft.end.push(words.end[at] ?? 0);
}

export function stretchOf(words: Words, at: number): { start: number; end: number } | null {
  const start = words.start[at];
  const end = words.end[at];
  return start === undefined || end === undefined ? null : { start, end };
}

/** Index past the option at `at` when it is one of the command and not of the rule; `at` when it is the rule's. */
function takeOption(draft: Draft, words: Words, at: number): number | Fault {
  const word = words.text[at] ?? '';
  // Whatever follows it is its value, even when it looks like an option.
  if (word === '--comment' || word === '--log-prefix' || word === '--nflog-prefix' || word === '--string') {
    keep(draft, words, at);
    if (at + 1 < words.text.length) keep(draft, words, at + 1);
    return at + Math.min(2, words.text.length - at);
  }
  const table = /^(?:-t(.+)|--table=(.+))$/.exec(word);
  if (word === '-t' || word === '--table' || table !== null) {
    draft.table = table?.[1] ?? table?.[2] ?? words.text[at + 1] ?? '';
    return at + (table === null ? 2 : 1);
  }
  if (word === '-w' || word === '--wait' || word === '-W' || word === '--wait-interval')
    return at + (/^\d+$/.test(words.text[at + 1] ?? '') ? 2 : 1);
  if (/^(?:-[wW]\d+|--wait(?:-interval)?=\d+|--modprobe=.*|--line-numbers|--exact|--numeric|--verbose)$/.test(word))
    return at + 1;
  if (/^-[nvx]{1,3}$/.test(word)) return at + 1;
  if (/^(?:-[46]|--ipv[46])$/.test(word)) {
    draft.family = word.endsWith('4') ? 4 : 6;
    return at + 1;
  }
  const listing = /^-[nvx]*([LS])[nvx]*$/.exec(word)?.[1];
  const verb = listing === undefined ? verbs.get(word) : listing === 'L' ? '-L' : '-S';
  return verb === undefined ? at : takeVerb(draft, words, at, verb);
}

function takeVerb(draft: Draft, words: Words, at: number, verb: Verb): number | Fault {
  // Both are one command: it shows the counters, and sets them to 0.
  if ((draft.verb === '-L' && verb === '-Z') || (draft.verb === '-Z' && verb === '-L')) {
    draft.verb = '-Z';
    return at + 1;
  }
  if (draft.verb !== null) return badWords(`cannot use ${verb} with ${draft.verb}`, stretchOf(words, at));
  draft.verb = verb;
  let next = at + 1;
  const value = (): string | null => {
    const word = words.text[next];
    if (word === undefined || word.startsWith('-') || word === '!') return null;
    next++;
    return word;
  };
  draft.chain = value();
  if (draft.chain === null && verb === '-N' && words.text[next]?.startsWith('-'))
    return badWords("chain name not allowed to start with `-'", stretchOf(words, next));
  if (draft.chain === null && !ofAll.has(verb))
    return badWords(`option "${verb}" requires an argument`, stretchOf(words, at));
  if (verb === '-P' || verb === '-E') {
    draft.extra = value();
    if (draft.extra === null)
      return badWords(`${verb} requires a chain and a ${verb === '-P' ? 'policy' : 'new name'}`, stretchOf(words, at));
  }
  if (verb === '-D' || verb === '-I' || verb === '-R' || verb === '-Z' || verb === '-S' || verb === '-L')
    return takeNumber(draft, words, next, verb);
  return next;
}

function takeNumber(draft: Draft, words: Words, at: number, verb: Verb): number | Fault {
  const word = words.text[at] ?? '';
  if (/^\d+$/.test(word)) {
    draft.number = Number(word);
    return draft.number === 0 ? badWords("Invalid rule number `0'", stretchOf(words, at)) : at + 1;
  }
  return verb === '-R' ? badWords('-R requires a rule number', stretchOf(words, at - 1)) : at;
}
