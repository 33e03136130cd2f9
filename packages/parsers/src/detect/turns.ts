/** The commands of one prompt's line take turns: each prints, or says nothing, before the next one does. POSIX Shell Command Language, 2.9.3. */
import type { Format } from '../format.js';
import type { Command } from '../transcript/command.js';
import { byCommand, byName } from './choose.js';
import { answersWith, begins, confusable, isBlurred, mayPrint } from './parting.js';
import type { Where } from './piece.js';

export interface Turn {
  readonly command: Command;
  readonly where: Where;
  /** Formats of what it prints. */
  readonly hints: readonly Format[];
  /** What `echo` prints, which marks the place. */
  readonly mark: string | null;
}

export function newTurn(command: Command, where: Where, formats: readonly Format[]): Turn {
  const hints = byCommand(formats, command.bare);
  const said = /^(?:echo|printf)\s+(?:-[ne]+\s+)*(.+)$/.exec(command.bare)?.[1];
  return {
    command,
    where,
    hints: hints.length > 0 || command.path === null ? hints : byName(formats, command.path),
    mark: said === undefined || command.redirected ? null : said.replace(/["']|\\[nt]/g, '').trim() || null,
  };
}

export function hintsOf(turns: readonly Turn[]): readonly Format[] {
  return turns.length === 1 ? (turns[0]?.hints ?? []) : turns.flatMap((turn) => turn.hints);
}

/** What is left of a dump behind a filter reads as rules without their table. */
function prints({ hints, command }: Turn, format: Format): boolean {
  return (
    hints.includes(format) ||
    (format.id === 'iptables-rules' && command.filtered && hints.some(({ id }) => id === 'iptables-save'))
  );
}

/** The turns from the one on that printed such a line; null when none of them did. */
export function turnsFrom(turns: readonly Turn[], format: Format, line: string): readonly Turn[] | null {
  const able = (turn: Turn) => prints(turn, format);
  const at = turns.findIndex((turn) => able(turn) && mayPrint(format.id, turn.command.bare, line));
  const from = at < 0 ? turns.findIndex(able) : at;
  return from < 0 ? null : turns.slice(from);
}

/** The first command whose whole answer the line may be. */
export function answering(
  turns: readonly Turn[],
  line: string,
): { readonly format: Format; readonly at: number } | null {
  for (const [at, { hints, command }] of turns.entries()) {
    const format = hints.find((hint) => answersWith(hint.id, command, line));
    if (format !== undefined) return { format, at };
    // A line that is its own, or may be: listings of names are no matter of lines.
    if (hints.some((hint) => hint.id === 'short-answer' || hint.line(line) === 'opens')) return null;
  }
  return null;
}

/** Whether the line, of the same format as those above it, can only be of a later command than the first. */
export function isNextTurn(turns: readonly Turn[], format: Format, line: string, shown: () => string): boolean {
  const [now, ...later] = turns;
  const next = later.find((turn) => prints(turn, format));
  if (now === undefined || next === undefined) return false;
  if (!mayPrint(format.id, next.command.bare, line)) return false;
  return begins(format.id, now.command.bare, line, shown) || !mayPrint(format.id, now.command.bare, line);
}

/** The first command, as one whose output was filtered where a later one's was and reads as one with it. */
export function blurred(turns: readonly Turn[], format: Format): readonly Turn[] {
  const [now, ...later] = turns;
  if (now === undefined || !later.some((turn) => prints(turn, format) && isBlurred(format.id, now, turn))) return turns;
  return [{ ...now, command: { ...now.command, filtered: true } }, ...later];
}

/** A later command whose output nothing would tell from the first one's; behind a mark nothing is confused. */
export function confusedWith(turns: readonly Turn[], format: Format): Turn | null {
  const [now] = turns;
  for (const turn of turns) {
    if (now === undefined || (turn !== now && turn.mark !== null)) return null;
    if (turn !== now && prints(turn, format) && confusable(format.id, now, turn)) return turn;
  }
  return null;
}

const variable = /\$\{\w+\}|\$\w+|\$\([^)]*\)|`[^`]*`/;

/** `echo TEXT` marks the place: what it prints is known. Index of the turn whose mark the line is, or -1. */
export function markedBy(turns: readonly Turn[], line: string): number {
  const text = line.trim();
  return turns.findIndex(({ mark }) => mark !== null && isSaid(mark, text));
}

/** Variables may be anything. */
function isSaid(words: string, text: string): boolean {
  const [first = '', ...rest] = words.split(variable);
  const last = rest.at(-1);
  if (last === undefined) return words === text;
  return first.length + last.length >= 2 && text.startsWith(first) && text.endsWith(last);
}
