/** A packet of a connection that IPVS had when it was captured: sent on to its server, unless that is gone or a new connection takes its place. net/netfilter/ipvs/ip_vs_core.c ip_vs_in_hook. */
import { entryOf } from '../conntrack/entries.js';
import type { IpvsConnection } from '../ipvs/connection.js';
import { type Destination, destinationOf } from '../ipvs/entries.js';
import { persistentPort } from '../ipvs/persistence.js';
import { type Skb, tcpFlag } from '../packet/skb.js';
import type { IpvsEntry, RealServer } from '../snapshot/ipvs.js';
import { ending } from '../verdict/disposition.js';
import { chunkType, SCTP_INIT } from './ipvs-new.js';
import { type Decided, eachSetting } from './ipvs-setting.js';
import { endpoint } from './nat.js';
import { missing, type Place, sysctl } from './place.js';
import { finish, leaveOpen, note, type World } from './world.js';

export type Continued =
  | { readonly kind: 'known'; readonly world: World; readonly connection: IpvsConnection }
  /** The connection is forgotten, and the packet one of no connection. */
  | { readonly kind: 'new'; readonly world: World }
  | { readonly kind: 'ended'; readonly world: World };

export function continued(place: Place, world: World, entry: IpvsEntry): readonly Continued[] {
  const destination = destinationOf(place.ns, entry);
  if (destination.kind === 'open') return [{ kind: 'ended', world: serverNotKnown(place, world) }];
  const what = `a connection of ${endpoint(entry.client.ip, entry.client.port)} that IPVS has given to ${endpoint(entry.server.ip, entry.server.port)}`;
  const told = note(world, place.name, 'ipvs', what, [{ span: entry.span, why: 'its connection' }]);
  return isTracked(place, told, entry, destination).flatMap(({ world: live, on: tracked }) =>
    reused(place, live, entry, destination, tracked),
  );
}

export function serverNotKnown(place: Place, world: World): World {
  const reason = missing(place, 'ipvsadm', 'how IPVS reaches the server of the connection is not known');
  return finish(leaveOpen(world, [reason]), ending('undetermined'));
}

/** Conntrack knows the connections that were made with net.ipv4.vs.conntrack set; where it does not, the parameter is taken to be what it was. */
export function isTracked(
  place: Place,
  world: World,
  { proto, client, virtual, server }: IpvsEntry,
  destination: Destination,
): readonly Decided[] {
  const tuple = {
    src: client.ip,
    dst: virtual.ip,
    sport: client.port,
    dport: virtual.port,
    icmpType: null,
    icmpCode: null,
    icmpId: null,
  };
  const known = entryOf(place.ns, proto, tuple, { original: 0, reply: 0 });
  const masquerades = destination.kind === 'server' && destination.server.forwarding === 'masq';
  const replies = known?.entry.reply;
  if (replies !== undefined && (!masquerades || replies.sport === server.port)) return [{ world, on: true }];
  return eachSetting(place, world, 'conntrack');
}

/** A SYN where the connection is over begins another one, and one whose server is gone may be forgotten. */
function reused(
  place: Place,
  world: World,
  entry: IpvsEntry,
  destination: Destination,
  tracked: boolean,
): readonly Continued[] {
  const forget = (live: World): Continued => forgotten(place, live, tracked);
  const server = destination.kind === 'server' ? destination.server : null;
  const go = (live: World): readonly Continued[] =>
    server === null
      ? eachSetting(place, live, 'expire_nodest_conn').map(({ world: one, on }) =>
          on ? forget(one) : stuck(place, one),
        )
      : [{ kind: 'known', world: live, connection: connectionOf(place, entry, server, tracked) }];
  if (!opens(world.skb)) return go(world);
  const idle = server !== null && server.weight === 0;
  const afterwards = (live: World) =>
    mayReplace(place, entry, server)
      ? eachSetting(place, live, 'conn_reuse_mode').flatMap(({ world: one, on }) => (on ? [forget(one)] : go(one)))
      : go(live);
  if (!idle) return afterwards(world);
  return eachSetting(place, world, 'expire_nodest_conn').flatMap(({ world: live, on }) =>
    on ? [forget(live)] : afterwards(live),
  );
}

function opens(skb: Skb): boolean {
  if (skb.proto === 6) return ((skb.tcp?.flags ?? 0) & tcpFlag.SYN) !== 0;
  return skb.proto === 132 && chunkType(skb) === SCTP_INIT;
}

/** Under net.ipv4.vs.conn_reuse_mode, which is 1 unless set, connections that no template holds are replaced once they are closed; with 2 also those half closed of which no answer passes here. */
function mayReplace(place: Place, entry: IpvsEntry, server: RealServer | null): boolean {
  if (persistentPort(place.ns, entry) !== null) return false;
  if (entry.proto === 132) return entry.state === 'CLOSED';
  if (entry.state === 'TIME_WAIT' || entry.state === 'CLOSE') return true;
  const mode = Number(sysctl(place, 'net/ipv4/vs/conn_reuse_mode').value ?? 1);
  return (mode & 2) !== 0 && entry.state === 'FIN_WAIT' && server !== null && server.forwarding !== 'masq';
}

/** Where conntrack still holds the old connection the packet is lost with it, and the next one begins anew. */
function forgotten(place: Place, world: World, tracked: boolean): Continued {
  if (!tracked || world.skb.ct?.confirmed !== true) return { kind: 'new', world };
  const what = 'the connection is over: IPVS forgets it, and drops the packet because conntrack knows the old one';
  return { kind: 'ended', world: finish(note(world, place.name, 'ipvs', what), ending('dropped')) };
}

function stuck(place: Place, world: World): Continued {
  const what = 'its server was removed: the packet is dropped until the connection times out';
  return { kind: 'ended', world: finish(note(world, place.name, 'ipvs', what), ending('dropped')) };
}

export function connectionOf(place: Place, entry: IpvsEntry, server: RealServer, tracked: boolean): IpvsConnection {
  const { proto, client, virtual } = entry;
  return {
    proto,
    client,
    virtual,
    server: entry.server,
    method: server.forwarding,
    encapsulation: server.tunnel ?? null,
    tracked,
    onePacket: false,
    controlPort: persistentPort(place.ns, entry),
  };
}
