/** The words of one policy rule as `ip rule` prints them (ip-rule(8), iproute2 ip/iprule.c print_rule). */
import {
  type Family,
  type PolicyAction,
  type PolicyRule,
  type PortRange,
  type Prefix,
  parseDecimal,
  parseMark,
  parsePortRange,
  parsePrefix,
  parseProto,
  plainPolicyRule,
} from '@coldtrace/core';
import type { Word } from '../../text/words.js';
import { type Cursor, cursorOf, next, numberValue, peek, readValue, textValue } from '../cursor.js';
import { dsfield, protocolName, tableName } from '../route/names.js';

type RuleDraft = {
  -readonly [Key in keyof Omit<PolicyRule, 'span' | 'trust' | 'family' | 'unknown' | 'rest'>]: PolicyRule[Key];
} & {
  rest: string[];
};

export const L3MDEV_TABLE = '[l3mdev-table]';

function newRule(priority: number): RuleDraft {
  return { ...plainPolicyRule, priority, rest: [] };
}

/** `N:` and what follows; null when the line is none. */
export function readRule(words: readonly Word[]): { draft: RuleDraft; cursor: Cursor; acts: boolean } | null {
  const priority = priorityOf(words[0]?.text ?? '');
  if (priority === null) return null;
  const cursor = cursorOf(words, 1);
  const draft = newRule(priority);
  let acts = false;
  for (let word = next(cursor); word !== null; word = next(cursor)) {
    const action = readAction(cursor, draft, word.text);
    if (action !== null) {
      draft.action = action;
      acts = true;
    } else if (!readSelector(cursor, draft, word.text) && !readRest(cursor, draft, word.text)) {
      cursor.unknown.push(word);
    }
  }
  return { draft, cursor, acts };
}

export function priorityOf(word: string): number | null {
  return word.endsWith(':') ? parseDecimal(word, 0xffffffff, 0, word.length - 1) : null;
}

/** `ip -N rule` prints the number. include/uapi/linux/fib_rules.h FR_ACT_BLACKHOLE and on. */
const numericActions: Readonly<Record<string, PolicyAction>> = {
  6: { kind: 'blackhole' },
  7: { kind: 'unreachable' },
  8: { kind: 'prohibit' },
};

function readAction(cursor: Cursor, draft: RuleDraft, keyword: string): PolicyAction | null {
  switch (keyword) {
    case 'lookup':
    case 'table': {
      const table = textValue(cursor) ?? '';
      if (table === L3MDEV_TABLE) draft.l3mdev = true;
      return { kind: 'lookup', table: tableName(table) };
    }
    case 'goto':
      return readGoto(cursor);
    case 'nop':
    case 'blackhole':
    case 'unreachable':
    case 'prohibit':
      return { kind: keyword };
    default:
      return numericActions[keyword] ?? null;
  }
}

/** `goto none` is what old kernels print for a target that does not exist. */
function readGoto(cursor: Cursor): PolicyAction {
  if (peek(cursor) === 'none') {
    next(cursor);
    return { kind: 'goto', priority: 0, unresolved: true };
  }
  const priority = numberValue(cursor) ?? 0;
  return { kind: 'goto', priority, unresolved: took(cursor, '[unresolved]') };
}

function took(cursor: Cursor, word: string): boolean {
  if (peek(cursor) !== word) return false;
  next(cursor);
  return true;
}

function readSelector(cursor: Cursor, draft: RuleDraft, keyword: string): boolean {
  switch (keyword) {
    case 'not':
      draft.invert = true;
      return true;
    case 'from':
      draft.from = readValue(cursor, 'an address or prefix', selectorPrefix)?.prefix ?? null;
      return true;
    case 'to':
      draft.to = readValue(cursor, 'an address or prefix', selectorPrefix)?.prefix ?? null;
      return true;
    case 'iif':
      draft.iif = textValue(cursor);
      draft.iifDetached = took(cursor, '[detached]');
      return true;
    case 'oif':
      draft.oif = textValue(cursor);
      draft.oifDetached = took(cursor, '[detached]');
      return true;
    case 'fwmark':
      draft.fwmark = readValue(cursor, 'a mark', parseMark);
      return true;
    case 'tos':
    case 'dsfield':
      draft.tos = readValue(cursor, 'a TOS', dsfield) ?? 0;
      return true;
    case 'ipproto':
      draft.ipproto = readValue(cursor, 'a protocol', ruleProto);
      return true;
    case 'sport':
      draft.sport = readValue(cursor, 'a port or range', portRange);
      return true;
    case 'dport':
      draft.dport = readValue(cursor, 'a port or range', portRange);
      return true;
    case 'uidrange':
      draft.uidrange = readValue(cursor, 'a range of user ids', uidRange);
      return true;
    case 'tun_id':
      draft.tunId = textValue(cursor);
      return true;
    case 'suppress_prefixlength':
      draft.suppressPrefixLength = numberValue(cursor, 128);
      return true;
    case 'suppress_ifgroup':
      draft.suppressIfGroup = textValue(cursor);
      return true;
    default:
      return false;
  }
}

/** What no verdict depends on. */
function readRest(cursor: Cursor, draft: RuleDraft, keyword: string): boolean {
  switch (keyword) {
    case 'proto':
    case 'protocol':
      draft.protocol = protocolName(textValue(cursor) ?? '');
      return true;
    case 'realms':
    case 'realm':
      draft.rest.push(`${keyword} ${textValue(cursor) ?? ''}`);
      return true;
    case 'linkdown':
      draft.rest.push(keyword);
      return true;
    default:
      return false;
  }
}

/** `all` is a selector too: one that selects everything. */
function selectorPrefix(text: string): { readonly prefix: Prefix | null } | null {
  if (text === 'all' || text === 'any' || text === 'default') return { prefix: null };
  const prefix = parsePrefix(text);
  return prefix === null ? null : { prefix };
}

/** A name of /etc/protocols, a number, or `ipproto-200` for what has no name. */
function ruleProto(text: string): number | null {
  return parseProto(text.startsWith('ipproto-') ? text.slice('ipproto-'.length) : text);
}

const portRange = (text: string): PortRange | null => parsePortRange(text, '-');

function uidRange(text: string): { first: number; last: number } | null {
  const dash = text.indexOf('-');
  if (dash < 0) return null;
  const first = parseDecimal(text, 0xffffffff, 0, dash);
  const last = parseDecimal(text, 0xffffffff, dash + 1);
  return first === null || last === null ? null : { first, last };
}

export function ruleFamily(draft: RuleDraft): Family | null {
  return draft.from?.ip.family ?? draft.to?.ip.family ?? null;
}
