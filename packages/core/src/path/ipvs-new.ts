/** A packet of no known IPVS connection: is it for a virtual service, and which server gets it? net/netfilter/ipvs/ip_vs_core.c ip_vs_schedule. */
import { parseUint32 } from '../inet/decimal.js';
import { sameIp } from '../inet/ip.js';
import { formatIp } from '../inet/ip-text.js';
import type { IpvsConnection } from '../ipvs/connection.js';
import { templateFor } from '../ipvs/persistence.js';
import { type Schedule, schedule } from '../ipvs/schedule.js';
import { FTP, FTP_DATA, findService, serverPort, servicePort } from '../ipvs/service.js';
import { type Skb, tcpFlag } from '../packet/skb.js';
import type { IpvsEntry, RealServer, VirtualServer } from '../snapshot/ipvs.js';
import { ending } from '../verdict/disposition.js';
import { addressIs } from './address-type.js';
import { type Decided, eachSetting } from './ipvs-setting.js';
import { unlessNoCall } from './ipvs-sip.js';
import { endpoint } from './nat.js';
import { missing, type Place, sysctl } from './place.js';
import { advance, assume, finish, forkByChance, forkOpen, leaveOpen, note, type World } from './world.js';

export interface Balanced {
  readonly world: World;
  /** null: IPVS leaves the packet alone, or has ended its way. */
  readonly connection: IpvsConnection | null;
}

export function balance(place: Place, world: World): readonly Balanced[] {
  const { skb } = world;
  const service = findService(place.ns.ipvs.rows, skb, firstUnprivileged(place));
  if (service === undefined) return [alone(unlessHidden(place, world))];
  return mayOpen(place, world).flatMap(({ world: live, on }) => {
    if (live.end !== null) return [alone(live)];
    // Data that an FTP server sends on its own account.
    if (!on || skb.sport === FTP_DATA) return [alone(live)];
    return advance(unlessLoaded(place, live), (one) => unlessNoCall(place, one, service)).flatMap((one) =>
      one.end === null ? kept(place, one, service) : [alone(one)],
    );
  });
}

/** `drop_packet` 3: every so many new connections one is dropped, however much memory there is. The other values want it to be short. net/netfilter/ipvs/ip_vs_ctl.c update_defense_level. */
function unlessLoaded(place: Place, world: World): readonly World[] {
  if (sysctl(place, 'net/ipv4/vs/drop_packet').value !== '3') return [world];
  const text = 'net.ipv4.vs.drop_packet drops some of the new connections, and which is not known';
  const [taken, dropped] = forkOpen(world, [{ dump: null, text }]);
  return [taken, finish(dropped, ending('dropped'))];
}

function alone(world: World): Balanced {
  return { world, connection: null };
}

/** net.ipv4.ip_unprivileged_port_start. */
function firstUnprivileged(place: Place): number {
  return parseUint32(sysctl(place, 'net/ipv4/ip_unprivileged_port_start').value ?? '') ?? 1024;
}

/** There is nothing of IPVS here that a packet could meet, and nothing leaves open whether there is. */
export function lacksIpvs(place: Place): boolean {
  const { ipvs, ipvsConnections } = place.ns;
  if (ipvs.rows.length > 0 || ipvsConnections.rows.length > 0) return false;
  return ipvs.state === 'complete' || !isLoaded(place);
}

/** No captured service is for the packet; another may be. */
function unlessHidden(place: Place, world: World): World {
  if (place.ns.ipvs.state === 'complete' || !isLoaded(place)) return world;
  const reason = missing(place, 'ipvsadm', 'whether IPVS has a service for the packet is not known');
  if (place.assume === 'none') return finish(leaveOpen(world, [reason]), ending('undetermined'));
  return assume(world, [{ ...reason, text: `${reason.text}; none is assumed` }]);
}

/** The module shows by its parameters, in a list of modules, or by services. */
function isLoaded(place: Place): boolean {
  const { byKey } = place.ns.sysctl;
  if (place.ns.ipvs.rows.length > 0 || place.node.modules.rows.some(({ name }) => name === 'ip_vs')) return true;
  return ['conntrack', 'expire_nodest_conn', 'conn_reuse_mode'].some((key) => byKey.has(`net/ipv4/vs/${key}`));
}

/** A connection opens with SYN, or INIT, or any datagram; `sloppy_*` lets the middle of one do. */
function mayOpen(place: Place, world: World): readonly Decided[] {
  const { skb } = world;
  if (skb.proto === 6) {
    const flags = skb.tcp?.flags ?? 0;
    if ((flags & tcpFlag.RST) !== 0) return [{ world, on: false }];
    return (flags & tcpFlag.SYN) !== 0 ? [{ world, on: true }] : eachSetting(place, world, 'sloppy_tcp');
  }
  if (skb.proto !== 132) return [{ world, on: true }];
  const chunk = chunkType(skb);
  if (chunk === SCTP_INIT || (chunk === null && !world.probed)) return [{ world, on: true }];
  if (chunk === SCTP_ABORT) return [{ world, on: false }];
  if (chunk !== null) return eachSetting(place, world, 'sloppy_sctp');
  const reason = { dump: null, text: 'whether the packet opens an SCTP association is not told' };
  return [{ world: finish(leaveOpen(world, [reason]), ending('undetermined')), on: false }];
}

export const SCTP_INIT = 1;
export const SCTP_ABORT = 6;

/** The first chunk behind the common header of twelve bytes. */
export function chunkType({ body }: Skb): number | null {
  return body?.[12] ?? null;
}

/** A client that a template keeps at a server goes there, whatever the scheduler would say, unless the server is gone or (`expire_quiescent_template`) takes none. */
function kept(place: Place, world: World, service: VirtualServer): readonly Balanced[] {
  const { skb } = world;
  const template = templateFor(place.ns, service, { ...skb, dport: skb.dport ?? 0 });
  const holders = template === undefined ? [] : holdersOf(service, template);
  if (template === undefined || holders.length === 0) return give(place, world, service);
  return keptAtOneOf(place, world, service, template, holders);
}

/** Templates of FTP and of all ports do not tell servers of one address apart. */
function keptAtOneOf(
  place: Place,
  world: World,
  service: VirtualServer,
  template: IpvsEntry,
  [first, ...others]: readonly RealServer[],
): readonly Balanced[] {
  if (first === undefined) return [];
  if (others.length === 0) return keptAt(place, world, service, template, first);
  const text = `which server of ${formatIp(first.ip)} the client is kept at is not known`;
  const [one, rest] = forkOpen(world, [{ dump: null, text }]);
  return [...keptAt(place, one, service, template, first), ...keptAtOneOf(place, rest, service, template, others)];
}

function keptAt(
  place: Place,
  world: World,
  service: VirtualServer,
  template: IpvsEntry,
  server: RealServer,
): readonly Balanced[] {
  const { skb } = world;
  const stays = (live: World) => {
    const what = `virtual service ${endpoint(skb.dst, skb.dport)}: the client is kept at its server`;
    const evidence = [
      { span: service.span, why: 'virtual service' },
      { span: template.span, why: 'what keeps the client' },
    ];
    return open(place, note(live, place.name, 'ipvs', what, evidence), service, server);
  };
  if (server.weight > 0) return stays(world);
  return eachSetting(place, world, 'expire_quiescent_template').flatMap(({ world: live, on }) =>
    on ? give(place, live, service) : stays(live),
  );
}

/** Templates of a service's own port name the server's, others no port. */
function holdersOf({ servers }: VirtualServer, { server }: IpvsEntry): readonly RealServer[] {
  const at = servers.filter(({ ip }) => sameIp(ip, server.ip));
  const exact = at.find(({ port }) => port === server.port);
  return exact !== undefined ? [exact] : server.port === 0 ? at : [];
}

function give(place: Place, world: World, service: VirtualServer): readonly Balanced[] {
  const evidence = [{ span: service.span, why: 'virtual service' }];
  const { skb } = world;
  const dport = skb.dport ?? 0;
  const isOwnPort = service.persistent !== null || service.key.kind === 'fwmark' || dport === servicePort(service);
  const plan: Schedule = isOwnPort ? schedule(service) : { shares: [], how: 'the service is for another port' };
  const told = note(world, place.name, 'ipvs', `virtual service ${endpoint(skb.dst, dport)}: ${plan.how}`, evidence);
  if (plan.shares.length === 0) return refuse(place, told, service);
  const shares = plan.shares.map(({ share }) => share);
  const sides = shares.length === 1 ? [told] : forkByChance(told, shares);
  return plan.shares.flatMap(({ server }, index) => {
    const side = sides[index];
    if (side === undefined) return [];
    return server === null ? refuse(place, side, service) : open(place, side, service, server);
  });
}

/** No server for it: whoever asks is told that the port is unreachable, TCP too. Other ports of an FTP service are none of its business. */
function refuse(place: Place, world: World, service: VirtualServer): readonly Balanced[] {
  const { skb } = world;
  if (servicePort(service) === FTP && skb.dport !== FTP) return [alone(world)];
  // A cache that has no server left is passed by, of IPv4 for addresses that are not the node's. ip_vs_leave
  const bypass =
    service.key.kind === 'fwmark' && (skb.family === 6 || addressIs(place, skb.dst, ['UNICAST'], null) !== false)
      ? eachSetting(place, world, 'cache_bypass')
      : [{ world, on: false }];
  return bypass.map(({ world: live, on }) => alone(on ? bypassed(live) : refused(place, live)));
}

function refused(place: Place, world: World): World {
  const answer = world.skb.family === 4 ? 'icmp 3/3' : 'icmpv6 1/4';
  return finish(note(world, place.name, 'ipvs', 'no server takes the connection'), ending('rejected', answer));
}

function bypassed(world: World): World {
  const reason = { dump: null, text: 'what net.ipv4.vs.cache_bypass sends on without a server is not modelled' };
  return finish(leaveOpen(world, [reason]), ending('undetermined'));
}

function open(place: Place, world: World, service: VirtualServer, server: RealServer): readonly Balanced[] {
  const { skb } = world;
  const dport = skb.dport ?? 0;
  const port = serverPort(service, server.port, dport) ?? dport;
  return eachSetting(place, world, 'conntrack').map(({ world: live, on }) => ({
    world: note(live, place.name, 'ipvs', `server ${endpoint(server.ip, port)} gets it`, [
      { span: server.span, why: `server, weight ${server.weight}` },
    ]),
    connection: {
      proto: skb.proto,
      client: { ip: skb.src, port: skb.sport },
      virtual: { ip: skb.dst, port: dport },
      server: { ip: server.ip, port },
      method: server.forwarding,
      encapsulation: server.tunnel ?? null,
      tracked: on,
      onePacket: service.onePacket && skb.proto === 17,
      controlPort: service.persistent === null ? null : controlPortOf(service),
    },
  }));
}

/** Port of the template that makes a client's connections go to one server. */
function controlPortOf(service: VirtualServer): number {
  return servicePort(service) === FTP ? 0 : servicePort(service);
}
