/** Mends `ipset list` output that a paste damaged. Every repair is reported, and rows that rest on it are marked. */
import { setTypeNamed } from '@coldtrace/core';
import { spanOf } from '../format.js';
import type { Line } from '../text/lines.js';
import { ipsetCodes } from './codes.js';
import { type Draft, setOptions, shapeOf } from './draft.js';
import { damagedFields, type Field } from './list-fields.js';
import { type Position, takeField } from './list-header.js';
import { readMember } from './member.js';
import { isOptionName, splitOption } from './options.js';
import { addMember, keepUnread, modelled, opaque, type Reader, soundMember } from './reader.js';
import { blankIn, trimmedEnd, wordIn } from './scan.js';

/** Reads the fields of a line that is not one sound field; false when there is nothing to mend. */
export function mendFields(reader: Reader, position: Position, line: Line): boolean {
  const fields = damagedFields(line.text);
  const [first] = fields;
  if (first === undefined) return false;
  const lead = wordIn(reader.text, line.start, line.start + first.start);
  const leading = lead < line.start + first.start;
  if (leading && !takeLead(reader, position, lead, trimmedEnd(reader.text, lead, line.start + first.start)))
    return false;
  const single = fields.length === 1 && !leading && first.name !== 'Members';
  if (!single && (fields.length > 1 || leading || first.value !== '' || !first.sound))
    reportFields(reader, fields, line);
  let taken = true;
  for (const field of fields) taken = takeMended(reader, position, field, line, single) && taken;
  if (taken) modelled(reader, line);
  return true;
}

/** What stands before the first field of a line can only be the last member of the set before. */
function takeLead(reader: Reader, position: Position, start: number, end: number): boolean {
  const { draft } = position;
  if (draft === null || !position.inMembers) return false;
  const member = soundMember(reader, draft, start, end);
  if (member === null || member.end > end) return false;
  addMember(reader, draft, member, start, 'repaired');
  return true;
}

function reportFields(reader: Reader, fields: readonly Field[], line: Line): void {
  const read = fields.map((field) => `${field.name}: ${field.value}`.trim()).join(' | ');
  const span = spanOf(reader.section, line.start, line.end);
  reader.diagnostics.push(ipsetCodes('repaired-fields', span, { was: line.text.trim(), read }));
}

/** Takes one field, mending its value where it must be; `single` says that the line holds nothing else. */
function takeMended(reader: Reader, position: Position, field: Field, line: Line, single: boolean): boolean {
  const mended = mendValue(field);
  const draft = position.draft;
  const members = field.name === 'Members' ? line.start + field.valueStart : -1;
  const sound = single && field.sound && mended === field.value;
  if (!takeField(reader, position, { ...field, value: members < 0 ? mended : '' }, line)) {
    return false;
  }
  const owner = position.draft ?? draft;
  if (owner === null) return false;
  if (!sound && !(field.name === 'Members' && field.sound && field.value === '' && field.start === 0)) {
    owner.trust = 'repaired';
    if (single) {
      const was = line.text.trim();
      const read = `${field.name}: ${mended}`.trim();
      reader.diagnostics.push(
        ipsetCodes('repaired-field', spanOf(reader.section, line.start, line.end), { was, read }),
      );
    }
  }
  if (members >= 0 && field.value !== '') takeJoined(reader, owner, members, line.start + field.end, line);
  return true;
}

/** `hash: net` is hash:net; null when the blanks are not what keeps it from being a type. */
function typeWithoutBlanks(value: string): string | null {
  const name = value.replace(/\s+/g, '');
  return setTypeNamed(name) === undefined ? null : name;
}

function mendValue(field: Field): string {
  if (field.name === 'Type') return typeWithoutBlanks(field.value) ?? field.value;
  if (field.name !== 'Header') return field.value;
  const words = field.value.split(/\s+/).filter((word) => word !== '');
  const split = words.flatMap((word) => (isOptionName(word) ? [word] : (splitOption(word) ?? [word])));
  return split.join(' ') === words.join(' ') ? field.value : split.join(' ');
}

/** Reads members that stand on one line; false when not one of them can be read. */
function takeJoined(reader: Reader, draft: Draft, start: number, end: number, line: Line): boolean {
  const shape = shapeOf(draft);
  if (shape === null) return false;
  let unread = 0;
  for (let at = wordIn(reader.text, start, end); at < end; ) {
    const member = readMember(reader.text, at, end, shape, draft.options.timeout || null);
    const stop = member === null || member.end > end ? blankIn(reader.text, at, end) : member.end;
    if (member === null || member.end > end) {
      keepUnread(reader, draft, at, stop);
      unread++;
    } else addMember(reader, draft, member, at, 'repaired');
    at = wordIn(reader.text, stop, end);
  }
  if (unread > 0) opaque(reader, line);
  return true;
}

/** Reads a line that is no sound member: several members, the rest of a wrapped header, or a member without `Members:` before it. */
export function mendMember(reader: Reader, position: Position, line: Line): boolean {
  const { draft } = position;
  if (draft === null) return false;
  const start = wordIn(reader.text, line.start, line.end);
  const end = trimmedEnd(reader.text, start, line.end);
  if (position.inMembers) return !position.ended && mendJoined(reader, draft, start, end, line);
  if (mendWrap(reader, draft, line)) return true;
  const member = soundMember(reader, draft, start, end);
  if (member === null || draft.typeName === 'list:set' || draft.announced === 0) return false;
  const span = spanOf(reader.section, start, end);
  reader.diagnostics.push(ipsetCodes('repaired-members', span, { set: draft.name, was: line.text.trim() }));
  draft.trust = 'repaired';
  draft.membersShown = true;
  position.inMembers = true;
  position.skipTo = member.end;
  addMember(reader, draft, member, start, 'repaired');
  modelled(reader, line);
  return true;
}

/** Several members on one line: all of them must be readable, or the line is some other text. */
function mendJoined(reader: Reader, draft: Draft, start: number, end: number, line: Line): boolean {
  const shape = shapeOf(draft);
  if (shape === null || draft.typeName === 'list:set') return false;
  let count = 0;
  for (let at = start; at < end; count++) {
    const member = readMember(reader.text, at, end, shape, null);
    if (member === null || member.end > end) return false;
    at = wordIn(reader.text, member.end, end);
  }
  if (count < 2) return false;
  const span = spanOf(reader.section, start, end);
  const data = { was: line.text.trim(), count, set: draft.name };
  reader.diagnostics.push(ipsetCodes('repaired-joined-members', span, data));
  takeJoined(reader, draft, start, end, line);
  modelled(reader, line);
  return true;
}

function mendWrap(reader: Reader, draft: Draft, line: Line): boolean {
  const words = line.text.split(/\s+/).filter((word) => word !== '');
  if (!words.every((word, at) => isOptionName(word) || isOptionName(words[at - 1] ?? ''))) return false;
  const span = spanOf(reader.section, line.start, line.end);
  if (setOptions(draft, [...draft.options.options.flat(), ...words], span, []) > 0) return false;
  const data = { was: line.text.trim(), set: draft.name };
  reader.diagnostics.push(ipsetCodes('repaired-wrap', span, data));
  draft.trust = 'repaired';
  modelled(reader, line);
  return true;
}
