/** A bridged frame leaves by ports: FORWARD and POSTROUTING once for each where br_netfilter shows it. net/bridge/br_forward.c. */
import { alter } from '../packet/skb.js';
import type { Link } from '../snapshot/link.js';
import { ending } from '../verdict/disposition.js';
import { hitsOf } from '../verdict/trail.js';
import { passUp } from './bridge-local-in.js';
import { runHook } from './hook-run.js';
import { routesOf } from './output.js';
import type { Place } from './place.js';
import { hopOf } from './postrouting.js';
import { advance, change, finish, leaveOpen, note, type World } from './world.js';

interface Way {
  readonly bridge: string;
  /** br_netfilter shows it to iptables. */
  readonly shown: boolean;
}

/** The TTL stays, what IPVS changes stays on the bridge, and `-i` and `-o` are the bridge. What iptables never sees leaves by the port itself. */
export function leaveByPort(place: Place, world: World, port: Link, { bridge, shown }: Way): readonly World[] {
  const oif = shown ? bridge : port.name;
  const exit = { dev: oif, towards: world.skb.dst, lladdr: world.skb.dstMac, ports: [port.name] };
  const physOut = shown ? port.name : null;
  const leaving: World = change(world, { exit, skb: alter(world.skb, { oif, physOut }) });
  if (!shown) return [gone(place, leaving, port)];
  return advance(runHook(place, leaving, 'FORWARD', { ...routesOf(place), again: (live) => [live] }), (passed) =>
    advance(runHook(place, passed, 'POSTROUTING'), (live) => [gone(place, live, port)]),
  );
}

function gone(place: Place, world: World, port: Link): World {
  const left = note(world, place.name, 'egress', `the frame leaves by port ${port.name}`, [
    { span: port.span, why: `port ${port.name}` },
  ]);
  return change(left, { hops: [...left.hops, hopOf(place, left)] });
}

/**
 * A copy for each port in turn, and the packet itself up, where it is for all. The copies share the connection: what one has decided for it the next
 * does not ask again. Which port comes first depends on when each joined the bridge, which no dump tells.
 */
export function floodOut(
  place: Place,
  world: World,
  ports: readonly Link[],
  way: Way,
  up: ((world: World) => readonly World[]) | null,
): readonly World[] {
  const what = `the frame goes to ${ports.map((port) => port.name).join(', ') || 'no port'}`;
  const told = note(world, place.name, 'bridge', what);
  const run = (order: readonly Link[]) => inOrder(place, told, order, way, up);
  const asGiven = run(ports);
  if (!way.shown || world.skb.ct === null) return asGiven;
  const firsts = ports.slice(1).map((first) => run([first, ...ports.filter((port) => port !== first)]));
  if (firsts.every((other) => sameCount(asGiven, other))) return asGiven;
  const text = 'which port of a flooded frame decides about the connection depends on the order in which they joined';
  return [finish(leaveOpen(told, [{ dump: null, text }]), ending('undetermined'))];
}

/** The same rules counted it, and it is the same packet. */
function sameCount(some: readonly World[], others: readonly World[]): boolean {
  const key = ({ trail, skb, end }: World) => {
    const hits = hitsOf(trail).map(({ table, chain, index, variant }) => `${table} ${chain} ${index} ${variant}`);
    return JSON.stringify([hits.sort(), { ...skb, physOut: null }, end]);
  };
  return some.length === others.length && some.every((world, index) => key(world) === key(others[index] ?? world));
}

function inOrder(
  place: Place,
  told: World,
  ports: readonly Link[],
  way: Way,
  up: ((world: World) => readonly World[]) | null,
): readonly World[] {
  let flights: readonly Flight[] = [{ base: told, left: [] }];
  for (const port of ports) flights = flights.flatMap((flight) => copyTo(place, flight, port, way));
  return flights.flatMap(({ base, left }) => {
    if (up === null) return [whole(base, left)];
    const taken = way.shown ? passUp(place, base, way.bridge, up) : up(base);
    return taken.map((live) => (isTaken(live) || left.length === 0 ? live : whole(live, left)));
  });
}

function isTaken({ end }: World): boolean {
  return end === null || end.disposition === 'delivered' || end.disposition === 'undetermined';
}

interface Flight {
  /** The packet as it was before it was copied, with what has been told since. */
  readonly base: World;
  /** Copies that left. */
  readonly left: readonly World[];
}

function copyTo(place: Place, { base, left }: Flight, port: Link, way: Way): readonly Flight[] {
  if (base.end !== null) return [{ base, left }];
  return leaveByPort(place, base, port, way).map((copy) => {
    const { trail, choices, weight, assumptions } = copy;
    if (copy.end?.disposition === 'undetermined') return { base: copy, left };
    const shared = change(base, { trail, choices, weight, assumptions });
    if (copy.end !== null) return { base: shared, left };
    const ct = copy.skb.ct;
    const skb = alter(base.skb, { ct: ct === null ? null : { ...ct, confirmed: true } });
    return { base: change(shared, { skb, copied: way.shown }), left: [...left, copy] };
  });
}

/** The copies that left are alike but for their ports. */
function whole(told: World, left: readonly World[]): World {
  const [first] = left;
  const { trail, choices, weight, assumptions } = told;
  if (told.end?.disposition === 'undetermined') return told;
  if (first === undefined) return finish(told, ending('dropped'));
  const devices = new Set(left.map((copy) => copy.skb.oif));
  if (devices.size > 1) {
    const text = `the frame leaves by several ports: ${[...devices].join(', ')}`;
    return finish(leaveOpen(told, [{ dump: null, text }]), ending('undetermined'));
  }
  const ports = left.flatMap((copy) => copy.exit?.ports ?? []);
  const exit = first.exit === null ? null : { ...first.exit, ports };
  return change(first, { exit, trail, choices, weight, assumptions });
}
