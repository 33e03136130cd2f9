/** Neighbour and forwarding entries put in and taken out. net/core/neighbour.c, drivers/net/vxlan, net/bridge/br_fdb.c. */
import { sameIp } from '../inet/ip.js';
import { sameMac } from '../inet/mac.js';
import { isCompleteFor, type Row } from '../snapshot/dump.js';
import type { FdbEntry, Neighbour } from '../snapshot/neighbour.js';
import type { NetNs } from '../snapshot/node.js';
import { andThen, type Changed, done, open, refused } from './changed.js';
import { withRows } from './dump-rows.js';
import { findLink } from './gateway.js';

export type EntryVerb = 'add' | 'append' | 'replace' | 'change' | 'delete';

export function putNeighbour(ns: NetNs, entry: Neighbour, verb: EntryVerb): Changed<NetNs> {
  return andThen(deviceThere(ns, entry.dev), () => {
    const { rows } = ns.neighbours;
    const at = rows.findIndex((one) => one.dev === entry.dev && one.proxy === entry.proxy && sameIp(one.ip, entry.ip));
    const found = rows[at];
    if (verb === 'delete') {
      if (found !== undefined) return done(withNeighbours(ns, rows.toSpliced(at, 1)));
      return unseen(ns, entry);
    }
    if (found === undefined) return verb === 'change' ? unseen(ns, entry) : done(withNeighbours(ns, [...rows, entry]));
    if (verb === 'add') return refused('File exists');
    return done(withNeighbours(ns, rows.with(at, { ...entry, lladdr: entry.lladdr ?? found.lladdr })));
  });
}

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

/** A VXLAN device keeps several ends for one address; `append` adds one more, `replace` leaves one. */
export function putFdb(ns: NetNs, entry: FdbEntry, verb: EntryVerb): Changed<NetNs> {
  return andThen(deviceThere(ns, entry.dev), () => {
    const { rows } = ns.fdb;
    const same = rows.filter((one) => isSameEntry(one, entry));
    if (verb === 'delete') {
      const gone = same.filter((one) => entry.dst === null || sameEnd(one, entry));
      if (gone.length > 0)
        return done(
          withFdb(
            ns,
            rows.filter((one) => !gone.includes(one)),
          ),
        );
      return ns.fdb.state === 'complete'
        ? refused('No such file or directory')
        : open('the forwarding entries were not captured');
    }
    if (verb === 'add' && same.length > 0) return refused('File exists');
    if (verb === 'append' && same.some((one) => sameEnd(one, entry))) return refused('File exists');
    if (verb === 'replace' && same.length > 0) {
      const [first] = same;
      return done(
        withFdb(
          ns,
          rows.flatMap((one) => (one === first ? [entry] : same.includes(one) ? [] : [one])),
        ),
      );
    }
    return done(withFdb(ns, [...rows, entry]));
  });
}

function withFdb(ns: NetNs, rows: readonly FdbEntry[]): NetNs {
  return { ...ns, fdb: withRows(ns.fdb, rows) };
}
