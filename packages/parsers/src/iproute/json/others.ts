/** The smaller objects of ip and bridge in the words of their text forms. */
import { type BridgeVlan, parseDecimal, type Span, type YamlEntry, type YamlValue } from '@coldtrace/core';
import type { Word } from '../../text/words.js';
import { append, bare, entriesIn, entryOf, fieldText, flagWords, itemsIn, pair, setting, wordAt } from './words.js';

/** One list of words from the fields in their order. */
function line(object: YamlValue, words: (entry: YamlEntry) => Word[]): Word[][] {
  return [entriesIn(object).flatMap(words)];
}

/** Counters that say nothing about the entry. */
const neighbourCounters = new Set(['refcnt', 'used', 'confirmed', 'updated', 'probes']);

export function neighbourParts(object: YamlValue): Word[][] {
  return line(object, ({ key, value }) => {
    if (key === 'dst') return bare(value);
    if (key === 'state')
      return [
        wordAt(
          flagWords(value)
            .map((word) => word.text)
            .join(','),
          value,
        ),
      ].filter((word) => word.text !== '');
    return neighbourCounters.has(key) ? [] : pair(key === 'protocol' ? 'proto' : key, value);
  });
}

export function nexthopParts(object: YamlValue): Word[][] {
  return line(object, ({ key, value }) => {
    switch (key) {
      case 'gateway':
        return pair('via', value);
      case 'protocol':
        return pair('proto', value);
      case 'flags':
        return flagWords(value);
      case 'group':
        return [wordAt('group', value), wordAt(itemsIn(value).map(memberText).join('/'), value)];
      case 'resilient_args':
        return entriesIn(value).flatMap((entry) => pair(entry.key, entry.value));
      case 'segs':
        return [
          wordAt(key, value),
          wordAt(`${itemsIn(value).length}`, value),
          wordAt('[', value),
          ...flagWords(value),
          wordAt(']', value),
        ];
      default:
        return pair(key, value);
    }
  });
}

function memberText(member: YamlValue): string {
  const weight = fieldText(member, 'weight');
  return `${fieldText(member, 'id') ?? ''}${weight === null ? '' : `,${weight}`}`;
}

export function labelParts(object: YamlValue): Word[][] {
  const address = entryOf(object, 'address');
  if (address === null) return [];
  const words = [
    wordAt('prefix', object),
    wordAt(`${fieldText(object, 'address') ?? ''}/${fieldText(object, 'prefixlen') ?? ''}`, address.value),
  ];
  for (const { key, value } of entriesIn(object)) {
    if (key === 'ifname' || key === 'dev') append(words, pair('dev', value));
    else if (key === 'label') append(words, pair('label', value));
  }
  return [words];
}

export function netnsParts(object: YamlValue): Word[][] {
  const name = entryOf(object, 'name');
  const id = entryOf(object, 'id');
  if (name === null) return [];
  const words = bare(name.value);
  if (id !== null) words.push(wordAt('(id:', id.value), wordAt(`${fieldText(object, 'id') ?? ''})`, id.value));
  return [words];
}

export function membershipParts(object: YamlValue): Word[][] {
  const name = entryOf(object, 'ifname');
  if (name === null) return [];
  const parts = [[wordAt(`${fieldText(object, 'ifindex') ?? ''}:`, object), ...bare(name.value)]];
  for (const member of itemsIn(entryOf(object, 'maddr')?.value)) {
    const link = entryOf(member, 'link');
    const address = entryOf(member, 'address');
    const words = link === null ? [wordAt(fieldText(member, 'family') ?? '', member)] : pair('link', link.value);
    if (link === null && address !== null) append(words, bare(address.value));
    const users = entryOf(member, 'users');
    if (users !== null) append(words, pair('users', users.value));
    parts.push(words);
  }
  return parts;
}

export function fdbParts(object: YamlValue): Word[][] {
  return line(object, ({ key, value }) => {
    switch (key) {
      case 'mac':
      case 'state':
        return bare(value);
      case 'ifname':
        return pair('dev', value);
      case 'viaIf':
        return pair('via', value);
      case 'flags':
        return flagWords(value);
      case 'used':
      case 'updated':
        return [];
      default:
        return pair(key, value);
    }
  });
}

const portKeys = new Set(['mtu', 'master', 'state', 'priority', 'cost', 'hwmode']);
const portSwitches = new Set(['hairpin', 'learning', 'flood', 'mcast_flood', 'bcast_flood', 'isolated', 'locked']);

export function portParts(object: YamlValue): Word[][] {
  const name = fieldText(object, 'ifname') ?? '';
  const lower = fieldText(object, 'link');
  const header = [
    wordAt(`${fieldText(object, 'ifindex') ?? ''}:`, object),
    wordAt(`${name}${lower === null ? '' : `@${lower}`}:`, object),
  ];
  const switches: Word[] = [];
  for (const { key, value } of entriesIn(object)) {
    if (key === 'flags')
      header.push(
        wordAt(
          `<${flagWords(value)
            .map((word) => word.text)
            .join(',')}>`,
          value,
        ),
      );
    else if (portKeys.has(key)) append(header, pair(key, value));
    else if (portSwitches.has(key)) append(switches, setting(key, value));
  }
  return switches.length > 0 ? [header, switches] : [header];
}

/** `bridge -j vlan` names the port once for all its VLANs; null for an entry that is none. */
export function vlanRows(object: YamlValue): BridgeVlan[] | null {
  const dev = fieldText(object, 'ifname');
  if (dev === null) return null;
  const rows: BridgeVlan[] = [];
  for (const vlan of itemsIn(entryOf(object, 'vlans')?.value)) {
    const first = parseDecimal(fieldText(vlan, 'vlan') ?? '', 4095);
    const last = parseDecimal(fieldText(vlan, 'vlanEnd') ?? fieldText(vlan, 'vlan') ?? '', 4095);
    if (first === null || last === null) return null;
    const flags = itemsIn(entryOf(vlan, 'flags')?.value).flatMap((flag) => bare(flag).map((word) => word.text));
    const span: Span = vlan.span;
    rows.push({
      dev,
      first,
      last,
      pvid: flags.includes('PVID'),
      untagged: flags.some((flag) => flag.includes('Untagged')),
      span,
    });
  }
  return rows;
}
