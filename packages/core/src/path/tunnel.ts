/** What a tunnel device does with a packet: it goes on inside another one, sent by the same node. drivers/net/vxlan/vxlan_core.c, net/ipv4/ip_tunnel.c. */
import type { Ip } from '../inet/ip.js';
import { isMulticast, isUnspecified } from '../inet/ip-kind.js';
import { formatIp } from '../inet/ip-text.js';
import { formatMac, isZeroMac, sameMac } from '../inet/mac.js';
import { alter, type Drawn, type Skb } from '../packet/skb.js';
import { isCompleteFor } from '../snapshot/dump.js';
import type { Link, TunnelDetails, VxlanDetails } from '../snapshot/link.js';
import type { FdbEntry } from '../snapshot/neighbour.js';
import { fdbOn } from '../snapshot/rows-by.js';
import { ending } from '../verdict/disposition.js';
import { localPorts } from './local-ports.js';
import { outerOf } from './outer-packet.js';
import { output } from './output.js';
import { missing, type Place } from './place.js';
import { isOfTunnel } from './snoop.js';
import { goesInPieces, outerFits } from './tunnel-size.js';
import { ownTtl } from './tunnel-ttl.js';
import { assume, change, finish, leaveOpen, note, type World } from './world.js';

/** null: the device is no tunnel that is modelled. */
export function encapsulate(place: Place, world: World, link: Link): readonly World[] | null {
  const { details } = link;
  const isIpip = details?.kind === 'tunnel' && details.type === 'ipip';
  if (details?.kind !== 'vxlan' && !isIpip) return null;
  if (details.kind === 'tunnel' && details.encap === true)
    return [open(world, `${link.name} puts its packets into UDP (encap), which is not modelled`)];
  if (details.external === true)
    return [open(world, `where ${link.name} sends a packet is told by a program, packet by packet (external)`)];
  if (goesInPieces(world, link))
    return [open(world, `the packet is cut up for ${link.name}, and how each piece goes on is not modelled`)];
  return details.kind === 'vxlan' ? vxlan(place, world, link, details) : ipip(place, world, link, details);
}

/** Route, neighbour and forwarding entry have to fit together: the last names the node that holds the hardware address. */
function vxlan(place: Place, world: World, link: Link, details: VxlanDetails): readonly World[] {
  const lladdr = world.exit?.lladdr ?? null;
  const own = fdbOn(place.ns, link.name).filter(isOfTunnel);
  const toAll = own.filter((row) => isZeroMac(row.mac));
  if (lladdr === null) return [unasked(place, world, link, details, toAll)];
  const exact = own.filter((row) => sameMac(row.mac, lladdr));
  const entries = exact.length > 0 ? exact : toAll;
  const [entry, another] = entries;
  if (entry === undefined) {
    const remote = known(details.remote);
    // The device makes an entry of its remote end, which somebody may have deleted.
    if (remote !== null && place.ns.fdb.state !== 'complete') {
      const taken = withoutEntry(place, world, link);
      if (taken.end !== null) return [taken];
      return send(place, taken, link, details, { remote, port: details.dstport, vni: details.id, entry: null });
    }
    return [noEntry(place, world, link, details, `${link.name} has no forwarding entry for ${formatMac(lladdr)}`)];
  }
  if (another !== undefined || entry.dst === null)
    return [open(world, `${link.name} sends the frame to several nodes, which is not modelled`)];
  return send(place, world, link, details, {
    remote: entry.dst,
    port: entry.port ?? details.dstport,
    vni: entry.vni ?? details.id,
    entry,
  });
}

/** One that was not captured could name another node than the device does. */
function withoutEntry(place: Place, world: World, link: Link): World {
  const reason = missing(
    place,
    'bridge-fdb',
    `whether a forwarding entry of ${link.name} names another node is not known`,
  );
  if (place.assume === 'none') return finish(leaveOpen(world, [reason]), ending('undetermined'));
  return assume(world, [{ ...reason, text: `${reason.text}; none is assumed` }]);
}

interface Remote {
  readonly remote: Ip;
  readonly port: number | null;
  readonly vni: number;
  readonly entry: FdbEntry | null;
}

function send(
  place: Place,
  world: World,
  link: Link,
  details: VxlanDetails,
  { remote, port, vni, entry }: Remote,
): readonly World[] {
  if (isMulticast(remote))
    return [
      open(world, `${link.name} sends the frame to a group of nodes (${formatIp(remote)}), which is not modelled`),
    ];
  const what = `${link.name} puts the frame into a packet to ${formatIp(remote)}`;
  const evidence = entry === null ? [] : [{ span: entry.span, why: 'forwarding entry of the hardware address' }];
  const told = note(world, place.name, 'vxlan', what, [...evidence, { span: link.span, why: `device ${link.name}` }]);
  const local = known(details.local);
  const ttl = details.ttl === 'inherit' ? world.skb.ttl : (details.ttl ?? ownTtl(place, remote, details.dev));
  if (typeof ttl !== 'number') return [finish(leaveOpen(told, [ttl]), ending('undetermined'))];
  // A bridge passes the frame on as it is.
  const srcMac = world.exit?.ports === undefined ? link.mac : world.skb.srcMac;
  const inner: Skb = alter(world.skb, { srcMac, dstMac: world.exit?.lladdr ?? null });
  const outer = outerOf(inner, {
    proto: 17,
    src: local,
    dst: remote,
    dport: port,
    ttl,
    tos: details.tos,
    sports: sportsOf(place, details),
  });
  // A forwarding entry has a device of its own, or none.
  const dev = entry === null ? details.dev : entry.via;
  const sent = launch(place, told, { kind: 'vxlan', vni, inner }, outer, { bound: local !== null, dev });
  return sent.flatMap((one) => outerFits(place, one, { inner, df: details.df, told: null }));
}

/** include/net/udp.h udp_flow_src_port: never the last of them. */
function sportsOf(place: Place, { srcport = [0, 65536] }: VxlanDetails): Drawn | null {
  const [min, max] = srcport;
  if (min < max) return [min, max - 1];
  const [first, last] = localPorts(place) ?? [0, 0];
  return first < last ? [first, last - 1] : null;
}

/** A daemon that hears of misses (`l2miss`, `l3miss`) may still add what is missing. */
function noEntry(place: Place, world: World, link: Link, details: VxlanDetails, what: string): World {
  if (place.ns.fdb.state !== 'complete')
    return finish(
      leaveOpen(world, [missing(place, 'bridge-fdb', `to which node ${link.name} sends a frame is not known`)]),
      ending('undetermined'),
    );
  if (details.l2miss || details.l3miss) return open(world, `${what}, and what listens for that may add one`);
  return finish(
    note(world, place.name, 'vxlan', what, [{ span: link.span, why: `device ${link.name}` }]),
    ending('dropped'),
  );
}

/** The question who holds the next hop goes to all nodes of the tunnel, if it goes anywhere. */
function unasked(place: Place, world: World, link: Link, details: VxlanDetails, toAll: readonly FdbEntry[]): World {
  const next = world.exit?.towards ?? world.skb.dst;
  const who = formatIp(next);
  if (toAll.length > 0 || known(details.remote) !== null)
    return open(world, `who answers for ${who} behind ${link.name} is not known`);
  // Daemons write permanent entries just where nobody could be asked.
  if (!isCompleteFor(place.ns.neighbours, next.family)) {
    const reason = missing(place, 'ip-neigh', `who has ${who} behind ${link.name} is not known`);
    return finish(leaveOpen(world, [reason]), ending('undetermined'));
  }
  const left = noEntry(place, world, link, details, `nobody can be asked for ${who}: ${link.name} has no node to ask`);
  return left.end?.disposition === 'dropped' ? finish(left, ending('neighbour-unresolved')) : left;
}

function ipip(place: Place, world: World, link: Link, details: TunnelDetails): readonly World[] {
  const remote = known(details.remote) ?? world.exit?.towards ?? null;
  if (remote === null || remote.family !== 4 || world.skb.family !== 4)
    return [open(world, `what ${link.name} carries is not modelled`)];
  const local = known(details.local);
  const what = `${link.name} puts the packet into one to ${formatIp(remote)}`;
  const told = note(world, place.name, 'ipip', what, [{ span: link.span, why: `device ${link.name}` }]);
  const ttl = typeof details.ttl === 'number' ? details.ttl : world.skb.ttl;
  // ip_tunnel_xmit takes any odd value for `inherit`.
  const tos = typeof details.tos === 'number' && (details.tos & 1) === 1 ? 'inherit' : details.tos;
  const outer = outerOf(world.skb, { proto: 4, src: local, dst: remote, dport: null, ttl, tos });
  const { dev, fwmark = 0 } = details;
  const sent = launch(place, told, { kind: 'ipip', inner: world.skb }, outer, { bound: local !== null, dev, fwmark });
  return sent.flatMap((one) =>
    outerFits(place, one, { inner: world.skb, df: details.pmtudisc === false ? 'unset' : 'set', told }),
  );
}

/** Has the outer packet its source, by which device has its route to lead (null: by any), and by which mark do policy rules know it? */
interface Sending {
  readonly bound: boolean;
  readonly dev: string | null;
  readonly mark?: number;
  readonly fwmark?: number;
}

/** The outer packet keeps the mark, which takes part in its routing too where the tunnel has no mark for that (net/ipv4/ip_tunnel.c ip_tunnel_xmit). */
export function launch(
  place: Place,
  world: World,
  carried: NonNullable<World['carried']>,
  outer: Skb,
  { bound, dev, mark = world.skb.mark, fwmark = mark }: Sending,
): readonly World[] {
  const before = world.carried;
  const packed = { ...carried, ...(before === undefined ? {} : { before }) };
  return output(place, change(world, { skb: outer, carried: packed }), bound, mark, { device: dev, mark: fwmark }).map(
    (sent) => {
      const noWay = sent.end?.disposition === 'no-route' || sent.end?.disposition === 'unreachable';
      return noWay ? finish(sent, wayless[carried.kind]) : sent;
    },
  );
}

/** The inner packet's sender hears of a missing way from ipip alone (ip_tunnel_xmit, dst_link_failure). */
const wayless = { vxlan: ending('dropped'), udp: ending('dropped'), ipip: ending('unreachable', 'icmp 3/1') };

function known(ip: Ip | null): Ip | null {
  return ip === null || isUnspecified(ip) ? null : ip;
}

function open(world: World, text: string): World {
  return finish(leaveOpen(world, [{ dump: null, text }]), ending('undetermined'));
}
