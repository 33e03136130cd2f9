/** The details line of `ip -d link`: kind of the device and its settings (ip-link(8); iproute2 ip/iplink_*.c). */
import {
  type BridgePort,
  type Ip,
  type LinkDetails,
  parseDecimal,
  parseIp,
  parseUint32,
  type VxlanDetails,
} from '@coldtrace/core';
import { isGeneric } from './hardware.js';

const tunnels = new Set([
  'ipip',
  'sit',
  'gre',
  'gretap',
  'ip6gre',
  'ip6gretap',
  'ip6tnl',
  'vti',
  'vti6',
  'erspan',
  'ip6erspan',
]);

const others = new Set([
  'amt',
  'bareudp',
  'batadv',
  'bond',
  'can',
  'dsa',
  'dummy',
  'geneve',
  'gtp',
  'hsr',
  'ifb',
  'ipoib',
  'ipvlan',
  'ipvtap',
  'lowpan',
  'macsec',
  'macvlan',
  'macvtap',
  'netdevsim',
  'netkit',
  'nlmon',
  'openvswitch',
  'ovpn',
  'pfcp',
  'ppp',
  'rmnet',
  'team',
  'tun',
  'vcan',
  'veth',
  'virt_wifi',
  'vrf',
  'vsockmon',
  'vxcan',
  'wireguard',
  'wwan',
  'xfrm',
]);

/** `bridge_slave`, `bond_slave`, …: the device as a port of its master. */
export const isSlaveKind = (word: string): boolean => /^\w+_slave$/.test(word);

export function isKind(word: string): boolean {
  return word === 'vxlan' || word === 'bridge' || word === 'vlan' || tunnels.has(word) || others.has(word);
}

/** The settings up to the generic words (`addrgenmode …`) that stand at the end of the line. */
export function detailsOf(kind: string, words: readonly string[]): LinkDetails {
  const end = words.findIndex((word, at) => isGeneric(word) && at > 0);
  const own = end < 0 ? words.slice(1) : words.slice(1, end);
  if (kind === 'vxlan') return vxlan(own);
  if (kind === 'bridge') return bridge(own);
  if (kind === 'vlan')
    return { kind: 'vlan', id: number(own, 'id') ?? 0, protocol: after(own, 'protocol') ?? '802.1Q' };
  if (tunnels.has(kind)) return tunnel(kind, own);
  return { kind: 'other', type: kind, words: own };
}

function after(words: readonly string[], keyword: string): string | null {
  const at = words.indexOf(keyword);
  return at < 0 ? null : (words[at + 1] ?? null);
}

function number(words: readonly string[], keyword: string): number | null {
  const text = after(words, keyword);
  return text === null ? null : parseDecimal(text, 0xffffffff);
}

function address(words: readonly string[], keyword: string): Ip | null {
  const text = after(words, keyword);
  return text === null ? null : parseIp(text);
}

function vxlan(words: readonly string[]): LinkDetails {
  return {
    kind: 'vxlan',
    id: number(words, 'id') ?? 0,
    local: address(words, 'local'),
    remote: address(words, 'remote') ?? address(words, 'group'),
    dev: after(words, 'dev'),
    dstport: number(words, 'dstport'),
    ...sourcePorts(words),
    ttl: after(words, 'ttl') === 'inherit' ? 'inherit' : number(words, 'ttl') || null,
    tos: serviceOf(words),
    df: after(words, 'df') === 'set' ? 'set' : after(words, 'df') === 'inherit' ? 'inherit' : 'unset',
    // `learning` is the default and not printed by old tools; only its negation is sure to be.
    learning: !words.includes('nolearning'),
    l3miss: words.includes('l3miss'),
    l2miss: words.includes('l2miss'),
    proxy: words.includes('proxy'),
    ...externalOf(words),
  };
}

function externalOf(words: readonly string[]): { readonly external?: true } {
  return words.includes('external') ? { external: true } : {};
}

/** `tos inherit`, `tos 0x10`; JSON has 1 for what is inherited. */
function serviceOf(words: readonly string[]): number | 'inherit' | null {
  const text = after(words, 'tos') ?? after(words, 'tclass');
  if (text === null) return null;
  const value = text === 'inherit' ? 1 : parseUint32(text);
  return value === 1 ? 'inherit' : value;
}

function sourcePorts(words: readonly string[]): Pick<VxlanDetails, 'srcport'> {
  const at = words.indexOf('srcport');
  const [min, max] = [1, 2].map((behind) => parseDecimal(words[at + behind] ?? '', 0xffff));
  return at < 0 || min == null || max == null ? {} : { srcport: [min, max] };
}

function bridge(words: readonly string[]): LinkDetails {
  return {
    kind: 'bridge',
    vlanFiltering: flag(words, 'vlan_filtering'),
    stp: flag(words, 'stp_state'),
    ageingTime: number(words, 'ageing_time'),
    nfCallIptables: flag(words, 'nf_call_iptables'),
    nfCallIp6tables: flag(words, 'nf_call_ip6tables'),
    ...(flag(words, 'mcast_snooping') === false ? { snooping: false } : {}),
  };
}

/** `0`, `1`, `2`, `on`, `off`. */
function flag(words: readonly string[], keyword: string): boolean | null {
  const text = after(words, keyword);
  return text === null ? null : text !== '0' && text !== 'off';
}

function tunnel(type: string, words: readonly string[]): LinkDetails {
  const ttl = after(words, 'ttl') ?? after(words, 'hoplimit');
  // The gre family prints only that it is off.
  const on = words.includes('pmtudisc') || /^(?:gre|gretap|erspan)$/.test(type) ? true : null;
  const pmtudisc = words.includes('nopmtudisc') ? false : on;
  return {
    kind: 'tunnel',
    type,
    local: address(words, 'local'),
    remote: address(words, 'remote'),
    dev: after(words, 'dev'),
    // JSON has 0 where the text has `inherit`.
    ttl: ttl === 'inherit' || ttl === 'auto' || ttl === '0' ? 'inherit' : ttl === null ? null : parseDecimal(ttl, 255),
    tos: serviceOf(words),
    pmtudisc,
    ...fwmarkOf(words),
    ...(words.includes('encap') ? { encap: true } : {}),
    ...externalOf(words),
  };
}

function fwmarkOf(words: readonly string[]): { readonly fwmark?: number } {
  const mark = parseUint32(after(words, 'fwmark') ?? '');
  return mark === null ? {} : { fwmark: mark };
}

/** Settings of a bridge port, from `ip -d link` or `bridge -d link`. */
export function portOf(words: readonly string[]): BridgePort {
  return {
    hairpin: flag(words, 'hairpin'),
    state: after(words, 'state'),
    learning: flag(words, 'learning'),
    flood: flag(words, 'flood'),
    mcastFlood: flag(words, 'mcast_flood'),
    bcastFlood: flag(words, 'bcast_flood'),
    isolated: flag(words, 'isolated'),
    ...(flag(words, 'locked') === true ? { locked: true } : {}),
    ...(flag(words, 'proxy_arp') === true ? { proxyArp: true } : {}),
  };
}
