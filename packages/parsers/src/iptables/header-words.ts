/** The options that every rule has without an extension: -s -d -i -o -p -f. iptables(8). */
import {
  type AddressMatch,
  type IfaceMatch,
  type OpaqueMatch,
  type ProtoMatch,
  parseProto,
  parseTypedMasked,
  type RuleHeader,
} from '@coldtrace/core';
import { opaqueText } from './extension-words.js';
import type { Scope } from './rule-spec.js';

/** The header while it is read: addresses may be lists. */
export interface HeaderLists {
  src: readonly AddressMatch[] | null;
  dst: readonly AddressMatch[] | null;
  iif: IfaceMatch | null;
  oif: IfaceMatch | null;
  proto: ProtoMatch | null;
  fragment: { readonly invert: boolean } | null;
  /** Header options whose value was not understood. */
  readonly opaque: OpaqueMatch[];
}

type HeaderOption = 'src' | 'dst' | 'iif' | 'oif' | 'proto' | 'fragment' | 'counters';

const names: ReadonlyMap<string, HeaderOption> = new Map<string, HeaderOption>([
  ['-s', 'src'],
  ['--source', 'src'],
  ['--src', 'src'],
  ['-d', 'dst'],
  ['--destination', 'dst'],
  ['--dst', 'dst'],
  ['-i', 'iif'],
  ['--in-interface', 'iif'],
  ['-o', 'oif'],
  ['--out-interface', 'oif'],
  ['-p', 'proto'],
  ['--protocol', 'proto'],
  ['--proto', 'proto'],
  ['-f', 'fragment'],
  ['--fragment', 'fragment'],
  ['--fragments', 'fragment'],
  ['-c', 'counters'],
  ['--set-counters', 'counters'],
]);

/** Which header option a word is: `-s`, `--source`, also with its value glued on (`-s10.0.0.0/8`). */
export function headerOption(word: string): HeaderOption | null {
  const exact = names.get(word);
  if (exact !== undefined) return exact;
  if (word.length > 2 && word.startsWith('-') && !word.startsWith('--')) {
    const short = names.get(word.slice(0, 2));
    return short === undefined || short === 'fragment' || short === 'counters' ? null : short;
  }
  const equals = word.indexOf('=');
  return equals > 0 && word.startsWith('--') ? (names.get(word.slice(0, equals)) ?? null) : null;
}

export function newHeader(): HeaderLists {
  return { src: null, dst: null, iif: null, oif: null, proto: null, fragment: null, opaque: [] };
}

/** Takes a header option with its value; returns the index of the word after it. */
export function takeHeaderOption(scope: Scope, at: number, invertBefore: boolean): number {
  const word = scope.words.text[at] ?? '';
  const option = headerOption(word);
  if (option === 'fragment') {
    scope.header.fragment = { invert: invertBefore };
    return at + 1;
  }
  if (option === 'counters') return Math.min(at + 3, scope.words.text.length);
  const glued = gluedValue(word);
  let next = at + 1;
  let invert = invertBefore;
  if (glued === null && scope.words.text[next] === '!') {
    scope.report('intraposed', next, { option: word });
    invert = true;
    next++;
  }
  const value = glued ?? scope.words.text[next];
  if (value === undefined || option === null) {
    scope.report('missing-value', at, { option: word });
    return next;
  }
  const end = glued === null ? next + 1 : next;
  if (!setHeader(scope, option, value, invert)) {
    scope.report('bad-value', glued === null ? end - 1 : at, { option: word, why: `"${value}" is not understood` });
    const own = Array.from({ length: end - at - 1 }, (_, index) => at + 1 + index);
    const text = opaqueText(scope.cx.source, scope.words, own);
    scope.header.opaque.push({
      kind: 'opaque',
      name: invertBefore ? '-!' : word,
      text: invertBefore ? `${word} ${text}` : text,
    });
  }
  return end;
}

function gluedValue(word: string): string | null {
  if (names.has(word)) return null;
  if (!word.startsWith('--')) return word.slice(2);
  return word.slice(word.indexOf('=') + 1);
}

function setHeader(scope: Scope, option: HeaderOption, value: string, invert: boolean): boolean {
  const { header } = scope;
  switch (option) {
    case 'src':
    case 'dst': {
      const list = readAddresses(scope, value, invert);
      if (list === null) return false;
      header[option] = list;
      return true;
    }
    case 'iif':
    case 'oif':
      header[option] = value === '+' && !invert ? null : { name: value, invert };
      return true;
    case 'proto': {
      const proto = parseProto(value.toLowerCase());
      if (proto === null) return false;
      header.proto = proto === 0 && !invert ? null : { proto, invert };
      return true;
    }
    default:
      return false;
  }
}

/** `a,b/len,c/mask`; an address of the other family is not understood. A mask of zero tests nothing. */
function readAddresses(scope: Scope, value: string, invert: boolean): readonly AddressMatch[] | null {
  const list: AddressMatch[] = [];
  for (const part of value.split(',')) {
    const masked = parseTypedMasked(part);
    if (masked === null || masked.ip.family !== scope.cx.family) return null;
    list.push({ masked, invert });
  }
  return list;
}

/** One header per combination of addresses, sources outermost, as iptables adds them. */
export function productOf(lists: HeaderLists): readonly RuleHeader[] {
  const { iif, oif, proto, fragment } = lists;
  const headers: RuleHeader[] = [];
  for (const src of lists.src ?? [null]) {
    for (const dst of lists.dst ?? [null]) {
      headers.push({ src: tests(src) ? src : null, dst: tests(dst) ? dst : null, iif, oif, proto, fragment });
    }
  }
  return headers;
}

/** `-s 0.0.0.0/0` says nothing; negated it says "never". */
function tests(match: AddressMatch | null): boolean {
  if (match === null) return false;
  const { mask } = match.masked;
  return match.invert || (mask.a | mask.b | mask.c | mask.d) !== 0;
}
