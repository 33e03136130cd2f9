/** nf_conntrack_in as a step of a hook: which connection a packet belongs to, and in what state. net/netfilter/nf_conntrack_core.c. */
import { newConnection, reverseTuple, tupleOf } from '../conntrack/connection.js';
import { carriedBy, firstCarried, mayGoUncounted } from '../conntrack/counting.js';
import { callBetween, helpedBetween } from '../conntrack/entries.js';
import { endsTooEarly, firstPacket, isIcmpError, isNeverTracked } from '../conntrack/first-packet.js';
import { isNoCall, isOfCalls } from '../conntrack/gre.js';
import { moveTcp, type TcpState, tcpStateNamed } from '../conntrack/tcp-states.js';
import { trackingOf } from '../conntrack/tracking.js';
import { sameIp } from '../inet/ip.js';
import { proto } from '../inet/proto.js';
import {
  alter,
  alterConnection,
  type Connection,
  type ConnTemplate,
  type ConnZone,
  draftSkb,
  type Skb,
  tcpFlag,
} from '../packet/skb.js';
import type { Reason } from '../tri.js';
import { ending } from '../verdict/disposition.js';
import type { Evidence } from '../verdict/step.js';
import { findConnection, type KnownConnection } from './known-connection.js';
import { perPlace } from './per-place.js';
import { missing, type Place, sysctl } from './place.js';
import { assume, finish, forkOpen, leaveOpen, note, type World, withPacket } from './world.js';

export function track(place: Place, world: World): readonly World[] {
  const { skb } = world;
  if (skb.ctState === 'UNTRACKED' || skb.ct !== null) return [world];
  switch (trackingOf(place.ns, skb.family)) {
    case 'on':
      return classify(place, world);
    case 'off':
      return [untracked(place, world)];
    case 'unknown':
      return eitherWay(place, world);
  }
}

/** Without any rule that needs it there is no conntrack, and nat tables are never asked. */
function untracked(place: Place, world: World): World {
  return invalid(place, world, 'no rule needs connection tracking: it is off', false);
}

function invalid(place: Place, world: World, why: string, named = true): World {
  const skb = alter(world.skb, { ctState: 'INVALID', ct: null });
  return note(withPacket(world, skb), place.name, 'conntrack', named ? `INVALID: ${why}` : why);
}

/** No captured rule needs tracking, and some may be missing: what depends on it is open. */
function eitherWay(place: Place, world: World): readonly World[] {
  if (place.assume === 'defaults') return classify(place, world);
  const dump = world.skb.family === 4 ? 'iptables-save' : 'ip6tables-save';
  const reason = missing(place, dump, 'whether connections are tracked is not known');
  const [on, off] = forkOpen(world, [reason]);
  return [...classify(place, on), untracked(place, off)];
}

function classify(place: Place, tagged: World): readonly World[] {
  const { template } = tagged.skb;
  const world = template === undefined ? tagged : withPacket(tagged, alter(tagged.skb, { template: undefined }));
  const { skb } = world;
  if (isHeadless(skb)) return [invalid(place, world, 'a fragment that does not fit its packet')];
  if (endsTooEarly(skb)) return [invalid(place, world, 'the packet ends within its header')];
  if (isNoCall(skb)) return [invalid(place, world, 'GRE of version 1 that carries no PPP')];
  if (isOfCalls(skb) && callBetween(place.ns, skb.src, skb.dst) !== undefined) {
    const text = `which of the calls between these hosts a packet of GRE belongs to is not read (${place.name})`;
    return [finish(leaveOpen(world, [{ dump: null, text }]), ending('undetermined'))];
  }
  if (isNeverTracked(skb)) {
    const plain = withPacket(world, alter(skb, { ctState: 'UNTRACKED', ct: null }));
    return [note(plain, place.name, 'conntrack', 'UNTRACKED: neighbour discovery and the like')];
  }
  const zone = zoneOf(template, skb.mark);
  if (isIcmpError(skb)) return [error(place, world, zone)];
  // The kernel checks the checksum of UDP-Lite as if it were UDP's, and so takes it for wrong.
  if (skb.proto !== proto.udplite || skb.iif === null || skb.iif === 'lo') return identify(place, world, zone);
  const wrong = (live: World) => invalid(place, live, 'the checksum of UDP-Lite is checked as if it were UDP');
  return ifSet(
    place,
    world,
    'nf_conntrack_checksum',
    (live) => [wrong(live)],
    (live) => identify(place, live, zone),
  );
}

/** The first piece of a packet that IPv6 could not put together is tracked like a whole one. net/netfilter/nf_conntrack_core.c ipv6_get_l4proto. */
function isHeadless({ family, fragment }: Skb): boolean {
  return fragment !== null && (family === 4 || fragment.offset > 0);
}

function identify(place: Place, world: World, zone: ConnZone): readonly World[] {
  const { skb } = world;
  const found = findConnection(place, world, skb.proto, tupleOf(skb), zone);
  return found === null ? begin(place, world, zone) : belong(place, world, zone, found);
}

/** A CT rule's zone counts in the directions that it names; elsewhere a connection is in zone 0. */
function zoneOf(template: ConnTemplate | undefined, mark: number): ConnZone {
  const zone = template?.zone ?? null;
  if (zone === null) return { original: 0, reply: 0 };
  const id = zone.id === 'mark' ? mark & 0xffff : zone.id;
  return { original: zone.direction === 'reply' ? 0 : id, reply: zone.direction === 'orig' ? 0 : id };
}

/** An ICMP error is RELATED to the connection whose packet it quotes, if it is sent to that packet's sender. */
function error(place: Place, world: World, zone: ConnZone): World {
  const { skb } = world;
  const { quoted } = skb;
  if (quoted === undefined) {
    if (place.ns.conntrack.rows.length === 0 && world.hops.length === 0)
      return invalid(place, world, 'an error about no known connection');
    const text = `which packet the ICMP error quotes is not said, so ${place.name} may know its connection`;
    return finish(leaveOpen(world, [{ dump: null, text }]), ending('undetermined'));
  }
  const found = findConnection(place, world, quoted.proto, reverseTuple(tupleOf(quoted)), zone);
  if (found === null) return invalid(place, world, 'an error about no known connection');
  const { connection, evidence } = found;
  if (!sameIp(connection[connection.direction].dst, skb.dst))
    return invalid(place, world, 'an error that is not for the sender of what it quotes');
  const tracked: World = withPacket(world, alter(skb, { ctState: 'RELATED', ct: connection }));
  return note(tracked, place.name, 'conntrack', 'RELATED: an error about a known connection', evidence);
}

function begin(place: Place, world: World, zone: ConnZone): readonly World[] {
  const first = firstPacket(world.skb);
  switch (first.kind) {
    case 'new':
      return begun(place, world, zone, first.tcpState);
    case 'invalid':
      return [invalid(place, world, first.why)];
    case 'if-loose': {
      const why = 'the first segment is no SYN, and net.netfilter.nf_conntrack_tcp_loose is 0';
      const picked = (live: World) => begun(place, live, zone, first.tcpState);
      return ifSet(place, world, 'nf_conntrack_tcp_loose', picked, (live) => [invalid(place, live, why)]);
    }
    case 'open': {
      const [one, other] = forkOpen(world, [{ dump: null, text: first.why }]);
      return [...fresh(place, one, zone, null), invalid(place, other, first.why)];
    }
  }
}

/** What a parameter decides that is on by default. */
function ifSet(
  place: Place,
  world: World,
  name: string,
  set: (world: World) => readonly World[],
  unset: (world: World) => readonly World[],
): readonly World[] {
  const { value, known } = sysctl(place, `net/netfilter/${name}`);
  if (value !== null || known) return value === '0' ? unset(world) : set(world);
  const reason: Reason = missing(place, 'sysctl', `whether net.netfilter.${name} is set is not known`);
  if (place.assume === 'defaults') return set(assume(world, [{ ...reason, text: `${reason.text}; taken to be 1` }]));
  const [on, off] = forkOpen(world, [reason]);
  return [...set(on), ...unset(off)];
}

/** Loading `-m connbytes` switches it on, and somebody may have switched it off since; null: not known. */
const countsPackets = perPlace((place: Place, _of: 'connections'): boolean | null => {
  const { value } = sysctl(place, 'net/netfilter/nf_conntrack_acct');
  return value === null ? null : value !== '0';
});

/** One that a helper expects would be RELATED, and its NAT the helper's; which it expects no dump of the node shows. */
function begun(place: Place, world: World, zone: ConnZone, tcpState: string | null): readonly World[] {
  const helped = helpedBetween(place.ns, world.skb.src, world.skb.dst);
  if (helped === undefined) return fresh(place, world, zone, tcpState);
  const text = `whether the helper ${helped.helper} on ${place.name} expects the connection is not known`;
  if (place.assume === 'defaults')
    return fresh(place, assume(world, [{ dump: null, text: `${text}; taken to be new` }]), zone, tcpState);
  const because = [{ dump: null, text }];
  const [plain, expected] = forkOpen(world, because);
  return [...fresh(place, plain, zone, tcpState), finish(leaveOpen(expected, because), ending('undetermined'))];
}

/** What the table has no room for is dropped, unless an entry near it goes that is not assured; which are near, and when others time out, no dump shows. */
function fresh(place: Place, world: World, zone: ConnZone, tcpState: string | null): readonly World[] {
  const full = fullTable(place, 'connections');
  if (full === null) return [entered(place, world, zone, tcpState)];
  const [room, none] = forkOpen(world, [{ dump: null, text: full }]);
  return [entered(place, room, zone, tcpState), finish(none, ending('dropped'))];
}

const fullTable = perPlace((place: Place, _of: 'connections'): string | null => {
  const read = (name: string) => Number(sysctl(place, `net/netfilter/${name}`).value ?? Number.NaN);
  const [count, most] = [read('nf_conntrack_count'), read('nf_conntrack_max')];
  if (!(most > 0 && count >= most)) return null;
  return `the connection table of ${place.name} is full (${count} of ${most}), so new connections are dropped unless others make room`;
});

function entered(place: Place, world: World, zone: ConnZone, tcpState: string | null): World {
  const { skb } = world;
  const ct = newConnection(skb, zone, tcpState, firstCarried(skb, countsPackets(place, 'connections')));
  const tracked = draftSkb(skb);
  tracked.ctState = 'NEW';
  tracked.ct = ct;
  return note(withPacket(world, tracked), place.name, 'conntrack', 'NEW');
}

function belong(
  place: Place,
  world: World,
  zone: ConnZone,
  { connection, evidence }: KnownConnection,
): readonly World[] {
  const told = (ct: Connection) => known(place, world, counted(connection, ct, world.skb), evidence);
  if (connection.proto !== proto.tcp) return [told(seen(connection))];
  const state = tcpStateNamed(connection.tcpState);
  if (state === null) {
    const text = `the TCP state of a connection of ${place.name} is not known`;
    return [finish(leaveOpen(world, [{ dump: 'conntrack', text }]), ending('undetermined'))];
  }
  const flags = world.skb.tcp?.flags ?? 0;
  const move = moveTcp(state, connection.direction, flags);
  switch (move.kind) {
    case 'invalid':
      return [invalid(place, world, `no segment of a connection that is in ${state}`)];
    case 'state':
      return [told(afterSegment(connection, state, move.state, flags))];
    case 'reopened': {
      if (move.certain) return begin(place, world, zone);
      const text = `which side had closed the connection is not known, so the SYN may begin another`;
      const [again, same] = forkOpen(world, [{ dump: null, text }]);
      return [
        ...begin(place, again, zone),
        known(place, same, counted(connection, afterSegment(connection, state, state, flags), world.skb), evidence),
      ];
    }
  }
}

function counted(before: Connection, after: Connection, skb: Skb): Connection {
  if (before.carried === undefined || before.carried === null) return after;
  const stays = before.tcpState === after.tcpState;
  const open = skb.tcp !== null && stays && mayGoUncounted(before, skb.tcp.flags);
  return alterConnection(after, { carried: open ? undefined : carriedBy(before, skb) });
}

/** A reset of what was never answered ends it at once; data after the handshake assures it. */
function afterSegment(connection: Connection, before: TcpState, after: TcpState, flags: number): Connection {
  const moved = alterConnection(connection, { tcpState: after });
  if (flags & tcpFlag.RST && !connection.seenReply) return alterConnection(seen(moved), { deleted: true });
  const carries = (before === 'SYN_RECV' || before === 'ESTABLISHED') && (flags & tcpFlag.SYN) === 0;
  const assured = connection.seenReply && carries && after === 'ESTABLISHED';
  return alterConnection(seen(moved), { assured: assured || connection.assured });
}

/** UDP-Lite and GRE are assured by the first packet after an answer. */
const soonAssured: ReadonlySet<number> = new Set([proto.udplite, proto.gre]);

function seen(connection: Connection): Connection {
  const assured = connection.seenReply && soonAssured.has(connection.proto) ? true : connection.assured;
  return alterConnection(connection, { assured, seenReply: connection.seenReply || connection.direction === 'reply' });
}

/** NEW until an answer has been seen. */
function known(place: Place, world: World, ct: Connection, evidence: readonly Evidence[]): World {
  const ctState = ct.seenReply ? 'ESTABLISHED' : 'NEW';
  const what = ct.direction === 'reply' ? 'the answer of a known connection' : 'a packet of a known connection';
  const tracked = draftSkb(world.skb);
  tracked.ctState = ctState;
  tracked.ct = ct;
  return note(withPacket(world, tracked), place.name, 'conntrack', `${ctState}: ${what}`, evidence);
}
