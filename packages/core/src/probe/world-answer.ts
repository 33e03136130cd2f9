/** How one world answers a probe: where the packet ended, as what, which rules counted it, and what conntrack keeps of it. */
import { isUnspecified } from '../inet/ip-kind.js';
import { formatIp } from '../inet/ip-text.js';
import { formatProto } from '../inet/proto.js';
import type { Connection, Skb } from '../packet/skb.js';
import type { Place } from '../path/place.js';
import type { World } from '../path/world.js';
import type { ConnTuple } from '../snapshot/conntrack.js';
import type { Chain, Ruleset } from '../snapshot/xtables.js';
import type { Reason } from '../tri.js';
import type { Site, Trail } from '../verdict/trail.js';
import type { Answer, CarrierAnswer, HitAnswer, TupleAnswer } from './answer.js';
import type { Ended } from './fold.js';

/** What the question said that the answer must know. */
export interface Asked {
  readonly place: Place;
  readonly proto: number;
  readonly protoWord: string | number;
  /** A process sends: its errors are error numbers, and its socket has a source. */
  readonly sends: boolean;
  /** The question itself names no source port or ICMP id, so neither does the answer. */
  readonly openPort: boolean;
  /** Hops before the packet began. */
  readonly hops: number;
  /** What the packet answers has left this entry, which stays whatever becomes of the answer. */
  readonly entry: Connection | null;
  /** The packet left inside this one. */
  readonly carrier: CarrierAnswer | null;
}

export function endedOf(asked: Asked, world: World): Ended {
  const answer = answerOf(asked, world);
  if (answer === null) return { kind: 'open', because: reasonsOf(world), either: null };
  const hidden = (answer.dst !== undefined && portIsDrawn(world.skb)) || lacksPort(answer.conntrack);
  if (asked.openPort || !hidden) return { kind: 'answer', answer };
  const { drawn } = world.skb.ct ?? {};
  if (drawn !== undefined) answer.drawn = drawn;
  return { kind: 'open', because: drawnPort, either: [answer] };
}

const drawnPort: readonly Reason[] = [{ dump: null, text: 'the kernel draws the port' }];

function reasonsOf({ because }: World): World['because'] {
  return because.length > 0 ? because : [{ dump: null, text: 'what becomes of the packet is not modelled' }];
}

function portIsDrawn({ openPort, icmp, ct }: Skb): boolean {
  return openPort !== undefined || (icmp !== null && ct !== null && icmp.id === null && ct.original.icmpId !== null);
}

/** The answer's own packet may have all ports, and yet its connection one that the kernel drew. */
function lacksPort(conntrack: Answer['conntrack']): boolean {
  if (conntrack === undefined) return false;
  const { orig, reply } = conntrack;
  const ported = orig.sport !== undefined && (reply.sport === undefined || reply.dport === undefined);
  return ported || (orig.icmp_id !== undefined && reply.icmp_id === undefined);
}

/** null: the end is open. */
function answerOf(asked: Asked, world: World): Written | null {
  const { end, exit } = world;
  if (end === null) return exit === null ? null : arrived(asked, world, 'forward', exit.dev);
  switch (end.disposition) {
    case 'delivered':
      return arrived(asked, world, 'local', null);
    case 'forwarded':
      return arrived(asked, world, 'forward', exit?.dev ?? null);
    case 'rejected':
      return end.rejectWith === null
        ? null
        : withTraces({ outcome: 'reject', reject_with: end.rejectWith }, asked, world);
    case 'no-route':
    case 'unreachable':
      return noWay(asked, world, end.rejectWith);
    case 'neighbour-unresolved':
      return withTraces({ outcome: 'drop', neighbour: 'unresolved' }, asked, world);
    case 'dropped':
    case 'martian':
    case 'rp-filtered':
      return withTraces({ outcome: 'drop' }, asked, world);
    case 'looped':
    case 'undetermined':
      return null;
  }
}

/** A process gets the error number, a packet that came in is answered by ICMP. */
function noWay(asked: Asked, world: World, how: string | null): Written {
  if (how === null) return withTraces({ outcome: 'drop' }, asked, world);
  return how.startsWith('icmp')
    ? withTraces({ outcome: 'reject', reject_with: how }, asked, world)
    : withTraces({ outcome: 'unreachable', errno: how }, asked, world);
}

/** Fields are set one by one, in the order of print: that is several times cheaper than spreads. */
type Written = { -readonly [Field in keyof Answer]: Answer[Field] };

function arrived(asked: Asked, world: World, outcome: 'local' | 'forward', out: string | null): Written {
  const answer = withTraces(headersOf(asked, world.skb, outcome, out), asked, world);
  if (asked.carrier !== null) answer.carrier = asked.carrier;
  return answer;
}

function headersOf(asked: Asked, skb: Skb, outcome: 'local' | 'forward', out: string | null): Written {
  const { sport, dport, ttl, tos, mark } = skb;
  const src = formatIp(skb.src);
  const dst = formatIp(skb.dst);
  const proto = protoWordOf(asked, skb.proto);
  // Most are like this, and made in one piece.
  if (out !== null && sport !== null && dport !== null && skb.icmp === null)
    return { outcome, out_iface: out, src, dst, proto, sport, dport, ttl, tos, mark };
  const answer: Written = { outcome };
  if (out !== null) answer.out_iface = out;
  answer.src = src;
  answer.dst = dst;
  answer.proto = proto;
  if (sport !== null) answer.sport = sport;
  if (dport !== null) answer.dport = dport;
  if (skb.icmp !== null && skb.icmp.id !== null) answer.icmp_id = skb.icmp.id;
  answer.ttl = ttl;
  answer.tos = tos;
  answer.mark = mark;
  return answer;
}

function protoWordOf({ proto, protoWord }: Asked, number: number): string | number {
  return number === proto ? protoWord : formatProto(number);
}

/** What the packet leaves behind on the node. */
function withTraces(answer: Written, asked: Asked, world: World): Written {
  const { skb } = world;
  const source = skb.ct?.[skb.ct.direction].src ?? skb.src;
  const confirmed = skb.ct !== null && (skb.ct.confirmed || world.hops.length > asked.hops);
  const known = confirmed ? skb.ct : (confirmedBefore(asked, world) ?? asked.entry);
  if (asked.sends && !world.answering && !isUnspecified(source)) answer.socket_src = formatIp(source);
  answer.hits = hitsAnswered(world.trail, bothVariants(asked.place));
  if (known === null || known.deleted) return answer;
  // What was asked about began with an extension header, which is no protocol of a connection.
  const word = skb.extensions === undefined ? protoWordOf(asked, known.proto) : formatProto(known.proto);
  answer.conntrack = { orig: originalTuple(known.original, word), reply: tuple(known.reply, word) };
  return answer;
}

/** What went over lo entered the table there, whatever IPVS made of the packet afterwards. */
function confirmedBefore({ place, hops }: Asked, world: World): Connection | null {
  const hop = world.hops.slice(hops).findLast((one) => one.place === place.name && one.connection !== null);
  return hop?.connection ?? null;
}

function tuple(of: ConnTuple, proto: string | number): TupleAnswer {
  const { sport, dport, icmpType, icmpCode, icmpId } = of;
  const src = formatIp(of.src);
  const dst = formatIp(of.dst);
  if (sport !== null && dport !== null && icmpType === null) return { src, dst, proto, sport, dport };
  const answer: { -readonly [Field in keyof TupleAnswer]: TupleAnswer[Field] } = { src, dst, proto };
  if (sport !== null) answer.sport = sport;
  if (dport !== null) answer.dport = dport;
  if (icmpType !== null) answer.icmp_type = icmpType;
  if (icmpCode !== null) answer.icmp_code = icmpCode;
  if (icmpId !== null) answer.icmp_id = icmpId;
  return answer;
}

interface Original {
  readonly of: ConnTuple;
  readonly answer: TupleAnswer;
}

/** The ways of one packet have one original tuple, as a rule. */
let last: Original | null = null;

function originalTuple(of: ConnTuple, proto: string | number): TupleAnswer {
  if (last === null || last.of !== of || last.answer.proto !== proto) last = { of, answer: tuple(of, proto) };
  return last.answer;
}

/** Oldest first; the trail begins with the newest. */
function hitsAnswered(trail: Trail | null, both: boolean): readonly HitAnswer[] {
  const hits: HitAnswer[] = [];
  let kept: (HitAnswer | undefined)[] = [];
  let of: Chain | null = null;
  for (let at = trail; at !== null; at = at.before) {
    const { kind, site, chain, from } = at;
    if (kind !== 'applies' || site === null || chain === null) continue;
    if (chain !== of) kept = keptHits(chain, both);
    of = chain;
    const hit = kept[from] ?? hitAnswered(chain, from, site, both);
    kept[from] = hit;
    hits.push(hit);
  }
  return hits.reverse();
}

function hitAnswered({ name }: Chain, from: number, { table, variant }: Site, both: boolean): HitAnswer {
  return both ? [table, name, from + 1, variant ?? 'nft'] : [table, name, from + 1];
}

type KeptHits = WeakMap<Chain, (HitAnswer | undefined)[]>;

const known: Readonly<Record<'alone' | 'both', KeptHits>> = { alone: new WeakMap(), both: new WeakMap() };

/** Those of one chain, by the index of the rule. Answers share them: a chain belongs to one table. */
function keptHits(chain: Chain, both: boolean): (HitAnswer | undefined)[] {
  const ofChain = known[both ? 'both' : 'alone'];
  let hits = ofChain.get(chain);
  if (hits === undefined) {
    hits = new Array<HitAnswer | undefined>(chain.rules.length);
    ofChain.set(chain, hits);
  }
  return hits;
}

const variants = new WeakMap<Place['ns'], boolean>();

/** Are rules of legacy and of nft live side by side? */
function bothVariants({ ns }: Place): boolean {
  let both = variants.get(ns);
  if (both === undefined) {
    const live = new Set(ns.rulesets.filter(hasRules).map((ruleset) => ruleset.variant ?? 'nft'));
    both = live.size > 1;
    variants.set(ns, both);
  }
  return both;
}

function hasRules({ tables }: Ruleset): boolean {
  return tables.some(({ chains }) => chains.some(({ rules }) => rules.length > 0));
}
