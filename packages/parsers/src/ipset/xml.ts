/** `ipset list -o xml`. The tool escapes nothing, so the text is read by its tags and not as XML proper. lib/session.c of ipset. */
import { type Facts, INERT, MODELLED, OPAQUE, parseDecimal } from '@coldtrace/core';
import type { Format, LineVerdict, Parsed, Section } from '../format.js';
import { spanOf } from '../format.js';
import { isBlank } from '../text/lines.js';
import { ipsetCodes } from './codes.js';
import { type Draft, setOptions, setType, shapeOf } from './draft.js';
import { readElement } from './element.js';
import { type Attributes, noAttributes, readFlag, readValue } from './member.js';
import { addMember, finish, keepUnread, newReader, openDraft, type Reader } from './reader.js';
import { nextTag, type Tag } from './xml-tags.js';

export const ipsetXml: Format = {
  id: 'ipset-xml',
  title: 'IP sets (ipset list -o xml)',
  commands: [/^(\S*\/)?ipset\b.*\s(-o|--?output)\s+xml\b/],
  fileNames: [/^ipset.*\.xml$/i],
  line: judgeLine,
  extent: (text, start) => {
    const end = text.startsWith('<ipsets>', start) ? text.indexOf('</ipsets>', start) : -1;
    if (end < 0) return null;
    const feed = text.indexOf('\n', end);
    return feed < 0 ? text.length : feed + 1;
  },
  parse: parseXml,
};

const inside = /^<\/?(ipsets?|type|revision|header|family|range|size|memsize|references|numentries|members?|elem)[ >/]/;

function judgeLine(line: string): LineVerdict {
  const text = line.trimStart();
  if (text.startsWith('<ipsets>') || text.startsWith('<ipset name="')) return 'opens';
  return inside.test(text) || isBlank(line) ? 'continues' : null;
}

interface Open {
  draft: Draft | null;
  header: string[] | null;
  headerStart: number;
  member: OpenMember | null;
  /** Line that the ledger has come to. */
  line: number;
}

interface OpenMember {
  readonly start: number;
  readonly attributes: Attributes;
  elem: readonly [start: number, end: number] | null;
  sound: boolean;
}

function parseXml(section: Section): Parsed<readonly Facts[]> {
  const reader = newReader(section);
  const open: Open = { draft: null, header: null, headerStart: 0, member: null, line: 0 };
  for (let tag = nextTag(reader.text, section.start, section.end); tag !== null; ) {
    claim(reader, open, tag.start, tag.end, takeTag(reader, open, tag));
    tag = nextTag(reader.text, tag.end, section.end);
  }
  if (open.draft !== null) cutOff(reader, open.draft);
  return finish(reader);
}

function cutOff(reader: Reader, draft: Draft): void {
  draft.open = true;
  const span = spanOf(reader.section, draft.start, draft.end);
  reader.diagnostics.push(ipsetCodes('unfinished-xml', span, { set: draft.name }));
}

/** Gives the lines of a tag their state; an opaque line stays so, and null leaves them to nobody. */
function claim(reader: Reader, open: Open, start: number, end: number, state: number | null): void {
  const { lines, ledger } = reader;
  while (open.line < lines.length && (lines[open.line]?.end ?? 0) < start) open.line++;
  if (state === null) return;
  for (let at = open.line; at < lines.length && (lines[at]?.start ?? 0) < end; at++) {
    const now = ledger[at] ?? 0;
    if (now !== OPAQUE && (now !== MODELLED || state === OPAQUE)) ledger[at] = state;
  }
}

function takeTag(reader: Reader, open: Open, tag: Tag): number | null {
  if (tag.name === 'ipsets' || tag.name.startsWith('?')) return INERT;
  if (tag.name === 'ipset') return takeSet(reader, open, tag);
  const { draft } = open;
  if (draft === null) return null;
  draft.end = Math.max(draft.end, tag.end);
  if (tag.name === 'member') return takeMember(reader, open, draft, tag);
  if (open.member !== null) return takeAttribute(reader, open.member, tag);
  if (tag.name === 'header') return takeHeader(reader, open, draft, tag);
  return takeField(reader, open, draft, tag);
}

function takeSet(reader: Reader, open: Open, tag: Tag): number {
  if (open.draft !== null && !tag.closing) cutOff(reader, open.draft);
  open.draft = tag.closing
    ? null
    : openDraft(reader, reader.text.slice(tag.textStart, tag.textEnd), tag.start, tag.end);
  open.header = null;
  open.member = null;
  return MODELLED;
}

function takeHeader(reader: Reader, open: Open, draft: Draft, tag: Tag): number {
  if (!tag.closing) {
    open.header = [];
    open.headerStart = tag.start;
    return MODELLED;
  }
  const span = spanOf(reader.section, open.headerStart, tag.end);
  const unknown = setOptions(draft, open.header ?? [], span, reader.diagnostics);
  open.header = null;
  return unknown > 0 ? OPAQUE : MODELLED;
}

function takeField(reader: Reader, open: Open, draft: Draft, tag: Tag): number | null {
  const value = reader.text.slice(tag.textStart, tag.textEnd);
  const number = () => parseDecimal(value, Number.MAX_SAFE_INTEGER);
  switch (tag.name) {
    case 'type':
      setType(draft, value);
      return MODELLED;
    case 'revision':
      draft.revision = number();
      return draft.revision === null ? null : MODELLED;
    case 'references':
      draft.references = number();
      return draft.references === null ? null : MODELLED;
    case 'numentries':
      draft.announced = number();
      return draft.announced === null ? null : MODELLED;
    case 'memsize':
      return INERT;
    case 'members':
      draft.membersShown = true;
      return MODELLED;
  }
  if (open.header === null || tag.closing) return null;
  open.header.push(...(tag.empty ? [tag.name] : [tag.name, value]));
  return MODELLED;
}

function takeAttribute(reader: Reader, member: OpenMember, tag: Tag): number {
  const { text } = reader;
  if (tag.name === 'elem') member.elem = [tag.textStart, tag.textEnd];
  else if (tag.name === 'comment') member.attributes.comment = unquoted(text.slice(tag.textStart, tag.textEnd));
  else if (!readFlag(tag.name, member.attributes)) {
    member.sound &&= readValue(tag.name, text, tag.textStart, tag.textEnd, member.attributes);
  }
  return MODELLED;
}

function unquoted(text: string): string {
  return text.startsWith('"') && text.endsWith('"') && text.length > 1 ? text.slice(1, -1) : text;
}

function takeMember(reader: Reader, open: Open, draft: Draft, tag: Tag): number {
  if (!tag.closing) {
    const attributes = noAttributes(draft.options.timeout || null);
    open.member = { start: tag.start, attributes, elem: null, sound: true };
    return MODELLED;
  }
  const { member } = open;
  open.member = null;
  if (member === null || member.elem === null) return OPAQUE;
  const shape = shapeOf(draft);
  const [start, end] = member.elem;
  const parts = shape === null || !member.sound ? null : readElement(reader.text, start, end, shape);
  if (parts === null) {
    keepUnread(reader, draft, start, end);
    return OPAQUE;
  }
  addMember(reader, draft, { parts, attributes: member.attributes, end: tag.end }, member.start);
  return MODELLED;
}
