/** One interface of ifconfig(8), read from its words whatever lines they stand on. */
import {
  type Address,
  type Ip,
  isLoopback,
  type Link,
  type Mac,
  maskLength,
  maskOf,
  parseDecimal,
  parseIp,
  parseMac,
  parseUint32,
  parseZonedIp,
} from '@coldtrace/core';
import type { BlockHead, IfconfigWord } from './ifconfig-words.js';

export type BlockAddress = Omit<Address, 'span' | 'trust' | 'dev' | 'label'> & { readonly word: IfconfigWord };

export interface IfconfigBlock {
  readonly link: Pick<Link, 'flags' | 'mtu' | 'type' | 'mac' | 'counters'>;
  readonly addresses: readonly BlockAddress[];
  readonly unread: readonly IfconfigWord[];
}

const flagNames =
  /^(?:UP|BROADCAST|DEBUG|LOOPBACK|POINTOPOINT|NOTRAILERS|RUNNING|NOARP|PROMISC|ALLMULTI|SLAVE|MASTER|MULTICAST|DYNAMIC|SIMPLEX)$/;
const types: Readonly<Record<string, string>> = {
  ether: 'ether',
  ethernet: 'ether',
  infiniband: 'infiniband',
  ipip: 'ipip',
  'ipv6-in-ipv4': 'sit',
  local: 'loopback',
  loop: 'loopback',
  'point-to-point': 'ppp',
  ppp: 'ppp',
  sit: 'sit',
  tunnel: 'ipip',
  unspec: 'none',
};
/** Hardware addresses of any length, with dashes where the type is unknown. */
const hardware = /^[0-9A-Fa-f]{1,2}(?:[:-][0-9A-Fa-f]{1,2})+$/;
/** Words whose value says nothing about packets. */
const skipped: ReadonlySet<string> = new Set(
  'metric txqueuelen overruns frame carrier collisions interrupt memory address chan index status media: status: ether_type'.split(
    ' ',
  ),
);
const ignored: ReadonlySet<string> = new Set(
  'link dma base device nd6 addr tunnel autoselect active inactive protocol loopback'.split(' '),
);
const scopes: Readonly<Record<string, string>> = {
  compat: 'compat',
  global: 'global',
  host: 'host',
  link: 'link',
  site: 'site',
};

type Draft = { -readonly [Key in keyof BlockAddress]: BlockAddress[Key] };

interface State {
  readonly words: readonly IfconfigWord[];
  at: number;
  direction: 'rx' | 'tx';
  flags: string[];
  mtu: number | null;
  type: string | null;
  mac: Mac | null;
  readonly counts: Map<string, number>;
  readonly addresses: Draft[];
  readonly unread: IfconfigWord[];
}

export function readBlock(head: BlockHead, words: readonly IfconfigWord[]): IfconfigBlock {
  const state: State = {
    words,
    at: 0,
    direction: 'rx',
    flags: [...head.flags],
    mtu: null,
    type: null,
    mac: null,
    counts: new Map(),
    addresses: [],
    unread: [],
  };
  while (state.at < words.length) {
    const word = words[state.at];
    state.at++;
    if (word !== undefined && !takeWord(state, word)) state.unread.push(word);
  }
  const { flags, mtu, type, mac, addresses, unread } = state;
  return { link: { flags, mtu, type, mac, counters: countersOf(state.counts) }, addresses, unread };
}

function next(state: State): string {
  return state.words[state.at++]?.text ?? '';
}

function takeWord(state: State, word: IfconfigWord): boolean {
  const { text } = word;
  const key = text.toLowerCase();
  if (text.startsWith('(')) return skipParenthesis(state, text);
  if (flagNames.test(text)) return state.flags.push(text) > 0;
  if (key === 'rx' || key === 'tx') {
    state.direction = key;
    return true;
  }
  if (key === 'packets' || key === 'bytes' || key === 'errors' || key === 'dropped') {
    const count = parseDecimal(next(state), Number.MAX_SAFE_INTEGER);
    if (count !== null) state.counts.set(`${state.direction} ${key}`, count);
    return count !== null;
  }
  if (key === 'inet' || key === 'inet6') return takeAddress(state, key === 'inet6');
  if (key === 'mtu') {
    state.mtu = parseDecimal(next(state), 0xffffffff);
    return state.mtu !== null;
  }
  if (key === 'ether' || key === 'hwaddr' || key === 'unspec') {
    if (key !== 'hwaddr') state.type = types[key] ?? null;
    // A tunnel has the word and no address after it.
    if (!hardware.test(state.words[state.at]?.text ?? '')) return true;
    state.mac = parseMac(next(state));
    return true;
  }
  if (key === 'encap') {
    state.type = types[next(state).toLowerCase()] ?? 'none';
    return true;
  }
  if (takeDetail(state, key)) return true;
  if (types[key] !== undefined) {
    state.type ??= types[key] ?? null;
    return true;
  }
  if (skipped.has(key)) {
    state.at++;
    return true;
  }
  return ignored.has(key) || /^(?:options=|capabilities=|prefixlen|0x[0-9a-f]+)/.test(key);
}

/** What follows an address. */
function takeDetail(state: State, key: string): boolean {
  const last = state.addresses.at(-1);
  if (last === undefined) return false;
  switch (key) {
    case 'netmask':
    case 'mask': {
      const length = readMask(next(state));
      if (length === null) return false;
      last.prefixLength = length;
      return true;
    }
    case 'prefixlen': {
      const length = parseDecimal(next(state), 128);
      if (length === null) return false;
      last.prefixLength = length;
      return true;
    }
    case 'broadcast':
    case 'bcast': {
      const ip = parseIp(next(state));
      // Both print 0.0.0.0 for an address without broadcast.
      last.broadcast = ip === null || ip.a === 0 ? null : ip;
      return ip !== null;
    }
    case 'destination':
    case 'p-t-p':
    case '-->': {
      last.peer = parseIp(next(state));
      return last.peer !== null;
    }
    case 'scope':
    case 'scopeid': {
      const name = /^(?:0x[0-9a-f]+<)?([a-z]+)/i.exec(next(state))?.[1]?.toLowerCase() ?? '';
      last.scope = scopes[name] ?? last.scope;
      return true;
    }
    default:
      return false;
  }
}

function takeAddress(state: State, six: boolean): boolean {
  if (state.words[state.at]?.text === 'addr') state.at++;
  const word = state.words[state.at++];
  const [written = '', length] = (word?.text ?? '').split('/', 2);
  const ip = readIp(written);
  if (word === undefined || ip === null || (ip.family === 6) !== six) return false;
  state.addresses.push({
    word,
    ip,
    prefixLength: (length === undefined ? null : parseDecimal(length, 128)) ?? (six ? 128 : 32),
    peer: null,
    broadcast: null,
    scope: isLoopback(ip) ? 'host' : 'global',
    flags: [],
    validLifetime: null,
    preferredLifetime: null,
  });
  return true;
}

function readIp(text: string): Ip | null {
  return parseIp(text) ?? parseZonedIp(text)?.ip ?? null;
}

/** `255.255.255.0`, or `0xffffff00` as BSD prints it. */
function readMask(text: string): number | null {
  const mask = parseIp(text);
  if (mask !== null) return maskLength(mask);
  const bits = text.startsWith('0x') ? parseUint32(text) : null;
  return bits === null ? null : maskLength({ ...maskOf(4, 0), a: bits });
}

function skipParenthesis(state: State, first: string): boolean {
  let text = first;
  while (!text.endsWith(')') && state.at < state.words.length) text = next(state);
  return text.endsWith(')');
}

function countersOf(counts: ReadonlyMap<string, number>): Link['counters'] {
  if (!counts.has('rx packets') || !counts.has('tx packets')) return null;
  const of = (key: string) => counts.get(key) ?? 0;
  return {
    rxBytes: of('rx bytes'),
    rxPackets: of('rx packets'),
    rxErrors: of('rx errors'),
    rxDropped: of('rx dropped'),
    txBytes: of('tx bytes'),
    txPackets: of('tx packets'),
    txErrors: of('tx errors'),
    txDropped: of('tx dropped'),
  };
}
