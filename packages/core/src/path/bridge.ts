/** Devices that hand what they receive to a master, and what a bridge does with a frame. net/bridge/br_input.c, br_forward.c, br_netfilter_hooks.c. */
import type { Family } from '../inet/ip.js';
import { isBroadcastMac, isGroupMac, sameMac } from '../inet/mac.js';
import { lookupFdb } from '../neigh/fdb.js';
import type { Skb } from '../packet/skb.js';
import type { Link, OtherDetails } from '../snapshot/link.js';
import { portsOf } from '../snapshot/rows-by.js';
import { type Reason, type Tri, unknown } from '../tri.js';
import type { Evidence } from '../verdict/step.js';
import { linkOf } from './frame.js';
import { missing, type Place, sysctl } from './place.js';

export type BridgeNetfilter = 'on' | 'off' | 'unknown';

/** Does br_netfilter show what the bridge carries to iptables? A complete dump without the key has no such module. */
export function bridgeNetfilter(place: Place, family: Family, bridge: string): BridgeNetfilter {
  const details = linkOf(place, bridge)?.details ?? null;
  if (details?.kind === 'bridge' && (family === 4 ? details.nfCallIptables : details.nfCallIp6tables) === true)
    return 'on';
  const setting = sysctl(place, `net/bridge/bridge-nf-call-${family === 4 ? 'iptables' : 'ip6tables'}`);
  if (setting.value !== null) return setting.value === '0' ? 'off' : 'on';
  return setting.known ? 'off' : 'unknown';
}

export type Master =
  | { readonly kind: 'none' }
  | { readonly kind: 'bridge'; readonly name: string }
  /** A bond or team: what comes in by a member comes in by it. */
  | { readonly kind: 'aggregate'; readonly name: string; readonly taken: boolean }
  | { readonly kind: 'open'; readonly name: string; readonly because: readonly Reason[] };

export function masterOf(place: Place, dev: string): Master {
  const name = linkOf(place, dev)?.master ?? null;
  if (name === null) return { kind: 'none' };
  const details = linkOf(place, name)?.details ?? null;
  if (details?.kind === 'bridge') return { kind: 'bridge', name };
  if (details === null) {
    const because = [missing(place, 'ip-link', `what kind of master ${name} of ${dev} is is not known`)];
    return { kind: 'open', name, because };
  }
  const type = details.kind === 'other' ? details.type : details.kind;
  if (details.kind === 'other' && (type === 'bond' || type === 'team')) {
    const taken = type === 'team' ? true : takesFrom(place, name, details, dev);
    return typeof taken === 'boolean' ? { kind: 'aggregate', name, taken } : { kind: 'open', name, ...taken };
  }
  const text = `${dev} belongs to ${name}, a ${type === 'vrf' ? 'VRF' : type} device, which is not modelled`;
  return { kind: 'open', name, because: [{ dump: null, text }] };
}

/** A bond drops what comes in by a member that it does not use. drivers/net/bonding/bond_main.c bond_should_deliver_exact_match. */
function takesFrom({ ns }: Place, bond: string, { words }: OtherDetails, dev: string): Tri {
  const after = (word: string): string | null => words[words.indexOf(word) + 1 || words.length] ?? null;
  const mode = after('mode');
  const all = mode === 'balance-rr' || mode === 'balance-xor' || mode === 'broadcast';
  if (all || after('all_slaves_active') === '1') return true;
  const active = after('active_slave');
  if (mode === 'active-backup' && active !== null) return active === dev;
  const members = ns.links.rows.filter(({ master }) => master === bond).length;
  if (members === 1 || (mode === '802.3ad' && after('ad_num_ports') === String(members))) return true;
  return unknown(`whether ${bond} takes anything from its member ${dev} is not known`, null);
}

/** Where a bridge sends a frame. */
export type Onward =
  /** `otherhost`: taken in for an address of another port, so the stack drops it. */
  | { readonly kind: 'up'; readonly otherhost: boolean; readonly evidence: readonly Evidence[] }
  | { readonly kind: 'ports'; readonly ports: readonly Link[]; readonly evidence: readonly Evidence[] }
  /** Broadcast and multicast: to the other ports, and up. */
  | { readonly kind: 'all'; readonly ports: readonly Link[] }
  | { readonly kind: 'open'; readonly because: readonly Reason[] };

export function onward(place: Place, bridge: string, from: Link, { srcMac, dstMac, dst }: Skb): Onward {
  const link = linkOf(place, bridge);
  if (dstMac === null) return { kind: 'up', otherhost: false, evidence: [] };
  const unclear = vlanDoubt(place, bridge);
  if (unclear !== null) return { kind: 'open', because: [unclear] };
  if (isGroupMac(dstMac)) {
    const snoops = link?.details?.kind !== 'bridge' || link.details.snooping !== false;
    if (!isBroadcastMac(dstMac) && snoops && !isFloodedGroup(dst))
      return openFor(`which ports of ${bridge} take part in a multicast group is not modelled`);
    return everywhere(place, bridge, from, 'all', isBroadcastMac(dstMac) ? 'bcastFlood' : 'mcastFlood');
  }
  const forItself = srcMac !== null && sameMac(srcMac, dstMac) && learnsFrom(link, from);
  const found = lookupFdb(place, bridge, dstMac, forItself ? from : null);
  switch (found.kind) {
    case 'open':
      return found;
    case 'local': {
      const own = [link?.mac ?? null, from.mac].some((mac) => mac !== null && sameMac(mac, dstMac));
      return { kind: 'up', otherhost: !own, evidence: found.evidence };
    }
    case 'port': {
      const to = linkOf(place, found.dev);
      if (to === undefined) return openFor(`port ${found.dev} of ${bridge} was not captured`, 'ip-link');
      return { kind: 'ports', ports: delivers(from, to) ? [to] : [], evidence: found.evidence };
    }
    case 'unknown-address':
      return everywhere(place, bridge, from, 'ports', 'flood');
  }
}

/** The sender's address is learned before the receiver's is looked for; with an ageing time of 0, none is. br_input.c br_handle_frame_finish. */
function learnsFrom(bridge: Link | undefined, { port }: Link): boolean {
  const ageing = bridge?.details?.kind === 'bridge' ? bridge.details.ageingTime : null;
  return port?.learning !== false && ageing !== 0;
}

function openFor(text: string, dump: Reason['dump'] = null): Onward & { readonly kind: 'open' } {
  return { kind: 'open', because: [{ dump, text }] };
}

/** Snooping leaves 224.0.0.0/24 and the groups that all nodes are in alone. net/bridge/br_multicast.c. */
function isFloodedGroup(dst: Skb['dst']): boolean {
  return dst.family === 4
    ? dst.a >>> 8 === 0xe00000
    : dst.a >>> 16 === 0xff02 && dst.b === 0 && dst.c === 0 && dst.d === 1;
}

type Flood = 'flood' | 'mcastFlood' | 'bcastFlood';

/** By the ports that are not set to leave such frames out. br_forward.c br_flood. */
function everywhere(place: Place, bridge: string, from: Link, kind: 'all' | 'ports', flood: Flood): Onward {
  if (place.ns.links.state !== 'complete')
    return { kind: 'open', because: [missing(place, 'ip-link', `which ports ${bridge} has is not known`)] };
  const ports = portsOf(place.ns, bridge).filter((port) => delivers(from, port) && floods(port, flood));
  return kind === 'all' ? { kind, ports } : { kind, ports, evidence: [] };
}

/** Is the port one of those by which a flooded frame leaves? `own`: what the node itself sends to all. br_forward.c br_flood. */
export function floods({ port }: Link, flood: Flood | 'own'): boolean {
  return port?.proxyArp !== true && (flood === 'own' || port?.[flood] !== false);
}

/** A port sends what another one received: not back to where it came from, and only while it forwards. br_forward.c should_deliver. */
function delivers(from: Link, to: Link): boolean {
  if (to.name === from.name && to.port?.hairpin !== true) return false;
  if (from.port?.isolated === true && to.port?.isolated === true) return false;
  return isForwarding(to);
}

export function isForwarding({ port, flags }: Link): boolean {
  if (port !== null && port.state !== null) return port.state === 'forwarding';
  return flags.includes('UP') && !flags.includes('NO-CARRIER');
}

/** With VLAN filtering, frames pass only where every port and the bridge carry the one VLAN untagged. */
function vlanDoubt(place: Place, bridge: string): Reason | null {
  const details = linkOf(place, bridge)?.details;
  if (details?.kind !== 'bridge' || details.vlanFiltering !== true) return null;
  return { dump: null, text: `${bridge} filters VLANs, which is not modelled` };
}
