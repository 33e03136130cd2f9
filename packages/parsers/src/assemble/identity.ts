/** What outputs reveal about the machine that printed them, to see whether two of them can come from the same one. */
import { formatIp } from '@coldtrace/core';
import type { Contribution } from './contribution.js';

export interface Identity {
  hostname: string | null;
  /** IPv4 addresses by network namespace and device. */
  readonly addresses: Map<string, Set<string>>;
}

export function newIdentity(): Identity {
  return { hostname: null, addresses: new Map() };
}

export interface Agreement {
  /** It shows a host name or an address that is known of the machine. */
  readonly agrees: boolean;
  /** What it says that cannot be true of the same machine, as a phrase. */
  readonly against: string | null;
}

export function note(identity: Identity, output: readonly Contribution[]): void {
  for (const one of output) {
    identity.hostname ??= hostnameIn(one);
    for (const [place, ips] of addressesIn(one)) {
      const known = identity.addresses.get(place) ?? new Set();
      for (const ip of ips) known.add(ip);
      identity.addresses.set(place, known);
    }
  }
}

export function agreement(identity: Identity, output: readonly Contribution[]): Agreement {
  let agrees = false;
  for (const one of output) {
    const hostname = hostnameIn(one);
    if (hostname !== null && identity.hostname !== null) {
      if (shortName(hostname) !== shortName(identity.hostname)) {
        return { agrees: false, against: `host names ${identity.hostname} and ${hostname}` };
      }
      agrees = true;
    }
    for (const [place, ips] of addressesIn(one)) {
      const known = identity.addresses.get(place);
      if (known === undefined) continue;
      agrees = [...ips].some((ip) => known.has(ip));
      if (agrees) continue;
      const dev = place.slice(place.indexOf('\n') + 1);
      return { agrees, against: `${dev} with ${few(known)} and with ${few(ips)}` };
    }
  }
  return { agrees, against: null };
}

function hostnameIn({ facts, where }: Contribution): string | null {
  return facts.kind === 'hostname' && where.netns === null ? (facts.rows[0]?.text ?? null) : null;
}

/** Loopback is the same everywhere, and IPv6 addresses of a device may come and go. */
function addressesIn({ facts, where }: Contribution): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  if (facts.kind !== 'addresses') return found;
  for (const row of facts.rows) {
    if (row.ip.family !== 4 || row.dev === 'lo') continue;
    const place = `${where.netns ?? ''}\n${row.dev}`;
    const ips = found.get(place) ?? new Set();
    found.set(place, ips.add(formatIp(row.ip)));
  }
  return found;
}

function shortName(name: string): string {
  return name.split('.', 1)[0] ?? name;
}

/** The first of them, for a message. */
function few(ips: ReadonlySet<string>): string {
  const shown: string[] = [];
  for (const ip of ips) {
    if (shown.length === 3) return `${shown.join(', ')}, …`;
    shown.push(ip);
  }
  return shown.join(', ');
}
