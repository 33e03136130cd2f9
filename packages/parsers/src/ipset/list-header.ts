/** The header of a set in `ipset list` output, field by field. lib/session.c of ipset. */
import { parseDecimal } from '@coldtrace/core';
import { spanOf } from '../format.js';
import type { Line } from '../text/lines.js';
import { type Draft, setOptions, setType } from './draft.js';
import type { Field } from './list-fields.js';
import { opaque, openDraft, type Reader } from './reader.js';

/** Where the reader is: before any set, in the header of one, or among its members. */
export interface Position {
  draft: Draft | null;
  inMembers: boolean;
  /** A blank line stands behind all members that were announced. */
  ended: boolean;
  /** Lines before this offset belong to a member that is read. */
  skipTo: number;
}

/** Takes a field with a value that ipset could have printed; false leaves the line to nobody. */
export function takeField(reader: Reader, position: Position, field: Field, line: Line): boolean {
  const end = line.start + field.end;
  if (field.name === 'Name') return takeName(reader, position, field, line);
  // A header line among members belongs to a set whose name is lost; it must not change the set before.
  if (position.inMembers) leaveSet(position);
  const { draft } = position;
  if (draft === null) return false;
  if (!setField(reader, draft, field, line)) return false;
  draft.end = end;
  if (field.name === 'Members') {
    draft.membersShown = true;
    position.inMembers = true;
  }
  return true;
}

/** Longest name of a set, in bytes. */
const longestName = 31;

function takeName(reader: Reader, position: Position, field: Field, line: Line): boolean {
  leaveSet(position);
  if (field.value === '' || field.value.length > longestName) return false;
  position.draft = openDraft(reader, field.value, line.start + field.start, line.start + field.end);
  return true;
}

function leaveSet(position: Position): void {
  position.draft = null;
  position.inMembers = false;
  position.ended = false;
}

function setField(reader: Reader, draft: Draft, field: Field, line: Line): boolean {
  const number = () => parseDecimal(field.value, Number.MAX_SAFE_INTEGER);
  switch (field.name) {
    case 'Type':
      if (field.value === '' || /\s/.test(field.value)) return false;
      setType(draft, field.value);
      return true;
    case 'Header': {
      const span = spanOf(reader.section, line.start + field.start, line.start + field.end);
      const words = field.value.split(/\s+/).filter((word) => word !== '');
      const unknown = setOptions(draft, words, span, reader.diagnostics);
      if (unknown > 0) opaque(reader, line);
      return unknown === 0;
    }
    case 'Revision':
      draft.revision = number();
      return draft.revision !== null;
    case 'References':
      draft.references = number();
      return draft.references !== null;
    case 'Number of entries':
      draft.announced = number();
      return draft.announced !== null;
    case 'Size in memory':
      return number() !== null;
    case 'Members':
      return field.value === '';
    case 'Name':
      return false;
  }
}
