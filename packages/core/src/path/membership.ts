/** Which multicast groups a device listens to: `ip maddr` says so, and the hardware addresses in `bridge fdb` show what it cannot be. net/ipv4/igmp.c, net/ipv6/mcast.c. */
import { type Ip, ip6, sameIp } from '../inet/ip.js';
import { type Mac, sameMac } from '../inet/mac.js';
import { addressesOn, fdbOn } from '../snapshot/rows-by.js';
import type { Reason } from '../tri.js';
import type { Evidence } from '../verdict/step.js';
import { missing, type Place, sysctl } from './place.js';

export type Membership =
  | {
      readonly kind: 'known';
      readonly joined: boolean;
      readonly evidence: readonly Evidence[];
      readonly assumed: readonly Reason[];
    }
  | { readonly kind: 'open'; readonly because: readonly Reason[] };

const known = (joined: boolean, evidence: readonly Evidence[] = []): Membership => ({
  kind: 'known',
  joined,
  evidence,
  assumed: [],
});

export function membershipOf(place: Place, dev: string, group: Ip): Membership {
  const row = place.ns.multicast.rows.find(
    (one) => one.dev === dev && one.ip !== null && sameIp(one.ip, group) && one.trust !== 'claimed',
  );
  if (row !== undefined) return known(true, [{ span: row.span, why: `${dev} listens to it` }]);
  if (place.ns.multicast.state === 'complete') return known(false);
  if (isAllHosts(group) || isOwnGroup(place, dev, group)) return known(true);
  if (hardwareRefuses(place, dev, group)) return known(false);
  const text = `whether ${dev} is in a multicast group is not known`;
  const reason = missing(place, 'ip-maddr', text);
  if (place.assume === 'none') return { kind: 'open', because: [reason] };
  return {
    kind: 'known',
    joined: false,
    evidence: [],
    assumed: [{ ...reason, text: `${reason.text}; taken not to be` }],
  };
}

/** 224.0.0.0/24, or an IPv6 group of the interface or link. */
export function isLinkLocalGroup(group: Ip): boolean {
  return group.family === 4 ? group.a >>> 8 === 0xe00000 : (group.a & 0x000f0000) >>> 16 <= 2;
}

/** Every device that is up is in 224.0.0.1, ff01::1 and ff02::1. */
function isAllHosts(group: Ip): boolean {
  if (group.family === 4) return group.a === 0xe0000001;
  return [0xff010000, 0xff020000].some((scope) => sameIp(group, ip6(scope, 0, 0, 1)));
}

/** The solicited-node groups of its addresses, and the routers' groups where it forwards. */
function isOwnGroup(place: Place, dev: string, group: Ip): boolean {
  if (group.family === 4) return false;
  const solicited = addressesOn(place.ns, dev).some(
    ({ ip }) => ip.family === 6 && sameIp(group, ip6(0xff020000, 0, 1, (0xff000000 | (ip.d & 0xffffff)) >>> 0)),
  );
  if (solicited) return true;
  const routers = [0xff010000, 0xff020000, 0xff050000].some((scope) => sameIp(group, ip6(scope, 0, 0, 2)));
  const forwards = sysctl(place, `net/ipv6/conf/${dev}/forwarding`).value;
  return routers && forwards !== null && forwards !== '0';
}

/** The device does not listen to the hardware address of the group, so it cannot be in it. */
function hardwareRefuses(place: Place, dev: string, group: Ip): boolean {
  const { fdb } = place.ns;
  const own = fdbOn(place.ns, dev).filter((row) => row.flags.includes('self'));
  return fdb.state === 'complete' && own.length > 0 && !own.some((row) => sameMac(row.mac, hardwareGroup(group)));
}

/** RFC 1112 section 6.4, RFC 2464 section 7. */
export function hardwareGroup(group: Ip): Mac {
  return group.family === 4
    ? { hi: 0x0100, lo: (0x5e000000 | (group.a & 0x7fffff)) >>> 0 }
    : { hi: 0x3333, lo: group.d };
}
