/** A random case with one thing more: what a node may have that plain cases lack. */
import { type TableName, tableNames } from '@coldtrace/core';
import { prng } from '../../../bench/prng.js';
import type { Case, ProbeLine } from '../case.js';
import { otherVariant } from './both-variants.js';
import { bridgedPorts } from './bridges.js';
import type { CaseWish } from './case.js';
import { changingSets } from './changing-sets.js';
import { clampedSegments } from './clamped-mss.js';
import { knownConnections } from './connections.js';
import { copiedPackets } from './copies.js';
import { cutPackets } from './cut-packets.js';
import { encapsulatingRoutes } from './encapsulating.js';
import { hashedMarks } from './hashed-marks.js';
import { linkParameters } from './link-parameters.js';
import { listeningSockets } from './listeners.js';
import { moreNat } from './more-nat.js';
import { moreTargets } from './more-targets.js';
import { neighboursOfAllStates } from './neighbours.js';
import { networkLines } from './network.js';
import { severalNextHops } from './next-hops.js';
import { oddPackets } from './odd-packets.js';
import { otherUsers } from './own-users.js';
import { makePool } from './pool.js';
import { answered, randomProbes, repliable } from './probes.js';
import { queuedPackets } from './queues.js';
import { rareMatches } from './rare-matches.js';
import { realmsOfRoutes } from './realms.js';
import { routeKinds } from './route-kinds.js';
import { ruleLines } from './rules.js';
import { ruleSelectors } from './selectors.js';
import { stackedDevice } from './stacked.js';
import { devicesDown, devicesWithoutIpv6 } from './switched-off.js';
import { overlay } from './tunnels.js';
import type { Widening } from './widening.js';
import { trackingZones } from './zones.js';

const widenings: readonly [Widening, ...Widening[]] = [
  { name: 'known connections', make: knownConnections },
  { name: 'both variants', make: otherVariant },
  { name: 'several next hops', make: severalNextHops },
  { name: 'neighbours', make: neighboursOfAllStates },
  { name: 'listeners', make: listeningSockets },
  { name: 'link parameters', make: linkParameters },
  { name: 'VXLAN', make: overlay },
  { name: 'bridge', make: bridgedPorts },
  { name: 'macvlan', make: stackedDevice },
  { name: 'changing sets', make: changingSets },
  { name: 'more targets', make: moreTargets },
];

/** What is met more seldom still. */
const further: readonly [Widening, ...Widening[]] = [
  { name: 'more NAT', make: moreNat },
  { name: 'zones', make: trackingZones },
  { name: 'odd packets', make: oddPackets },
  { name: 'copies', make: copiedPackets },
];

/** What hardly ever is, and easily misread. */
const rare: readonly [Widening, ...Widening[]] = [
  { name: 'cut packets', make: cutPackets },
  { name: 'rule selectors', make: ruleSelectors },
  { name: 'route kinds', make: routeKinds },
  { name: 'rare matches', make: rareMatches },
];

/** What makes the fate of packets depend on more than themselves. */
const latest: readonly [Widening, ...Widening[]] = [
  { name: 'HMARK', make: hashedMarks },
  { name: 'NFQUEUE', make: queuedPackets },
  { name: 'encapsulating routes', make: encapsulatingRoutes },
];

/** Drawn where somebody asks for them by name, so that seeds keep their cases. */
const byName: readonly Widening[] = [
  { name: 'realms', make: realmsOfRoutes },
  { name: 'other users', make: otherUsers },
  { name: 'devices down', make: devicesDown },
  { name: 'without IPv6', make: devicesWithoutIpv6 },
  { name: 'clamped MSS', make: clampedSegments },
];

/** null: none of that name. */
export function namedCase(seed: number, wish: CaseWish): Case | null {
  const found = byName.find(({ name }) => name === wish.feature);
  return found === undefined ? null : widened([found], seed, wish);
}

export function widenedCase(seed: number, wish: CaseWish): Case {
  return widened(widenings, seed, wish);
}

export function furtherCase(seed: number, wish: CaseWish): Case {
  return widened(further, seed, wish);
}

export function rareCase(seed: number, wish: CaseWish): Case {
  return widened(rare, seed, wish);
}

export function latestCase(seed: number, wish: CaseWish): Case {
  return widened(latest, seed, wish);
}

function widened(choice: readonly [Widening, ...Widening[]], seed: number, wish: CaseWish): Case {
  const random = prng(seed);
  const family = wish.family ?? (random.chance(0.62) ? 4 : 6);
  const pool = makePool(random, family);
  const variant = random.chance(0.5) ? 'legacy' : 'nft';
  const { name, make } = random.pick(choice);
  const taste = { rules: random.chance(0.2), sysctls: random.chance(0.3), routes: random.chance(0.2) };
  const share: Readonly<Record<TableName, number>> = { filter: 0.8, nat: 0.6, mangle: 0.5, raw: 0.25, security: 0.1 };
  const tables = tableNames.filter((table) => random.chance(share[table]));
  const { network = [], rules = [], late = [], without, aim = (probe) => probe } = make(pool, variant, random);
  const drawn = ruleLines(pool, { variant, tables, sets: [], untracked: false, more: false }, random);
  const own = without === undefined ? drawn : drawn.filter(({ text }) => !without.test(text));
  return {
    name: `seed-${seed}`,
    family,
    features: [`IPv${family}`, variant, name],
    devices: pool.devices.map((device) => [device.name, device.mac] as const),
    setup: [
      ...networkLines(pool, taste, random),
      ...network,
      ...rules.filter(({ tool }) => tool === variant),
      ...own,
      ...rules.filter(({ tool }) => tool !== variant),
      ...late,
    ],
    probes: answered(answerable(randomProbes(pool, { fragments: false }, wish.probes, random).map(aim))),
  };
}

/** Without answers to what has none any more. */
function answerable(probes: readonly ProbeLine[]): readonly ProbeLine[] {
  return probes.filter((probe) => {
    const of = probes.find(({ id }) => id === probe.of);
    return of === undefined || repliable(of);
  });
}
