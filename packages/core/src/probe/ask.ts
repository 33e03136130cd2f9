/** One probe, answered: what the kernel would do with this packet here, in every field. docs/probe.md. */
import { outputFrom } from '../path/bind.js';
import { linkOf } from '../path/frame.js';
import { ingress } from '../path/ingress.js';
import type { Place } from '../path/place.js';
import type { ProbeAnswer } from './answer.js';
import { followed } from './duplicates.js';
import { enteringPacket, sentPacket } from './first-packet.js';
import { answerOf } from './fold.js';
import { allAlike, begin, only, type Probed, settled } from './probed.js';
import type { Probe, ProbePacket } from './question.js';
import { askReply } from './reply.js';
import { askRoute } from './route-get.js';
import { askSource } from './source.js';
import type { Asked } from './world-answer.js';

/** `of`: what the probe that a `reply` names was answered. */
export function askProbe(place: Place, probe: Probe, of: Probed | null = null): Probed {
  const device = unknownDevice(place, probe);
  if (device !== null) return only({ error: `probe ${probe.id}: ${device}` });
  const unsaid = 'packet' in probe && probe.packet.extensions === null;
  if (unsaid) return only({ outcome: 'unknown', because: ['what follows the extension header is not said'] });
  switch (probe.kind) {
    case 'ingress': {
      const iif = asCaptured(place, probe.iif);
      const world = begin(enteringPacket(place, probe.packet, iif));
      const worlds = ingress(place, world, iif, probe.packet.mark);
      return settled(followed(place, allAlike(askedOf(place, probe.packet, false), worlds)));
    }
    case 'output': {
      const world = begin(sentPacket(place, probe.packet, probe.uid, probe.oif));
      const worlds = outputFrom(place, world, probe.packet.mark);
      return settled(followed(place, allAlike(askedOf(place, probe.packet, true), worlds)));
    }
    case 'routeget':
      return only(askRoute(place, probe.route));
    case 'source':
      return only(askSource(place, probe.route));
    case 'reply':
      return of === null
        ? only({ error: `probe ${probe.id}: "of" names no earlier probe: ${probe.of}` })
        : askReply(place, probe, of);
  }
}

/** Just the answer. */
export function probe(place: Place, question: Probe, of: Probed | null = null): ProbeAnswer {
  return answerOf(askProbe(place, question, of).folded);
}

/** The same name as one text for all packets: what is kept by devices is found sooner by it. */
function asCaptured(place: Place, dev: string): string {
  return linkOf(place, dev)?.name ?? dev;
}

function askedOf(place: Place, packet: ProbePacket, sends: boolean): Asked {
  const { proto, protoWord, sport, dport, icmp } = packet;
  const openPort = (dport !== null && sport === null) || (icmp !== null && icmp.id === null);
  return { place, proto, protoWord, sends, openPort, hops: 0, entry: null, carrier: null };
}

/** What is wrong with a device that a complete list of interfaces lacks. */
function unknownDevice(place: Place, probe: Probe): string | null {
  if (place.ns.links.state !== 'complete') return null;
  switch (probe.kind) {
    case 'ingress':
      return lacking(place, 'in_iface', probe.iif);
    case 'output':
      return lacking(place, 'oif', probe.oif);
    case 'reply':
      return null;
    default:
      return lacking(place, 'in_iface', probe.route.iif) ?? lacking(place, 'oif', probe.route.oif);
  }
}

function lacking(place: Place, field: string, dev: string | null): string | null {
  if (dev === null || linkOf(place, dev) !== undefined) return null;
  if (place.ns.links.rows.some((link) => link.name === dev)) return null;
  return `"${field}" is no interface of ${place.name}: ${dev}`;
}
