/** Who is at the other end: which captured namespace receives what leaves a device, and what is assumed of hosts that were not captured. */

import { type Ip, sameIp } from '../inet/ip.js';
import { isLinkLocal } from '../inet/ip-kind.js';
import { formatIp } from '../inet/ip-text.js';
import { formatMac, type Mac, sameMac } from '../inet/mac.js';
import { prefixContains, prefixOf } from '../inet/prefix.js';
import type { Skb } from '../packet/skb.js';
import { lookupRoute } from '../route/lookup.js';
import { towardsOf } from '../route/question.js';
import type { Link } from '../snapshot/link.js';
import { neighboursFor, portsOf } from '../snapshot/rows-by.js';
import type { Reason } from '../tri.js';
import type { Evidence } from '../verdict/step.js';
import { answersFor } from './answers-arp.js';
import { askerOf } from './arp-filter.js';
import { leadsInside } from './downstream.js';
import { linkOf } from './frame.js';
import { leadingTo } from './leading.js';
import { broughtTo } from './left-to-network.js';
import { eitherSwitch } from './parameter.js';
import type { Place } from './place.js';
import { type Holder, holdersOf, isBalanced, linksWith } from './places.js';
import { secondAnswers } from './second-answers.js';
import { hasMac, type Member, membersBehind, outletsOf, type Wire, wiresOf } from './segment.js';
import { silence } from './silence.js';
import { areNoPair, farEndOf } from './veth.js';
import type { Exit } from './world.js';

/** Devices on a wire of others that have the hardware address, on the VLAN of the frame. */
function devicesWith(places: readonly Place[], from: Place, mac: Mac, vlan: number | null): readonly Holder[] {
  return linksWith(places, mac)
    .filter(({ place, link }) => place !== from && vlanOf(link) === vlan && isOnWire(places, from, place, link))
    .map(({ place, link }) => ({ place, dev: link.name }));
}

function vlanOf(link: Link | undefined): number | null {
  return link?.details?.kind === 'vlan' ? link.details.id : null;
}

/** Devices with a far end of their own, other than `from`, or that hand what they receive to another device, have the addresses of others. */
function isOnWire(places: readonly Place[], from: Place, place: Place, link: Link): boolean {
  const { name, details, master, type } = link;
  if (master !== null || type !== 'ether') return false;
  if (details === null || details.kind === 'vlan') return true;
  if (details.kind === 'bridge') return portsOf(place.ns, name).some((port) => port.details?.kind !== 'other');
  if (details.kind !== 'other') return false;
  if (details.type === 'veth') {
    const others = places.filter((one) => one !== from);
    return farEndOf(others, place, name) === null;
  }
  return ['bond', 'team', 'macvlan'].includes(details.type);
}

/** Kinds of devices that put the packet into another one. */
function tunnelKind(place: Place, dev: string): string | null {
  const details = linkOf(place, dev)?.details ?? null;
  if (details === null) return null;
  if (details.kind === 'vxlan') return 'vxlan';
  if (details.kind === 'tunnel') return details.type;
  return details.kind === 'other' && ['wireguard', 'tun'].includes(details.type) ? details.type : null;
}

export type Beyond =
  /** A captured namespace takes it in. */
  | {
      readonly kind: 'place';
      readonly holder: Holder;
      readonly lladdr: Mac | null;
      readonly assumption: string | null;
      /** If it does not hold, the packet is lost. */
      readonly elseLost?: true;
    }
  /** Everybody who hears the question was captured, and none answers. */
  | { readonly kind: 'nobody'; readonly what: string; readonly evidence: readonly Evidence[] }
  /** Something that is not modelled stands in between. */
  | { readonly kind: 'open'; readonly because: readonly Reason[] }
  /** A host that was not captured: the destination itself, or a gateway on the way. */
  | { readonly kind: 'outside'; readonly gateway: boolean };

/** Of the packet. */
type Ends = Pick<Skb, 'src' | 'dst'>;

function open(text: string, dump: Reason['dump'] = null): Beyond {
  return { kind: 'open', because: [{ dump, text }] };
}

/** What stands at the far end of a frame that leaves `place`. */
export function beyond(places: readonly Place[], place: Place, exit: Exit, { src, dst }: Ends): Beyond {
  const tunnel = tunnelKind(place, exit.dev);
  if (tunnel !== null)
    return open(`what becomes of a packet in the ${tunnel} device ${exit.dev} of ${place.name} is not modelled`);
  const wires = wiresOf(places, place, exit);
  if (wires === 'unclear')
    return open(`which device is the other end of ${exit.dev} of ${place.name} is not clear`, 'ip-link');
  const wired = wires.length > 0 ? overWires(places, place, exit, wires, src) : null;
  if (wired !== null) return wired;
  const elsewhere = (holder: Holder) => holder.place !== place;
  const addressed =
    exit.lladdr === undefined || exit.lladdr === null
      ? []
      : devicesWith(places, place, exit.lladdr, vlanOf(linkOf(place, exit.dev)));
  const named = onOneWire(place, exit, nearest(place, exit, addressed));
  const near = holdersOf(places, exit.towards).filter(
    (far) => elsewhere(far) && !isApart(places, place, exit, far) && !isBesidePod(place, exit, far),
  );
  const direct = named ?? nearest(place, exit, near);
  if (direct !== null) return named === null ? unlessSecond(places, place, exit, src, direct) : direct;
  const gateway = !sameIp(exit.towards, dst);
  const behind = gateway
    ? holdersOf(places, dst).filter((far) => elsewhere(far) && far.place.ns.name === null && isUp(far))
    : [];
  const [far, another] = behind;
  if (another !== undefined) return severally(dst, behind);
  if (far !== undefined) return byGateway(exit.towards, far, src, dst);
  const leading = gateway ? leadingTo(places, place, exit, { src, dst }) : null;
  if (leading !== null) return passedOn(exit.towards, leading, dst);
  const brought = broughtTo(places, place, exit, { src, dst });
  if (brought === null) return { kind: 'outside', gateway };
  return gateway ? passedOn(exit.towards, brought, dst) : broughtBeside(brought, dst);
}

/** Who asks hears several answers, and which of them counts nobody knows. */
function unlessSecond(places: readonly Place[], place: Place, exit: Exit, src: Ip, found: Beyond): Beyond {
  const { towards, lladdr, dev } = exit;
  if (found.kind !== 'place' || (lladdr ?? null) !== null) return found;
  const asker = askerOf(place, dev, towards, src, eitherSwitch(place, 'arp_announce', dev).on);
  const seconds = secondAnswers(places, towards, asker).filter(
    (one) => one.place !== place && one.place !== found.holder.place,
  );
  return seconds.length === 0 ? found : severally(towards, [found.holder, ...seconds]);
}

/** Devices of networks that have nothing in common may stand on one wire, or on two: a hardware address alone does not tell. An address alone, as those of tunnels are, is of no network. */
function onOneWire(place: Place, exit: Exit, found: Beyond | null): Beyond | null {
  if (found?.kind !== 'place' || found.assumption !== null || isLearned(place, exit)) return found;
  const { holder } = found;
  const rowsOf = (who: Place, dev: string) =>
    who.ns.addresses.rows.filter(
      ({ ip, prefixLength, ...row }) =>
        row.dev === dev && ip.family === exit.towards.family && prefixLength < (ip.family === 4 ? 32 : 128),
    );
  const [near, far] = [rowsOf(place, exit.dev), rowsOf(holder.place, holder.dev)];
  const inCommon =
    near.some(({ ip }) => onLinkNetwork(holder.place, holder.dev, ip)) ||
    far.some(({ ip }) => onLinkNetwork(place, exit.dev, ip));
  if (inCommon || near.length === 0 || far.length === 0) return found;
  const assumption = `${holder.dev} of ${holder.place.name} has the hardware address of the frame and another network than ${exit.dev} of ${place.name}; it is taken to stand on the same wire`;
  return { ...found, assumption, elseLost: true };
}

/** Somebody with that hardware address was heard on the wire. */
function isLearned({ ns }: Place, { dev, towards }: Exit): boolean {
  const entry = neighboursFor(ns, towards).find((row) => row.dev === dev && !row.proxy);
  return entry?.externLearn === false && heard.has(entry.nud ?? '');
}

const heard: ReadonlySet<string> = new Set(['REACHABLE', 'STALE', 'DELAY', 'PROBE']);

/** All that hear the holder's device were captured, and the one that the frame leaves by is not among them. */
function isApart(places: readonly Place[], place: Place, exit: Exit, holder: Holder): boolean {
  const far = farEndOf(places, holder.place, holder.dev);
  if (far === null || far === 'unclear') return false;
  const { members, closed } = membersBehind(places, { dev: holder.dev, far });
  return closed && !members.some((member) => member.place === place && member.dev === exit.dev);
}

/** Behind a veth pair without a network of its own stands one pod: the holder, or somebody who was not captured. */
function isBesidePod(place: Place, { dev, towards }: Exit, holder: Holder): boolean {
  const [link, far] = [linkOf(place, dev), linkOf(holder.place, holder.dev)];
  if (link?.details?.kind !== 'other' || link.details.type !== 'veth' || far === undefined) return false;
  const numbered = place.ns.addresses.rows.some(
    (row) => row.dev === dev && row.ip.family === towards.family && !isLinkLocal(row.ip),
  );
  return !numbered && areNoPair(link, far);
}

/** A router that was not captured joins the networks of both ends; nothing says so of networks that the far end itself keeps apart. */
function byGateway(gateway: Ip, far: Holder, src: Ip, dst: Ip): Beyond {
  const back = lookupRoute(far.place, towardsOf(src));
  const apart = back.kind === 'route' && back.hops.every((hop) => hop.dev !== far.dev);
  const who = `the gateway ${formatIp(gateway)} was not captured`;
  if (apart)
    return open(
      `${who}; nothing shows that it leads to ${formatIp(dst)}: ${far.place.name} reaches ${formatIp(src)} by ${back.hops[0]?.dev ?? 'another device'}, not by ${far.dev}`,
    );
  return passedOn(gateway, far, dst);
}

function passedOn(gateway: Ip, holder: Holder, dst: Ip): Beyond {
  const assumption = `the gateway ${formatIp(gateway)} was not captured; it is taken to pass packets on to ${formatIp(dst)}`;
  return { kind: 'place', holder, lladdr: null, assumption };
}

/** The pods' addresses are of the nodes' own network, which knows on whose card each of them is. */
function broughtBeside(holder: Holder, dst: Ip): Beyond {
  const assumption = `the network is taken to bring what is for ${formatIp(dst)} to ${holder.place.name}, whose routes lead there`;
  return { kind: 'place', holder, lladdr: null, assumption };
}

/** An address of a device that is down stands on no network that a router could know. */
function isUp({ place, dev }: Holder): boolean {
  return linkOf(place, dev)?.flags.includes('UP') !== false;
}

/** Captured namespaces hold the address, or balance it: whoever stands outside does not have it. */
export function isTakenInside(places: readonly Place[], ip: Ip): boolean {
  return holdersOf(places, ip).length > 0 || isBalanced(places, ip);
}

function severally(ip: Ip, holders: readonly Holder[]): Beyond {
  return open(`several captured namespaces hold ${formatIp(ip)}: ${holders.map(({ place }) => place.name).join(', ')}`);
}

/** Namespaces of the same node first: addresses of pods and of docker's networks are the same on many nodes. */
function nearest(place: Place, exit: Exit, holders: readonly Holder[]): Beyond | null {
  const here = holders.filter((holder) => holder.place.node === place.node);
  const hosts = holders.filter((holder) => holder.place.node !== place.node && holder.place.ns.name === null);
  const inside = here.length > 0 && (hosts.length === 0 || leadsInside(place, exit.dev));
  const candidates = inside ? here : here.length > 0 ? holders : hosts.length > 0 ? hosts : holders;
  const [only, another] = candidates;
  if (only === undefined) return null;
  if (another === undefined) return { kind: 'place', holder: only, ...addressedTo(exit, only) };
  return uppermost(exit, candidates) ?? severally(exit.towards, candidates);
}

/** Devices of one place that share a hardware address and whose kinds were not shown: a bridge or bond takes it from its first port. */
function uppermost({ towards, lladdr }: Exit, candidates: readonly Holder[]): Beyond | null {
  const [first] = candidates;
  const unshown = candidates.every(({ place, dev }) => place === first?.place && linkOf(place, dev)?.details === null);
  const holding = candidates.filter(({ place, dev }) =>
    place.ns.addresses.rows.some((row) => row.dev === dev && sameIp(row.ip, towards)),
  );
  const [holder] = holding;
  if (!unshown || holder === undefined || holding.length > 1) return null;
  const others = candidates.filter((one) => one !== holder).map(({ dev }) => dev);
  const assumption = `${holder.dev} of ${holder.place.name} has the hardware address of ${others.join(' and ')}; it is taken to stand on it`;
  return { kind: 'place', holder, lladdr: lladdr ?? null, assumption };
}

/** The neighbour entry may name another hardware address than the device has. */
function addressedTo({ lladdr }: Exit, { place, dev }: Holder): { lladdr: Mac | null; assumption: string | null } {
  const own = linkOf(place, dev)?.mac ?? null;
  if (lladdr === undefined || lladdr === null || own === null || sameMac(own, lladdr))
    return { lladdr: lladdr ?? null, assumption: null };
  const assumption = `no other device has the hardware address ${formatMac(lladdr)} than were captured`;
  return { lladdr, assumption };
}

/** Over a veth pair the other end takes the frame, or what stands behind the bridge that it is a port of. */
function overWires(places: readonly Place[], place: Place, exit: Exit, wires: readonly Wire[], src: Ip): Beyond | null {
  const lladdr = exit.lladdr ?? null;
  const { dev, towards } = exit;
  const asker = askerOf(place, dev, towards, src, eitherSwitch(place, 'arp_announce', dev).on);
  const answers = (member: Member) => answersFor(member, towards, asker) === true;
  const fits = (member: Member) => (lladdr === null ? answers(member) : hasMac(member, lladdr));
  const heard = wires.flatMap((wire) => membersBehind(places, wire).members.map((member) => ({ wire, member })));
  const fitting = heard.filter(({ member }) => fits(member));
  const [only, another] = fitting;
  if (another !== undefined && fitting.some(({ member }) => member.place !== only?.member.place))
    return severally(
      exit.towards,
      fitting.map(({ member }) => member),
    );
  if (only !== undefined) {
    const mac = lladdr ?? linkOf(only.member.place, only.member.dev)?.mac ?? null;
    return arriving(only.wire, mac, null);
  }
  const [wire, second] = wires;
  if (wire === undefined || second !== undefined || outletsOf(place, exit).length > 1) return null;
  return unfitting(places, place, exit, wire, asker);
}

function arriving({ far }: Wire, lladdr: Mac | null, assumption: string | null): Beyond {
  return { kind: 'place', holder: { place: far.place, dev: far.link.name }, lladdr, assumption };
}

/** Nobody who was captured behind the one wire has the address. */
function unfitting(places: readonly Place[], place: Place, exit: Exit, wire: Wire, asker: Ip | null): Beyond {
  const { far } = wire;
  const who = formatIp(exit.towards);
  const { members, closed } = membersBehind(places, wire);
  const asked = exit.lladdr === undefined || exit.lladdr === null;
  const silent = members.every((member) => answersFor(member, exit.towards, asker) === false);
  if (asked && closed && silent && place.ns.neighbours.state !== 'absent')
    return {
      kind: 'nobody',
      what: `nobody behind ${exit.dev} answers for ${who}`,
      evidence: silence(place, wire, members, exit.towards),
    };
  if (far.link.master !== null)
    return open(`who is behind the bridge ${far.link.master} of ${far.place.name} for ${who} is not known`);
  // The frame is addressed to somebody else than the one device there.
  if (!asked && far.link.mac !== null) return arriving(wire, exit.lladdr ?? null, null);
  return arriving(wire, null, `${far.place.name} is taken to answer for ${who} on ${far.link.name}`);
}

/** Does the address belong to a network that the device is part of? */
export function onLinkNetwork(place: Place, dev: string, ip: Ip): boolean {
  return place.ns.addresses.rows.some(
    (row) => row.dev === dev && row.ip.family === ip.family && prefixContains(prefixOf(row.ip, row.prefixLength), ip),
  );
}
