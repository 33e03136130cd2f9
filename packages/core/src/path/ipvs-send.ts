/** A packet goes to the server of its IPVS connection: rewritten, as it is, or in a tunnel. net/netfilter/ipvs/ip_vs_xmit.c. */
import { type Ip, ip4, sameIp } from '../inet/ip.js';
import { isLoopback } from '../inet/ip-kind.js';
import { formatIp } from '../inet/ip-text.js';
import type { IpvsConnection } from '../ipvs/connection.js';
import type { Hook } from '../netfilter/hook.js';
import { alter, alterConnection, type Skb } from '../packet/skb.js';
import { towardsOf } from '../route/question.js';
import { ending } from '../verdict/disposition.js';
import { unlessTooLong } from './ipvs-size.js';
import { asIpip, inTunnel, routeTunnel, type TunnelRouting, type TunnelWay } from './ipvs-tunnel.js';
import { endpoint } from './nat.js';
import type { Place } from './place.js';
import { type Routed, routeWorld } from './routing.js';
import { advance, change, finish, leaveOpen, note, type World, withPacket } from './world.js';

/** What the path does for IPVS, which routes packets that it has changed. */
export interface Routes {
  /** Asks the routes again; the packet's source stays. */
  readonly again: (world: World) => readonly World[];
  /** OUTPUT and POSTROUTING for a packet that is given a route. */
  readonly launch: (routed: Routed) => readonly World[];
}

export function sendToServer(
  place: Place,
  world: World,
  hook: Hook,
  connection: IpvsConnection,
  routes: Routes,
): readonly World[] {
  // By the server's address alone: marks and sources select no rule.
  const question = towardsOf(connection.server.ip);
  const found: TunnelRouting =
    connection.method === 'tunnel' ? routeTunnel(place, world, question) : routeWorld(place, world, question);
  const { ended, routed } = found;
  return [
    ...ended.map((one) => unreachable(one)),
    ...routed.flatMap((one) =>
      one.route.type === 'local' ? stay(place, one.world, hook, connection) : go(place, one, connection, routes),
    ),
  ];
}

/** Whatever is wrong with the route, the client is told that the host is unreachable. */
function unreachable(world: World): World {
  if (world.end?.disposition === 'undetermined') return world;
  return finish(world, ending('rejected', world.skb.family === 4 ? 'icmp 3/1' : 'icmpv6 1/3'));
}

/** The server is this node: the packet goes on where it is. */
function stay(place: Place, world: World, hook: Hook, connection: IpvsConnection): readonly World[] {
  const { skb } = world;
  const { server, method } = connection;
  const fromElsewhere = hook === 'INPUT' && skb.iif !== 'lo';
  if (method === 'masq' && isLoopback(server.ip) && fromElsewhere)
    return [lost(place, world, `nothing from elsewhere is sent to ${formatIp(server.ip)}`)];
  // An ICMP error that is forwarded is not taken in.
  const leaves = hook === 'FORWARD' || (method !== 'masq' && hook === 'OUTPUT' && !world.local);
  if (leaves) return [lost(place, world, 'a packet that leaves is not turned back to this node unchanged')];
  const sent = withPacket(onItsOldWay(world, server.ip), known(handed(skb, connection), connection));
  return [note(sent, place.name, 'ipvs', whatWith(connection))];
}

/** One that was on its way out leaves by the route that it had, whose link is asked for the server where no gateway stands between. */
function onItsOldWay(world: World, server: Ip): World {
  const { exit, local, skb } = world;
  const onLink = exit !== null && !local && sameIp(exit.towards, skb.dst);
  return onLink ? change(world, { exit: { dev: exit.dev, towards: server } }) : world;
}

function lost(place: Place, world: World, why: string): World {
  return finish(note(world, place.name, 'ipvs', why), ending('dropped'));
}

/** Of whatever address the packet is, the link is asked for the server (FLOWI_FLAG_KNOWN_NH). */
function go(place: Place, routed: TunnelWay, connection: IpvsConnection, routes: Routes): readonly World[] {
  const { world, route, hop, source } = routed;
  const { skb } = world;
  if (route.type !== 'unicast') {
    const reason = { dump: null, text: `a server behind a ${route.type} route is not modelled` };
    return [finish(leaveOpen(world, [reason]), ending('undetermined'))];
  }
  if (isLoopback(skb.src)) return [lost(place, world, `${formatIp(skb.src)} does not leave this node`)];
  if (skb.ttl <= 1) {
    const used = note(world, place.name, 'ipvs', 'the TTL is used up');
    return [finish(used, ending('rejected', skb.family === 4 ? 'icmp 11/0' : 'icmpv6 3/0'))];
  }
  const told = note(world, place.name, 'ipvs', whatWith(connection));
  return advance(unlessTooLong(place, { world: told, route, hop }, connection), (live) => {
    const onItsWay: Skb = alter(live.skb, { ttl: skb.ttl - 1, iif: null });
    if (connection.method !== 'tunnel') {
      const leaving = known(handed(onItsWay, connection), connection);
      const towards = hop !== undefined && hop.via === null ? { ...hop, via: connection.server.ip } : hop;
      return taken(routes.launch({ world: withPacket(live, leaving), route, hop: towards }));
    }
    return advance([asIpip(place, live, connection)], (ipip) => {
      const outer = inTunnel(onItsWay, source ?? ip4(0), connection);
      return taken(routes.launch({ world: withPacket(ipip, outer), route, hop }));
    });
  });
}

/** This hook is done with them: they have been sent. */
function taken(worlds: readonly World[]): readonly World[] {
  return worlds.map((world) => change(world, { stolen: true }));
}

function handed(skb: Skb, connection: IpvsConnection): Skb {
  const { server, method } = connection;
  const marked: Skb = alter(skb, { ipvs: { role: 'request', connection } });
  if (method !== 'masq') return marked;
  if (skb.quoted === undefined)
    return alter(marked, { dst: server.ip, dport: skb.dport === null ? null : server.port });
  return alter(marked, { dst: server.ip, quoted: { ...skb.quoted, src: server.ip, sport: server.port } });
}

/** Without `conntrack` set the packet is no longer tracked; with it, a new connection expects its answers from the server, unless none is expected. */
function known(skb: Skb, { server, method, tracked, onePacket }: IpvsConnection): Skb {
  const { ct } = skb;
  if (ct === null) return skb;
  if (!tracked) return alter(skb, { ctState: 'UNTRACKED', ct: null });
  if (method !== 'masq' || onePacket || ct.confirmed || ct.direction === 'reply') return skb;
  const reply = { ...ct.reply, src: server.ip, sport: ct.reply.sport === null ? null : server.port };
  return alter(skb, { ct: alterConnection(ct, { reply }) });
}

function whatWith({ method, server }: IpvsConnection): string {
  switch (method) {
    case 'masq':
      return `destination becomes ${endpoint(server.ip, server.port)}`;
    case 'route':
      return `the packet goes to ${formatIp(server.ip)} as it is`;
    case 'tunnel':
      return `the packet goes to ${formatIp(server.ip)} in a tunnel`;
  }
}
