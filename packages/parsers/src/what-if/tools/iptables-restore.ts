/** `iptables-restore` with its lines in a here-document. Each table is changed whole or not at all. iptables-restore(8), iptables/iptables-restore.c. */
import {
  type Chain,
  type ChainPlace,
  done,
  flushChain,
  flushTable,
  hasChain,
  isBuiltinChain,
  type NetNs,
  newChain,
  openTable,
  type Ruleset,
  setPolicy,
  stopped,
  type Table,
} from '@coldtrace/core';
import { splitWords, type Words } from '../../iptables/words.js';
import { badWords, type Call, next, type Result, type Tool, unsupported, unwritten } from '../call.js';
import type { ShellWord } from '../shell/syntax.js';
import { chooseRuleset, withRuleset } from './choose-ruleset.js';
import { ofOtherFamily } from './iptables.js';
import { runIptables } from './iptables-command.js';
import { readIptablesCommand, stretchOf } from './iptables-words.js';

interface Options {
  flush: boolean;
  test: boolean;
  only: string | null;
  file: ShellWord | null;
}

export const iptablesRestore: Tool = (ns, call) => {
  const options = readOptions(call);
  if ('kind' in options) return options;
  const input = options.file === null ? call.input : call.written(options.file.text);
  if (input === null)
    return unsupported(
      options.file === null ? 'iptables-restore from a file' : unwritten(options.file.text),
      options.file,
    );
  return next(chooseRuleset(ns, call), ({ at, ruleset }) => {
    const state: State = { committed: ruleset, open: ruleset, table: null, skipped: false };
    const after = () => (options.test ? ns : withRuleset(ns, at, state.committed));
    const restored = restore(ns, { ...call, input }, state, options);
    // Tables that came to their COMMIT stay as they are then.
    if (restored.kind === 'refused') return stopped(restored.why, after());
    if (restored.kind === 'fault') return { ...restored, left: after() };
    return next(restored, () => done(after()));
  });
};

function readOptions({ args }: Call): Options | ReturnType<typeof badWords> {
  const options: Options = { flush: true, test: false, only: null, file: null };
  for (let at = 0; at < args.length; at++) {
    const word = args[at]?.text ?? '';
    const named = /^(?:-T(.+)|--table=(.+))$/.exec(word);
    if (word === '--noflush') options.flush = false;
    else if (word === '--test') options.test = true;
    else if (word === '-T' || word === '--table') options.only = args[++at]?.text ?? '';
    else if (named !== null) options.only = named[1] ?? named[2] ?? '';
    else if (/^(?:-[wW]|--wait(?:-interval)?)$/.test(word)) at += /^\d+$/.test(args[at + 1]?.text ?? '') ? 1 : 0;
    else if (/^(?:-[wW]\d+|--counters|--verbose|--wait(?:-interval)?=\d+)$/.test(word)) continue;
    else if (/^-[cvnt46]+$/.test(word)) {
      options.flush &&= !word.includes('n');
      options.test ||= word.includes('t');
    } else if (word.startsWith('-') && word !== '-') return badWords(`unknown option "${word}"`, args[at] ?? null);
    else if (word !== '-') options.file = args[at] ?? null;
  }
  return options;
}

interface State {
  /** With the tables that came to their COMMIT. */
  committed: Ruleset;
  /** With the changes of the open table too. */
  open: Ruleset;
  table: string | null;
  skipped: boolean;
}

function restore(ns: NetNs, call: Call, state: State, options: Options): Result<Ruleset> {
  const { text } = call.file;
  const { start, end } = call.input ?? call.span;
  for (let from = start; from < end; ) {
    const feed = text.indexOf('\n', from);
    const to = feed < 0 || feed > end ? end : feed;
    const words = splitWords(text, from, to);
    const taken = words.text.length === 0 ? null : takeLine(ns, call, state, words, options);
    if (taken !== null && taken.kind !== 'done') return taken;
    from = to + 1;
  }
  if (state.table !== null) return badWords('the last table lacks its COMMIT');
  return done(state.committed);
}

function takeLine(ns: NetNs, call: Call, state: State, words: Words, options: Options): Result<Ruleset> | null {
  const first = words.text[0] ?? '';
  if (first.startsWith('#')) return null;
  const named = /^\*(\S+)$/.exec(first)?.[1];
  if (named !== undefined) return openNamed(call, state, named, options);
  if (state.table === null) return badWords(`"${first}" stands in no table`, stretchOf(words, 0));
  if (first === 'COMMIT') {
    state.committed = state.open;
    state.table = null;
    return null;
  }
  if (state.skipped) return null;
  const changed = first.startsWith(':') ? declare(call, state, words) : command(ns, call, state, words);
  if (changed.kind === 'done') state.open = changed.value;
  return changed;
}

function openNamed(call: Call, state: State, table: string, { flush, only }: Options): Result<Ruleset> | null {
  if (state.table !== null) return badWords(`table ${state.table} lacks its COMMIT`);
  state.table = table;
  state.skipped = only !== null && only !== table;
  if (state.skipped) return null;
  const opened = next(
    openTable(state.committed, table, call.span),
    (made): Result<Ruleset> => (flush ? emptied(made, table) : done(made)),
  );
  if (opened.kind === 'done') state.open = opened.value;
  return opened;
}

/** Without `--noflush` every rule and user chain goes, and the table is known whole afterwards. Policies stay in legacy; nft makes the table anew. */
function emptied(ruleset: Ruleset, name: string): Result<Ruleset> {
  const tables = ruleset.tables.map((table): Table => {
    if (table.name !== name) return table;
    const builtin = table.chains.filter((chain) => chain.builtin);
    const chains =
      ruleset.variant === 'nft' ? builtin.map((chain): Chain => ({ ...chain, policy: 'ACCEPT' })) : builtin;
    return { ...table, complete: true, chains };
  });
  return flushTable({ ...ruleset, tables }, name);
}

/** `:CHAIN POLICY [packets:bytes]`: a user chain that is there is emptied, a built-in one keeps its rules. */
function declare(call: Call, { open, table }: State, words: Words): Result<Ruleset> {
  const place: ChainPlace = { table: table ?? '', chain: (words.text[0] ?? '').slice(1) };
  const policy = words.text[1] ?? '';
  const there = hasChain(open, place.table, place.chain);
  const keep = isBuiltinChain(place.table, place.chain);
  const made = keep ? done(open) : there === true ? flushChain(open, place) : newChain(open, place, call.span);
  if (policy === '-') return made;
  if (policy !== 'ACCEPT' && policy !== 'DROP') return badWords(`"${policy}" is no policy`, stretchOf(words, 1));
  return next(made, (value) => setPolicy(value, place, policy));
}

function command(ns: NetNs, call: Call, { open, table }: State, all: Words): Result<Ruleset> {
  const words = /^\[\d+:\d+\]$/.test(all.text[0] ?? '') ? without(all) : all;
  const read = readIptablesCommand(words);
  if (read.kind === 'fault') return read;
  // One text may serve both tools.
  if (ofOtherFamily(read, call.tool)) return done(open);
  if (read.table !== null) return badWords('the -t option cannot be used in iptables-restore', stretchOf(words, 0));
  const start = words.start[0] ?? 0;
  const span = { file: call.file.id, start, end: words.end.at(-1) ?? start };
  const changed = runIptables(open, read, table ?? '', { file: call.file, span, ipsets: ns.ipsets });
  if (changed.kind === 'fault' && changed.at === null) return { ...changed, at: span };
  return changed;
}

function without({ text, start, end }: Words): Words {
  return { text: text.slice(1), start: start.slice(1), end: end.slice(1) };
}
