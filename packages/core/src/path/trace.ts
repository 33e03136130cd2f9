/** One connection: its first packet through every captured namespace, and the answer back. Every way it can go, with exact chances. */
import { sameIp } from '../inet/ip.js';
import { isPrivate, isUnspecified } from '../inet/ip-kind.js';
import { formatIp } from '../inet/ip-text.js';
import { newPacket, untouched } from '../packet/new-packet.js';
import { type Skb, tcpFlag } from '../packet/skb.js';
import type { Snapshot } from '../snapshot/snapshot.js';
import { mergeReasons } from '../tri.js';
import { ending } from '../verdict/disposition.js';
import { answered } from './answer-mark.js';
import { answeringAs, type Called, calledBy } from './answer-source.js';
import { isDownstream } from './downstream.js';
import { unlessSilent } from './echo.js';
import { isGivenInVain } from './given-source.js';
import { ingress } from './ingress.js';
import { isBroughtBack } from './left-to-network.js';
import { endpoint } from './nat.js';
import { isTakenInside, onLinkNetwork } from './neighbourhood.js';
import {
  alterOutcome,
  type FinalPacket,
  type Outcome,
  outcomeWith,
  type Reply,
  replyWith,
  stepsLater,
} from './outcome.js';
import { output } from './output.js';
import { type Place, placeOf } from './place.js';
import { placeNamed, placeOfNs, placesOf } from './places.js';
import { choicesOf, type Leaf, settle } from './settle.js';
import type { Trace, TraceQuestion } from './trace-question.js';
import { takenOf, verdictOf, weighed } from './trace-verdict.js';
import { translatorOf } from './translated.js';
import { type Home, travel } from './travel.js';
import { assume, change, finish, leaveOpen, newWorld, note, type World } from './world.js';

/**
 * Follows the first packet of a connection (a SYN, an echo request) and the answer. It is a new connection unless the dump of conntrack holds it.
 * Never throws. Indexes of the snapshot are made at the first question about its `nodes` and kept with them.
 */
export function trace(snapshot: Pick<Snapshot, 'nodes'>, question: TraceQuestion): Trace {
  const places = placesOf(snapshot, question.assume);
  const start = placeOfNs(places, question.from.ns) ?? placeOf(question.from.node, question.from.ns, question.assume);
  if (callsItself(question)) return toItself(start, question);
  const taken = question.assume === 'defaults' ? takenOf(question.from) : [];
  const first = assume(newWorld(firstPacket(question)), taken);
  const begun =
    question.from.kind === 'process'
      ? output(start, first, question.from.src !== null)
      : ingress(start, first, question.from.dev);
  const there = travel(places, start, begun, null);
  const all = there.flatMap((world) => leavesOf(places, start, question, world));
  const leaves = weighed(all, question);
  const outcomes = settle(leaves);
  return { verdict: verdictOf(outcomes, leaves), outcomes };
}

/** What somebody sends to an address of its own does not leave it. */
function callsItself({ from, to }: TraceQuestion): boolean {
  if (from.kind === 'process' || (from.client === undefined && from.taken === undefined)) return false;
  return sameIp(from.src, to.ip);
}

function toItself(start: Place, question: TraceQuestion): Trace {
  const who = formatIp(question.to.ip);
  const text = `${who} was not captured; it is taken to answer itself`;
  const world = assume(newWorld(firstPacket(question)), [{ dump: null, text }]);
  const what = `${who} calls an address of its own: nothing of that comes to ${start.name}`;
  const base = outcomeOf(start, finish(note(world, start.name, 'link', what), ending('delivered')));
  return { verdict: 'works', outcomes: [alterOutcome(base, { reply: replyWith('delivered', () => []) })] };
}

function firstPacket(question: TraceQuestion): Skb {
  const { to, from, proto } = question;
  const ported = proto === 6 || proto === 17 || proto === 132 || proto === 136 || proto === 33;
  const v6 = to.ip.family === 6;
  const headers = {
    family: to.ip.family,
    src: from.src ?? { ...to.ip, a: 0, b: 0, c: 0, d: 0 },
    dst: to.ip,
    proto,
    sport: ported ? (question.sport ?? ephemeralPort) : null,
    dport: ported ? (to.port ?? 0) : null,
    tcp: proto === 6 ? { flags: tcpFlag.SYN, mss: 1460 } : null,
    icmp: proto === 1 || proto === 58 ? { type: v6 ? 128 : 8, code: 0, id: 1 } : null,
    ttl: 64,
  };
  return newPacket(headers, 'host', from.kind === 'process' ? { uid: 0, gid: 0 } : null);
}

/** Stands for a port of the client's choice (net.ipv4.ip_local_port_range). */
const ephemeralPort = 40000;

/** A packet that arrived is answered; the ways of the answer go on in the same tree of forks. */
function leavesOf(places: readonly Place[], start: Place, question: TraceQuestion, world: World): readonly Leaf[] {
  const base = outcomeOf(start, world);
  const { disposition } = base;
  if (disposition !== 'delivered' && disposition !== 'forwarded') return [{ choices: choicesOf(world), outcome: base }];
  const called = () => calledBy(placeNamed(places, world.at ?? '') ?? start, world);
  return answers(places, start, question, world).map((back) => {
    const reply = backHome(back, world, start, question, called);
    const assumptions = mergeReasons(world.assumptions, back.assumptions);
    const outcome = alterOutcome(base, { probability: back.weight, because: back.because, assumptions, reply });
    return { choices: choicesOf(back), outcome };
  });
}

function outcomeOf(start: Place, world: World): Outcome {
  const { end, skb } = world;
  const final: FinalPacket = {
    node: world.at ?? start.name,
    iface: skb.oif ?? skb.iif,
    src: skb.src,
    dst: skb.dst,
    sport: skb.sport,
    dport: skb.dport,
    mark: skb.mark,
  };
  const known = {
    probability: world.weight,
    assumptions: world.assumptions,
    because: end?.instead === undefined ? world.because : [...world.because, { dump: null, text: end.instead }],
    disposition: end === null || end.instead !== undefined ? 'undetermined' : end.disposition,
    rejectWith: end?.rejectWith ?? null,
    final,
    reply: null,
  } as const;
  return outcomeWith(known, stepsLater(world.trail, known.disposition));
}

/** The far end answers: a captured one through its own routes, one outside to whom it can route to. */
function answers(places: readonly Place[], start: Place, question: TraceQuestion, there: World): readonly World[] {
  const place = placeNamed(places, there.at ?? '') ?? start;
  const home = homeOf(start, question, there);
  const { weight, choices, hops } = there;
  const begin: World = change(newWorld(reverse(there.skb)), { answering: true, weight, choices, hops });
  if (there.exit !== null && there.skb.oif !== null) return fromOutside(places, place, question, there, begin, home);
  const willing = unlessSilent(place, begin, there);
  const { world: ready, sourced } = answeringAs(place, willing, calledBy(place, there));
  if (ready.end !== null) return [ready];
  const sent = answered(place, ready, there.skb).flatMap(({ world, mark }) => output(place, world, sourced, mark));
  return travel(places, place, sent, home);
}

function backHome(back: World, there: World, start: Place, question: TraceQuestion, called: () => Called): Reply {
  const disposition = back.end?.disposition ?? 'undetermined';
  if (disposition !== 'delivered') return replyWith(disposition, stepsLater(back.trail, disposition));
  const atStart = back.at === start.name || there.hops.length === 0 || isClientOutside(back, question);
  if (!atStart) return replyWith('forwarded', stepsLater(back.trail, 'forwarded'));
  // Who calls everybody is told by each in his own name.
  if (isFromWhomItCalled(back.skb, question) || called() === 'all')
    return replyWith(disposition, stepsLater(back.trail, disposition));
  const { src, sport } = back.skb;
  const stranger = `the answer comes from ${endpoint(src, sport)}, and the client called ${endpoint(question.to.ip, question.to.port)}`;
  return replyWith('rejected', stepsLater(note(back, back.at ?? start.name, 'socket', stranger).trail, 'rejected'));
}

/** Who was not captured hears the answer on whatever wire it stands. */
function isClientOutside({ exit, skb }: World, { from }: TraceQuestion): boolean {
  return from.kind === 'entering' && exit !== null && sameIp(skb.dst, from.src) && sameIp(exit.towards, skb.dst);
}

/** A socket takes no answer from somebody else. What has no ports has no such socket; whom 0.0.0.0 stands for the kernel says. */
function isFromWhomItCalled({ src, sport }: Skb, { to }: TraceQuestion): boolean {
  return sport === null || isUnspecified(to.ip) || (sameIp(src, to.ip) && sport === (to.port ?? 0));
}

function homeOf(place: Place, question: TraceQuestion, there: World): Home | null {
  const { from } = question;
  if (from.kind === 'process') return null;
  const original = there.hops.find((hop) => hop.place === place.name)?.connection?.original.src ?? from.src;
  return { place, dev: from.dev, ip: original, called: question.to };
}

/** A host that was not captured answers a source on its own network, or by the node that is its gateway. */
function fromOutside(
  places: readonly Place[],
  place: Place,
  question: TraceQuestion,
  there: World,
  begin: World,
  home: Home | null,
): readonly World[] {
  const { exit, skb } = there;
  if (exit === null) return [];
  const who = formatIp(skb.dst);
  if (isTakenInside(places, skb.dst)) {
    const text = `${who} is an address of captured nodes; whether anybody behind ${exit.dev} answers for it is not known`;
    return [finish(leaveOpen(begin, [{ dump: null, text }]), ending('undetermined'))];
  }
  // What rules have made of a Service's address is a server's.
  const translator = sameIp(skb.dst, question.to.ip) ? translatorOf(places, skb.dst) : null;
  if (translator !== null) {
    const text = `rules of ${translator.name} send what is for ${who} elsewhere; whether anybody behind ${exit.dev} answers for it is not known`;
    return [finish(leaveOpen(begin, [{ dump: null, text }]), ending('undetermined'))];
  }
  const onLink = onLinkNetwork(place, exit.dev, skb.src);
  const vain = onLink && isGivenInVain(place, skb.src, there.hops);
  if (!vain && (onLink || isDownstream(place, exit.dev, skb))) {
    const assumption = { dump: null, text: `${who} was not captured; it is taken to answer ${formatIp(skb.src)}` };
    return travel(places, place, ingress(place, assume(begin, [assumption]), exit.dev), home);
  }
  const src = formatIp(skb.src);
  // Its own routes would tell. For what nobody holds no answer comes, whatever they are.
  if (question.assume === 'none' && !vain) {
    const asks = skb.family === 4 ? 'ip route' : 'ip -6 route';
    const text = `whether ${who} has a way back to ${src} is not known: \`${asks}\` of ${who} was not captured`;
    return [finish(leaveOpen(begin, [{ dump: null, text }]), ending('undetermined'))];
  }
  if (!vain && isPrivate(skb.dst) && isBroughtBack(places, place, skb.src)) {
    const text = `${who} was not captured; it is taken to answer ${src}: no captured node has a way of its own to pods of another, so the network brings them what is theirs`;
    return travel(places, place, ingress(place, assume(begin, [{ dump: null, text }]), exit.dev), home);
  }
  const why = vain
    ? `which ${place.name} gives to packets and does not hold`
    : `which is no address of the network behind ${exit.dev}`;
  const text = `${who} was not captured; nothing shows that it has a way back to ${src}, ${why}`;
  const lost = note(assume(begin, [{ dump: null, text }]), place.name, 'reply', `no way back to ${src} is known`);
  return [finish(lost, ending('no-route'))];
}

/** The answer to a first packet: SYN,ACK for a SYN, an echo reply for a request. */
function reverse(skb: Skb): Skb {
  const flags = skb.tcp === null ? 0 : skb.tcp.flags & tcpFlag.SYN ? tcpFlag.SYN | tcpFlag.ACK : tcpFlag.ACK;
  const icmpType = skb.icmp === null ? 0 : skb.icmp.type === 8 ? 0 : skb.icmp.type === 128 ? 129 : skb.icmp.type;
  const { openPort, ...known } = skb;
  return {
    ...known,
    ...(openPort === undefined ? {} : { openPort: openPort === 'sport' ? 'dport' : 'sport' }),
    src: skb.dst,
    dst: skb.src,
    sport: skb.dport,
    dport: skb.sport,
    tcp: skb.tcp === null ? null : { ...skb.tcp, flags },
    icmp: skb.icmp === null ? null : { ...skb.icmp, type: icmpType },
    ttl: 64,
    ...untouched,
  };
}
