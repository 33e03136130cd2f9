/** One object of `ip -j addr` or `ip -j link` in the words of the text (iproute2 ip/ipaddress.c). */
import type { YamlEntry, YamlValue } from '@coldtrace/core';
import type { Word } from '../../text/words.js';
import { append, bare, entriesIn, entryOf, fieldText, flagWords, itemsIn, pair, setting, wordAt } from './words.js';

export function linkParts(object: YamlValue): Word[][] {
  if (entryOf(object, 'ifname') === null) return onelineParts(object);
  const parts = entryOf(object, 'ifindex') === null ? [briefWords(object)] : [headerWords(object)];
  if (entryOf(object, 'ifindex') !== null) {
    if (entryOf(object, 'link_type') !== null) parts.push(hardwareWords(object));
    append(parts, detailParts(object));
    append(parts, addressParts(object));
  }
  for (const name of itemsIn(entryOf(object, 'altnames')?.value)) parts.push([wordAt('altname', name), ...bare(name)]);
  append(parts, counterParts(object));
  return parts.filter((words) => words.length > 0);
}

/** `-o` says nothing of the device but its index and name, beside each address. */
function onelineParts(object: YamlValue): Word[][] {
  const [info] = itemsIn(entryOf(object, 'addr_info')?.value);
  const [first, ...others] = addressParts(object);
  const dev = info === undefined ? null : entryOf(info, 'dev');
  if (info === undefined || dev === null || first === undefined) return [];
  return [[wordAt(`${fieldText(info, 'index') ?? ''}:`, info), ...bare(dev.value), ...first], ...others];
}

const headerKeys: ReadonlyMap<string, string> = new Map(
  Object.entries({
    mtu: 'mtu',
    qdisc: 'qdisc',
    master: 'master',
    operstate: 'state',
    linkmode: 'mode',
    group: 'group',
    txqlen: 'qlen',
  }),
);

function headerWords(object: YamlValue): Word[] {
  const words: Word[] = [];
  for (const { key, value } of entriesIn(object)) {
    if (key === 'ifindex') words.unshift(wordAt(`${fieldText(object, key) ?? ''}:`, value));
    else if (key === 'ifname') words.push(wordAt(`${nameOf(object)}:`, value));
    else if (key === 'flags')
      words.push(
        wordAt(
          `<${flagWords(value)
            .map((word) => word.text)
            .join(',')}>`,
          value,
        ),
      );
    else if (headerKeys.has(key)) append(words, pair(headerKeys.get(key) ?? key, value));
  }
  return words;
}

/** `eth0@if7`: the lower device by name, or by its index where it is in another namespace. */
function nameOf(object: YamlValue): string {
  const name = fieldText(object, 'ifname') ?? '';
  const lower = fieldText(object, 'link');
  if (lower !== null) return `${name}@${lower}`;
  const index = fieldText(object, 'link_index');
  return index === null ? name : `${name}@if${index}`;
}

function hardwareWords(object: YamlValue): Word[] {
  const words: Word[] = [];
  for (const { key, value } of entriesIn(object)) {
    if (key === 'link_type') words.unshift(wordAt(`link/${fieldText(object, key) ?? ''}`, value));
    else if (key === 'address') append(words, bare(value));
    else if (key === 'broadcast') append(words, pair('brd', value));
    else if (key === 'link_netnsid') append(words, pair('link-netnsid', value));
    else if (key === 'link_netns') append(words, pair('link-netns', value));
    else if (key === 'promiscuity') append(words, pair(key, value));
  }
  return words;
}

const dataKeys: ReadonlyMap<string, string> = new Map(Object.entries({ port: 'dstport', link: 'dev' }));

function detailParts(object: YamlValue): Word[][] {
  const info = entryOf(object, 'linkinfo')?.value;
  if (info === undefined) return [];
  return [
    kindWords(entryOf(info, 'info_kind'), entryOf(info, 'info_data'), ''),
    kindWords(entryOf(info, 'info_slave_kind'), entryOf(info, 'info_slave_data'), '_slave'),
  ];
}

function kindWords(kind: YamlEntry | null, data: YamlEntry | null, suffix: string): Word[] {
  if (kind === null) return [];
  const [name] = bare(kind.value);
  if (name === undefined) return [];
  const words = [{ ...name, text: `${name.text}${suffix}` }];
  const entries = entriesIn(data?.value ?? null);
  for (const { key, value } of entries) append(words, dataWords(name.text, key, value));
  // JSON is silent about a TTL that is inherited, and has 0 for the node's own default.
  if (name.text === 'vxlan' && data !== null && entries.every(({ key }) => key !== 'ttl'))
    append(
      words,
      ['ttl', 'inherit'].map((text) => wordAt(text, data.value)),
    );
  return words;
}

/** Switches of vxlan and the tunnels are bare words in the text, those of other kinds have `on` and `off`. */
function dataWords(kind: string, key: string, value: YamlValue): Word[] {
  if (kind === 'vxlan') {
    if (key === 'learning')
      return value.kind === 'scalar' && value.value === false ? [wordAt('nolearning', value)] : [];
    if (key === 'port_range') return portRange(value);
    if (key === 'local6' || key === 'remote6' || key === 'group6') return pair(key.slice(0, -1), value);
    return pair(dataKeys.get(key) ?? key, value);
  }
  if (key === 'link') return pair('dev', value);
  if (key === 'encap') return [wordAt(key, value)];
  if (key === 'pmtudisc')
    return [wordAt(value.kind === 'scalar' && value.value === false ? 'nopmtudisc' : 'pmtudisc', value)];
  return setting(key, value);
}

function portRange(value: YamlValue): Word[] {
  const ends = ['low', 'high'].map((key) => fieldText(value, key));
  return ends.includes(null) ? [] : ['srcport', ...ends].map((text) => wordAt(text ?? '', value));
}

/** Numbers that stand for `forever`: 2³² − 1. */
const FOREVER = '4294967295';

const addressKeys: ReadonlyMap<string, string> = new Map(
  Object.entries({
    broadcast: 'brd',
    protocol: 'proto',
    valid_life_time: 'valid_lft',
    preferred_life_time: 'preferred_lft',
  }),
);

function addressParts(object: YamlValue): Word[][] {
  return itemsIn(entryOf(object, 'addr_info')?.value).map((info) => {
    const local = entryOf(info, 'local') ?? entryOf(info, 'address');
    if (local === null) return [];
    const peer = entryOf(info, 'local') === null ? null : entryOf(info, 'address');
    const length = fieldText(info, 'prefixlen');
    const family = fieldText(info, 'family') ?? 'inet';
    const [ip] = bare(local.value);
    if (ip === undefined) return [];
    const slash = length === null ? '' : `/${length}`;
    const words = [wordAt(family, info), peer === null ? { ...ip, text: `${ip.text}${slash}` } : ip];
    if (peer !== null)
      words.push(wordAt('peer', peer.value), wordAt(`${fieldText(info, 'address') ?? ''}${slash}`, peer.value));
    return [...words, ...entriesIn(info).flatMap(addressWords), ...bareLabel(info)];
  });
}

const read = new Set(['family', 'local', 'address', 'prefixlen', 'label', 'index', 'dev', 'deleted']);

function addressWords({ key, value }: YamlEntry): Word[] {
  if (read.has(key)) return [];
  const keyword = addressKeys.get(key) ?? key;
  const words = pair(keyword, value);
  const [first, last] = words;
  if (!keyword.endsWith('_lft') || first === undefined || last === undefined) return words;
  return [first, { ...last, text: last.text === FOREVER ? 'forever' : `${last.text}sec` }];
}

/** The label is the last word of the line. */
function bareLabel(info: YamlValue): Word[] {
  const label = entryOf(info, 'label');
  return label === null ? [] : bare(label.value);
}

function briefWords(object: YamlValue): Word[] {
  const name = entryOf(object, 'ifname');
  const state = entryOf(object, 'operstate');
  if (name === null || state === null) return [];
  const words = [wordAt(nameOf(object), name.value), ...bare(state.value)];
  const mac = entryOf(object, 'address');
  const flags = entryOf(object, 'flags');
  if (mac !== null) append(words, bare(mac.value));
  if (flags !== null)
    words.push(
      wordAt(
        `<${flagWords(flags.value)
          .map((word) => word.text)
          .join(',')}>`,
        flags.value,
      ),
    );
  for (const part of addressParts(object)) append(words, part.slice(1, part[2]?.text === 'peer' ? 4 : 2));
  return words;
}

function counterParts(object: YamlValue): Word[][] {
  const stats = entryOf(object, 'stats64')?.value ?? entryOf(object, 'stats')?.value;
  if (stats === undefined) return [];
  return ['rx', 'tx'].flatMap((side) => {
    const counters = entryOf(stats, side)?.value;
    if (counters === undefined) return [];
    const numbers = ['bytes', 'packets', 'errors', 'dropped'].map((key) =>
      wordAt(fieldText(counters, key) ?? '', counters),
    );
    return [[wordAt(`${side.toUpperCase()}:`, counters)], numbers];
  });
}
