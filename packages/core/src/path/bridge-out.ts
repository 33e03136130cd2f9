/** A bridged frame leaves by ports: FORWARD and POSTROUTING once for each where br_netfilter shows it. net/bridge/br_forward.c. */
import { alter } from '../packet/skb.js';
import type { Link } from '../snapshot/link.js';
import { ending } from '../verdict/disposition.js';
import { passUp } from './bridge-local-in.js';
import { fitsPort } from './bridge-size.js';
import { sameCount } from './copies.js';
import { runHook } from './hook-run.js';
import { routesOf } from './output.js';
import type { Place } from './place.js';
import { hopOf } from './postrouting.js';
import { tellSender } from './tell-sender.js';
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
  const off = (live: World) => fitsPort(place, live, port, shown).map((fits) => gone(place, fits, port));
  if (!shown) return off(leaving);
  return advance(runHook(place, leaving, 'FORWARD', { ...routesOf(place), again: (live) => [live] }), (passed) =>
    advance(runHook(place, passed, 'POSTROUTING'), off),
  );
}

function gone(place: Place, world: World, port: Link): World {
  if (world.end !== null) return world;
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
  if (firsts.every((other) => sameCount(asGiven, other, { physOut: null }))) return asGiven;
  const text = 'which port of a flooded frame decides about the connection depends on the order in which they joined';
  return [finish(leaveOpen(told, [{ dump: null, text }]), ending('undetermined'))];
}

function inOrder(
  place: Place,
  told: World,
  ports: readonly Link[],
  way: Way,
  up: ((world: World) => readonly World[]) | null,
): readonly World[] {
  let flights: readonly Flight[] = [{ base: told, left: [], refused: [] }];
  for (const port of ports) flights = flights.flatMap((flight) => copyTo(place, flight, port, way));
  return flights.flatMap((flight) => {
    const { base, left } = flight;
    if (base.end !== null) return [base];
    if (up === null) return [together(base, flight)];
    const taken = way.shown ? passUp(place, base, way.bridge, up) : up(base);
    return taken
      .flatMap((one) => tellSender(place, one))
      .map((live) => {
        if (live.end?.disposition === 'undetermined') return live;
        if (isTold(live)) return together(live, { left, refused: [...flight.refused, live] });
        if (isTaken(live)) return flight.refused.length === 0 ? live : torn(live, 'and yet taken in');
        return together(live, flight);
      });
  });
}

function isTaken({ end }: World): boolean {
  return end === null || end.disposition === 'delivered';
}

/** Its sender is told of its end. */
function isTold({ end }: World): boolean {
  return (end?.rejectWith ?? null) !== null;
}

interface Copies {
  /** Copies that left. */
  readonly left: readonly World[];
  /** Copies about which the sender is told, each on its own. */
  readonly refused: readonly World[];
}

interface Flight extends Copies {
  /** The packet as it was before it was copied, with what has been told since. */
  readonly base: World;
}

function copyTo(place: Place, { base, left, refused }: Flight, port: Link, way: Way): readonly Flight[] {
  if (base.end !== null) return [{ base, left, refused }];
  const copies = leaveByPort(place, base, port, way).flatMap((copy) => tellSender(place, copy));
  return copies.map((copy) => {
    const { trail, choices, weight, assumptions } = copy;
    if (copy.end?.disposition === 'undetermined') return { base: copy, left, refused };
    const shared = change(base, { trail, choices, weight, assumptions });
    if (copy.end !== null) return { base: shared, left, refused: isTold(copy) ? [...refused, copy] : refused };
    const ct = copy.skb.ct;
    const skb = alter(base.skb, { ct: ct === null ? null : { ...ct, confirmed: true } });
    return { base: change(shared, { skb }), left: [...left, copy], refused };
  });
}

/** What the sender sees of all copies: one refusal where none goes on, however often it is told. */
function together(world: World, { left, refused }: Copies): World {
  const [one, ...others] = refused;
  if (!one?.end) return left.length === 0 ? finish(world, world.end ?? ending('dropped')) : whole(world, left);
  const how = one.end.rejectWith;
  if (left.length > 0)
    return torn(world, `and yet leaves by ${left.flatMap((copy) => copy.exit?.ports ?? []).join(', ')}`);
  if (others.some(({ end }) => end?.rejectWith !== how)) return torn(world, 'in more than one way');
  return finish(world, one.end);
}

/** No single end says what becomes of it. */
function torn(world: World, what: string): World {
  return finish(
    leaveOpen(world, [{ dump: null, text: `the flooded frame is refused ${what}` }]),
    ending('undetermined'),
  );
}

/** The copies that left are alike but for their ports. */
function whole(told: World, left: readonly World[]): World {
  const [first] = left;
  const { trail, choices, weight, assumptions } = told;
  if (first === undefined) return told;
  const devices = new Set(left.map((copy) => copy.skb.oif));
  if (devices.size > 1) {
    const text = `the frame leaves by several ports: ${[...devices].join(', ')}`;
    return finish(leaveOpen(told, [{ dump: null, text }]), ending('undetermined'));
  }
  const ports = left.flatMap((copy) => copy.exit?.ports ?? []);
  const exit = first.exit === null ? null : { ...first.exit, ports };
  return change(first, { exit, trail, choices, weight, assumptions });
}
