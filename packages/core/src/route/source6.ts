/** The IPv6 source towards a destination, by the rules of RFC 6724 as the kernel has them. net/ipv6/addrconf.c ipv6_dev_get_saddr. */
import type { Ip } from '../inet/ip.js';
import { sameIp } from '../inet/ip.js';
import { isIp4Mapped, isLoopback, isMulticast } from '../inet/ip-kind.js';
import { oncePerPlace } from '../path/per-place.js';
import { missing, type Place, sysctl } from '../path/place.js';
import type { Address } from '../snapshot/address.js';
import { addressesOfFamily, addressesOn } from '../snapshot/rows-by.js';
import type { Reason } from '../tri.js';
import { addressLabel } from './address-label.js';
import { devicesInOrder } from './device-order.js';
import { picked, type SourceAnswer } from './source.js';

interface Towards {
  readonly place: Place;
  readonly ip: Ip;
  readonly dev: string | null;
  readonly scope: number;
  readonly label: number;
}

/** One rule: the greater number wins; equal ones go on to the next rule. */
type Rule = (row: Address, to: Towards) => number;

const bySameAddress: Rule = (row, to) => Number(sameIp(row.ip, to.ip));

/** A scope wide enough, and of those the narrowest; else the widest. */
const byScope: Rule = (row, to) => {
  const scope = scopeOf6(row.ip);
  return scope >= to.scope ? -scope : scope - 128;
};
const byPreferred: Rule = (row, { place }) => {
  if (isLoopback(row.ip) || isIp4Mapped(row.ip)) return 1;
  if (row.flags.includes('deprecated')) return 0;
  return Number(!row.flags.includes('optimistic') || usesOptimistic(place, row.dev));
};
const byDevice: Rule = (row, to) => Number(to.dev === null || row.dev === to.dev);
const byLabel: Rule = (row, to) => Number(addressLabel(to.place.ns, row.ip, row.dev) === to.label);
/** Temporary addresses are avoided unless the device prefers them (use_tempaddr of 2). */
const byPrivacy: Rule = (row, to) => {
  const prefers = Number(sysctl(to.place, `net/ipv6/conf/${row.dev}/use_tempaddr`).value ?? 0) >= 2;
  return Number(row.flags.includes('temporary') === prefers);
};
const byOrchid: Rule = (row, to) => Number(isOrchid(row.ip) === isOrchid(to.ip));
const byPrefix: Rule = (row, to) => Math.min(sharedBits(row.ip, to.ip), row.prefixLength);
const byOptimism: Rule = (row) => Number(!row.flags.includes('optimistic'));

const rules: readonly Rule[] = [
  bySameAddress,
  byScope,
  byPreferred,
  byDevice,
  byLabel,
  byPrivacy,
  byOrchid,
  byPrefix,
  byOptimism,
];

export function selectAddress6(place: Place, dev: string | null, dst: Ip): SourceAnswer {
  const to: Towards = { place, ip: dst, dev, scope: scopeOf6(dst), label: addressLabel(place.ns, dst, dev) };
  const only = dev !== null && (isMulticast(dst) || to.scope <= linkLocal || usesOwnOnly(place, dev));
  const candidates = only ? usableAddresses(place).filter((row) => row.dev === dev) : usableAddresses(place);
  const best = winner(candidates, to, rules);
  if (best === null) return { kind: 'none' };
  const doubts = doubtsOf(place, to, candidates, best);
  if (doubts.length === 0) return picked(best.ip);
  return place.assume === 'none' ? { kind: 'open', because: doubts } : picked(best.ip, doubts);
}

/** Device after device. */
const usableAddresses = oncePerPlace((place: Place): readonly Address[] => {
  const usable = addressesOfFamily(place.ns, 6).filter(isUsable);
  return devicesInOrder(place, usable).flatMap((name) =>
    addressesOn(place.ns, name).filter((row) => row.ip.family === 6 && isUsable(row)),
  );
});

function isUsable({ flags }: Address): boolean {
  return !flags.includes('dadfailed') && (!flags.includes('tentative') || flags.includes('optimistic'));
}

function winner(candidates: readonly Address[], to: Towards, asked: readonly Rule[]): Address | null {
  let left = candidates;
  for (const rule of asked) {
    const scores = left.map((row) => rule(row, to));
    const top = scores.reduce((most, score) => Math.max(most, score), Number.NEGATIVE_INFINITY);
    left = left.filter((_, index) => scores[index] === top);
  }
  return left[0] ?? null;
}

/** Settings that were not captured and could have led to another address. */
function doubtsOf(place: Place, to: Towards, candidates: readonly Address[], best: Address): readonly Reason[] {
  const doubts: Reason[] = [];
  if (place.ns.addrLabels.state !== 'complete' && tied(candidates, to, best, byLabel).length > 1) {
    doubts.push(missing(place, 'ip-addrlabel', 'the initial table of address labels is taken'));
  }
  const temporary = tied(candidates, to, best, byPrivacy).filter((row) => row.flags.includes('temporary'));
  if (temporary.length > 0 && temporary.some((row) => !sysctl(place, `net/ipv6/conf/${row.dev}/use_tempaddr`).known)) {
    doubts.push(missing(place, 'sysctl', 'temporary addresses are taken not to be preferred'));
  }
  const optimistic = tied(candidates, to, best, byPreferred).filter(({ flags }) => flags.includes('optimistic'));
  if (optimistic.some(({ dev }) => !knowsOptimism(to.place, dev))) {
    doubts.push(missing(to.place, 'sysctl', 'optimistic addresses are taken not to be preferred'));
  }
  if (to.dev !== null && best.dev !== to.dev && !sysctl(place, `net/ipv6/conf/${to.dev}/use_oif_addrs_only`).known) {
    doubts.push(missing(place, 'sysctl', 'use_oif_addrs_only is taken to be off'));
  }
  return doubts;
}

/** The candidates that the rules before this one leave together with the winner. */
function tied(candidates: readonly Address[], to: Towards, best: Address, until: Rule): readonly Address[] {
  const earlier = rules.slice(0, rules.indexOf(until));
  return candidates.filter((row) => earlier.every((rule) => rule(row, to) === rule(best, to)));
}

/** By the device's own setting: nobody looks at that of `all`. */
function usesOwnOnly(place: Place, dev: string): boolean {
  return (sysctl(place, `net/ipv6/conf/${dev}/use_oif_addrs_only`).value ?? '0') !== '0';
}

const optimism = ['optimistic_dad', 'use_optimistic'] as const;

/** Both settings, each of the device or of all. net/ipv6/addrconf.c ipv6_use_optimistic_addr. */
function usesOptimistic(place: Place, dev: string): boolean {
  return optimism.every((name) =>
    [dev, 'all'].some((who) => (sysctl(place, `net/ipv6/conf/${who}/${name}`).value ?? '0') !== '0'),
  );
}

function knowsOptimism(place: Place, dev: string): boolean {
  return optimism.every((name) => [dev, 'all'].every((who) => sysctl(place, `net/ipv6/conf/${who}/${name}`).known));
}

const linkLocal = 2;
const siteLocal = 5;
const global = 14;

/** None: to the unspecified address any scope is wide enough, so the narrowest is taken. include/net/ipv6.h __ipv6_addr_src_scope. */
const invalid = -1;

/** RFC 4291 section 2.7 and RFC 6724 section 3.1: loopback counts as link-local. */
function scopeOf6(ip: Ip): number {
  if ((ip.a | ip.b | ip.c | ip.d) === 0) return invalid;
  if (isMulticast(ip)) return (ip.a >>> 16) & 15;
  if (isLoopback(ip) || ip.a >>> 22 === 0x3fa) return linkLocal;
  return ip.a >>> 22 === 0x3fb ? siteLocal : global;
}

/** 2001:10::/28, RFC 4843. */
function isOrchid(ip: Ip): boolean {
  return ip.a >>> 4 === 0x2001001;
}

function sharedBits(x: Ip, y: Ip): number {
  const words = [x.a ^ y.a, x.b ^ y.b, x.c ^ y.c, x.d ^ y.d];
  const at = words.findIndex((word) => word !== 0);
  return at < 0 ? 128 : at * 32 + Math.clz32(words[at] ?? 0);
}
