/**
 * A frame for everybody, or for a group, that comes in by a device with macvlan devices on it: each of them gets a copy of its own.
 * drivers/net/macvlan.c macvlan_handle_frame, macvlan_broadcast.
 */
import { formatIp } from '../inet/ip-text.js';
import { formatMac, isBroadcastMac, sameMac } from '../inet/mac.js';
import { ending } from '../verdict/disposition.js';
import { sameCount } from './copies.js';
import { linkOf } from './frame.js';
import type { Place } from './place.js';
import { change, finish, forkOpen, leaveOpen, note, type World } from './world.js';

type Enter = (world: World, dev: string) => readonly World[];

/** `names`: the device below first. The kernel takes the others from a hash table, so their order is not known. */
export function copyToEach(place: Place, world: World, names: readonly string[], enter: Enter): readonly World[] {
  const { skb } = world;
  if (skb.family === 4 && skb.fragment !== null) {
    const what = 'fragments in a frame for several devices wait for the rest of their packet';
    return [finish(note(world, place.name, 'ingress', what), ending('dropped'))];
  }
  const [below = '', ...uppers] = names;
  const sender = uppers.find((name) => isSender(place, name, world));
  if (sender !== undefined)
    return [
      open(world, `which devices take a frame that bears the address of ${sender} as its sender is not modelled`),
    ];
  return listeners(place, world, uppers).flatMap(({ live, takers }) => inAnyOrder(live, [below, ...takers], enter));
}

function isSender(place: Place, name: string, { skb: { srcMac } }: World): boolean {
  const own = linkOf(place, name)?.mac ?? null;
  return own !== null && srcMac !== null && sameMac(own, srcMac);
}

interface Listeners {
  readonly live: World;
  readonly takers: readonly string[];
}

/** All take a broadcast. Of groups they take those that they listen to, and others that a hash throws together with them. */
function listeners(place: Place, world: World, uppers: readonly string[]): readonly Listeners[] {
  const { dstMac } = world.skb;
  if (dstMac === null || isBroadcastMac(dstMac)) return [{ live: world, takers: uppers }];
  let found: readonly Listeners[] = [{ live: world, takers: [] }];
  for (const name of uppers) {
    const listens = place.ns.fdb.rows.some(
      (row) => row.dev === name && row.trust !== 'claimed' && row.flags.includes('self') && sameMac(row.mac, dstMac),
    );
    found = found.flatMap(({ live, takers }) => {
      const taking = [...takers, name];
      if (listens) return [{ live, takers: taking }];
      const text = `whether ${name} takes frames for ${formatMac(dstMac)} is not known`;
      const [yes, no] = forkOpen(live, [{ dump: null, text }]);
      return [
        { live: yes, takers: taking },
        { live: no, takers },
      ];
    });
  }
  return found;
}

/**
 * Each copy is a packet of its own, which finds what those before it have left in the connection table. A worker on another processor hands out those of a
 * broadcast, so none need have come to its end before the next one starts.
 */
function inAnyOrder(world: World, names: readonly string[], enter: Enter): readonly World[] {
  const asGiven = inTurn(world, names, enter, 'after');
  const others = names.slice(1).map((first) => [first, ...names.filter((one) => one !== first)]);
  const isSame = (other: readonly World[]) => sameCount(asGiven, other, { iif: null });
  const same =
    isSame(inTurn(world, names, enter, 'beside')) &&
    others.every((order) => isSame(inTurn(world, order, enter, 'after')));
  if (same) return asGiven;
  return [open(world, `which of ${names.join(', ')} gets its copy of the frame first is not known`)];
}

interface Flight {
  /** The frame as it was, with what has been told and remembered since. */
  readonly base: World;
  readonly copies: readonly World[];
}

/** `beside`: no copy knows of the connection that another one begins. */
function inTurn(world: World, names: readonly string[], enter: Enter, how: 'after' | 'beside'): readonly World[] {
  let flights: readonly Flight[] = [{ base: world, copies: [] }];
  for (const name of names)
    flights = flights.flatMap(({ base, copies }) =>
      enter(base, name).map((copy) => {
        const { trail, choices, weight, assumptions } = copy;
        const hops = how === 'after' ? copy.hops : base.hops;
        return { base: change(base, { trail, choices, weight, assumptions, hops }), copies: [...copies, copy] };
      }),
    );
  return flights.map(({ base, copies }) => together(base, copies));
}

const lost: ReadonlySet<string | undefined> = new Set(['dropped', 'martian', 'rp-filtered']);

/** What has become of all copies, where one end can say so. */
function together(base: World, copies: readonly World[]): World {
  const unclear = copies.find(({ end }) => end?.disposition === 'undetermined');
  if (unclear !== undefined) return finish(leaveOpen(base, unclear.because), ending('undetermined'));
  const [one, ...others] = copies.filter(({ end }) => !lost.has(end?.disposition));
  if (one === undefined) return finish(base, copies[0]?.end ?? ending('dropped'));
  if (others.some((other) => endKey(other) !== endKey(one)))
    return open(base, 'copies of the frame that several devices got end in different ways');
  const { trail, choices, weight, assumptions } = base;
  return change(one, { trail, choices, weight, assumptions });
}

function endKey({ end, exit, skb }: World): string {
  const { src, dst, sport, dport, ttl, tos, mark, ct } = skb;
  const tuples = ct === null ? null : [ct.original, ct.reply];
  return JSON.stringify([end, exit, formatIp(src), formatIp(dst), sport, dport, ttl, tos, mark, tuples]);
}

function open(world: World, text: string): World {
  return finish(leaveOpen(world, [{ dump: null, text }]), ending('undetermined'));
}
