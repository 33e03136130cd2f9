/** The forwarding database of a bridge: by which port a hardware address is reached. bridge(8); net/bridge/br_fdb.c. */
import type { Mac } from '../inet/mac.js';
import { linkOf } from '../path/frame.js';
import { missing, type Place } from '../path/place.js';
import type { Link } from '../snapshot/link.js';
import type { FdbEntry } from '../snapshot/neighbour.js';
import { fdbFor, linksWith } from '../snapshot/rows-by.js';
import type { Reason } from '../tri.js';
import type { Evidence } from '../verdict/step.js';

export type Found =
  /** The address is the bridge's own, or that of the named port. */
  | { readonly kind: 'local'; readonly dev: string; readonly evidence: readonly Evidence[] }
  | { readonly kind: 'port'; readonly dev: string; readonly evidence: readonly Evidence[] }
  /** A complete dump does not have it. */
  | { readonly kind: 'unknown-address' }
  | { readonly kind: 'open'; readonly because: readonly Reason[] };

/** `learned`: the port by which this very address has just been seen as a sender's. That moves every entry but the bridge's own and sticky ones. */
export function lookupFdb(place: Place, bridge: string, mac: Mac, learned: Link | null = null): Found {
  const own = ownerOf(place, bridge, mac);
  if (own !== null) return own;
  const entry = entryOf(place, bridge, mac);
  const permanent = entry?.flags.includes('permanent') === true;
  if (entry !== undefined && (learned === null || permanent || entry.flags.includes('sticky'))) {
    const evidence = [{ span: entry.span, why: `${entry.dev} leads to this hardware address` }];
    return { kind: permanent ? 'local' : 'port', dev: entry.dev, evidence };
  }
  if (entry === undefined && place.ns.fdb.state !== 'complete') {
    const text = `by which port of ${bridge} a frame goes on is not known`;
    return { kind: 'open', because: [missing(place, 'bridge-fdb', text)] };
  }
  if (learned === null) return { kind: 'unknown-address' };
  const why = `the frame is for its own sender, who is behind ${learned.name}`;
  return { kind: 'port', dev: learned.name, evidence: [{ span: learned.span, why }] };
}

/** The bridge answers to the addresses of its ports too. */
function ownerOf(place: Place, bridge: string, mac: Mac): Found | null {
  const own = linksWith(place.ns, mac).find((row) => row.name === bridge || row.master === bridge);
  if (own === undefined) return null;
  return { kind: 'local', dev: own.name, evidence: [{ span: own.span, why: `hardware address of ${own.name}` }] };
}

/** Without VLAN filtering the entries of VLAN 0 count, which show none. */
function entryOf(place: Place, bridge: string, mac: Mac): FdbEntry | undefined {
  return fdbFor(place.ns, mac).find((row) => row.vlan === null && masterOf(place, row) === bridge);
}

/** Old tools do not print the master beside a port's entries. */
function masterOf(place: Place, row: FdbEntry): string | null {
  if (row.master !== null || row.flags.includes('self')) return row.master;
  return linkOf(place, row.dev)?.master ?? null;
}
