/** The address family that a probe speaks of. */
import type { Family } from '../inet/ip.js';
import { type Fields, hasField, ipOf, numberOf, refuse } from './read-fields.js';

/** As given; IPv4 or IPv6 by the addresses where it is not. */
export function readFamily(fields: Fields): Family | null {
  if (!hasField(fields, 'family'))
    return ipOf(fields, 'dst', null)?.family ?? ipOf(fields, 'src', null)?.family ?? null;
  const family = numberOf(fields, 'family', 6);
  if (family === 4 || family === 6) return family;
  return family === null ? null : refuse(fields, `"family" is neither 4 nor 6: ${family}`);
}
