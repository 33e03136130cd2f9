/** Devices that hand what they receive to a master: the master is then what rules see. net/bridge/br_netfilter_hooks.c, drivers/net/bonding. */
import type { Family } from '../inet/ip.js';
import type { Link } from '../snapshot/link.js';
import type { Reason } from '../tri.js';
import { missing, type Place, sysctl } from './place.js';

export type BridgeNetfilter = 'on' | 'off' | 'unknown';

/** Does br_netfilter show what the bridge carries to iptables? */
export function bridgeNetfilter(place: Place, family: Family, bridge: string): BridgeNetfilter {
  const details = place.ns.links.rows.find((row) => row.name === bridge)?.details ?? null;
  if (details?.kind === 'bridge' && (family === 4 ? details.nfCallIptables : details.nfCallIp6tables) === true)
    return 'on';
  const setting = sysctl(place, `net/bridge/bridge-nf-call-${family === 4 ? 'iptables' : 'ip6tables'}`);
  if (setting.value !== null) return setting.value === '0' ? 'off' : 'on';
  return setting.known ? 'off' : 'unknown';
}

export interface Entry {
  /** The device that rules and routes see. */
  readonly iif: string;
  /** The bridge port, where br_netfilter remembers it. */
  readonly physIn: string | null;
  readonly because: readonly Reason[];
}

/** What a frame that a device receives comes in by. */
export function entryAt(place: Place, family: Family, dev: string): Entry {
  const link = linkOf(place, dev);
  const master = link?.master ?? null;
  if (master === null) return { iif: dev, physIn: null, because: [] };
  const { details = null } = linkOf(place, master) ?? {};
  if (details?.kind === 'other' && details.type === 'vrf')
    return {
      iif: dev,
      physIn: null,
      because: [{ dump: null, text: `${dev} belongs to the VRF ${master}, which is not modelled` }],
    };
  if (details?.kind === 'other') return { iif: master, physIn: null, because: [] };
  const because =
    details === null ? [missing(place, 'ip-link', `what kind of master ${master} of ${dev} is is not known`)] : [];
  const filter = bridgeNetfilter(place, family, master);
  const unclear =
    filter === 'unknown' ? [missing(place, 'sysctl', `whether br_netfilter shows ${dev} is not known`)] : [];
  return { iif: master, physIn: filter === 'on' ? dev : null, because: [...because, ...unclear] };
}

function linkOf(place: Place, name: string): Link | undefined {
  return place.ns.links.rows.find((row) => row.name === name && row.trust !== 'claimed');
}
