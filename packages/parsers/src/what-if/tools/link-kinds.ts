/** The settings behind `ip link add … type KIND`: those that a snapshot shows, every other one is refused. ip-link(8), ip/iplink_*.c. */
import type { LinkDetails, NetNs } from '@coldtrace/core';
import { detailsOf } from '../../iproute/link/details.js';
import { type Fault, unsupported } from '../call.js';
import type { ShellWord } from '../shell/syntax.js';

interface Kind {
  /** Each with how many values follow it. */
  readonly settings: Readonly<Record<string, number>>;
  /** What such a device has where nothing is said. */
  readonly usual: readonly string[];
}

const tunnel: Kind = {
  settings: { local: 1, remote: 1, dev: 1, ttl: 1, tos: 1, fwmark: 1, pmtudisc: 0, nopmtudisc: 0 },
  usual: ['pmtudisc'],
};

const kinds: Readonly<Record<string, Kind>> = {
  bridge: {
    settings: { vlan_filtering: 1, stp_state: 1, ageing_time: 1, nf_call_iptables: 1, nf_call_ip6tables: 1 },
    usual: ['vlan_filtering', '0', 'stp_state', '0', 'nf_call_iptables', '0', 'nf_call_ip6tables', '0'],
  },
  gre: tunnel,
  ipip: tunnel,
  sit: tunnel,
  vlan: { settings: { id: 1, protocol: 1, link: 1 }, usual: [] },
  vxlan: {
    settings: {
      ...{ id: 1, local: 1, remote: 1, group: 1, dev: 1, dstport: 1, srcport: 2, ttl: 1, tos: 1, df: 1 },
      ...{ learning: 0, nolearning: 0, l2miss: 0, nol2miss: 0, l3miss: 0, nol3miss: 0, proxy: 0, noproxy: 0 },
      ...{ ageing: 1, udpcsum: 0, noudpcsum: 0 },
    },
    usual: ['dstport', '8472', 'srcport', '0', '0'],
  },
};

const otherNames: ReadonlyMap<string, string> = new Map([
  ['vni', 'id'],
  ['hoplimit', 'ttl'],
  ['dsfield', 'tos'],
]);

/** null: a kind that is not made here. */
export function newDetails(type: string, words: readonly ShellWord[]): LinkDetails | Fault | null {
  const kind = kinds[type];
  if (kind === undefined) return null;
  const texts: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at];
    if (word === undefined) break;
    const name = otherNames.get(word.text) ?? word.text;
    const values = Object.hasOwn(kind.settings, name) ? kind.settings[name] : undefined;
    if (values === undefined) return unsupported(`ip link add … type ${type} ${word.text}`, word);
    const given = words.slice(at + 1, at + 1 + values).map(({ text }) => text);
    texts.push(name, ...given);
    at += values;
  }
  // What is said comes first, and is found first; a switch turns its opposite off.
  const usual = kind.usual.filter((word) => !texts.includes(`no${word}`));
  return detailsOf(type, [type, ...texts, ...usual]);
}

/** null: what carries the device decides it, and was not captured or is not looked at here. */
export function usualMtu(ns: NetNs, type: string, words: readonly string[]): number | null {
  const after = (word: string) => words[words.indexOf(word) + 1];
  const below = (word: string) => ns.links.rows.find(({ name }) => words.includes(word) && name === after(word))?.mtu;
  switch (type) {
    case 'veth':
    case 'dummy':
    case 'bridge':
      return 1500;
    case 'vlan':
      return below('link') ?? null;
    case 'vxlan': {
      if (!words.includes('dev')) return 1500;
      const lower = below('dev') ?? null;
      const six = ['local', 'remote', 'group'].some((word) => words.includes(word) && after(word)?.includes(':'));
      return lower === null ? null : lower - (six ? 70 : 50);
    }
    default:
      return null;
  }
}
