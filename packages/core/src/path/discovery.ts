/** Neighbour discovery passes ip6tables as every packet does: where it is refused, the neighbour stays unresolved. RFC 4861; net/ipv6/ndisc.c ndisc_send_skb. */
import { type Ip, ip6, sameIp } from '../inet/ip.js';
import { isLinkLocal } from '../inet/ip-kind.js';
import { formatIp } from '../inet/ip-text.js';
import { proto } from '../inet/proto.js';
import type { Hook } from '../netfilter/hook.js';
import { newPacket } from '../packet/new-packet.js';
import type { Skb } from '../packet/skb.js';
import { addressesOf } from '../snapshot/rows-by.js';
import type { Reason } from '../tri.js';
import type { Evidence } from '../verdict/step.js';
import { stepsOf } from '../verdict/trail.js';
import { runHook } from './hook-run.js';
import { neighbourOf } from './neighbour.js';
import { rulesetsOf } from './place.js';
import type { Member } from './segment.js';
import { newWorld } from './world.js';

export type Discovery =
  | { readonly kind: 'refused'; readonly what: string; readonly evidence: readonly Evidence[] }
  | { readonly kind: 'open'; readonly because: readonly Reason[] };

/** null: the question of `asker` and its answer pass, or nobody needs to ask. */
export function refusedDiscovery(asker: Member, answerer: Member, target: Ip, src: Ip): Discovery | null {
  if (target.family === 4 || (!filters(asker) && !filters(answerer))) return null;
  if (addressesOf(answerer.place.ns, target).length === 0) return null;
  if (neighbourOf(asker.place, asker.dev, target).kind !== 'unasked') return null;
  const own = sourceOn(asker, src);
  if (own === null) return null;
  const question = message(135, own, solicitedNode(target));
  const answer = message(136, target, own);
  return (
    crossing(question, asker, answerer, `neighbour discovery of ${formatIp(target)}`) ??
    crossing(answer, answerer, asker, `the answer to neighbour discovery of ${formatIp(target)}`)
  );
}

function filters({ place }: Member): boolean {
  return rulesetsOf(place, 6).length > 0;
}

/** The packet's own source where it is one of the device, else its link-local address. */
function sourceOn({ place, dev }: Member, src: Ip): Ip | null {
  const own = place.ns.addresses.rows.filter((row) => row.dev === dev && row.ip.family === 6);
  return (own.find(({ ip }) => sameIp(ip, src)) ?? own.find(({ ip }) => isLinkLocal(ip)))?.ip ?? null;
}

function solicitedNode({ d }: Ip): Ip {
  return ip6(0xff020000, 0, 1, (0xff000000 | (d & 0xffffff)) >>> 0);
}

function crossing(skb: Skb, from: Member, to: Member, what: string): Discovery | null {
  const sent: Skb = { ...skb, oif: from.dev };
  const received: Skb = { ...skb, iif: to.dev };
  return (
    passing(from, sent, 'OUTPUT', what) ??
    passing(from, sent, 'POSTROUTING', what) ??
    passing(to, received, 'PREROUTING', what) ??
    passing(to, received, 'INPUT', what)
  );
}

function passing({ place }: Member, skb: Skb, hook: Hook, what: string): Discovery | null {
  const worlds = runHook(place, newWorld(skb), hook);
  const ended = worlds.filter(({ end }) => end !== null);
  const [first] = ended;
  if (first === undefined) return null;
  if (ended.length < worlds.length || ended.some(({ end }) => end?.disposition === 'undetermined'))
    return {
      kind: 'open',
      because: [{ dump: null, text: `whether ${what} passes ${hook} of ${place.name} is not known` }],
    };
  const last = stepsOf(first.trail).at(-1);
  return {
    kind: 'refused',
    what: `${what} ends in ${last?.stage ?? hook} of ${place.name}: ${last?.what ?? 'it is dropped'}`,
    evidence: last?.evidence ?? [],
  };
}

function message(type: number, src: Ip, dst: Ip): Skb {
  const icmp = { type, code: 0, id: null };
  const headers = {
    family: 6,
    src,
    dst,
    proto: proto.icmpv6,
    sport: null,
    dport: null,
    tcp: null,
    icmp,
    ttl: 255,
  } as const;
  return newPacket(headers, type === 135 ? 'multicast' : 'host', null);
}
