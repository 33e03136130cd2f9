/** The key of the tunnel that a packet came by, which `ip rule … tun_id` asks for. include/net/dst_metadata.h skb_tunnel_info, drivers/net/vxlan/vxlan_core.c vxlan_rcv. */
import { linkOf, mayBeTunnel } from '../path/frame.js';
import { missing, type Place } from '../path/place.js';
import type { Link } from '../snapshot/link.js';
import { type Tri, unknown } from '../tri.js';

/** Since a rule asks for it, tunnels over UDP keep the key of what they carry; of others those alone that are `external`. What comes by no tunnel has key 0. */
export function carriesKey(key: number, iif: string | null, place: Place): Tri {
  if (iif === null || iif === 'lo') return false;
  const { links } = place.ns;
  const device = linkOf(place, iif);
  if (device?.details?.kind === 'vxlan' && device.details.external !== true) return device.details.id === key;
  if (device !== undefined && standsAlone(device)) return false;
  // Behind a bridge or on top of the tunnel it is another device that the packet comes by.
  const tunnel = links.rows.find((link) => mayKeep(key, link));
  if (tunnel !== undefined) return unknown(`a policy rule selects by tunnel key ${key}, which ${tunnel.name} may keep`);
  if (links.state === 'complete' && !links.rows.some(mayBeTunnel)) return false;
  return { because: [missing(place, 'ip-link', `whether a tunnel keeps the key ${key} is not known`)] };
}

/** A network card, or the end of a pair: what comes by it comes from elsewhere. */
function standsAlone({ details, detailed }: Link): boolean {
  return details === null ? detailed === true : details.kind === 'other' && details.type === 'veth';
}

function mayKeep(key: number, { details }: Link): boolean {
  switch (details?.kind) {
    case 'vxlan':
      return details.external === true || details.id === key;
    case 'tunnel':
      return details.external === true;
    case 'other':
      return details.type === 'geneve' || details.type === 'bareudp' || details.words.includes('external');
    default:
      return false;
  }
}
