/** `spt:80 dpts:!1:1023` as `iptables -L` prints the ports of tcp, udp, sctp and dccp, also a range that runs backwards. */
import type { PortRange } from '../inet/port.js';
import { isRefusal } from './extension.js';
import { libraryPortRange } from './library-port.js';
import type { ListingCursor } from './listing-cursor.js';

interface ListedPort {
  readonly range: PortRange;
  readonly invert: boolean;
}

export interface ListedPorts {
  readonly sport: ListedPort | null;
  readonly dport: ListedPort | null;
}

/** Takes the port words that come next; both null when there are none. */
export function readListedPorts(cursor: ListingCursor): ListedPorts {
  const sport = readOne(cursor, 'spt');
  const dport = readOne(cursor, 'dpt');
  return { sport, dport };
}

function readOne(cursor: ListingCursor, label: string): ListedPort | null {
  const at = cursor.at;
  const value = cursor.acceptPrefix(`${label}:`) ?? cursor.acceptPrefix(`${label}s:`);
  if (value === null) return null;
  const invert = value.startsWith('!');
  const range = libraryPortRange.read([invert ? value.slice(1) : value], {
    family: 4,
    proto: null,
    table: null,
    chain: null,
  });
  if (!isRefusal(range)) return { range, invert };
  cursor.reset(at);
  return null;
}
