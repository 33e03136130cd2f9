/** The state of cutting a file, and the steps that change it: an output begins, goes on, ends; a command is heard of and forgotten. */
import type { Format } from '../format.js';
import type { Command } from '../transcript/command.js';
import { atLabel, newShells, nowhere, run, type Shells } from '../transcript/shells.js';
import { byName, mayBeEmpty } from './choose.js';
import { fleetNames } from './fleet.js';
import { isInterrupted } from './interruption.js';
import type { Piece, PieceKind, Where } from './piece.js';
import { answering, blurred, confusedWith, hintsOf, newTurn, type Turn, turnsFrom } from './turns.js';

export interface Cutting {
  readonly text: string;
  readonly path: string;
  readonly formats: readonly Format[];
  /** Formats that the file's name suggests. */
  readonly named: readonly Format[];
  readonly pieces: Piece[];
  readonly shells: Shells;
  /** The commands of the last prompt or banner that have not had their turn: the first one's lines are the next. */
  turns: readonly Turn[];
  /** Formats of those commands, or of the file's name. */
  hints: readonly Format[];
  where: Where;
  /** Where the shell of the last prompt is, or the machine of the last heading. */
  home: Where;
  /** The last command was to open a shell elsewhere, and nothing has shown so far that it did. */
  entering: boolean;
  /** Path of the file, or the one that a banner names. */
  shownPath: string;
  /** The output being read, and the command that it is of. */
  open: {
    readonly format: Format;
    readonly start: number;
    end: number;
    readonly turn: Turn | null;
    readonly unlike: Turn | null;
  } | null;
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
  /** What was to run on many machines: each heading of one shows what it printed there. */
  fleet: readonly Command[];
  /** Names of machines that only a comparison tells (`fleetNames`). */
  readonly fleetNames: ReadonlySet<string>;
  /** Where the next machine's lines begin. */
  until: number;
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
    turns: [],
    hints: named,
    where: nowhere,
    home: nowhere,
    entering: false,
    shownPath: path,
    open: null,
    loose: 0,
    looseProse: false,
    expecting: null,
    trimmed: null,
    delimiter: null,
    gap: false,
    fleet: [],
    fleetNames: fleetNames(text, formats),
    until: text.length,
    prompts: 0,
    prose: 0,
  };
}

/** What a prompt or a banner says about what follows. */
export function follow(cutting: Cutting, commands: readonly Command[], where: Where): void {
  const depth = cutting.shells.stack.length;
  cutting.home = where;
  cutting.where = where;
  cutting.turns = commands.map((command) => {
    cutting.where = run(cutting.shells, command, where);
    return newTurn(command, cutting.where, cutting.formats);
  });
  cutting.entering = cutting.shells.stack.length > depth;
  cutting.hints = hintsOf(cutting.turns);
  cutting.fleet = commands.filter((command) => command.place.many === true);
  cutting.delimiter = commands.findLast((command) => command.delimiter !== null)?.delimiter ?? null;
  cutting.shownPath = cutting.path;
}

/** The shell did not open: the message is of the place where it was asked for, and so is what follows. */
export function stayOutside(cutting: Cutting): void {
  const { home } = cutting;
  cutting.entering = false;
  cutting.shells.stack.pop();
  cutting.where = home;
  goOn(
    cutting,
    cutting.turns.map((turn) => ({ ...turn, where: home })),
  );
}

/** The commands before these have had their turn. */
export function goOn(cutting: Cutting, turns: readonly Turn[]): void {
  if (turns === cutting.turns) return;
  cutting.turns = turns;
  cutting.hints = hintsOf(turns);
}

export function forgetCommand(cutting: Cutting): void {
  cutting.delimiter = null;
  cutting.turns = [];
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
  const line = cutting.text.slice(at, next).trimEnd();
  const turns = turnsFrom(cutting.turns, format, line);
  if (turns !== null) goOn(cutting, blurred(turns, format));
  // After another output the same command speaks no longer.
  else if (open !== null && open.format !== format && !cutting.hints.includes(format)) forgetCommand(cutting);
  const [turn] = cutting.turns;
  const unlike = turn === undefined ? null : confusedWith(cutting.turns, format);
  cutting.open = { format, start, end: gulp(cutting, format, at) ?? next, turn: turn ?? null, unlike };
  cutting.loose = cutting.open.end;
  if (cutting.turns.length > 1 && turn !== undefined && answering([turn], line) !== null)
    goOn(cutting, cutting.turns.slice(1));
  return cutting.open.end;
}

function gulp(cutting: Cutting, format: Format, at: number): number | null {
  const past = Math.min(format.run?.(cutting.text, at) ?? at, cutting.until);
  if (past > at) return past;
  const end = format.extent?.(cutting.text, at) ?? null;
  if (end === null || end <= at || end > cutting.until || isInterrupted(cutting.text, at, end)) return null;
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
  const { open, where } = cutting;
  const turn = format === null || open === null ? cutting.turns[0] : open.turn;
  const command = turn?.command ?? null;
  const path = command === null ? cutting.shownPath : (command.path ?? cutting.path);
  const unlike = open?.unlike?.command;
  cutting.pieces.push({
    ...{ kind, start, end, format, command, path },
    where: format === null ? where : (turn?.where ?? where),
    ...(format === null || unlike === undefined ? {} : { unlike }),
  });
}
