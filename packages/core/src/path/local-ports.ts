/** Where the kernel takes a port from for a socket that asks for none. Documentation/networking/ip-sysctl.rst ip_local_port_range; both families have one. */
import type { Drawn } from '../packet/skb.js';
import { type Place, sysctl } from './place.js';

/** null: not captured. */
export function localPorts(place: Place): Drawn | null {
  const { value, known } = sysctl(place, 'net/ipv4/ip_local_port_range');
  if (value === null && !known) return null;
  const [first, last] = (value ?? '32768 60999').split(/\s+/).map(Number);
  return first !== undefined && last !== undefined && first > 0 && first <= last ? [first, last] : null;
}
