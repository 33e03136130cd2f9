/** Prints policy rules as `ip rule` of iproute2 6.1 does (ip/iprule.c print_rule). */
import {
  formatAddressOrPrefix,
  formatFwmark,
  formatPortRange,
  formatProto,
  type PolicyAction,
  type PolicyRule,
} from '@coldtrace/core';
import { L3MDEV_TABLE } from './words.js';

/** All rules of one family, each with its line feed. */
export function printRules(rules: readonly PolicyRule[]): string {
  return rules.map((rule) => `${printRule(rule)}\n`).join('');
}

/** One rule as a line without its line feed; a tab stands behind the priority, as the tool prints it. */
export function printRule(rule: PolicyRule): string {
  const words: string[] = [];
  if (rule.invert) words.push('not');
  words.push('from', rule.from === null ? 'all' : formatAddressOrPrefix(rule.from));
  if (rule.to !== null) words.push('to', formatAddressOrPrefix(rule.to));
  if (rule.tos !== 0) words.push('tos', `0x${rule.tos.toString(16).padStart(2, '0')}`);
  if (rule.fwmark !== null) words.push('fwmark', formatFwmark(rule.fwmark));
  pushInterface(words, 'iif', rule.iif, rule.iifDetached);
  pushInterface(words, 'oif', rule.oif, rule.oifDetached);
  if (rule.l3mdev) words.push('lookup', L3MDEV_TABLE);
  if (rule.uidrange !== null) words.push('uidrange', `${rule.uidrange.first}-${rule.uidrange.last}`);
  if (rule.ipproto !== null) words.push('ipproto', formatIpproto(rule.ipproto));
  if (rule.sport !== null) words.push('sport', formatPortRange(rule.sport, '-'));
  if (rule.dport !== null) words.push('dport', formatPortRange(rule.dport, '-'));
  if (rule.tunId !== null) words.push('tun_id', rule.tunId);
  pushLookup(words, rule);
  words.push(...rule.rest, ...actionWords(rule.action));
  if (rule.protocol !== null) words.push('proto', rule.protocol);
  return `${rule.priority}:\t${words.join(' ')}`;
}

/** What /etc/protocols has no name for gets one made of its number. */
function formatIpproto(number: number): string {
  const name = formatProto(number);
  return /^\d+$/.test(name) ? `ipproto-${name}` : name;
}

function pushInterface(words: string[], keyword: string, name: string | null, detached: boolean): void {
  if (name === null) return;
  words.push(keyword, name);
  if (detached) words.push('[detached]');
}

/** The suppressors are printed with a table only. */
function pushLookup(words: string[], rule: PolicyRule): void {
  if (rule.action.kind !== 'lookup' || rule.l3mdev) return;
  words.push('lookup', rule.action.table);
  if (rule.suppressPrefixLength !== null) words.push('suppress_prefixlength', `${rule.suppressPrefixLength}`);
  if (rule.suppressIfGroup !== null) words.push('suppress_ifgroup', rule.suppressIfGroup);
}

function actionWords(action: PolicyAction): string[] {
  switch (action.kind) {
    case 'lookup':
      return [];
    case 'goto':
      if (action.unresolved && action.priority === 0) return ['goto', 'none'];
      return action.unresolved ? ['goto', `${action.priority}`, '[unresolved]'] : ['goto', `${action.priority}`];
    default:
      return [action.kind];
  }
}
