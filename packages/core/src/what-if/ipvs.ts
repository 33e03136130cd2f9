/** The IPVS table after one command of ipvsadm. ipvsadm(8); net/netfilter/ipvs/ip_vs_ctl.c. */
import { sameIp } from '../inet/ip.js';
import type { RealServer, VirtualKey, VirtualServer } from '../snapshot/ipvs.js';
import type { NetNs } from '../snapshot/node.js';
import { type Changed, done, open, refused } from './changed.js';
import { withRows } from './dump-rows.js';

/** `-A`, `-E`, `-D` for services; `-a`, `-e`, `-d` for servers. */
export type IpvsVerb = 'add' | 'edit' | 'delete';

function sameKey(one: VirtualKey, other: VirtualKey): boolean {
  if (one.kind === 'fwmark') return other.kind === 'fwmark' && one.mark === other.mark && one.family === other.family;
  return (
    other.kind === 'address' && one.protocol === other.protocol && one.port === other.port && sameIp(one.ip, other.ip)
  );
}

const withServices = (ns: NetNs, rows: readonly VirtualServer[]): NetNs => ({ ...ns, ipvs: withRows(ns.ipvs, rows) });

function unseen(ns: NetNs, why: string): Changed<never> {
  return ns.ipvs.state === 'complete' ? refused(why) : open('the IPVS services were not all captured');
}

/** A service. It begins without servers, keeps them when it is edited, and takes them with it. */
export function putVirtual(ns: NetNs, service: Omit<VirtualServer, 'servers'>, verb: IpvsVerb): Changed<NetNs> {
  const { rows } = ns.ipvs;
  const at = rows.findIndex((one) => sameKey(one.key, service.key));
  const found = rows[at];
  if (verb === 'add')
    return found === undefined
      ? done(withServices(ns, [...rows, { ...service, servers: [] }]))
      : refused('Service already exists');
  if (found === undefined) return unseen(ns, 'No such service');
  if (verb === 'delete') return done(withServices(ns, rows.toSpliced(at, 1)));
  return done(withServices(ns, rows.with(at, { ...service, servers: found.servers })));
}

/** A server of the service that has this key. */
export function putServer(ns: NetNs, key: VirtualKey, server: RealServer, verb: IpvsVerb): Changed<NetNs> {
  const { rows } = ns.ipvs;
  const at = rows.findIndex((one) => sameKey(one.key, key));
  const service = rows[at];
  if (service === undefined) return unseen(ns, 'Service not defined');
  const place = service.servers.findIndex((one) => one.port === server.port && sameIp(one.ip, server.ip));
  if (verb === 'add' && place >= 0) return refused('Destination already exists');
  if (verb !== 'add' && place < 0) return unseen(ns, 'No such destination');
  const { servers } = service;
  const changed =
    verb === 'add' ? [...servers, server] : verb === 'edit' ? servers.with(place, server) : servers.toSpliced(place, 1);
  return done(withServices(ns, rows.with(at, { ...service, servers: changed })));
}

/** `-C`: nothing is left, and that is known. */
export function clearIpvs(ns: NetNs): NetNs {
  return { ...ns, ipvs: { ...ns.ipvs, rows: [], state: 'complete' } };
}
