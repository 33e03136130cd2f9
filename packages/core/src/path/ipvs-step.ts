/** Where IPVS would take a packet over: found, and left open. net/netfilter/ipvs/ip_vs_core.c. */
import { sameIp } from '../inet/ip.js';
import type { VirtualServer } from '../snapshot/ipvs.js';
import { ending } from '../verdict/disposition.js';
import { missing, type Place } from './place.js';
import { assume, finish, leaveOpen, note, type World } from './world.js';

const protocols = { tcp: 6, udp: 17, sctp: 132 } as const;

/** Asked in INPUT and OUTPUT. In FORWARD only packets of known IPVS connections are changed, and none is followed this far. */
export function ipvs(place: Place, world: World): World {
  if (world.answering) return world;
  const hit = place.ns.ipvs.rows.find((service) => serves(service, world));
  if (hit !== undefined) {
    const reason = { dump: null, text: `IPVS on ${place.name} takes the packet over; it is not modelled` } as const;
    const told = note(world, place.name, 'ipvs', 'an IPVS service', [{ span: hit.span, why: 'virtual server' }]);
    return finish(leaveOpen(told, [reason]), ending('undetermined'));
  }
  if (place.ns.ipvs.state === 'complete' || !isLoaded(place)) return world;
  const reason = missing(place, 'ipvsadm', 'whether IPVS has a service for the packet is not known');
  if (place.assume === 'none') return finish(leaveOpen(world, [reason]), ending('undetermined'));
  return assume(world, [{ ...reason, text: `${reason.text}; none is assumed` }]);
}

function serves({ key }: VirtualServer, { skb }: World): boolean {
  if (key.kind === 'fwmark') return key.family === skb.family && key.mark === skb.mark;
  if (protocols[key.protocol] !== skb.proto) return false;
  return sameIp(key.ip, skb.dst) && (key.port === 0 || key.port === skb.dport);
}

/** The module shows by its parameters, in a list of modules, or by services. */
function isLoaded(place: Place): boolean {
  const { byKey } = place.ns.sysctl;
  if (place.ns.ipvs.rows.length > 0 || place.node.modules.rows.some(({ name }) => name === 'ip_vs')) return true;
  return ['conntrack', 'expire_nodest_conn', 'conn_reuse_mode'].some((key) => byKey.has(`net/ipv4/vs/${key}`));
}
