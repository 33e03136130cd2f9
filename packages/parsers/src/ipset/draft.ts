/** An IP set while its dump is read: what is known so far, what was mended, and how many members could not be read. */
import {
  type Diagnostic,
  type IpSet,
  type SetElement,
  type SetType,
  type Span,
  setTypeNamed,
  type Trust,
} from '@coldtrace/core';
import { ipsetCodes } from './codes.js';
import type { ElementShape } from './element.js';
import { readOptions, type SetOptions } from './options.js';

/** The type of a set whose header is not here. */
export const UNKNOWN_TYPE = 'unknown';

export interface Draft {
  /** `swap` and `rename` change it. */
  name: string;
  readonly start: number;
  end: number;
  typeName: string | null;
  type: SetType | null;
  revision: number | null;
  references: number | null;
  options: SetOptions;
  /** Number of members that the dump announces. */
  announced: number | null;
  membersShown: boolean;
  readonly elements: SetElement[];
  unreadable: number;
  /** Something else hides what the set holds. */
  open: boolean;
  trust: Trust;
}

export function newDraft(name: string, start: number, end: number): Draft {
  return {
    name,
    start,
    end,
    typeName: null,
    type: null,
    revision: null,
    references: null,
    options: readOptions([], null),
    announced: null,
    membersShown: false,
    elements: [],
    unreadable: 0,
    open: false,
    trust: 'captured',
  };
}

export function setType(draft: Draft, name: string): void {
  draft.typeName = name;
  draft.type = setTypeNamed(name) ?? null;
}

/** Takes the options and reports those that are not known; the number of these. */
export function setOptions(draft: Draft, words: readonly string[], span: Span, report: Diagnostic[]): number {
  draft.options = readOptions(words, draft.type);
  for (const option of draft.options.unknown) {
    report.push(ipsetCodes('unknown-option', span, { set: draft.name, option }));
  }
  if (draft.options.unknown.length > 0) draft.open = true;
  return draft.options.unknown.length;
}

export function shapeOf(draft: Draft): ElementShape | null {
  return draft.type === null ? null : { type: draft.type, family: draft.options.family };
}

export function finishDraft(draft: Draft, span: Span): IpSet {
  const { options } = draft;
  const enough = draft.announced === null ? draft.membersShown : draft.elements.length >= draft.announced;
  return {
    span,
    name: draft.name,
    type: draft.type?.name ?? draft.typeName ?? UNKNOWN_TYPE,
    revision: draft.revision,
    family: options.family,
    options: options.options,
    timeout: options.timeout,
    range: options.range,
    netmask: options.netmask,
    bitmask: options.bitmask,
    markmask: options.markmask,
    references: draft.references,
    elements: draft.elements,
    complete: draft.type !== null && enough && draft.unreadable === 0 && !draft.open,
    ...(draft.trust === 'captured' ? {} : { trust: draft.trust }),
  };
}
