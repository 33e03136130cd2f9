/** `ip rule add|del|flush`. ip-rule(8), ip/iprule.c. */
import {
  addRule,
  deletePolicyRule,
  done,
  type Family,
  flushRules,
  parseUint32,
  type RuleSelector,
} from '@coldtrace/core';
import { readRule, ruleFamily } from '../../iproute/rule/words.js';
import type { Word } from '../../text/words.js';
import { badWords, next, unsupported } from '../call.js';
import { commandNamed, type IpTool } from './ip.js';
import { checkedTable } from './table-names.js';

const commands = ['add', 'delete', 'flush'] as const;
const priorityWords = new Set(['priority', 'preference', 'pref', 'order', 'prio']);

export const ipRule: IpTool = (ns, call) => {
  const [verb, ...rest] = call.args;
  const command = commandNamed(verb?.text ?? '', commands);
  if (command === null || verb === undefined) return unsupported(`ip rule ${verb?.text ?? ''}`, verb ?? null);
  if (command === 'flush')
    return rest.length > 0
      ? unsupported('ip rule flush with a selector', rest[0] ?? null)
      : done(flushRules(ns, call.family ?? 4));
  let priority: number | null = null;
  const words: Word[] = [{ text: '0:', start: verb.start, end: verb.end }];
  for (let at = 0; at < rest.length; at++) {
    const word = rest[at];
    if (word === undefined) break;
    if (priorityWords.has(word.text)) {
      priority = parseUint32(rest[++at]?.text ?? '');
      if (priority === null) return badWords('preference value is invalid', rest[at] ?? word);
    } else if (word.text === 'dev') words.push({ ...word, text: 'iif' });
    else if (word.text === 'type') continue;
    else words.push(word);
  }
  const read = readRule(words);
  if (read === null) return badWords('no rule');
  const { draft, cursor, acts } = read;
  const [bad] = cursor.bad;
  if (bad !== undefined) return badWords(`${bad.expected} is expected rather than "${bad.word.text}".`, bad.word);
  const [unknown] = cursor.unknown;
  if (unknown !== undefined) return badWords(`argument "${unknown.text}" is wrong`, unknown);
  if (cursor.cut !== null) return badWords('Command line is not complete. Try option "help"', cursor.cut);
  if (rest.length === 0) return badWords(`"ip rule ${command === 'add' ? 'add' : 'del'}" requires arguments.`);
  // Unlike `ip route`, it does not go by the addresses: without -6 a rule is one of IPv4.
  const family: Family = call.family ?? 4;
  const wrong = ruleFamily(draft);
  if (wrong !== null && wrong !== family)
    return badWords(
      `the address is one of IPv${wrong}, and the rule one of IPv${family}${wrong === 6 ? ': write ip -6 rule' : ''}`,
    );
  const named = !acts && command === 'add' ? { kind: 'lookup' as const, table: 'main' } : draft.action;
  const selector: RuleSelector = { ...draft, family, priority, action: named };
  const table = named.kind === 'lookup' ? checkedTable(ns, named.table) : done(null);
  return next(table, () =>
    command === 'add' ? addRule(ns, selector, call.span) : deletePolicyRule(ns, selector, acts),
  );
};
