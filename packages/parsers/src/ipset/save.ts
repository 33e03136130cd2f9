/** `ipset save` and what `ipset restore` reads: one command a line. ipset(8). */
import { type Facts, type SetPart, setTypeNamed } from '@coldtrace/core';
import type { Format, LineVerdict, Parsed, Section } from '../format.js';
import { spanOf } from '../format.js';
import { isBlank, type Line } from '../text/lines.js';
import { ipsetCodes } from './codes.js';
import { type Draft, setOptions, setType } from './draft.js';
import { looksLikeMember } from './member-look.js';
import {
  addMember,
  finish,
  inert,
  keepUnread,
  modelled,
  newReader,
  opaque,
  openDraft,
  type Reader,
  soundMember,
  takeError,
} from './reader.js';
import { dropRepeated, removeAll, removeElement, renameSet, swapSets } from './replay.js';
import { type Command, commandOf } from './save-command.js';
import { blankIn, hasAt, trimmedEnd, wordIn } from './scan.js';

export const ipsetSave: Format = {
  id: 'ipset-save',
  title: 'IP sets (ipset save)',
  commands: [
    /^(\S*\/)?ipset(\s+-\S+)*\s+(save|-S|--save|-save|restore|-R|create|-N|n|add|-A)\b(?!.*\s(-o|--?output)\s)/,
    /^(\S*\/)?ipset\b.*\s(-o|--?output)\s+save\b/,
  ],
  fileNames: [/^ipset[-_]?save\b/i, /^ipset[-_.]rules\b/i, /^ipset\.(conf|save)$/i, /^rules\.ipset$/i],
  line: judgeLine,
  parse: parseSave,
};

function judgeLine(line: string): LineVerdict {
  const command = commandOf(line, 0, line.length);
  if (command === null) return isBlank(line) || line.startsWith('ipset v') ? 'continues' : null;
  if (command.typed) return 'opens';
  // `-A`, `-N` and the like are more often commands of iptables; ipset 4 wrote them into its dumps.
  if (line.startsWith('-') && command.verb !== 'create') return null;
  if (command.verb === 'create') return typeAt(line, command.rest, line.length) === null ? null : 'opens';
  if (command.verb !== 'add') return 'continues';
  const member = wordIn(line, blankIn(line, command.rest, line.length), line.length);
  return member < line.length && looksLikeMember(line.slice(member)) ? 'opens' : 'continues';
}

interface Sets {
  readonly byName: Map<string, Draft>;
  last: Draft | null;
  skipTo: number;
}

function parseSave(section: Section): Parsed<readonly Facts[]> {
  const reader = newReader(section);
  const sets: Sets = { byName: new Map(), last: null, skipTo: 0 };
  takeCommandLine(reader, sets);
  for (const line of reader.lines) {
    if (line.start < sets.skipTo) modelled(reader, line);
    else if (!isBlank(line.text)) takeLine(reader, sets, line);
  }
  if (/ (?:-exist|-!|--exist)\b/.test(section.command ?? '') || mentionsExist(reader))
    for (const draft of reader.drafts) dropRepeated(draft);
  return finish(reader);
}

/** Only then may a text add a member twice. */
function mentionsExist({ text, section: { start, end } }: Reader): boolean {
  return ['-exist', '-!'].some((option) => {
    const at = text.indexOf(option, start);
    return at >= 0 && at < end;
  });
}

/** A typed command prints nothing: what it says stands in the line above the section, whose ledger is not ours. */
function takeCommandLine(reader: Reader, sets: Sets): void {
  const { text, section } = reader;
  if (section.command === null || section.start === 0) return;
  const end = section.start - 1;
  const lineStart = text.lastIndexOf('\n', end - 1) + 1;
  const at = text.slice(lineStart, end).indexOf(section.command);
  if (at < 0 || !section.command.includes('ipset')) return;
  const start = lineStart + at;
  takeLine(reader, sets, { index: -1, text: text.slice(start, end), start, end });
}

function takeLine(reader: Reader, sets: Sets, line: Line): void {
  if (takeError(reader, line)) return;
  const end = trimmedEnd(reader.text, line.start, line.end);
  const command = commandOf(reader.text, line.start, end);
  if (command === null) {
    if (line.text.trimStart().startsWith('#') || line.text.trim() === 'COMMIT') inert(reader, line);
    return;
  }
  if (command.verb === 'create') takeCreate(reader, sets, line, command, end);
  else if (command.verb === 'add') takeAdd(reader, sets, line, command, end);
  else if (command.verb === 'flush' || command.verb === 'destroy') takeEmptying(reader, sets, line, command, end);
  else if (replay(reader, sets, command, end)) modelled(reader, line);
  else takeOther(reader, line, command, end);
}

/** `del`, `swap` and `rename` of sets that the text creates; false when what they do cannot be told. */
function replay(reader: Reader, sets: Sets, command: Command, end: number): boolean {
  const { text } = reader;
  if (command.verb === 'del') {
    const draft = knownOwner(sets, text, command, end);
    const start = draft === undefined ? end : wordIn(text, command.rest + draft.name.length, end);
    const member = draft === undefined || start === end ? null : soundMember(reader, draft, start, end);
    if (draft === undefined || member === null) return false;
    return removeElement(draft, member) || (isLenient(reader, command, end) && !mayHold(draft));
  }
  const [first = '', second = '', more] = text.slice(command.rest, end).split(/\s+/);
  const draft = sets.byName.get(first);
  if (draft === undefined || second === '' || more !== undefined) return false;
  sets.last = null;
  if (command.verb === 'rename') return renameSet(sets.byName, draft, second);
  const other = sets.byName.get(second);
  if (other === undefined || other.type !== draft.type || other.options.family !== draft.options.family) return false;
  swapSets(sets.byName, draft, other);
  return true;
}

/** With `-exist` or `-!`, on the line or for all of them, what is not there is no error. */
function isLenient({ text, section }: Reader, command: Command, end: number): boolean {
  const line = text.slice(Math.max(section.start, command.start - 40), Math.min(end, command.start + 400));
  return /\s(?:-exist|-!|--exist)(?:\s|$)/.test(` ${section.command ?? ''} ${line}`);
}

/** Whether the set may hold what it does not show: unread members, ranges that stand for many. */
function mayHold(draft: Draft): boolean {
  return draft.unreadable > 0 || draft.open || draft.elements.some(({ parts }) => parts.some(isMany));
}

function isMany(part: SetPart): boolean {
  return part.kind === 'range' || part.kind === 'net' || (part.kind === 'port' && part.ports.first !== part.ports.last);
}

function knownOwner(sets: Sets, text: string, command: Command, end: number): Draft | undefined {
  if (sets.last !== null && hasAt(text, `${sets.last.name} `, command.rest, end)) return sets.last;
  return sets.byName.get(text.slice(command.rest, blankIn(text, command.rest, end)));
}

/** Where the type stands: a name may hold blanks, so the first word after the first that names a type tells. */
function typeAt(text: string, start: number, end: number): readonly [start: number, end: number] | null {
  for (let at = wordIn(text, blankIn(text, start, end), end); at < end && at - start < 64; ) {
    const wordEnd = blankIn(text, at, end);
    if (wordEnd - at < 24 && setTypeNamed(text.slice(at, wordEnd)) !== undefined) return [at, wordEnd];
    at = wordIn(text, wordEnd, end);
  }
  return null;
}

function takeCreate(reader: Reader, sets: Sets, line: Line, command: Command, end: number): void {
  const { text, section } = reader;
  const found = typeAt(text, command.rest, end);
  const nameEnd = found === null ? blankIn(text, command.rest, end) : trimmedEnd(text, command.rest, found[0]);
  const name = text.slice(command.rest, nameEnd);
  if (name === '') return;
  const known = sets.byName.get(name);
  if (known?.type) {
    // `create -exist` of a set that is there already changes nothing.
    modelled(reader, line);
    sets.last = known;
    return;
  }
  const draft = openDraft(reader, name, command.start, end);
  const typeStart = found?.[0] ?? wordIn(text, nameEnd, end);
  const typeEnd = found?.[1] ?? blankIn(text, typeStart, end);
  setType(draft, text.slice(typeStart, typeEnd));
  draft.membersShown = true;
  if (command.typed) draft.trust = 'claimed';
  sets.byName.set(name, draft);
  sets.last = draft;
  const words = text.slice(typeEnd, end).split(/\s+/);
  const unknown = setOptions(draft, words.filter(isPart), spanOf(section, command.start, end), reader.diagnostics);
  if (unknown > 0 || draft.type === null) opaque(reader, line);
  else modelled(reader, line);
}

/** `-exist` and `-!` are about the command and no part of the set. */
function isPart(word: string): boolean {
  return word !== '' && word !== '-exist' && word !== '-!';
}

function takeAdd(reader: Reader, sets: Sets, line: Line, command: Command, end: number): void {
  const { text } = reader;
  const draft = ownerOf(reader, sets, command, end);
  if (draft === null) return;
  const start = wordIn(text, command.rest + draft.name.length, end);
  if (start === end) return;
  const member = soundMember(reader, draft, start, end);
  if (member === null) {
    keepUnread(reader, draft, start, end);
    opaque(reader, line);
    return;
  }
  addMember(reader, draft, member, start, command.typed ? 'claimed' : 'captured');
  const { before, after } = member.attributes;
  if (before !== null || after !== null) placeLast(draft, before ?? after ?? '', before === null ? 1 : 0);
  sets.skipTo = member.end;
  modelled(reader, line);
}

/** The set that `add` names: the one just created, whose name may hold blanks, or another by its first word. */
function ownerOf(reader: Reader, sets: Sets, command: Command, end: number): Draft | null {
  const { text } = reader;
  const { last } = sets;
  if (last !== null && hasAt(text, `${last.name} `, command.rest, end)) return last;
  const name = text.slice(command.rest, blankIn(text, command.rest, end));
  if (name === '') return null;
  const known = sets.byName.get(name);
  if (known !== undefined) return known;
  const draft = openDraft(reader, name, command.start, end);
  sets.byName.set(name, draft);
  sets.last = draft;
  return draft;
}

/** No list that is in use comes near; beyond it, the place of a member is left open rather than sought for ever. */
const longestList = 1000;

/** Moves the member added last to where `before` or `after` puts it in a list:set. */
function placeLast(draft: Draft, neighbour: string, offset: 0 | 1): void {
  const { elements } = draft;
  if (elements.length > longestList) {
    draft.open = true;
    return;
  }
  const at = elements.findIndex(({ parts: [part] }) => part?.kind === 'set' && part.name === neighbour);
  const moved = elements.pop();
  if (moved === undefined) return;
  if (at < 0) elements.push(moved);
  else elements.splice(at + offset, 0, moved);
}

/** `flush` and `destroy` empty a set, or all of them. */
function takeEmptying(reader: Reader, sets: Sets, line: Line, command: Command, end: number): void {
  const name = reader.text.slice(command.rest, end);
  const named = reader.drafts.filter((draft) => name === '' || draft.name === name);
  for (const draft of named) {
    removeAll(draft);
    if (command.verb === 'destroy') {
      sets.byName.delete(draft.name);
      reader.drafts.splice(reader.drafts.indexOf(draft), 1);
    }
  }
  if (command.verb === 'destroy') sets.last = null;
  modelled(reader, line);
}

/** What cannot be replayed leaves open what the sets that it names hold. */
function takeOther(reader: Reader, line: Line, command: Command, end: number): void {
  const text = reader.text.slice(command.start, end);
  const words = new Set(text.split(/\s+/));
  for (const draft of reader.drafts) if (words.has(draft.name)) draft.open = true;
  reader.diagnostics.push(
    ipsetCodes('unreplayed-command', spanOf(reader.section, command.start, end), { command: text }),
  );
  opaque(reader, line);
}
