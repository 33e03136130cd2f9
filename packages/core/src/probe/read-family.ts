/** The address family that a probe speaks of. */
import type { Family } from '../inet/ip.js';
import type { Fields } from './read-fields.js';

/** As given; IPv4 or IPv6 by the addresses where it is not. */
export function readFamily(fields: Fields): Family | null {
  if (!fields.has('family')) return fields.ip('dst', null)?.family ?? fields.ip('src', null)?.family ?? null;
  const family = fields.number('family', 6);
  if (family === 4 || family === 6) return family;
  return family === null ? null : fields.refuse(`"family" is neither 4 nor 6: ${family}`);
}
