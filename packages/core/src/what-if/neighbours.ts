/** Neighbour and forwarding entries put in and taken out. net/core/neighbour.c, drivers/net/vxlan, net/bridge/br_fdb.c. */
import { sameIp } from '../inet/ip.js';
import { type Mac, sameMac } from '../inet/mac.js';
import { isCompleteFor, type Row } from '../snapshot/dump.js';
import type { FdbEntry, Neighbour } from '../snapshot/neighbour.js';
import type { NetNs } from '../snapshot/node.js';
import { andThen, type Changed, done, open, refused } from './changed.js';
import { withRows } from './dump-rows.js';
import { findLink } from './gateway.js';

/** As ip-neighbour(8) and bridge(8) name them. */
export type EntryVerb = 'add' | 'append' | 'replace' | 'change' | 'delete';

/** `ip neigh add`, `replace`, `change` and `del`. */
export function putNeighbour(ns: NetNs, entry: Neighbour, verb: EntryVerb): Changed<NetNs> {
  return andThen(deviceThere(ns, entry.dev), () => {
    const { rows } = ns.neighbours;
    const at = rows.findIndex((one) => one.dev === entry.dev && one.proxy === entry.proxy && sameIp(one.ip, entry.ip));
    const found = rows[at];
    if (verb === 'delete') {
      if (found !== undefined) return done(withNeighbours(ns, rows.toSpliced(at, 1)));
      return unseen(ns, entry);
    }
    if (verb !== 'change' && lacksAddress(ns, entry, found)) return refused('No link layer address given');
    if (found === undefined) return verb === 'change' ? unseen(ns, entry) : done(withNeighbours(ns, [...rows, entry]));
    if (verb === 'add') return refused('File exists');
    return done(withNeighbours(ns, rows.with(at, { ...entry, lladdr: entry.lladdr ?? found.lladdr })));
  });
}

/** On a device whose neighbours have addresses, one that is known to be there has one. net/core/neighbour.c __neigh_update. */
function lacksAddress({ links }: NetNs, { dev, lladdr, nud, proxy }: Neighbour, found: Neighbour | undefined): boolean {
  if (proxy || lladdr !== null || found?.lladdr != null || nud === null || unresolved.has(nud)) return false;
  const type = links.rows.find((one) => one.name === dev)?.type ?? 'ether';
  return type === 'ether';
}

const unresolved = new Set(['NONE', 'INCOMPLETE', 'FAILED']);

/** A device is there where the dump of links has it, or where another dump names it. */
function deviceThere(ns: NetNs, dev: string): Changed<unknown> {
  const named = [ns.neighbours, ns.fdb, ns.addresses].some(({ rows }) =>
    rows.some((row: Row & { readonly dev: string }) => row.dev === dev && row.trust !== 'claimed'),
  );
  const routed = ns.routes.rows.some(
    ({ nexthops, trust }) => trust !== 'claimed' && nexthops.some((hop) => hop.dev === dev),
  );
  return named || routed ? done(dev) : findLink(ns, dev);
}

function unseen(ns: NetNs, { ip }: Neighbour): Changed<never> {
  const known = isCompleteFor(ns.neighbours, ip.family);
  return known ? refused('No such file or directory') : open('the neighbours were not all captured');
}

/** `ip neigh flush`: entries that fit go. */
export function flushNeighbours(ns: NetNs, fits: (entry: Neighbour) => boolean): NetNs {
  return withNeighbours(
    ns,
    ns.neighbours.rows.filter((entry) => !fits(entry)),
  );
}

function withNeighbours(ns: NetNs, rows: readonly Neighbour[]): NetNs {
  return { ...ns, neighbours: withRows(ns.neighbours, rows) };
}

/** The same entry: address, device, VLAN, and whether it is the device's own or its bridge's. */
function isSameEntry(one: FdbEntry, other: FdbEntry): boolean {
  return (
    one.dev === other.dev &&
    sameMac(one.mac, other.mac) &&
    one.vlan === other.vlan &&
    (one.master === null) === (other.master === null)
  );
}

const sameEnd = (one: FdbEntry, other: FdbEntry): boolean =>
  one.dst === null || other.dst === null ? one.dst === other.dst : sameIp(one.dst, other.dst);

/** A VXLAN device keeps several ends for all zeros or a group address, which `append` adds and nothing replaces; of another address the first end stays until `replace`. */
export function putFdb(ns: NetNs, entry: FdbEntry, verb: EntryVerb): Changed<NetNs> {
  return andThen(deviceThere(ns, entry.dev), () => {
    const { rows } = ns.fdb;
    const same = rows.filter((one) => isSameEntry(one, entry));
    if (verb === 'delete') return withoutFdb(ns, entry, same);
    if (isOfOtherFamily(ns, entry)) return refused('Address family not supported by protocol');
    const ofMany = entry.dst !== null && isForMany(entry.mac);
    if (verb === 'replace' && ofMany) return refused('Cannot replace non-unicast fdb entries');
    const [first] = same;
    if (first === undefined) return done(withFdb(ns, [...rows, entry]));
    switch (verb) {
      case 'add':
        return refused('File exists');
      case 'append':
        return done(!ofMany || same.some((one) => sameEnd(one, entry)) ? ns : withFdb(ns, [...rows, entry]));
      default:
        return done(
          withFdb(
            ns,
            rows.map((one) => (one === first ? entry : one)).filter((one) => !same.includes(one)),
          ),
        );
    }
  });
}

/** A VXLAN device sends between addresses of one family, that of its own or of the other end; of IPv4 where it has neither. drivers/net/vxlan/vxlan_core.c vxlan_fdb_add. */
function isOfOtherFamily({ links }: NetNs, { dev, dst }: FdbEntry): boolean {
  const details = links.rows.find(({ name }) => name === dev)?.details;
  if (dst === null || details?.kind !== 'vxlan') return false;
  return dst.family !== ((details.remote ?? details.local)?.family ?? 4);
}

/** Of an address that has another end than the one that is named nothing goes, and nothing is said. drivers/net/vxlan/vxlan_core.c __vxlan_fdb_delete. */
function withoutFdb(ns: NetNs, entry: FdbEntry, same: readonly FdbEntry[]): Changed<NetNs> {
  if (same.length === 0)
    return ns.fdb.state === 'complete'
      ? refused('No such file or directory')
      : open('the forwarding entries were not captured');
  const gone = same.filter((one) => entry.dst === null || sameEnd(one, entry));
  return done(
    withFdb(
      ns,
      ns.fdb.rows.filter((one) => !gone.includes(one)),
    ),
  );
}

/** All zeros, a broadcast or a multicast address. */
const isForMany = ({ hi, lo }: Mac): boolean => (hi & 0x100) !== 0 || (hi === 0 && lo === 0);

function withFdb(ns: NetNs, rows: readonly FdbEntry[]): NetNs {
  return { ...ns, fdb: withRows(ns.fdb, rows) };
}
