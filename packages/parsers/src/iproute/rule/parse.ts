/** `ip rule` and `ip -6 rule` as text (ip-rule(8)); several lists in one section are told apart by their priorities. */

import type { Facts, Family, PolicyRule } from '@coldtrace/core';
import type { Format, LineVerdict, Parsed, Section } from '../../format.js';
import { lineSpan } from '../../text/lines.js';
import { report } from '../codes.js';
import { commandPattern } from '../command.js';
import { isClean } from '../cursor.js';
import { type Entry, type EntryGrammar, entriesOf, entrySpan, trusted } from '../entry.js';
import { settle, unknownOf } from '../problems.js';
import { finish, onlyFailed, openReader, type Reader } from '../reader.js';
import { asksForSome } from '../rows.js';
import { firstWords } from '../verdict.js';
import { priorityOf, readRule, ruleFamily } from './words.js';

const grammar: EntryGrammar = {
  command: 'ip rule',
  opens: (words) =>
    priorityOf(words[0]?.text ?? '') !== null && (words[1]?.text === 'from' || words[1]?.text === 'not'),
  continues: () => false,
  fits: (parts) => {
    const read = readRule(parts[0]?.words ?? []);
    return read?.acts === true && isClean(read.cursor);
  },
};

type Draft = Omit<PolicyRule, 'family'>;

export function parseRules(section: Section): Parsed<readonly Facts[]> {
  const reader = openReader(section);
  return finish(reader, rulesFrom(reader, entriesOf(reader, grammar)));
}

export function rulesFrom(reader: Reader, entries: readonly Entry[]): Facts[] {
  const lists: { rows: Draft[]; shown: Family | null; entry: Entry }[] = [];
  for (const entry of entries) {
    const read = readRule(entry.parts[0]?.words ?? []);
    if (read === null) continue;
    settle(reader, entry, [read.cursor], 'rule', !read.acts);
    if (!read.acts) continue;
    const unknown = unknownOf([read.cursor]);
    const span = entrySpan(reader, entry);
    const row = trusted<Draft>(unknown.length > 0 ? { ...read.draft, unknown, span } : { ...read.draft, span }, entry);
    let list = lists.at(-1);
    // The kernel lists rules by ascending priority: a lower one begins another list.
    if (list === undefined || row.priority < (list.rows.at(-1)?.priority ?? 0)) {
      list = { rows: [], shown: null, entry };
      lists.push(list);
    }
    list.rows.push(row);
    list.shown ??= ruleFamily(read.draft);
  }
  const complete = reader.complete && !asksForSome(reader);
  const facts = lists.map((list): Facts => {
    const family = familyOf(reader, list.rows, list.shown, list.entry);
    const whole = complete && (reader.command?.typed === true || list.rows.some(leadsToLocal));
    return { kind: 'policy-rules', family, rows: list.rows.map((row) => ({ ...row, family })), complete: whole };
  });
  if (facts.length === 0 && !onlyFailed(reader, 0)) {
    facts.push({ kind: 'policy-rules', family: reader.command?.family ?? 4, rows: [], complete });
  }
  return facts;
}

/** Every namespace starts with such a rule and hardly one does without: a list that lacks it is rather one of some rules (`ip rule show table 100`). */
function leadsToLocal({ action }: Draft): boolean {
  return action.kind === 'lookup' && (action.table === 'local' || action.table === '255');
}

/** The command, then an address, then the rule that only IPv4 starts with: `32767: from all lookup default`. */
function familyOf(reader: Reader, rows: readonly Draft[], shown: Family | null, entry: Entry): Family {
  if (shown !== null) return shown;
  const asked = reader.command?.family ?? null;
  if (asked !== null) return asked;
  if (reader.command?.typed) return 4;
  const hasDefault = rows.some((row) => row.priority === 32767);
  const family = hasDefault || rows.length !== 2 ? 4 : 6;
  if (family === 6 || !hasDefault) {
    const reason = hasDefault ? 'rule 32767 is there' : 'the list holds rules that only it starts with';
    const span = entry.lines[0] === undefined ? entrySpan(reader, entry) : lineSpan(reader.section, entry.lines[0]);
    reader.diagnostics.push(report('family-inferred', span, { family, reason }));
  }
  return family;
}

function ruleVerdict(text: string): LineVerdict {
  const [priority = '', second] = firstWords(text, 2);
  if (priority.length > 11 || priorityOf(priority) === null) return null;
  return second === 'from' || second === 'not' ? 'opens' : null;
}

export const ipRule: Format = {
  id: 'ip-rule',
  title: 'policy routing rules (ip rule)',
  commands: [commandPattern('ip', 'rule', 2)],
  fileNames: [/^ip[46]?[-_ .](?:-?[46d][-_ ])?rules?/i],
  line: ruleVerdict,
  parse: parseRules,
};
