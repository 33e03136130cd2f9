/** What the readers of the three forms share: the drafts, the diagnostics, the ledger, and the reading of one member. */
import {
  type Diagnostic,
  type Facts,
  type FailedCapture,
  formatIp,
  INERT,
  type LineLedger,
  MODELLED,
  OPAQUE,
  type Trust,
  UNRECOGNIZED,
} from '@coldtrace/core';
import { type Parsed, type Section, spanOf } from '../format.js';
import { type Line, linesOf, newLedger, unendedLine } from '../text/lines.js';
import { ipsetCodes } from './codes.js';
import { isErrorLine, setListed, speaksForAll } from './command.js';
import { type Draft, finishDraft, newDraft, shapeOf } from './draft.js';
import { type Member, readMember, toElement } from './member.js';
import { blankIn, trimmedEnd } from './scan.js';

export interface Reader {
  readonly section: Section;
  readonly text: string;
  readonly lines: readonly Line[];
  readonly ledger: LineLedger;
  readonly diagnostics: Diagnostic[];
  readonly drafts: Draft[];
  readonly failures: FailedCapture[];
}

export function newReader(section: Section): Reader {
  const lines = linesOf(section);
  return {
    section,
    text: section.file.text,
    lines,
    ledger: newLedger(lines),
    diagnostics: [],
    drafts: [],
    failures: [],
  };
}

export function openDraft(reader: Reader, name: string, start: number, end: number): Draft {
  const draft = newDraft(name, start, end);
  reader.drafts.push(draft);
  return draft;
}

/** Reads the member in [start, end) when nothing else stands there; null leaves everything as it was. */
export function soundMember(reader: Reader, draft: Draft, start: number, end: number): Member | null {
  const shape = shapeOf(draft);
  const member = shape === null ? null : readMember(reader.text, start, end, shape, draft.options.timeout || null);
  return member !== null && endsLine(reader, member.end, end) ? member : null;
}

function endsLine(reader: Reader, memberEnd: number, end: number): boolean {
  if (memberEnd <= end) return memberEnd === end;
  const { text } = reader;
  if (memberEnd > reader.section.end) return false;
  const feed = text.indexOf('\n', memberEnd);
  const lineEnd = feed < 0 ? text.length : feed;
  return trimmedEnd(text, memberEnd, lineEnd) === memberEnd;
}

export function addMember(
  reader: Reader,
  draft: Draft,
  member: Member,
  start: number,
  trust: Trust = 'captured',
): void {
  const worst = draft.trust === 'captured' ? trust : draft.trust;
  draft.elements.push(toElement(member, spanOf(reader.section, start, member.end), worst));
  draft.end = Math.max(draft.end, member.end);
}

/** Keeps a member that cannot be read: the set may hold it, so what the set does not hold is open. */
export function keepUnread(reader: Reader, draft: Draft, start: number, end: number): void {
  const member = reader.text.slice(start, blankIn(reader.text, start, end));
  const span = spanOf(reader.section, start, end);
  if (draft.type !== null) {
    const code = isName(member) && draft.type.dimensions[0] !== 'set' ? 'resolved-name' : 'unreadable-member';
    const data = { member, set: draft.name, type: draft.type.name };
    reader.diagnostics.push(ipsetCodes(code, span, data));
  }
  draft.unreadable++;
  draft.end = Math.max(draft.end, end);
}

/** A host name in the place of an address, perhaps with further parts after a comma. */
function isName(member: string): boolean {
  return /^[a-z][a-z0-9-]*(\.[a-z0-9-]+)*(,|$)/i.test(member.slice(0, 300));
}

/** Takes a line that tells why there is no dump; a warning (of another protocol version) keeps nothing back. */
export function takeError(reader: Reader, line: Line): boolean {
  if (line.text.startsWith('Warning: ')) {
    inert(reader, line);
    return true;
  }
  if (!isErrorLine(line.text)) return false;
  const span = spanOf(reader.section, line.start, line.end);
  const message = line.text.trim();
  reader.failures.push({ span, message });
  reader.diagnostics.push(ipsetCodes('tool-error', span, { message }));
  reader.ledger[line.index] = MODELLED;
  return true;
}

export function modelled(reader: Reader, line: Line): void {
  reader.ledger[line.index] = MODELLED;
}

export function opaque(reader: Reader, line: Line): void {
  reader.ledger[line.index] = OPAQUE;
}

export function inert(reader: Reader, line: Line): void {
  reader.ledger[line.index] = INERT;
}

export function finish(reader: Reader): Parsed<readonly Facts[]> {
  const { section, drafts, failures } = reader;
  const last = drafts.at(-1);
  const cut = last !== undefined && dropCutMember(reader, last);
  for (const draft of drafts) reportGaps(reader, draft);
  const rows = drafts.map((draft) => finishDraft(draft, spanOf(section, draft.start, draft.end)));
  const value: Facts[] = [];
  if (rows.length > 0 || failures.length === 0) {
    // Where the last set has fewer members than it announces, the dump ends early, and sets may be missing too.
    const terse = drafts.every((draft) => !draft.membersShown);
    const held = last === undefined ? 0 : last.elements.length + last.unreadable;
    const ends = !cut && (terse || last?.announced == null || held >= last.announced);
    const understood = !reader.ledger.includes(UNRECOGNIZED);
    value.push({
      kind: 'ipsets',
      rows,
      complete: failures.length === 0 && ends && understood && speaksForAll(section),
    });
  }
  const rest = finishFailures(reader);
  return { ...rest, value: [...value, ...rest.value] };
}

/** What there is besides sets. */
export function finishFailures({ failures, diagnostics, ledger }: Reader): Parsed<readonly Facts[]> {
  const value: readonly Facts[] = failures.length > 0 ? [{ kind: 'failures', rows: failures, complete: true }] : [];
  return { value, diagnostics, ledger };
}

/** The last member of a text that no line feed ends, when more are announced or ipset prints it otherwise: the text breaks off in it. */
function dropCutMember(reader: Reader, draft: Draft): boolean {
  const { section, lines } = reader;
  const line = unendedLine(section, lines);
  const member = draft.elements.at(-1);
  if (line === null || member === undefined || member.span.end < trimmedEnd(reader.text, line.start, line.end))
    return false;
  const short = draft.announced !== null && draft.elements.length + draft.unreadable < draft.announced;
  const other = member.parts.some(
    (part) =>
      part.kind === 'net' && !reader.text.slice(member.span.start, member.span.end).includes(formatIp(part.prefix.ip)),
  );
  if (!short && !other) return false;
  draft.elements.pop();
  keepUnread(reader, draft, member.span.start, member.span.end);
  opaque(reader, line);
  return true;
}

function reportGaps(reader: Reader, draft: Draft): void {
  const { announced, name } = draft;
  const found = draft.elements.length;
  const span = spanOf(reader.section, draft.start, draft.end);
  if (draft.type === null) {
    const known = draft.typeName !== null;
    const code = known ? 'unknown-type' : setListed(reader.section) === draft.name ? 'no-header' : 'no-create';
    reader.diagnostics.push(ipsetCodes(code, span, { set: name, type: draft.typeName ?? '' }));
  } else if (!draft.membersShown && announced !== 0 && found === 0) {
    reader.diagnostics.push(ipsetCodes('members-not-shown', span, { set: name }));
  } else if (announced !== null && found + draft.unreadable < announced) {
    reader.diagnostics.push(ipsetCodes('missing-members', span, { set: name, announced, found }));
  }
}
