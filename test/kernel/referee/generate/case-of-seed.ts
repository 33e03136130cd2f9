/** The case of a seed: random, or of a shape that a well-known program writes. */
import { prng } from '../../../bench/prng.js';
import type { Case, ProbeLine } from '../case.js';
import { type CaseWish, randomCase } from './case.js';
import { networkLines } from './network.js';
import { makePool, type Pool } from './pool.js';
import { answered, randomProbes, withBytes } from './probes.js';
import { shapes } from './shapes/index.js';
import type { Target } from './shapes/shape.js';
import { furtherCase, latestCase, namedCase, rareCase, widenedCase } from './widened-case.js';

/** Of so many cases one is of a shape, and one has something that plain ones lack; of twice as many one has what is rarer still, one what is rarest, and of four times as many one what was drawn last. */
const each = 4;

export function caseOfSeed(seed: number, wish: CaseWish): Case {
  const one = namedCase(seed, wish) ?? drawnCase(seed, wish);
  const reads = one.setup.some(({ text }) => /-m (?:string|u32|ah|esp|ipcomp|mh|dccp|sctp)\b|--tcp-option/.test(text));
  return { ...one, probes: one.probes.map((probe, at) => withBytes(probe, reads && at % told !== 0)) };
}

/** Where rules look at bytes, each so many-th probe leaves them open all the same. */
const told = 10;

function drawnCase(seed: number, wish: CaseWish): Case {
  if (seed % each === 0) return shapedCase(seed, wish);
  if (seed % each === 1) return widenedCase(seed, wish);
  if (seed % (4 * each) === 3) return latestCase(seed, wish);
  if (seed % (2 * each) === 2) return furtherCase(seed, wish);
  return seed % (2 * each) === 6 ? rareCase(seed, wish) : randomCase(seed, wish);
}

function shapedCase(seed: number, wish: CaseWish): Case {
  const random = prng(seed);
  const shape = random.pick(shapes);
  const family = wish.family ?? (random.chance(0.65) ? 4 : 6);
  const pool = makePool(random, family, shape.devices);
  const tool = random.chance(0.5) ? 'legacy' : 'nft';
  const taste = { rules: random.chance(0.1), sysctls: random.chance(0.15), routes: random.chance(0.1) };
  const { lines, targets } = shape.make(pool, tool, random);
  const probes = randomProbes(pool, { fragments: false }, wish.probes, random);
  return {
    name: `seed-${seed}`,
    family,
    features: [`IPv${family}`, tool, `shape ${shape.name}`],
    devices: pool.devices.map(({ name, mac }) => [name, mac] as const),
    setup: [...networkLines(pool, taste, random), ...lines],
    probes: answered(probes.map((probe) => (random.chance(0.7) ? aimed(probe, pool, targets, random) : probe))),
  };
}

/** The probe asks for what the shape serves. */
function aimed(probe: ProbeLine, pool: Pool, targets: readonly Target[], random: ReturnType<typeof prng>): ProbeLine {
  const target = targets[random.below(Math.max(1, targets.length))];
  if (target === undefined || (probe.kind !== 'ingress' && probe.kind !== 'output')) return probe;
  const { id, kind, in_iface, src, src_mac = '' } = probe;
  const { dst, proto, port } = target;
  const way = kind === 'ingress' ? { in_iface: in_iface ?? pool.devices[0].name, src: src ?? '', src_mac } : {};
  return { id, kind, family: pool.family, ...way, dst, proto, sport: 40000, dport: port };
}
