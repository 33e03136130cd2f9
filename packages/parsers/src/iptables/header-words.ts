/** The options that every rule has without an extension: -s -d -i -o -p -f -c. iptables(8); iptables: iptables/xshared.c. */
import {
  type AddressMatch,
  type Counters,
  type Family,
  formatIp,
  type IfaceMatch,
  type Masked,
  type OpaqueMatch,
  type ProtoMatch,
  parseInetAton,
  parseProto,
  parseTypedMasked,
  type RuleHeader,
} from '@coldtrace/core';
import { opaqueText } from './extension-words.js';
import { refusedHeader } from './header-rules.js';
import type { NamedOption, RuleOption } from './rule-options.js';
import type { Scope } from './rule-spec.js';

/** The header while it is read: addresses may be lists. */
export interface HeaderLists {
  src: readonly AddressMatch[] | null;
  dst: readonly AddressMatch[] | null;
  iif: IfaceMatch | null;
  oif: IfaceMatch | null;
  proto: ProtoMatch | null;
  /** The protocol as it was typed. */
  protoWord: string | null;
  fragment: { readonly invert: boolean } | null;
  counters: Counters | null;
  /** Header options that stood in the rule, also those that test nothing. */
  readonly given: Set<HeaderOption>;
  /** Header options whose value was not understood. */
  readonly opaque: OpaqueMatch[];
  /** Addresses that were not understood, by word; the tools look at addresses last. */
  readonly badAddresses: { readonly word: number; readonly option: string; readonly why: string }[];
}

export type HeaderOption = Extract<RuleOption, 's' | 'd' | 'i' | 'o' | 'p' | 'f' | 'c'>;

export function newHeader(): HeaderLists {
  return {
    src: null,
    dst: null,
    iif: null,
    oif: null,
    proto: null,
    protoWord: null,
    fragment: null,
    counters: null,
    given: new Set(),
    opaque: [],
    badAddresses: [],
  };
}

/** Takes a header option with its value; returns the index of the word after it. */
export function takeHeaderOption(
  scope: Scope,
  option: HeaderOption,
  named: NamedOption,
  at: number,
  invertBefore: boolean,
): number {
  const word = scope.words.text[at] ?? '';
  if (scope.header.given.has(option)) scope.report('repeated-option', at, { option: word });
  scope.header.given.add(option);
  if (option === 'f') {
    scope.header.fragment = { invert: invertBefore };
    refuseIf(scope, at, word, scope.cx.family === 6 ? 'IPv6 has -m frag instead' : null);
    return at + 1;
  }
  if (option === 'c') {
    refuseIf(scope, at, `"!" before ${word}`, invertBefore ? 'only tests can be negated' : null);
    return takeCounters(scope, named, at);
  }
  let next = at + 1;
  let invert = invertBefore;
  if (named.inline === null && scope.words.text[next] === '!') {
    scope.report('intraposed', next, { option: word });
    invert = true;
    next++;
  }
  const value = named.inline ?? scope.words.text[next];
  if (value === undefined) {
    scope.report('missing-value', at, { option: word });
    return next;
  }
  if (named.inline !== null) scope.report('glued', at, { option: word.slice(0, word.length - value.length), value });
  const end = named.inline === null ? next + 1 : next;
  if (setHeader(scope, option, value, invert)) {
    refuseIf(scope, end - 1, word, refusedHeader(scope, option, value));
    return end;
  }
  const why = `"${value}" is not understood`;
  if (option === 's' || option === 'd') scope.header.badAddresses.push({ word: end - 1, option: word, why });
  else scope.report('bad-value', end - 1, { option: word, why });
  const own = Array.from({ length: end - at - 1 }, (_, index) => at + 1 + index);
  const text = opaqueText(scope.cx.source, scope.words, own);
  scope.header.opaque.push({
    kind: 'opaque',
    name: invertBefore ? '!' : word,
    text: invertBefore ? `${word} ${text}` : text,
  });
  return end;
}

function refuseIf(scope: Scope, word: number, what: string, why: string | null): void {
  if (why !== null) scope.report('refused', word, { what, why });
}

/** `-c 1 2` or `-c 1,2`. */
function takeCounters(scope: Scope, named: NamedOption, at: number): number {
  const { text } = scope.words;
  let next = at + 1;
  const first = named.inline ?? text[next++];
  const comma = first?.indexOf(',') ?? -1;
  const packets = Number(comma < 0 ? first : first?.slice(0, comma));
  const bytes = Number(comma < 0 ? text[next++] : first?.slice(comma + 1));
  if (Number.isInteger(packets) && Number.isInteger(bytes)) scope.header.counters = { packets, bytes };
  else scope.report('missing-value', at, { option: text[at] ?? '' });
  return Math.min(next, text.length);
}

function setHeader(scope: Scope, option: HeaderOption, value: string, invert: boolean): boolean {
  const { header } = scope;
  switch (option) {
    case 's':
    case 'd': {
      const list = readAddresses(scope, value, invert);
      if (list === null) return false;
      if (option === 's') header.src = list;
      else header.dst = list;
      return true;
    }
    case 'i':
    case 'o': {
      const match = value === '+' && !invert ? null : { name: value, invert };
      if (option === 'i') header.iif = match;
      else header.oif = match;
      return true;
    }
    case 'p': {
      const proto = parseProto(value.toLowerCase());
      if (proto === null) return false;
      header.protoWord = value;
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
    const masked =
      anyAddress(part, scope.cx.family) ??
      parseTypedMasked(part) ??
      (scope.cx.family === 4 ? readByLibrary(part) : null);
    if (masked === null || masked.ip.family !== scope.cx.family) return null;
    list.push({ masked, invert });
  }
  return list;
}

/** Under a mask of zero the tools do not look at the address at all: `any/0`, `0/0` (libxtables/xtables.c). */
function anyAddress(part: string, family: Family): Masked | null {
  const slash = part.indexOf('/');
  const masked = slash < 0 ? null : parseTypedMasked(`${family === 4 ? '0.0.0.0' : '::'}${part.slice(slash)}`);
  if (masked === null) return null;
  const { a, b, c, d } = masked.mask;
  return (a | b | c | d) === 0 ? masked : null;
}

/** What is no dotted octets the C library may take for an address: `256` is 0.0.1.0. */
function readByLibrary(part: string): Masked | null {
  const slash = part.indexOf('/');
  const ip = parseInetAton(slash < 0 ? part : part.slice(0, slash));
  return ip === null ? null : parseTypedMasked(`${formatIp(ip)}${slash < 0 ? '' : part.slice(slash)}`);
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
