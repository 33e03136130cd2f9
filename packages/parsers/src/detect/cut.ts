/** One pass over a file that cuts it into outputs and what stands between them: prompts, banners, sentences, messages. */
import type { Format } from '../format.js';
import { failureMessage } from '../text/failure.js';
import { isBlank } from '../text/lines.js';
import type { Command } from '../transcript/command.js';
import { readCommands } from '../transcript/command.js';
import { outputOnPromptLine } from '../transcript/own-line.js';
import { gluedPrompt, type Prompt } from '../transcript/prompt.js';
import { promptLine } from '../transcript/prompt-line.js';
import { atLabel, atPrompt, newShells, nowhere, run, type Shells } from '../transcript/shells.js';
import { type Banner, readBanner } from './banner.js';
import { byCommand, byName, mayBeEmpty, opener } from './choose.js';
import { isInterrupted } from './interruption.js';
import type { Cut, Piece, PieceKind, Where } from './piece.js';
import { isForeign, isProse } from './prose.js';

interface Cutting {
  readonly text: string;
  readonly path: string;
  readonly formats: readonly Format[];
  readonly pieces: Piece[];
  readonly shells: Shells;
  /** What the last prompt or banner says about the lines below it. */
  commands: readonly Command[];
  /** Formats of those commands, or of the file's name. */
  hints: readonly Format[];
  where: Where;
  /** Where the shell of the last prompt is, or the machine of the last heading. */
  home: Where;
  /** Path of the file, or the one that the last command prints. */
  shownPath: string;
  /** The output being read. */
  open: { readonly format: Format; readonly start: number; end: number } | null;
  /** Where the lines begin that nothing has claimed. */
  loose: number;
  looseProse: boolean;
  /** The last prompt or banner named a reader, and nothing but blank lines has followed so far. */
  expecting: number | null;
  /** The line that ends the here-document in which the cut stands. */
  delimiter: string | null;
  /** A blank line stands before this one. */
  gap: boolean;
  prompts: number;
  prose: number;
}

export function cutFile(text: string, path: string, formats: readonly Format[]): Cut {
  const cutting: Cutting = {
    text,
    path,
    formats,
    pieces: [],
    shells: newShells(),
    commands: [],
    hints: byName(formats, path),
    where: nowhere,
    home: nowhere,
    shownPath: path,
    open: null,
    loose: 0,
    looseProse: false,
    expecting: null,
    delimiter: null,
    gap: false,
    prompts: 0,
    prose: 0,
  };
  const named = cutting.hints.length > 0;
  for (let at = 0; at < text.length; ) at = readLine(cutting, at);
  closeOutput(cutting, text.length);
  const freeForm = cutting.prompts > 0 || (cutting.prose > 0 && !named);
  return { pieces: cutting.pieces, freeForm };
}

/** Reads the line at an offset and returns where to go on. */
function readLine(cutting: Cutting, at: number): number {
  const { text } = cutting;
  const feed = text.indexOf('\n', at);
  const end = feed < 0 ? text.length : feed;
  const next = feed < 0 ? text.length : feed + 1;
  const line = text.slice(at, end);
  if (isBlank(line)) {
    cutting.gap = true;
    return next;
  }
  const after = readFilled(cutting, at, line, next);
  cutting.gap = false;
  return after;
}

/** Reads a line that is not blank. */
function readFilled(cutting: Cutting, at: number, line: string, next: number): number {
  if (line.trim() === cutting.delimiter) {
    takeBetween(cutting, 'banner', at, next);
    forgetCommand(cutting);
    return next;
  }
  const prompt = promptLine(line);
  if (prompt !== null) return takePrompt(cutting, at, prompt, line, next);
  const glued = gluedPrompt(line);
  if (glued > 0) {
    readContent(cutting, at, line.slice(0, glued), at + glued);
    return at + glued;
  }
  if (line.startsWith('```') || line.startsWith('~~~')) {
    // The command above a fence, with nothing between, is that of what the fence holds.
    const above = cutting.open === null && cutting.pieces.at(-1)?.kind === 'banner' && cutting.loose >= at - 1;
    takeBetween(cutting, 'banner', at, next);
    if (!above) forgetCommand(cutting);
    return next;
  }
  const verdict = cutting.open?.format.line(line) ?? null;
  // `--- eth0` inside ethtool's output, `--- 10.0.0.1 ping statistics ---`: lines of the output above, not between outputs.
  const banner = verdict === 'opens' ? null : readBanner(line, verdict === null);
  if (banner !== null && (verdict === null || banner.command !== null)) return takeBanner(cutting, at, banner, next);
  return readContent(cutting, at, line, next, verdict);
}

function takePrompt(cutting: Cutting, at: number, prompt: Prompt, line: string, next: number): number {
  const typed = line.slice(prompt.end);
  const { text: full, end } = continued(cutting.text, typed, next);
  endExpectation(cutting);
  closeOutput(cutting, at);
  cutting.prompts += prompt.strength === 'strong' || !line.startsWith('#') ? 1 : 0;
  const where = atPrompt(cutting.shells, prompt);
  const begin = at + prompt.end + typed.length - typed.trimStart().length;
  const own = outputOnPromptLine(full.trim(), cutting.formats);
  const commands = readCommands(own === null ? full.trim() : full.trim().slice(0, own).trimEnd());
  if (own !== null) {
    follow(cutting, commands, where);
    takeBetween(cutting, 'prompt', at, begin + own);
    return readContent(cutting, begin + own, cutting.text.slice(begin + own, end).trimEnd(), end);
  }
  if (opensOutput(cutting, full.trim())) {
    follow(cutting, [], where);
    takeBetween(cutting, 'prompt', at, begin);
    return readContent(cutting, begin, cutting.text.slice(begin, end).trimEnd(), end);
  }
  follow(cutting, commands, where);
  takeBetween(cutting, 'prompt', at, end);
  const [only] = cutting.commands;
  if (commands.length === 1 && only !== undefined && cutting.hints.length > 0 && !only.redirected) {
    cutting.expecting = end;
  }
  return end;
}

/** A rule or setting typed or pasted behind a prompt is itself what a format reads. */
function opensOutput(cutting: Cutting, typed: string): boolean {
  return typed !== '' && typed.length < 100_000 && cutting.formats.some((format) => format.line(typed) === 'opens');
}

/** A command whose line ends in a backslash goes on in the next. */
function continued(text: string, typed: string, next: number): { readonly text: string; readonly end: number } {
  let command = typed;
  let end = next;
  for (let count = 0; count < 50 && command.trimEnd().endsWith('\\') && end < text.length; count++) {
    const feed = text.indexOf('\n', end);
    const stop = feed < 0 ? text.length : feed;
    command = `${command.trimEnd().slice(0, -1)} ${text.slice(end, stop)}`;
    end = feed < 0 ? text.length : feed + 1;
  }
  return { text: command, end };
}

/** What a prompt or a banner says about what follows. */
function follow(cutting: Cutting, commands: readonly Command[], where: Where): void {
  cutting.home = where;
  cutting.commands = commands;
  cutting.where = where;
  for (const command of commands) cutting.where = run(cutting.shells, command, where);
  cutting.hints = commands.flatMap((command) => byCommand(cutting.formats, command.bare));
  cutting.delimiter = commands.findLast((command) => command.delimiter !== null)?.delimiter ?? null;
  const path = commands.findLast((command) => command.path !== null)?.path ?? null;
  cutting.shownPath = path ?? cutting.path;
  if (path !== null && cutting.hints.length === 0) cutting.hints = byName(cutting.formats, path);
}

function forgetCommand(cutting: Cutting): void {
  cutting.delimiter = null;
  cutting.commands = [];
  cutting.hints = byName(cutting.formats, cutting.path);
  cutting.shownPath = cutting.path;
}

function takeBanner(cutting: Cutting, at: number, banner: Banner, next: number): number {
  endExpectation(cutting);
  takeBetween(cutting, 'banner', at, next);
  if (banner.node !== null) {
    cutting.shells.stack.length = 0;
    cutting.shells.label = banner.node;
    cutting.home = atLabel(cutting.shells) ?? nowhere;
  }
  cutting.where = cutting.home;
  if (banner.command !== null) {
    follow(cutting, readCommands(banner.command), cutting.home);
    if (cutting.hints.length > 0) cutting.expecting = next;
  } else if (banner.path !== null) {
    cutting.commands = [];
    cutting.shownPath = banner.path;
    cutting.hints = byName(cutting.formats, banner.path);
  } else forgetCommand(cutting);
  return next;
}

/** A reader that printed nothing: its output is there, and empty. */
function endExpectation(cutting: Cutting): void {
  const { expecting } = cutting;
  cutting.expecting = null;
  const format = cutting.hints[0];
  if (expecting === null || format === undefined || !mayBeEmpty(format)) return;
  push(cutting, 'output', expecting, expecting, format);
}

function readContent(
  cutting: Cutting,
  at: number,
  line: string,
  next: number,
  verdict = cutting.open?.format.line(line) ?? null,
): number {
  cutting.expecting = null;
  const { open } = cutting;
  if (open !== null && verdict === 'opens') return extend(cutting, open, at, next);
  if (open !== null && verdict === 'continues' && !(cutting.loose < at && cutting.looseProse)) {
    const other = cutting.hints.includes(open.format) ? null : opener(cutting.formats, [], cutting.text, at, line);
    if (other === null || other === open.format) return extend(cutting, open, at, next);
    return begin(cutting, other, at, next);
  }
  const format = opener(cutting.formats, cutting.hints, cutting.text, at, line);
  if (format !== null && (open === null || format !== open.format || cutting.looseProse)) {
    return begin(cutting, format, at, next);
  }
  if (failureMessage(line) !== null) {
    takeBetween(cutting, 'failure', at, next);
    return next;
  }
  const [hint] = cutting.hints;
  // Tools speak in sentences too, but right below their command or their output.
  const said = hint !== undefined && cutting.commands.length > 0 && !cutting.gap && !cutting.looseProse;
  if (said ? isForeign(line) : isProse(line)) {
    cutting.prose++;
    cutting.looseProse = true;
    return next;
  }
  if (hint !== undefined && !cutting.looseProse) {
    if (open === null) return begin(cutting, hint, at, next);
    if (open.format === hint) open.end = next;
  }
  return next;
}

/** The open output goes on over the lines since its last one, unless sentences stand between. */
function extend(cutting: Cutting, open: NonNullable<Cutting['open']>, at: number, next: number): number {
  if (cutting.looseProse) return begin(cutting, open.format, at, next);
  open.end = gulp(cutting, open.format, at) ?? next;
  cutting.loose = open.end;
  return open.end;
}

function begin(cutting: Cutting, format: Format, at: number, next: number): number {
  const { open, looseProse } = cutting;
  closeOutput(cutting, at);
  if (looseProse) {
    // A sentence may lead over to another machine: what follows it without a prompt is nobody's in particular.
    cutting.where = atLabel(cutting.shells) ?? nowhere;
    forgetCommand(cutting);
  }
  // After another output the same command speaks no longer.
  if (open !== null && open.format !== format && !cutting.hints.includes(format)) forgetCommand(cutting);
  cutting.open = { format, start: at, end: gulp(cutting, format, at) ?? next };
  cutting.loose = cutting.open.end;
  return cutting.open.end;
}

function gulp(cutting: Cutting, format: Format, at: number): number | null {
  const end = format.extent?.(cutting.text, at) ?? null;
  if (end === null || end <= at || isInterrupted(cutting.text, at, end)) return null;
  const rest = cutting.text.indexOf('\n', end - 1);
  // A line feed right behind the end belongs to it; anything else on that line is looked at on its own.
  return rest === end ? end + 1 : end;
}

/** Ends the open output; the lines behind it that nothing claimed become text. */
function closeOutput(cutting: Cutting, at: number): void {
  const { open } = cutting;
  if (open !== null) {
    push(cutting, 'output', open.start, open.end, open.format);
    cutting.loose = open.end;
  }
  if (cutting.loose < at) push(cutting, 'text', cutting.loose, at, null);
  cutting.open = null;
  cutting.loose = at;
  cutting.looseProse = false;
}

function takeBetween(cutting: Cutting, kind: PieceKind, start: number, end: number): void {
  closeOutput(cutting, start);
  push(cutting, kind, start, end, null);
  cutting.loose = end;
}

function push(cutting: Cutting, kind: PieceKind, start: number, end: number, format: Format | null): void {
  const command = format === null ? (cutting.commands[0] ?? null) : commandOf(cutting, format);
  cutting.pieces.push({ kind, start, end, format, command, path: cutting.shownPath, where: cutting.where });
}

/** The command whose output a format reads; several commands may stand on one line. */
function commandOf(cutting: Cutting, format: Format): Command | null {
  const { commands } = cutting;
  return commands.find((command) => byCommand([format], command.bare).length > 0) ?? commands[0] ?? null;
}
