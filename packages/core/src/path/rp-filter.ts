/** Source validation of packets that come in: martians and rp_filter. net/ipv4/fib_frontend.c fib_validate_source; docs/kernel-facts.md. */
import { isBroadcast4, isLoopback, isMulticast, isUnspecified } from '../inet/ip-kind.js';
import { formatIp } from '../inet/ip-text.js';
import { lookupRoute } from '../route/lookup.js';
import { ending } from '../verdict/disposition.js';
import { missing, type Place, sysctl } from './place.js';
import { questionOf } from './routing.js';
import { assume, finish, leaveOpen, note, type World } from './world.js';

/** IPv4 only; IPv6 has no rp_filter sysctl. */
export function validateSource(place: Place, world: World): World {
  const { skb } = world;
  if (skb.family === 6 || skb.iif === null || skb.iif === 'lo') return world;
  if (isMulticast(skb.src) || isBroadcast4(skb.src) || isLoopback(skb.src) || isUnspecified(skb.src)) {
    return finish(
      note(world, place.name, 'source check', `${formatIp(skb.src)} cannot be a source`),
      ending('martian'),
    );
  }
  const reverse = lookupRoute(
    place,
    questionOf(world, { dst: skb.src, src: skb.dst, iif: null, mark: 0, sport: null, dport: null, proto: null }),
  );
  if (reverse.kind === 'route' && reverse.route.type === 'local') return ownSource(place, world, reverse.evidence);
  return checkReverse(place, world, reverse);
}

function ownSource(place: Place, world: World, evidence: ReturnType<typeof lookupRoute>['evidence']): World {
  const accept = sysctl(place, `net/ipv4/conf/${world.skb.iif}/accept_local`);
  const all = sysctl(place, 'net/ipv4/conf/all/accept_local');
  if (accept.value === '1' || all.value === '1') return world;
  const what = `the source ${formatIp(world.skb.src)} is an address of this node`;
  return finish(note(world, place.name, 'source check', what, evidence), ending('martian'));
}

function checkReverse(place: Place, world: World, reverse: ReturnType<typeof lookupRoute>): World {
  const { iif, src } = world.skb;
  const own = sysctl(place, `net/ipv4/conf/${iif}/rp_filter`);
  const all = sysctl(place, 'net/ipv4/conf/all/rp_filter');
  const mode = Math.max(Number(own.value ?? 0), Number(all.value ?? 0));
  const known = (own.value !== null || own.known) && (all.value !== null || all.known);
  const strictPasses = reverse.kind === 'route' && reverse.hops.some((hop) => hop.dev === iif);
  const loosePasses = reverse.kind === 'route';
  if (strictPasses) return world;
  const evidence = [...own.evidence, ...all.evidence, ...reverse.evidence];
  if (reverse.kind === 'open') {
    if (known && mode === 0) return world;
    return place.assume === 'defaults'
      ? assume(world, reverse.because)
      : finish(leaveOpen(world, reverse.because), ending('undetermined'));
  }
  if (!known && mode !== 1) {
    const reason = missing(place, 'sysctl', `rp_filter of ${iif} decides whether ${formatIp(src)} may come in there`);
    if (place.assume === 'defaults') return assume(world, [{ ...reason, text: `${reason.text}; taken to be 0` }]);
    return finish(leaveOpen(world, [reason]), ending('undetermined'));
  }
  if (mode === 0 || (mode === 2 && loosePasses)) return world;
  const what = `rp_filter=${mode}: ${formatIp(src)} is not reached through ${iif}`;
  return finish(note(world, place.name, 'rp_filter', what, evidence), ending('rp-filtered'));
}
