/** The answer to an earlier probe's packet: its final addresses turned round, coming back by where it left, or from the process that got it. */
import { proto } from '../inet/proto.js';
import { lengthOf } from '../packet/layout.js';
import { untouched } from '../packet/new-packet.js';
import { alter, draftSkb, type IcmpHeader, type Skb, tcpFlag } from '../packet/skb.js';
import { answered } from '../path/answer-mark.js';
import { ingress } from '../path/ingress.js';
import { output } from '../path/output.js';
import type { Place } from '../path/place.js';
import { change, draftWorld, newWorld, type World, withPacket } from '../path/world.js';
import { followed } from './duplicates.js';
import { macOf } from './first-packet.js';
import { allAlike, only, type Probed, settled, type Way } from './probed.js';
import type { Probe, ReplyChanges } from './question.js';
import type { Asked } from './world-answer.js';

type ReplyProbe = Extract<Probe, { readonly kind: 'reply' }>;

export function askReply(place: Place, probe: ReplyProbe, of: Probed): Probed {
  const nothing = `probe ${probe.id}: nothing answers probe ${probe.of}`;
  if (!of.ways.some(({ world }) => isOpen(world) || mayBeAnswered(world))) return only({ error: nothing });
  return settled(
    followed(
      place,
      of.ways.flatMap((way) => answering(place, probe.changes, way)),
    ),
  );
}

function isOpen({ end }: World): boolean {
  return end?.disposition === 'undetermined' || end?.disposition === 'looped';
}

function hasArrived({ end, exit }: World): boolean {
  return end === null ? exit !== null : end.disposition === 'delivered' || end.disposition === 'forwarded';
}

function mayBeAnswered(world: World): boolean {
  const { icmp } = world.skb;
  return hasArrived(world) && (icmp === null || icmpAnswers[icmp.type] !== undefined);
}

/** Where the packet got nowhere there is no answer either; what was open stays so. */
function answering(place: Place, changes: ReplyChanges, { world, asked }: Way): readonly Way[] {
  if (!mayBeAnswered(world)) {
    const trail = null;
    const end = isOpen(world) ? world.end : ({ disposition: 'dropped', rejectWith: null } as const);
    return [
      { world: change(world, { trail, end, skb: alter(world.skb, { ct: null }) }), asked: { ...asked, sends: false } },
    ];
  }
  const { weight, choices, hops, assumptions, exit } = world;
  const local = exit === null || world.end?.disposition === 'delivered';
  const skb = turned(world.skb, changes);
  const began = draftWorld(newWorld(skb));
  began.probed = true;
  began.answering = true;
  began.weight = weight;
  began.choices = choices;
  began.hops = hops;
  began.assumptions = assumptions;
  const worlds = local
    ? answered(place, sentBy(began), world.skb).flatMap((one) =>
        output(place, one.world, true, changes.mark || one.mark),
      )
    : ingress(place, arriving(place, began, exit.dev), exit.dev, changes.mark);
  const entry = hops.findLast((hop) => hop.place === place.name && hop.connection !== null)?.connection ?? null;
  const answer: Asked = {
    place: asked.place,
    proto: asked.proto,
    protoWord: asked.protoWord,
    sends: local,
    openPort: asked.openPort,
    hops: hops.length,
    entry,
    carrier: null,
  };
  return allAlike(answer, worlds);
}

/** Its socket is the process's; echoes are answered by the kernel itself. */
function sentBy(world: World): World {
  const { skb } = world;
  const length = skb.proto === proto.tcp ? null : skb.length;
  return change(world, { skb: alter(skb, { length, owner: skb.icmp === null ? { uid: 0, gid: 0 } : null }) });
}

function arriving(place: Place, world: World, dev: string): World {
  const mac = macOf(place, dev);
  const skb = draftSkb(world.skb);
  skb.srcMac = mac;
  skb.dstMac = mac;
  return withPacket(world, skb);
}

function turned(skb: Skb, changes: ReplyChanges): Skb {
  const flags = changes.tcpFlags ?? answerFlags(skb.tcp?.flags ?? 0);
  const { openPort } = skb;
  return alter(skb, {
    openPort: openPort === undefined ? undefined : openPort === 'sport' ? 'dport' : 'sport',
    quoted: undefined,
    body: undefined,
    unaltered: undefined,
    src: skb.dst,
    dst: skb.src,
    sport: skb.dport,
    dport: skb.sport,
    tcp: skb.tcp === null ? null : { flags, mss: flags & tcpFlag.SYN ? 1460 : null },
    icmp: skb.icmp === null ? null : answerTo(skb.icmp),
    fragment: null,
    ttl: changes.ttl,
    tos: changes.tos,
    length: changes.length ?? lengthOfAnswer(skb, flags, changes.payload),
    ...untouched,
  });
}

function lengthOfAnswer({ family, proto: upper }: Skb, tcpFlags: number, payload: number): number | null {
  return lengthOf({ family, proto: upper, tcpFlags, payload, fragment: false, body: null });
}

/** SYN,ACK for a SYN, ACK for anything else. */
function answerFlags(flags: number): number {
  const opens = (flags & (tcpFlag.SYN | tcpFlag.ACK)) === tcpFlag.SYN;
  return opens ? tcpFlag.SYN | tcpFlag.ACK : tcpFlag.ACK;
}

const icmpAnswers: Readonly<Record<number, number>> = { 8: 0, 0: 8, 13: 14, 15: 16, 17: 18, 128: 129, 129: 128 };

function answerTo(icmp: IcmpHeader): IcmpHeader {
  return { ...icmp, type: icmpAnswers[icmp.type] ?? icmp.type };
}
