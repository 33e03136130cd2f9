/** The state of cutting a file, and the steps that change it: an output begins, goes on, ends; a command is heard of and forgotten. */
import type { Format } from '../format.js';
import type { Command } from '../transcript/command.js';
import { atLabel, newShells, nowhere, run, type Shells } from '../transcript/shells.js';
import { byCommand, byName, mayBeEmpty } from './choose.js';
import { isInterrupted } from './interruption.js';
import type { Piece, PieceKind, Where } from './piece.js';

export interface Cutting {
  readonly text: string;
  readonly path: string;
  readonly formats: readonly Format[];
  /** Formats that the file's name suggests. */
  readonly named: readonly Format[];
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
  /** Where the first lines of the next output are said to be left out. */
  trimmed: number | null;
  /** The line that ends the here-document in which the cut stands. */
  delimiter: string | null;
  /** A blank line stands before this one. */
  gap: boolean;
  prompts: number;
  prose: number;
}

export function newCutting(text: string, path: string, formats: readonly Format[]): Cutting {
  const named = byName(formats, path);
  return {
    text,
    path,
    formats,
    named,
    pieces: [],
    shells: newShells(),
    commands: [],
    hints: named,
    where: nowhere,
    home: nowhere,
    shownPath: path,
    open: null,
    loose: 0,
    looseProse: false,
    expecting: null,
    trimmed: null,
    delimiter: null,
    gap: false,
    prompts: 0,
    prose: 0,
  };
}

/** What a prompt or a banner says about what follows. */
export function follow(cutting: Cutting, commands: readonly Command[], where: Where): void {
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

export function forgetCommand(cutting: Cutting): void {
  cutting.delimiter = null;
  cutting.commands = [];
  cutting.hints = cutting.named;
  cutting.shownPath = cutting.path;
}

/** A reader that printed nothing: its output is there, and empty. */
export function endExpectation(cutting: Cutting): void {
  const { expecting } = cutting;
  cutting.expecting = null;
  const format = cutting.hints[0];
  if (expecting === null || format === undefined || !mayBeEmpty(format)) return;
  push(cutting, 'output', expecting, expecting, format);
}

/** The open output goes on over the lines since its last one, unless sentences stand between. */
export function extend(cutting: Cutting, open: NonNullable<Cutting['open']>, at: number, next: number): number {
  if (cutting.looseProse) return begin(cutting, open.format, at, next);
  open.end = gulp(cutting, open.format, at) ?? next;
  cutting.loose = open.end;
  return open.end;
}

export function begin(cutting: Cutting, format: Format, at: number, next: number): number {
  const { open, looseProse } = cutting;
  const start = looseProse ? at : (cutting.trimmed ?? at);
  closeOutput(cutting, start);
  if (looseProse) {
    // A sentence may lead over to another machine: what follows it without a prompt is nobody's in particular.
    cutting.where = atLabel(cutting.shells) ?? nowhere;
    forgetCommand(cutting);
  }
  // After another output the same command speaks no longer.
  if (open !== null && open.format !== format && !cutting.hints.includes(format)) forgetCommand(cutting);
  cutting.open = { format, start, end: gulp(cutting, format, at) ?? next };
  cutting.loose = cutting.open.end;
  return cutting.open.end;
}

function gulp(cutting: Cutting, format: Format, at: number): number | null {
  const past = format.run?.(cutting.text, at) ?? at;
  if (past > at) return past;
  const end = format.extent?.(cutting.text, at) ?? null;
  if (end === null || end <= at || isInterrupted(cutting.text, at, end)) return null;
  const rest = cutting.text.indexOf('\n', end - 1);
  // A line feed right behind the end belongs to it; anything else on that line is looked at on its own.
  return rest === end ? end + 1 : end;
}

/** Ends the open output; the lines behind it that nothing claimed become text. */
export function closeOutput(cutting: Cutting, at: number): void {
  const { open } = cutting;
  if (open !== null) {
    push(cutting, 'output', open.start, open.end, open.format);
    cutting.loose = open.end;
  }
  if (cutting.loose < at) push(cutting, 'text', cutting.loose, at, null);
  cutting.open = null;
  cutting.loose = at;
  cutting.looseProse = false;
  cutting.trimmed = null;
}

export function takeBetween(cutting: Cutting, kind: PieceKind, start: number, end: number): void {
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
