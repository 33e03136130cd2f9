/** Owners of routes: by the routing protocol's name and by the device. iproute2: etc/iproute2/rt_protos. */
import type { Route } from '@coldtrace/core';
import { type Owner, ownerOfLink } from './owner.js';

const protocols: Readonly<Record<string, Owner>> = {
  kernel: 'the kernel',
  redirect: 'the kernel',
  ra: 'the network configuration',
  dhcp: 'the network configuration',
  static: 'the network configuration',
  bird: 'Calico',
  '80': 'Calico',
};

/** Null: `proto boot`, as `ip route add` leaves it: a person or a script. */
export function ownerOfRoute(route: Route): Owner | null {
  const protocol = protocols[route.protocol ?? ''] ?? null;
  if (protocol === 'the kernel') return protocol;
  const devices = route.nexthops.map(({ dev }) => (dev === null ? null : ownerOfLink(dev)));
  return devices.find((owner) => owner !== null) ?? protocol;
}
