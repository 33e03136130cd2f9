/** To whom a frame is addressed, as the device that receives it sees it. net/ethernet/eth.c eth_type_trans. */
import { isBroadcastMac, isGroupMac, type Mac, sameMac } from '../inet/mac.js';
import type { Skb } from '../packet/skb.js';
import type { Link } from '../snapshot/link.js';
import { oncePerPlace } from './per-place.js';
import type { Place } from './place.js';

export type FrameKind = Skb['pktType'];

const byName = new WeakMap<readonly Link[], ReadonlyMap<string, Link>>();

/** The first captured device of that name. */
export function linkOf(place: Place, name: string): Link | undefined {
  return linksOf(place).get(name);
}

/** Places of one namespace share them. */
const linksOf = oncePerPlace(({ ns: { links } }: Place): ReadonlyMap<string, Link> => {
  let index = byName.get(links.rows);
  if (index === undefined) {
    // Of several rows with one name the first counts.
    index = new Map(
      links.rows
        .filter(({ trust }) => trust !== 'claimed')
        .map((row) => [row.name, row] as const)
        .reverse(),
    );
    byName.set(links.rows, index);
  }
  return index;
});

/** A device of which no flag was shown may be up. */
export function isDown({ flags }: Link): boolean {
  return flags.length > 0 && !flags.includes('UP');
}

/**
 * It may be a tunnel for all that was captured: its kind was not shown, and nothing tells that it has a wire. A device with a queue of its own
 * is a network card, one with a peer (`eth0@if7`) is the end of a pair or stands on another device.
 */
export function mayBeTunnel({ details, detailed, type, peer, peerIfindex, qdisc }: Link): boolean {
  if (details !== null || detailed === true || peer !== null || peerIfindex !== null) return false;
  return (type === null || type === 'ether') && (qdisc === null || qdisc === 'noqueue');
}

/** `null`: the device's own address was not captured, so nothing tells. A frame without a given address is for the device. */
export function frameKind(dst: Mac | null, link: Link | undefined): FrameKind | null {
  if (dst === null) return 'host';
  if (isBroadcastMac(dst)) return 'broadcast';
  if (isGroupMac(dst)) return 'multicast';
  const own = link?.mac ?? null;
  if (own === null) return link !== undefined && link.type !== null && link.type !== 'ether' ? 'host' : null;
  return sameMac(dst, own) ? 'host' : 'otherhost';
}
