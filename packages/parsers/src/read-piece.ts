/** One stretch of a file by the parser that it is for; what no parser reads is sorted into sentences, messages and the rest. */
import { countLines, type Facts, INERT, type LineLedger, MODELLED, type Span } from '@coldtrace/core';
import { thinned } from './assemble/contribution.js';
import type { Piece, Where } from './detect/piece.js';
import { isDecoration, isProse } from './detect/prose.js';
import { isRefusal } from './detect/refusal.js';
import type { Format, Parsed, Section } from './format.js';
import { identityOf } from './iptables/dump-identity.js';
import { parseGuarded } from './parse-guarded.js';
import { isFolded } from './text/folded.js';
import { isBlank, lineSpan } from './text/lines.js';
import { addFailure, claim, closeReading, openReading, takeFailure } from './text/reading.js';
import { claimsOf } from './transcript/claims.js';
import { transcriptDiagnostic } from './transcript/codes.js';
import type { Command } from './transcript/command.js';
import { isElision, mayBeTrimmed, withoutElisions } from './transcript/elision.js';
import { mentionedIn } from './transcript/mention.js';
import { nowhere } from './transcript/shells.js';

/** Facts that a sentence states, by the line that states them. */
export interface Claim {
  readonly span: Span;
  readonly where: Where;
  readonly facts: readonly Facts[];
}

export interface PieceReading extends Parsed<readonly Facts[]> {
  readonly claims?: readonly Claim[];
}

/** `hosts`: machines that prompts of the same file name; a sentence that mentions one of them is about it. */
export function readPiece(
  section: Section,
  piece: Piece,
  formats: readonly Format[],
  hosts: readonly string[],
): PieceReading {
  switch (piece.kind) {
    case 'output':
      if (piece.format === null) return nothing(section);
      return piece.unlike === undefined
        ? readOutput(piece.format, section, piece)
        : unparted(section, piece, piece.unlike);
    case 'failure':
      return readFailure(section);
    case 'text':
      return readText(section, section.freeForm ? formats : [], hosts);
    case 'prompt':
    case 'banner':
      return readPrompt(section, piece);
  }
}

function nothing(section: Section): PieceReading {
  return closeReading(openReading(section), []);
}

/** Two commands on one line whose outputs look alike: what is the first one's cannot be known. */
function unparted(section: Section, { start, end, command }: Piece, other: Command): PieceReading {
  const [first, second] = [command?.typed ?? '', other.typed];
  const said = transcriptDiagnostic('not-parted', { file: section.file.id, start, end }, { first, second });
  const read = nothing(section);
  return { ...read, diagnostics: [...read.diagnostics, said] };
}

/** sysctl judges its own filters, since `| grep net` loses nothing that concerns packets. */
const judgesFilters: ReadonlySet<string> = new Set(['sysctl']);

function readOutput(format: Format, section: Section, piece: Piece): PieceReading {
  const { section: whole, left } = mayBeTrimmed(format) ? withoutElisions(section) : { section, left: [] };
  const parsed = withEmptyRuleset(format, whole, parseOnce(format, whole));
  const filtered = piece.command?.filtered === true && !judgesFilters.has(format.id);
  if (!filtered && left.length === 0) return parsed;
  const said = left.map((span) => {
    const text = section.file.text.slice(span.start, span.end).trim();
    return transcriptDiagnostic('lines-left-out', span, { text });
  });
  return {
    ...parsed,
    value: parsed.value.map((facts) => thinned(facts, filtered ? null : left)),
    diagnostics: [...parsed.diagnostics, ...said],
  };
}

/**
 * A dump with its brackets that came through a paste unharmed is canonical: it is read as damaged only where that makes more of it. So is a file
 * whose lines a terminal folded.
 */
function parseOnce(format: Format, section: Section): PieceReading {
  if (format.id !== 'iptables-save' && section.freeForm) return parseGuarded(format, section);
  const strict = parseGuarded(format, { ...section, freeForm: false });
  if (openLines(strict.ledger) === 0) return strict;
  if (!section.freeForm && !isFolded(section, strict.ledger)) return strict;
  const mended = parseGuarded(format, { ...section, freeForm: true });
  return openLines(mended.ledger) < openLines(strict.ledger) ? mended : strict;
}

function openLines(ledger: LineLedger): number {
  const counts = countLines(ledger);
  return counts.unrecognized + counts.opaque;
}

/** `iptables-save` prints nothing when the kernel has no table yet: there are no rules, and that is known. */
function withEmptyRuleset(format: Format, section: Section, parsed: PieceReading): PieceReading {
  const { file, start, end } = section;
  if (format.id !== 'iptables-save' || parsed.value.length > 0 || end - start > 1000) return parsed;
  const text = file.text.slice(start, end);
  const { family, variant: named } = identityOf(section);
  if (family === null || !saysNothing(text)) return parsed;
  // Only the nft variant warns of the other.
  const variant = named ?? (text.includes('legacy tables present') ? 'nft' : null);
  const source = { span: { file: file.id, start, end }, format: format.id, command: section.command, takenAt: null };
  const ruleset = { family, variant, tables: [], complete: true, sources: [source] };
  return { ...parsed, value: [{ kind: 'ruleset', ruleset }] };
}

/** Blank but for the warning that the other variant has tables, which comes with an empty dump too. */
function saysNothing(text: string): boolean {
  return text.split('\n').every((line) => isBlank(line) || line.startsWith('# Warning: '));
}

/** Messages of commands that did not deliver: not collected, never empty. The usage below a refused call is one message with it. */
function readFailure(section: Section): PieceReading {
  const reading = openReading(section);
  const said = reading.lines.filter((line) => !isBlank(line.text));
  const refused = said[0] !== undefined && isRefusal(said[0].text);
  for (const [at, line] of said.entries()) {
    if (refused && at > 0) claim(reading, line, 'inert');
    else addFailure(reading, line, line.text.trim());
  }
  return closeReading(reading, []);
}

/**
 * What stands between outputs. Sentences and separators are inert: understood as such, and nothing is lost. A line that holds a
 * claim is modelled. Anything else is not understood, and says so.
 */
function readText(section: Section, formats: readonly Format[], hosts: readonly string[]): PieceReading {
  const reading = openReading(section);
  const found: Claim[] = [];
  for (const line of reading.lines) {
    if (takeFailure(reading, line)) continue;
    if (isDecoration(line.text) || isElision(line.text) || isProse(line.text)) reading.ledger[line.index] = INERT;
    if (formats.length === 0 || isBlank(line.text)) continue;
    const { facts, diagnostics } = claimsOf(section, line, formats);
    if (facts.length === 0) continue;
    found.push({ span: lineSpan(section, line), where: mentionedIn(line.text, hosts) ?? nowhere, facts });
    reading.diagnostics.push(...diagnostics);
    reading.ledger[line.index] = MODELLED;
  }
  return { ...closeReading(reading, []), claims: found };
}

/** What a prompt line says that is worth saying: a misspelt command. */
function readPrompt(section: Section, piece: Piece): PieceReading {
  const reading = openReading(section);
  const slip = piece.kind === 'prompt' ? (piece.command?.slip ?? null) : null;
  if (slip !== null) {
    const span = { file: section.file.id, start: section.start, end: section.end };
    reading.diagnostics.push(transcriptDiagnostic('command-slip', span, slip));
  }
  return { value: [], diagnostics: reading.diagnostics, ledger: reading.ledger.fill(INERT) };
}
