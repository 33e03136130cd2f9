/** One file: decoded, cut into outputs, each read by its format, every line accounted for. */
import {
  type Diagnostic,
  type Facts,
  INERT,
  type LineLedger,
  lineAt,
  lineIndex,
  MODELLED,
  type ReadSection,
  type SourceFile,
  UNRECOGNIZED,
} from '@coldtrace/core';
import { type Contribution, thinned } from './assemble/contribution.js';
import { headerTime } from './assemble/times.js';
import { netnsOfPath } from './detect/choose.js';
import { cutFile } from './detect/cut.js';
import type { Cut, Piece } from './detect/piece.js';
import { isDecoration, isProse } from './detect/prose.js';
import { readWhole } from './detect/whole.js';
import type { Format, Parsed, Section } from './format.js';
import { identityOf } from './iptables/dump-identity.js';
import { redactSecrets } from './secrets/index.js';
import { isBlank } from './text/lines.js';
import { addFailure, closeReading, openReading } from './text/reading.js';
import { claimsOf } from './transcript/claims.js';
import { transcriptDiagnostic } from './transcript/codes.js';
import { undress } from './transcript/undress.js';

export interface FileReading {
  readonly contributions: readonly Contribution[];
  /** Sections with the node left open; assembly knows it. */
  readonly sections: readonly (Omit<ReadSection, 'node'> & { readonly piece: Piece })[];
  readonly diagnostics: readonly Diagnostic[];
  readonly ledger: LineLedger;
}

export interface PreparedFile {
  readonly file: SourceFile;
  readonly cut: Cut;
}

/** Takes secrets out, cuts the text, and takes off what pasting put around it when the cut shows that it was pasted. */
export function prepareFile(given: SourceFile, formats: readonly Format[]): PreparedFile {
  const file = { ...given, text: redactSecrets(given.text) };
  const cut = readWhole(file, formats) ?? cutFile(file.text, file.name, formats);
  if (!cut.freeForm && cut.pieces.every((piece) => piece.kind === 'output')) return { file, cut };
  const plain = undress(file, formats);
  if (plain === file) return { file, cut };
  const undressed = { ...file, ...plain, text: redactSecrets(plain.text) };
  return { file: undressed, cut: cutFile(undressed.text, file.name, formats) };
}

export function readFile({ file, cut }: PreparedFile, formats: readonly Format[]): FileReading {
  const ledger = new Uint8Array(lineIndex(file).length).fill(INERT);
  const contributions: Contribution[] = [];
  const sections: (Omit<ReadSection, 'node'> & { readonly piece: Piece })[] = [];
  const diagnostics: Diagnostic[] = [];
  const netns = netnsOfPath(file.name);
  for (const piece of cut.pieces) {
    const span = { file: file.id, start: piece.start, end: piece.end };
    const parsed = readPiece(file, piece, cut.freeForm, formats);
    note(file, ledger, piece, parsed.ledger);
    for (const one of parsed.diagnostics) diagnostics.push(one);
    const takenAt = parsed.value.some((facts) => facts.kind === 'ruleset')
      ? headerTime(file.text.slice(piece.start, piece.start + 200))
      : null;
    const command = piece.command?.typed ?? null;
    const source = { span, format: piece.format?.id ?? piece.kind, command, takenAt };
    for (const facts of parsed.value) {
      contributions.push({
        facts,
        source,
        where: whereOf(piece, netns),
        file: file.id,
        path: file.name,
        freeForm: cut.freeForm,
      });
    }
    if (piece.kind === 'output' || piece.kind === 'text' || piece.kind === 'failure') {
      sections.push({ span, format: piece.format?.id ?? null, command, netns: piece.where.netns, takenAt, piece });
    }
  }
  return { contributions, sections, diagnostics, ledger };
}

/** A folder of a namespace holds its outputs; a prompt knows better. */
function whereOf(piece: Piece, netns: string | null): Piece['where'] {
  const { where } = piece;
  return netns === null || where.netns !== null || where.prompt !== 'none' ? where : { ...where, netns };
}

function readPiece(
  file: SourceFile,
  piece: Piece,
  freeForm: boolean,
  formats: readonly Format[],
): Parsed<readonly Facts[]> {
  const { start, end, format, path } = piece;
  const section: Section = { file, start, end, command: piece.command?.text ?? null, path, freeForm };
  switch (piece.kind) {
    case 'output':
      return format === null ? nothing(section) : readOutput(format, section, piece);
    case 'failure':
      return readFailure(section);
    case 'text':
      return readText(section, freeForm ? formats : []);
    case 'prompt':
    case 'banner':
      return readPrompt(section, piece);
  }
}

function nothing(section: Section): Parsed<readonly Facts[]> {
  return closeReading(openReading(section), []);
}

/** sysctl judges its own filters, since `| grep net` loses nothing that concerns packets. */
const judgesFilters: ReadonlySet<string> = new Set(['sysctl']);

function readOutput(format: Format, section: Section, piece: Piece): Parsed<readonly Facts[]> {
  const parsed = withEmptyRuleset(format, section, format.parse(section));
  const filtered = piece.command?.filtered === true && !judgesFilters.has(format.id);
  return filtered ? { ...parsed, value: parsed.value.map(thinned) } : parsed;
}

/** `iptables-save` prints nothing when the kernel has no table yet: there are no rules, and that is known. */
function withEmptyRuleset(
  format: Format,
  section: Section,
  parsed: Parsed<readonly Facts[]>,
): Parsed<readonly Facts[]> {
  const blank = section.file.text.slice(section.start, Math.min(section.end, section.start + 1000)).trim() === '';
  if (format.id !== 'iptables-save' || parsed.value.length > 0 || !blank || section.end - section.start > 1000)
    return parsed;
  const { family, variant } = identityOf(section);
  if (family === null) return parsed;
  const span = { file: section.file.id, start: section.start, end: section.end };
  const source = { span, format: format.id, command: section.command, takenAt: null };
  const ruleset = { family, variant, tables: [], complete: true, sources: [source] };
  return { ...parsed, value: [{ kind: 'ruleset', ruleset }] };
}

/** Messages of commands that did not deliver: not collected, never empty. */
function readFailure(section: Section): Parsed<readonly Facts[]> {
  const reading = openReading(section);
  for (const line of reading.lines) if (!isBlank(line.text)) addFailure(reading, line, line.text.trim());
  return closeReading(reading, []);
}

/** What stands between outputs: sentences are understood as such and lose nothing; other lines are not understood. */
function readText(section: Section, formats: readonly Format[]): Parsed<readonly Facts[]> {
  const reading = openReading(section);
  const facts: Facts[] = [];
  for (const line of reading.lines) {
    if (isDecoration(line.text) || isProse(line.text)) reading.ledger[line.index] = INERT;
    if (formats.length === 0 || isBlank(line.text)) continue;
    const claims = claimsOf(section, line, formats);
    if (claims.facts.length === 0) continue;
    facts.push(...claims.facts);
    reading.diagnostics.push(...claims.diagnostics);
    reading.ledger[line.index] = MODELLED;
  }
  return closeReading(reading, facts);
}

/** What a prompt line says that is worth saying: a misspelt command. */
function readPrompt(section: Section, piece: Piece): Parsed<readonly Facts[]> {
  const reading = openReading(section);
  const slip = piece.command?.slip ?? null;
  if (slip !== null) {
    const span = { file: section.file.id, start: section.start, end: section.end };
    reading.diagnostics.push(transcriptDiagnostic('command-slip', span, slip));
  }
  return { value: [], diagnostics: reading.diagnostics, ledger: reading.ledger.fill(INERT) };
}

/** States of a piece's lines into the file's. A line that two pieces share has the state that needs more attention. */
function note(file: SourceFile, ledger: LineLedger, piece: Piece, states: LineLedger): void {
  const starts = lineIndex(file);
  const first = lineAt(starts, piece.start);
  const shared = piece.start !== starts[first];
  ledger.set(states.subarray(shared ? 1 : 0, states.length), Math.min(first + (shared ? 1 : 0), ledger.length));
  const state = states[0];
  if (shared && state !== undefined) ledger[first] = graver(ledger[first] ?? INERT, state);
}

function graver(left: number, right: number): number {
  if (left === UNRECOGNIZED || right === UNRECOGNIZED) return UNRECOGNIZED;
  if (left === INERT) return right;
  return right === INERT ? left : Math.max(left, right);
}
