/** A command line as typed: what was run, where, and whether its output was filtered or sent elsewhere. bash(1), ip-netns(8), nsenter(1). */

import { unrolled } from './loops.js';
import { splitCommands, splitPipes, wordsOfShell } from './shell-words.js';
import { nearestTool } from './tools.js';
import { type Unwrapped, unwrap } from './wrappers.js';

/** Where a command runs, as far as it differs from its prompt. */
export interface Place {
  readonly node?: string;
  readonly netns?: string | null;
  /** On many machines; headings or names before the lines say which printed what. */
  readonly many?: true | undefined;
}

export interface Command {
  /** As typed, without the prompt. */
  readonly typed: string;
  /** Without wrappers (`sudo`, `ssh NODE`, `ip netns exec X`), pipes kept: what parsers see. */
  readonly text: string;
  /** Without pipes and redirections too: what `Format.commands` is tested against. */
  readonly bare: string;
  /** A pipe may have dropped or changed lines. */
  readonly filtered: boolean;
  /** The output went to a file. */
  readonly redirected: boolean;
  readonly place: Place;
  /** It opens a shell there: the prompts that follow are of that place. */
  readonly enters: boolean;
  /** `exit`, `logout`: the shell that was entered last is left. */
  readonly leaves: boolean;
  /** The file that is printed, or into which a here-document goes. */
  readonly path: string | null;
  /** The line that ends the here-document which follows. */
  readonly delimiter: string | null;
  /** Known tool that was taken for a misspelt one. */
  readonly slip: { readonly typed: string; readonly tool: string } | null;
}

const keepsLines =
  /^(?:cat|less|more|tee|column|sort|nl|ts|cat -A|dshbak)\b|^(?:jq|yq)(?:\s+-\S+)*(?:\s+['"]?\.['"]?)?$|^python\d?(?:\.\d+)?\s+-m\s+json\.tool/;
/** What comes out of these is not what went in. */
const counters = /^(?:wc|md5sum|sha\d+sum|cksum)\b|^[ef]?grep\s+(?:-\w+\s+)*-\w*c/;
const printers = new Set([
  'cat',
  'less',
  'more',
  'head',
  'tail',
  'bat',
  'zcat',
  'sed',
  'grep',
  'egrep',
  'vi',
  'vim',
  'nano',
]);
const leaving = /^(?:exit|logout)(?:\s+\d+)?$/;

/** The commands of one line, in order; an empty line has none. */
export function readCommands(line: string): readonly Command[] {
  if (line.length > 8192) return [];
  return unrolled(splitCommands(line)).flatMap(readTyped);
}

/** What stands in the quotes of `ssh NODE "…"` and `sh -c '…'` may be several commands, all of that place. */
function readTyped(typed: string): readonly Command[] {
  const outer = unwrap(withoutAlias(typed));
  const parts = unrolled(splitCommands(outer.text));
  if (parts.length < 2) return [readCommand(typed, outer)];
  return parts.map((part) => {
    const inner = unwrap(part);
    return readCommand(part, { ...inner, place: { ...outer.place, ...inner.place } });
  });
}

/** `k`, as most who type it often call kubectl. */
function withoutAlias(typed: string): string {
  return isAliased(typed) ? `kubectl${typed.slice(1)}` : typed;
}

/** Whether it is kubectl under that name: a verb of its own follows. */
export function isAliased(typed: string): boolean {
  return /^k\s+(?:(?:-n|--namespace|--context)[ =]?\S{1,100}\s+)?(?:get|describe|logs?|exec|top|explain|apply|delete|edit|cluster-info|version|config)\b/.test(
    typed,
  );
}

function readCommand(typed: string, unwrapped: Unwrapped): Command {
  const { place, enters } = unwrapped;
  const mended = mend(unwrapped.text);
  const pipes = splitPipes(mended.text);
  const head = pipes[0] ?? '';
  const { bare, redirected, written, delimiter } = withoutRedirections(head);
  const filters = pipes.slice(1).map((pipe) => withoutRedirections(pipe.trim()));
  const count = filters.find((filter) => counters.test(filter.bare));
  const filtered = filters.some((filter) => !keepsLines.test(filter.bare));
  return {
    typed,
    text: count === undefined ? mended.text : count.bare,
    bare: count === undefined ? bare : count.bare,
    filtered: count === undefined && (filtered || /^(?:head|tail|e?grep|sed|awk)\b/.test(bare)),
    redirected: redirected || filters.some((filter) => filter.redirected),
    place,
    enters,
    leaves: leaving.test(bare),
    path: written ?? printedPath(bare),
    delimiter,
    slip: mended.slip,
  };
}

function mend(text: string): { readonly text: string; readonly slip: Command['slip'] } {
  const first = text.split(/\s/, 1)[0] ?? '';
  const tool = nearestTool(first);
  if (tool === null || tool === first) return { text, slip: null };
  return { text: tool + text.slice(first.length), slip: { typed: first, tool } };
}

interface Redirections {
  readonly bare: string;
  readonly redirected: boolean;
  /** The file into which a here-document goes: what follows is its text. */
  readonly written: string | null;
  readonly delimiter: string | null;
}

function withoutRedirections(text: string): Redirections {
  const kept: string[] = [];
  let target: string | null = null;
  let awaited: 'in' | 'out' | 'document' | null = null;
  let delimiter: string | null = null;
  for (const word of text.split(/\s+/)) {
    if (awaited !== null) {
      if (awaited === 'out') target = word;
      if (awaited === 'document') delimiter = unquoted(word);
      awaited = null;
      continue;
    }
    const redirection = /^(\d?|&)(>>?|<<-?|<)(&?\S*)$/.exec(word);
    if (redirection === null) {
      if (word !== '') kept.push(word);
      continue;
    }
    const [, stream, arrow = '', to = ''] = redirection;
    const out = arrow.startsWith('>') && stream !== '2' && !to.startsWith('&');
    const document = arrow.startsWith('<<');
    if (to === '') awaited = out ? 'out' : document ? 'document' : 'in';
    else if (document) delimiter = unquoted(to);
    else if (out) target = to;
  }
  const bare = kept.join(' ');
  if (delimiter !== null) return { bare, redirected: false, written: target, delimiter };
  return { bare, redirected: target !== null || awaited === 'out', written: null, delimiter };
}

function unquoted(word: string): string {
  return word.replace(/^["'\\]|["']$/g, '');
}

function printedPath(bare: string): string | null {
  const words = wordsOfShell(bare);
  if (!printers.has(words[0] ?? '')) return null;
  const last = words.at(-1);
  return words.length > 1 && last !== undefined && !last.startsWith('-') ? last : null;
}
