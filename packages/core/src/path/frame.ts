/** To whom a frame is addressed, as the device that receives it sees it. net/ethernet/eth.c eth_type_trans. */
import { isBroadcastMac, isGroupMac, type Mac, sameMac } from '../inet/mac.js';
import type { Skb } from '../packet/skb.js';
import type { Link } from '../snapshot/link.js';
import type { Place } from './place.js';

export type FrameKind = Skb['pktType'];

export function linkOf(place: Place, name: string): Link | undefined {
  return place.ns.links.rows.find((row) => row.name === name && row.trust !== 'claimed');
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
