/** The first address of a device that may be used, as the kernel lists them. net/ipv4/devinet.c, net/ipv6/addrconf.c ipv6_link_dev_addr. */
import type { Family, Ip } from '../inet/ip.js';
import { addressesOn } from '../snapshot/rows-by.js';
import type { Place } from './place.js';

/** `unusable`: flags of addresses that are passed over. `fits`: which will do. */
export function firstAddress(
  place: Place,
  dev: string | null,
  family: Family,
  unusable: readonly string[],
  fits: (ip: Ip) => boolean = () => true,
): Ip | null {
  const row = (dev === null ? [] : addressesOn(place.ns, dev)).find(
    ({ ip, flags }) => ip.family === family && fits(ip) && !unusable.some((flag) => flags.includes(flag)),
  );
  return row?.ip ?? null;
}
