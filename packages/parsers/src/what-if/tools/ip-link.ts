/** `ip link set|add|del`. ip-link(8), ip/iplink.c. */
import {
  addLink,
  changeLink,
  deleteLink,
  type Link,
  type LinkChange,
  type LinkDetails,
  type NetNs,
  parseDecimal,
  parseMac,
  refused,
} from '@coldtrace/core';
import { badWords, type Fault, unsupported } from '../call.js';
import type { ShellWord } from '../shell/syntax.js';
import { commandNamed, type IpCall, type IpTool } from './ip.js';
import { newDetails, usualMtu } from './link-kinds.js';

const commands = ['add', 'set', 'change', 'delete'] as const;

export const ipLink: IpTool = (ns, call) => {
  const [verb, ...words] = call.args;
  const command = commandNamed(verb?.text ?? '', commands);
  if (command === null) return unsupported(`ip link ${verb?.text ?? ''}`, verb ?? null);
  if (command === 'add') {
    const links = newLinks(ns, words, call);
    return 'kind' in links ? links : addLink(ns, links.made);
  }
  const { named, rest } = namedFirst(words);
  if (named === undefined) return badWords('Not enough information: "dev" argument is required.');
  if (command === 'delete') return deleteLink(ns, named.text);
  const change = readChange(rest);
  if ('kind' in change) return change;
  if (isTooNarrow(ns, named.text, change)) return refused('mtu less than device minimum.');
  return isTooWide(ns, named.text, change)
    ? refused('RTNETLINK answers: Invalid argument')
    : changeLink(ns, named.text, change, call.span);
};

/** include/uapi/linux/if_ether.h ETH_MIN_MTU; a dummy takes less. */
function isTooNarrow({ links }: NetNs, name: string, { mtu }: LinkChange): boolean {
  const link = links.rows.find((one) => one.name === name);
  const isDummy = link?.details?.kind === 'other' && link.details.type === 'dummy';
  return mtu !== undefined && mtu < 68 && link?.type === 'ether' && !isDummy;
}

/** A VXLAN device leaves room for its headers in what the device below it carries. drivers/net/vxlan `vxlan_change_mtu`. */
function isTooWide({ links }: NetNs, name: string, { mtu }: LinkChange): boolean {
  const details = links.rows.find((one) => one.name === name)?.details;
  if (mtu === undefined || details?.kind !== 'vxlan') return false;
  const below = links.rows.find((one) => one.name === details.dev)?.mtu ?? null;
  const headers = [details.local, details.remote].some((ip) => ip?.family === 6) ? 70 : 50;
  return below !== null && mtu > below - headers;
}

/** `dev NAME` stands wherever one likes: `ip link set up dev eth0`. */
function namedFirst(words: readonly ShellWord[]) {
  const at = words.findIndex(({ text }) => text === 'dev');
  return at < 0 ? { named: words[0], rest: words.slice(1) } : { named: words[at + 1], rest: words.toSpliced(at, 2) };
}

function readChange(words: readonly ShellWord[]): LinkChange | Fault {
  let change: LinkChange = {};
  for (let at = 0; at < words.length; at++) {
    const word = words[at];
    const value = words[at + 1];
    if (word === undefined) break;
    switch (word.text) {
      case 'up':
      case 'down':
        change = { ...change, up: word.text === 'up' };
        continue;
      case 'nomaster':
        change = { ...change, master: null };
        continue;
      case 'mtu': {
        const mtu = parseDecimal(value?.text ?? '', 0xffff);
        if (mtu === null) return badWords('"mtu" value is invalid', value ?? word);
        change = { ...change, mtu };
        break;
      }
      case 'address': {
        const mac = parseMac(value?.text ?? '');
        if (mac === null) return badWords(`"${value?.text ?? ''}" is invalid lladdr.`, value ?? word);
        change = { ...change, mac };
        break;
      }
      case 'master':
        change = { ...change, master: value?.text ?? '' };
        break;
      case 'name':
        change = { ...change, name: value?.text ?? '' };
        break;
      case 'arp':
        change = { ...change, arp: value?.text !== 'off' };
        break;
      case 'txqueuelen':
      case 'qlen':
      case 'alias':
      case 'group':
        break;
      default:
        return unsupported(`ip link set … ${word.text}`, word);
    }
    at++;
  }
  return change;
}

interface Named {
  readonly name: string;
  readonly type: string;
  readonly words: readonly ShellWord[];
  readonly change: LinkChange;
}

function newLinks(
  ns: NetNs,
  words: readonly ShellWord[],
  { span }: IpCall,
): { readonly made: readonly Link[] } | Fault {
  const read = readNew(words);
  if ('kind' in read) return read;
  const { name, type, change } = read;
  const texts = read.words.map(({ text }) => text);
  const after = (word: string) => texts[texts.indexOf(word) + 1] ?? null;
  const link = (own: string, details: LinkDetails, peer: string | null, flags: readonly string[]): Link => ({
    ifindex: null,
    name: own,
    altnames: [],
    flags,
    mtu: change.mtu ?? usualMtu(ns, type, texts),
    state: 'DOWN',
    type: type === 'ipip' || type === 'gre' || type === 'sit' ? type : 'ether',
    mac: own === name ? (change.mac ?? null) : null,
    master: change.master ?? null,
    peer,
    peerIfindex: null,
    peerNetns: null,
    qdisc: null,
    group: 'default',
    details,
    port: null,
    counters: null,
    span,
  });
  const ethernet = ['BROADCAST', 'MULTICAST'];
  const details = newDetails(type, read.words);
  if (details !== null) {
    if (details.kind === 'fault') return details;
    const flags = details.kind === 'tunnel' ? ['POINTOPOINT', 'NOARP'] : ethernet;
    return { made: [link(name, details, details.kind === 'vlan' ? after('link') : null, flags)] };
  }
  switch (type) {
    case 'veth': {
      const peer = texts.includes('peer') ? texts.at(-1) : undefined;
      if (peer === undefined) return unsupported('a veth pair whose other end has no name', read.words[0] ?? null);
      const details: LinkDetails = { kind: 'other', type: 'veth', words: [] };
      return { made: [link(peer, details, name, ethernet), link(name, details, peer, ethernet)] };
    }
    case 'dummy':
      return { made: [link(name, { kind: 'other', type, words: [] }, null, ['BROADCAST', 'NOARP'])] };
    default:
      return unsupported(`ip link add type ${type}`, words[0] ?? null);
  }
}

/** `[link DEV] [name] NAME [mtu N] [address MAC] type TYPE …`. */
function readNew(words: readonly ShellWord[]): Named | Fault {
  const at = words.findIndex(({ text }) => text === 'type');
  const type = words[at + 1];
  if (at < 0 || type === undefined) return badWords('Not enough information: "type" argument is required');
  const head = [...words.slice(0, at)];
  const lower = head.findIndex(({ text }) => text === 'link');
  const link = lower < 0 ? [] : head.splice(lower, 2);
  const [first] = head;
  const keyword = first?.text === 'name' || first?.text === 'dev';
  const name = keyword ? head[1] : first;
  if (name === undefined || name.text.length > 15)
    return badWords('"name" is missing or too long', name ?? first ?? null);
  const change = readChange(head.slice(keyword ? 2 : 1));
  return 'kind' in change
    ? change
    : { name: name.text, type: type.text, words: [...link, ...words.slice(at + 2)], change };
}
