/** Source validation of IPv4 packets that come in: martians and rp_filter. net/ipv4/fib_frontend.c fib_validate_source. */
import { type Ip, sameIp } from '../inet/ip.js';
import { formatIp } from '../inet/ip-text.js';
import { alter } from '../packet/skb.js';
import { lookupRoute } from '../route/lookup.js';
import { isOneTable } from '../route/one-table.js';
import { policyRules } from '../route/policy-rules.js';
import type { RouteAnswer } from '../route/question.js';
import { isCompleteFor } from '../snapshot/dump.js';
import type { NextHop } from '../snapshot/route.js';
import { addressesOn } from '../snapshot/rows-by.js';
import type { Reason } from '../tri.js';
import { ending } from '../verdict/disposition.js';
import { eitherSwitch } from './parameter.js';
import { perPlace } from './per-place.js';
import { missing, type Place, sysctl } from './place.js';
import { filled, hasRealms, type RealmTag, tagOfSender } from './realms.js';
import { questionOfPacket, type RouteDraft } from './routing.js';
import { assume, finish, leaveOpen, note, type World, withPacket } from './world.js';

/** `dst`: where the packet goes, 0.0.0.0 for broadcasts; `out`: the device it is forwarded by, null when it is delivered here. */
export function validateSource(place: Place, world: World, dst: Ip, out: string | null): World {
  const dev = world.skb.iif ?? '';
  const vmark = eitherSwitch(place, 'src_valid_mark', dev);
  const matters = world.skb.mark !== 0 && marksCount(place);
  if (matters && vmark.because.length > 0) return open(world, vmark.because);
  const question = turnedRound(world, dst, out);
  question.mark = vmark.on ? world.skb.mark : 0;
  const reverse = lookupRoute(place, question);
  const judged = judge(place, assume(world, matters ? vmark.assumed : []), reverse, out);
  return judged.end !== null || hasRealms(place, 4) !== true ? judged : withRealms(place, judged, reverse, out);
}

/** What is delivered here has the realms of the way back alone. */
function withRealms(place: Place, world: World, reverse: RouteAnswer, out: string | null): World {
  const sender = reverse.kind === 'route' ? senderRealms(place, world, reverse) : 0;
  return withPacket(world, alter(world.skb, { realm: out === null ? sender : filled(world.skb.realm, sender) }));
}

/** On a device without an address the way back counts only if it is by that device. */
function senderRealms(
  place: Place,
  { skb: { iif } }: World,
  reverse: RouteAnswer & { readonly kind: 'route' },
): RealmTag {
  const dev = iif ?? '';
  const back = usesDevice(reverse.hops, dev) || usesDevice(reverse.route.nexthops, dev);
  if (back || hasAddress(place, dev)) return tagOfSender(place, reverse);
  return isCompleteFor(place.ns.addresses, 4) ? 0 : undefined;
}

function hasAddress({ ns }: Place, dev: string): boolean {
  return addressesOn(ns, dev).some(({ ip }) => ip.family === 4);
}

/** What an answer to the packet would ask. */
function turnedRound(world: World, src: Ip, iif: string | null): RouteDraft {
  const question = questionOfPacket(world);
  const { sport, dport } = question;
  question.dst = world.skb.src;
  question.src = src;
  question.iif = iif;
  question.sport = dport;
  question.dport = sport;
  question.reverse = true;
  question.uid = 0;
  return question;
}

/** Some policy rule looks at marks, or may. */
function marksCount(place: Place): boolean {
  const { rules, because } = policyRules(place, 4);
  return because.length > 0 || rules.some((rule) => rule.fwmark !== null || (rule.unknown?.length ?? 0) > 0);
}

function open(world: World, because: readonly Reason[]): World {
  return finish(leaveOpen(world, because), ending('undetermined'));
}

function judge(place: Place, world: World, reverse: RouteAnswer, out: string | null): World {
  const dev = world.skb.iif ?? '';
  const filter = filterMode(place, dev);
  const knownMode = filter.because.length === 0;
  const told = assume(world, reverse.assumptions);
  if (reverse.kind === 'open') return open(told, reverse.because);
  if (reverse.kind === 'route' && reverse.route.type !== 'unicast') return notUnicast(place, told, reverse, out);
  if (reverse.kind === 'route' && (usesDevice(reverse.hops, dev) || usesDevice(reverse.route.nexthops, dev)))
    return told;
  if (!knownMode) return open(told, filter.because);
  const evidence = [...filter.evidence, ...reverse.evidence];
  const assumed = assume(told, filter.assumed);
  if (filter.mode === 0) return assumed;
  if (filter.mode === 2 && reverse.kind === 'route') return loose(place, assumed, dev, evidence);
  return filtered(place, assumed, filter.mode, evidence);
}

function usesDevice(hops: readonly NextHop[], dev: string): boolean {
  return hops.some((hop) => hop.dev === dev);
}

function filtered(place: Place, world: World, mode: number, evidence: RouteAnswer['evidence']): World {
  const { iif, src } = world.skb;
  const what = `rp_filter=${mode}: ${formatIp(src)} is not reached through ${iif}`;
  return finish(note(world, place.name, 'rp_filter', what, evidence), ending('rp-filtered'));
}

/** Any route will do, except for a device without an IPv4 address. */
function loose(place: Place, world: World, dev: string, evidence: RouteAnswer['evidence']): World {
  if (hasAddress(place, dev)) return world;
  if (isCompleteFor(place.ns.addresses, 4)) return filtered(place, world, 2, evidence);
  return open(world, [missing(place, 'ip-addr', `whether ${dev} has an address is not known`)]);
}

/** The sender's address is local, a broadcast address, or the like. */
function notUnicast(
  place: Place,
  world: World,
  reverse: RouteAnswer & { readonly kind: 'route' },
  out: string | null,
): World {
  const { iif, src } = world.skb;
  if (reverse.route.type !== 'local') return broadcastSource(place, world, reverse, out);
  const accept = eitherSwitch(place, 'accept_local', iif);
  if (accept.because.length > 0) return open(world, accept.because);
  const exact = place.ns.addresses.rows.some((row) => sameIp(row.ip, src));
  if (!accept.on && !exact && isShortCut(place, iif)) {
    const text = `whether ${formatIp(src)}, of a local network, may be a source depends on rules and routes of the past`;
    return open(world, [{ dump: null, text }]);
  }
  if (!accept.on) {
    const what = `the source ${formatIp(src)} is an address of this node`;
    return finish(
      note(assume(world, accept.assumed), place.name, 'source check', what, reverse.evidence),
      ending('martian'),
    );
  }
  const filter = filterMode(place, iif ?? '');
  if (reverse.hops.some((hop) => hop.dev === iif) || (filter.because.length === 0 && filter.mode === 0)) return world;
  if (filter.because.length > 0) return open(world, filter.because);
  if (filter.mode === 2) return loose(place, world, iif ?? '', filter.evidence);
  return filtered(place, world, filter.mode, filter.evidence);
}

/** Nothing shows that the kernel does more than compare the source with its addresses. */
function isShortCut(place: Place, dev: string | null): boolean {
  const filter = filterMode(place, dev ?? '');
  return (filter.because.length > 0 || filter.mode === 0) && !looksClosely(place);
}

/**
 * Once a policy rule was changed or a route of type local added, and while any route or rule has a realm: those of addresses are the kernel's own.
 * net/ipv4/fib_frontend.c inet_rtm_newroute, fib_validate_source.
 */
function looksClosely(place: Place): boolean {
  return isOneTable(place) === false || hasRealms(place, 4) === true || hasOwnLocalRoute(place);
}

/** Only an output that shows who added the others says that somebody added this one: BusyBox and `proto kernel` filters print none. */
function hasOwnLocalRoute({ ns }: Place): boolean {
  const local = ns.routes.rows.filter(
    ({ family, type, trust }) => family === 4 && type === 'local' && trust !== 'claimed',
  );
  const telling = new Set(local.filter(({ protocol }) => protocol === 'kernel').map(({ span }) => span.file));
  return local.some(({ protocol, span }) => protocol !== 'kernel' && telling.has(span.file));
}

/** Without rp_filter the kernel looks this closely only once policy rules or local routes were ever added by hand. */
function broadcastSource(
  place: Place,
  world: World,
  reverse: RouteAnswer & { readonly kind: 'route' },
  out: string | null,
): World {
  const what = `${formatIp(world.skb.src)} is a ${reverse.route.type} address`;
  const told = note(world, place.name, 'source check', what, reverse.evidence);
  const filter = filterMode(place, world.skb.iif ?? '');
  const accept = eitherSwitch(place, 'accept_local', world.skb.iif);
  const unfiltered = filter.because.length === 0 && filter.mode === 0;
  if (unfiltered && accept.on && out !== world.skb.iif) return world;
  const changed = accept.because.length === 0 && looksClosely(place);
  if (changed || (filter.because.length === 0 && filter.mode !== 0)) return finish(told, ending('martian'));
  return open(told, [
    { dump: null, text: `${what}: whether it may be a source depends on rules and routes of the past` },
  ]);
}

interface FilterMode {
  readonly mode: number;
  readonly because: readonly Reason[];
  readonly assumed: readonly Reason[];
  readonly evidence: ReturnType<typeof sysctl>['evidence'];
}

/** The greater of the two settings (IN_DEV_MAXCONF). */
const filterMode = perPlace((place: Place, dev: string): FilterMode => {
  const found = ['all', dev].map((who) => sysctl(place, `net/ipv4/conf/${who}/rp_filter`));
  const mode = Math.max(...found.map(({ value }) => Number(value ?? 0)));
  const evidence = found.flatMap((one) => one.evidence);
  const known = mode === 2 || found.every((one) => one.value !== null || one.known);
  if (known) return { mode, because: [], assumed: [], evidence };
  const reason = missing(place, 'sysctl', `rp_filter of ${dev} is not known`);
  if (place.assume === 'none') return { mode, because: [reason], assumed: [], evidence };
  return { mode, because: [], assumed: [{ ...reason, text: `${reason.text}; taken to be ${mode}` }], evidence };
});
