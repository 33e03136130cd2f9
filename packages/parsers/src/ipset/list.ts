/** `ipset list`: header fields, then one member a line. ipset(8); output of ipset 6.x and 7.x. */
import type { Facts } from '@coldtrace/core';
import type { Format, LineVerdict, Parsed, Section } from '../format.js';
import { isBlank, type Line } from '../text/lines.js';
import { listsNames, setListed } from './command.js';
import type { Draft } from './draft.js';
import { listExtent } from './list-extent.js';
import { soundField } from './list-fields.js';
import { type Position, takeField } from './list-header.js';
import { mendFields, mendMember } from './list-repair.js';
import { looksLikeMember } from './member-look.js';
import {
  addMember,
  finish,
  finishFailures,
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
import { trimmedEnd, wordIn } from './scan.js';

export const ipsetList: Format = {
  id: 'ipset-list',
  title: 'IP sets (ipset list)',
  commands: [/^(\S*\/)?ipset(\s+-\S+)*\s+(list|-L|--list|-list|l)\b(?!.*\s(-o|--?output)\s)/],
  fileNames: [/^ipset([-_]?list)?(\.txt|\.log|\.out)?$/i, /^ipset[-_]?l(ist)?\b/i],
  line: judgeLine,
  extent: listExtent,
  parse: parseList,
};

function judgeLine(line: string): LineVerdict {
  if (/^Name ?[:：] ?[^ \t]/.test(line)) return 'opens';
  if (/^Type ?[:：] ?(hash|bitmap|list) ?: ?[a-z]/.test(line)) return 'opens';
  if (/^(Revision|Header|Size in memory|References|Number of entries|Members) ?[:：]/.test(line)) return 'continues';
  return looksLikeMember(line) || isBlank(line) || line.startsWith('ipset v') ? 'continues' : null;
}

function parseList(section: Section): Parsed<readonly Facts[]> {
  const reader = newReader(section);
  const position: Position = { draft: null, inMembers: false, ended: false, skipTo: 0 };
  if (listsNames(section)) return readNames(reader);
  for (const line of reader.lines) {
    if (line.start < position.skipTo) modelled(reader, line);
    else if (isBlank(line.text)) position.ended ||= position.inMembers && allSeen(position.draft);
    else takeLine(reader, position, line);
  }
  return finish(reader);
}

/** Names of sets say nothing of what they hold. */
function readNames(reader: Reader): Parsed<readonly Facts[]> {
  for (const line of reader.lines) {
    const name = line.text.trim();
    if (!takeError(reader, line) && name !== '' && name.length < 32 && !name.includes(' ')) inert(reader, line);
  }
  return finishFailures(reader);
}

function takeLine(reader: Reader, position: Position, line: Line): void {
  const { freeForm } = reader.section;
  if (freeForm && mendFields(reader, position, line)) return;
  const field = soundField(line.text);
  if (field !== null) {
    if (!takeField(reader, position, field, line)) return;
    if (field.name === 'Size in memory') inert(reader, line);
    else modelled(reader, line);
    return;
  }
  if (takeError(reader, line)) return;
  if (position.draft === null) openHeadless(reader, position, line);
  if (takeMember(reader, position, line)) return;
  if (freeForm && mendMember(reader, position, line)) return;
  keepLine(reader, position, line);
}

/** `ipset list NAME | tail` leaves members without the header: the command names their set, and nothing its type. */
function openHeadless(reader: Reader, position: Position, line: Line): void {
  const name = reader.drafts.length > 0 || !looksLikeMember(line.text) ? null : setListed(reader.section);
  if (name === null) return;
  position.draft = openDraft(reader, name, line.start, line.end);
  position.inMembers = true;
}

/** Whether no more members are to come, as far as the header tells. */
function allSeen(draft: Draft | null): boolean {
  return draft === null || draft.announced === null || draft.elements.length + draft.unreadable >= draft.announced;
}

/** A member line as ipset prints it. Nearly any text is the name of a set, so a list takes no more than were announced. */
function takeMember(reader: Reader, position: Position, line: Line): boolean {
  const { draft } = position;
  if (draft === null || !position.inMembers) return false;
  const list = draft.typeName === 'list:set';
  if (position.ended && (list || !reader.section.freeForm)) return false;
  if (list && draft.announced !== null && allSeen(draft)) return false;
  const start = wordIn(reader.text, line.start, line.end);
  const member = soundMember(reader, draft, start, trimmedEnd(reader.text, start, line.end));
  if (member === null) return false;
  addMember(reader, draft, member, start);
  position.skipTo = member.end;
  modelled(reader, line);
  return true;
}

/** A line that is no member as it stands: one that cannot be read while more are announced, foreign text otherwise. */
function keepLine(reader: Reader, position: Position, line: Line): void {
  const { draft } = position;
  if (draft === null || !position.inMembers) return;
  if (draft.announced === null ? position.ended || !looksLikeMember(line.text) : allSeen(draft)) return;
  const start = wordIn(reader.text, line.start, line.end);
  keepUnread(reader, draft, start, trimmedEnd(reader.text, start, line.end));
  opaque(reader, line);
}
