/** One file: cut into outputs, each read by its format, every line accounted for. */
import {
  type Diagnostic,
  type Facts,
  type Family,
  INERT,
  type KeyHalf,
  type LineLedger,
  lineAt,
  lineIndex,
  type Provenance,
  type ReadSection,
  type SourceFile,
  UNRECOGNIZED,
} from '@coldtrace/core';
import type { Contribution } from './assemble/contribution.js';
import { derivedFacts } from './assemble/derived.js';
import { headerTime } from './assemble/times.js';
import { fileShown, keyHalvesOf } from './certificates/index.js';
import { byName, netnsOfPath } from './detect/choose.js';
import { cutFile } from './detect/cut.js';
import type { Cut, Piece, Where } from './detect/piece.js';
import { readWhole } from './detect/whole.js';
import type { Format, Section } from './format.js';
import { configDiagnostics } from './kube-config/index.js';
import { readPiece } from './read-piece.js';
import { redactSecrets } from './secrets/index.js';
import { isBlank } from './text/lines.js';
import { isWrapped } from './transcript/frames.js';
import { mentionedIn } from './transcript/mention.js';
import { nowhere } from './transcript/shells.js';
import { undress } from './transcript/undress.js';

export interface FileReading {
  readonly contributions: readonly Contribution[];
  /** Sections with the node left open, unless a prompt names it; assembly knows it. */
  readonly sections: readonly ReadSection[];
  readonly diagnostics: readonly Diagnostic[];
  readonly ledger: LineLedger;
}

export interface PreparedFile {
  readonly file: SourceFile;
  readonly cut: Cut;
  /** Public halves of the keys that were taken out. */
  readonly keys: readonly KeyHalf[];
  /** Names before its lines said which machine printed them, and were taken off. */
  readonly spoken: boolean;
}

/** Takes secrets out, cuts the text, and takes off what pasting put around it when the cut shows that it was pasted. */
export function prepareFile(given: SourceFile, formats: readonly Format[]): PreparedFile {
  const file = { ...given, text: redactSecrets(given.text) };
  const keys = keyHalvesOf(given.text, given.id);
  const cut = readWhole(file, formats) ?? cutFile(file.text, file.name, formats);
  const unread = cut.pieces.some((piece) => piece.kind === 'text' && isShown(file, piece));
  const fleet = cut.pieces.some((piece) => piece.command?.place.many === true);
  if (!cut.freeForm && !unread && !fleet && !isWrapped(file.text)) return { file, cut, keys, spoken: false };
  const plain = undress(file, formats);
  if (plain === file) return { file, cut, keys, spoken: false };
  const { speakers = [], ...reduced } = plain;
  const undressed = { ...file, ...reduced, text: redactSecrets(plain.text) };
  const starts = speakers.length === 0 ? [] : lineIndex(undressed);
  const spoken = speakers.map(({ line, node }) => ({ at: starts[line] ?? undressed.text.length, node }));
  return {
    ...{ file: undressed, cut: cutFile(undressed.text, file.name, formats, spoken) },
    ...{ keys: [], spoken: spoken.length > 0 },
  };
}

export function readFile({ file, cut, keys }: PreparedFile, formats: readonly Format[], family?: Family): FileReading {
  const ledger = new Uint8Array(lineIndex(file).length).fill(INERT);
  const contributions: Contribution[] = [];
  const sections: ReadSection[] = [];
  const diagnostics: Diagnostic[] = [];
  const netns = netnsOfPath(file.name);
  const hosts = hostsOf(cut);
  const { freeForm } = cut;
  const add = (source: Provenance, where: Where, values: readonly Facts[]) => {
    for (const facts of values) contributions.push({ facts, source, where, file: file.id, path: file.name, freeForm });
  };
  let ledOver: Where | null = null;
  for (const piece of cut.pieces) {
    const { start, end, path } = piece;
    const command = piece.command?.text ?? null;
    const section: Section = {
      ...{ file, start, end, command, path, freeForm: freeForm || isTyped(piece) },
      ...(family === undefined ? {} : { family }),
    };
    const reading = readPiece(section, piece, formats, hosts);
    note(file, ledger, piece, reading.ledger);
    for (const one of reading.diagnostics) diagnostics.push(one);
    const source: Provenance = {
      span: { file: file.id, start, end },
      format: piece.format?.id ?? piece.kind,
      command: piece.command?.typed ?? null,
      takenAt: timeOf(section, reading.value),
      ...(freeForm ? { pasted: true } : {}),
    };
    const said = whereOf(piece, netns, ledOver);
    if (piece.kind === 'text') ledOver = freeForm ? mentionedIn(file.text.slice(start, end).slice(-2000), hosts) : null;
    else if (piece.kind !== 'output') ledOver = null;
    const within = keysWithin(section, keys);
    for (const where of [said, ...others(said)]) {
      // What one span brings is one machine's.
      const own = where === said ? source : { ...source, span: { ...source.span } };
      add(own, where, reading.value);
      add(own, where, derivedFacts(reading.value, file));
      if (within.length > 0) add(own, where, [{ kind: 'keys', rows: within, complete: false }]);
      if (!isShown(file, piece)) continue;
      const { span, command: typed, takenAt } = own;
      sections.push({ span, command: typed, takenAt, format: piece.format?.id ?? null, ...placeOf(where) });
    }
    for (const one of configDiagnostics(reading.value)) diagnostics.push(one);
    for (const claim of reading.claims ?? []) {
      add({ span: claim.span, format: 'claim', command: null, takenAt: null }, claim.where, claim.facts);
    }
  }
  return { contributions, sections, diagnostics, ledger };
}

/** A key's block begins in the piece; its file is the one that the piece shows. */
function keysWithin(section: Section, keys: readonly KeyHalf[]): readonly KeyHalf[] {
  const { start, end } = section;
  const own = keys.filter(({ span }) => start <= span.start && span.start < end);
  return own.length === 0 ? own : own.map((key) => ({ ...key, path: fileShown(section) }));
}

/** The same output on each further machine that printed it. */
function others({ also = [], ...where }: Where): readonly Where[] {
  return also.map((node) => ({ ...where, node }));
}

/** What a section tells of where it was printed. */
function placeOf({ node, netns }: Where): Pick<ReadSection, 'node' | 'netns'> {
  return { node, netns };
}

/** Rules outside the brackets of a dump, without a command or a file name that says which tool printed them: somebody typed them. */
function isTyped({ format, command, path }: Piece): boolean {
  return format?.id === 'iptables-rules' && command === null && byName([format], path).length === 0;
}

/** Machines that prompts and headings name and that printed something; more than a text could be about are none. */
function hostsOf(cut: Cut): readonly string[] {
  const printed = cut.pieces.filter((piece) => piece.kind !== 'text');
  const hosts = [...new Set(printed.map((piece) => piece.where.node))].filter((host) => host !== null);
  return hosts.length > 64 ? [] : hosts;
}

function timeOf(section: Section, values: readonly Facts[]): number | null {
  if (!values.some((facts) => facts.kind === 'ruleset')) return null;
  return headerTime(section.file.text.slice(section.start, Math.min(section.start + 200, section.end)));
}

/** Sections that `inspect` lists: not prompts, and not the blank lines between outputs. */
function isShown(file: SourceFile, piece: Piece): boolean {
  if (piece.kind === 'text') return !isBlank(file.text.slice(piece.start, piece.end).replaceAll('\n', ''));
  return piece.kind === 'output' || piece.kind === 'failure';
}

/** A folder of a namespace holds its outputs; a prompt knows better. A sentence may be about any machine, and lead over to it. */
function whereOf(piece: Piece, netns: string | null, ledOver: Where | null): Where {
  const { where } = piece;
  if (piece.kind === 'text') return nowhere;
  if (where.prompt === 'none' && ledOver !== null) return ledOver;
  return netns === null || where.netns !== null || where.prompt !== 'none' ? where : { ...where, netns };
}

/** States of a piece's lines into the file's. A line that two pieces share has the state that needs more attention. */
function note(file: SourceFile, ledger: LineLedger, piece: Piece, states: LineLedger): void {
  const starts = lineIndex(file);
  const first = lineAt(starts, piece.start);
  const shared = piece.start !== starts[first];
  const from = shared ? 1 : 0;
  if (first + from < ledger.length) ledger.set(states.subarray(from), first + from);
  const state = states[0];
  if (shared && state !== undefined) ledger[first] = graver(ledger[first] ?? INERT, state);
}

function graver(left: number, right: number): number {
  if (left === UNRECOGNIZED || right === UNRECOGNIZED) return UNRECOGNIZED;
  if (left === INERT) return right;
  return right === INERT ? left : Math.max(left, right);
}
