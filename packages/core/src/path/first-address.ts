/** The first address of a device that may be used, as the kernel lists them. net/ipv4/devinet.c, net/ipv6/addrconf.c ipv6_link_dev_addr. */
import type { Family, Ip } from '../inet/ip.js';
import type { Place } from './place.js';

/** `unusable`: flags of addresses that are passed over. `fits`: which will do. */
export function firstAddress(
  place: Place,
  dev: string | null,
  family: Family,
  unusable: readonly string[],
  fits: (ip: Ip) => boolean = () => true,
): Ip | null {
  const row = place.ns.addresses.rows.find(
    (address) =>
      address.dev === dev &&
      address.ip.family === family &&
      address.trust !== 'claimed' &&
      fits(address.ip) &&
      !unusable.some((flag) => address.flags.includes(flag)),
  );
  return row?.ip ?? null;
}
