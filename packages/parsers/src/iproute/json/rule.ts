/** One object of `ip -j rule` in the words of `ip rule` (iproute2 ip/iprule.c print_rule). */
import type { YamlValue } from '@coldtrace/core';
import type { Word } from '../../text/words.js';
import { L3MDEV_TABLE } from '../rule/words.js';
import { append, bare, entriesIn, entryOf, fieldText, pair, wordAt } from './words.js';

/** Keys that are read together with another. */
const seconds = new Set(['priority', 'srclen', 'dstlen', 'fwmask', 'uid_end', 'sport_end', 'dport_end']);

const keywords: ReadonlyMap<string, string> = new Map(
  Object.entries({
    table: 'lookup',
    protocol: 'proto',
    suppress_prefixlen: 'suppress_prefixlength',
  }),
);

export function ruleParts(object: YamlValue): Word[][] {
  const priority = entryOf(object, 'priority');
  if (priority === null) return [];
  const words = [wordAt(`${fieldText(object, 'priority') ?? ''}:`, priority.value)];
  for (const { key, value } of entriesIn(object)) {
    if (!seconds.has(key)) append(words, fieldWords(object, key, value));
  }
  return [words];
}

function fieldWords(object: YamlValue, key: string, value: YamlValue): Word[] {
  const second = (name: string, mark: string): Word[] => {
    const [first] = bare(value);
    const other = fieldText(object, name);
    if (first === undefined) return [];
    return [{ ...first, text: other === null ? first.text : `${first.text}${mark}${other}` }];
  };
  switch (key) {
    case 'src':
      return [wordAt('from', value), ...second('srclen', '/')];
    case 'dst':
      return [wordAt('to', value), ...second('dstlen', '/')];
    case 'fwmark':
      return [wordAt('fwmark', value), ...second('fwmask', '/')];
    case 'uid_start':
      return [wordAt('uidrange', value), ...second('uid_end', '-')];
    case 'sport_start':
      return [wordAt('sport', value), ...second('sport_end', '-')];
    case 'dport_start':
      return [wordAt('dport', value), ...second('dport_end', '-')];
    case 'flow_from':
      return [wordAt('realms', value), ...second('flow_to', '/')];
    case 'flow_to':
      return fieldText(object, 'flow_from') === null ? pair('realms', value) : [];
    case 'iif_detached':
    case 'oif_detached':
      return [wordAt('[detached]', value)];
    case 'unresolved':
      return [wordAt('[unresolved]', value)];
    case 'l3mdev':
      return [wordAt('lookup', value), wordAt(L3MDEV_TABLE, value)];
    case 'action':
      return bare(value);
    default:
      return pair(keywords.get(key) ?? key, value);
  }
}
