/** One object of `ip -j route` in the words of `ip route` (iproute2 ip/iproute.c). */
import type { YamlEntry, YamlValue } from '@coldtrace/core';
import type { Word } from '../../text/words.js';
import { append, bare, entriesIn, entryOf, fieldText, flagWords, itemsIn, pair, wordAt } from './words.js';

/** Keys whose word in the text is another. */
const keywords: ReadonlyMap<string, string> = new Map(
  Object.entries({
    gateway: 'via',
    protocol: 'proto',
    prefsrc: 'src',
    fwmark: 'mark',
  }),
);

/** Metrics in milliseconds; the text prints the unit. */
const milliseconds = new Set(['rtt', 'rttvar', 'rto_min']);

/** After these the words of an encapsulation are over. */
const endsEncap = new Set(['gateway', 'via', 'dev', 'nhid', 'flags', 'table', 'protocol', 'scope', 'metric', 'weight']);

export function routeParts(object: YamlValue): Word[][] {
  const words: Word[] = [];
  const parts: Word[][] = [words];
  const type = entryOf(object, 'type');
  if (type !== null) append(words, bare(type.value));
  const dst = entryOf(object, 'dst');
  if (dst !== null) append(words, bare(dst.value));
  hopWords(
    entriesIn(object).filter((entry) => entry !== type && entry !== dst),
    words,
  );
  for (const hop of itemsIn(entryOf(object, 'nexthops')?.value)) {
    const line = [wordAt('nexthop', hop)];
    hopWords(entriesIn(hop), line);
    parts.push(line);
  }
  return parts;
}

function hopWords(entries: readonly YamlEntry[], words: Word[]): void {
  let encap: string | null = null;
  for (const { key, value } of entries) {
    if (key === 'encap') {
      encap = value.kind === 'scalar' ? value.text.slice(1, -1) : '';
      append(words, pair('encap', value));
    } else if (encap !== null && !endsEncap.has(key)) {
      append(words, encapWords(encap, key, value));
    } else {
      encap = null;
      append(words, routeWords(key, value));
    }
  }
}

function encapWords(encap: string, key: string, value: YamlValue): Word[] {
  if (encap === 'mpls' && key === 'dst') return bare(value);
  if (value.kind !== 'list') return pair(key, value);
  return [
    wordAt(key, value),
    wordAt(`${value.items.length}`, value),
    wordAt('[', value),
    ...flagWords(value),
    wordAt(']', value),
  ];
}

function routeWords(key: string, value: YamlValue): Word[] {
  switch (key) {
    case 'nexthops':
      return [];
    case 'cache':
      // Only lookups have it; the words of the line below do not matter.
      return [];
    case 'flags':
      return flagWords(value);
    case 'via':
      return viaWords(value);
    case 'flow':
      return flowWords(value);
    case 'metrics':
      return itemsIn(value).flatMap((metrics) => entriesIn(metrics).flatMap(metricWords));
    case 'expires':
      return unitPair('expires', value, 'sec');
    default:
      return pair(keywords.get(key) ?? key, value);
  }
}

function viaWords(value: YamlValue): Word[] {
  const family = entryOf(value, 'family');
  const host = entryOf(value, 'host');
  if (host === null) return pair('via', value);
  return [wordAt('via', value), ...(family === null ? [] : bare(family.value)), ...bare(host.value)];
}

function flowWords(value: YamlValue): Word[] {
  const from = fieldText(value, 'from');
  const to = fieldText(value, 'to') ?? '';
  return from === null
    ? [wordAt('realm', value), wordAt(to, value)]
    : [wordAt('realms', value), wordAt(`${from}/${to}`, value)];
}

function metricWords({ key, value }: YamlEntry): Word[] {
  if (key === 'congestion') return pair('congctl', value);
  if (key === 'ecn') return [wordAt('features', value), wordAt('ecn', value)];
  return milliseconds.has(key) ? unitPair(key, value, 'ms') : pair(key, value);
}

function unitPair(keyword: string, value: YamlValue, unit: string): Word[] {
  const [word, number] = pair(keyword, value);
  if (word === undefined || number === undefined) return [];
  return [word, /^\d+$/.test(number.text) ? { ...number, text: `${number.text}${unit}` } : number];
}
