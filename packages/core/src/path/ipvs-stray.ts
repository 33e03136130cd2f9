/** A server sends what belongs to no connection: net.ipv4.vs.nat_icmp_send has it told so. net/netfilter/ipvs/ip_vs_core.c ip_vs_out_hook. */
import { sameIp } from '../inet/ip.js';
import { isServiceFor } from '../ipvs/service.js';
import { type Skb, tcpFlag } from '../packet/skb.js';
import type { RealServer } from '../snapshot/ipvs.js';
import { ending } from '../verdict/disposition.js';
import { chunkType, SCTP_ABORT } from './ipvs-new.js';
import { eachSetting } from './ipvs-setting.js';
import { endpoint } from './nat.js';
import type { Place } from './place.js';
import { finish, note, type World } from './world.js';

/** Worlds that have ended were refused; the others go on. */
export function refuseStrays(place: Place, world: World): readonly World[] {
  const { skb } = world;
  const server = masqueradedServer(place, skb);
  if (server === undefined || isLastWord(skb)) return [world];
  return eachSetting(place, world, 'nat_icmp_send').map(({ world: live, on }) => {
    if (!on) return live;
    const what = `${endpoint(skb.src, skb.sport)} is a server, and no connection of IPVS expects this of it`;
    const told = note(live, place.name, 'ipvs', what, [{ span: server.span, why: 'server' }]);
    return finish(told, ending('rejected', skb.family === 4 ? 'icmp 3/3' : 'icmpv6 1/4'));
  });
}

function masqueradedServer(place: Place, skb: Skb): RealServer | undefined {
  for (const service of place.ns.ipvs.rows) {
    if (!isServiceFor(service, skb.proto)) continue;
    const found = service.servers.find(
      ({ forwarding, port, ip }) => forwarding === 'masq' && port === skb.sport && sameIp(ip, skb.src),
    );
    if (found !== undefined) return found;
  }
  return undefined;
}

function isLastWord(skb: Skb): boolean {
  if (skb.proto === 6) return ((skb.tcp?.flags ?? 0) & tcpFlag.RST) !== 0;
  return skb.proto === 132 && chunkType(skb) === SCTP_ABORT;
}
