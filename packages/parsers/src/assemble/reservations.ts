/** Reservations of one machine: each listing speaks for its own network, and one file is one reservation, however many commands show it. */
import { type AddressReservation, absent, type Dump, formatIp } from '@coldtrace/core';
import type { Part } from './merge-rows.js';

export function reservationsOf(parts: readonly Part<AddressReservation>[]): Dump<AddressReservation> {
  if (parts.length === 0) return absent;
  const rows = new Map<string, AddressReservation>();
  const listed = new Set<string>();
  for (const part of parts) {
    for (const row of part.rows) {
      const key = keyOf(row);
      if (part.complete) listed.add(key);
      const known = rows.get(key);
      rows.set(key, known === undefined ? row : joined(known, row));
    }
  }
  // What shows files that a listing of the whole folder has shown takes nothing from its completeness.
  const whole = parts.every((part) => part.complete || part.rows.every((row) => listed.has(keyOf(row))));
  return {
    state: whole ? 'complete' : 'partial',
    rows: [...rows.values()],
    sources: parts.map((part) => part.source),
  };
}

function keyOf(row: AddressReservation): string {
  return `${row.network ?? ''} ${formatIp(row.ip)}`;
}

/** The one that shows the file's content, with what only the other tells. */
function joined(known: AddressReservation, other: AddressReservation): AddressReservation {
  if (known.containerId !== null) return known;
  return { ...other, ifname: other.ifname ?? known.ifname };
}
