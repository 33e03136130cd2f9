/** Schedulers of IPVS. net/netfilter/ipvs/ip_vs_*.c. */
import type { RealServer, VirtualServer } from '../snapshot/ipvs.js';
import { type Fraction, fraction } from '../verdict/fraction.js';

export interface Share {
  /** null: the connection is refused. */
  readonly server: RealServer | null;
  readonly share: Fraction;
}

export interface Schedule {
  readonly shares: readonly Share[];
  /** Why this server, or how the shares come about. */
  readonly how: string;
}

/**
 * Which server of a service a new connection gets. What the dump decides is decided; what rests on the scheduler's own history, or on the order in
 * which servers were added, is shared out. The shares sum to 1.
 */
export function schedule(service: VirtualServer): Schedule {
  const { scheduler, servers } = service;
  const table = tables[scheduler];
  if (table !== undefined) return fromTable(service, table);
  const able = servers.filter((server) => server.weight > 0 && !isFull(server));
  const best = choosers[scheduler]?.(able) ?? able;
  if (best.length === 0) return { shares: [{ server: null, share: fraction(1, 1) }], how: noneAble(servers) };
  const [only] = best;
  if (best.length === 1 && only !== undefined) {
    const how = able.length === 1 ? 'the only server with a weight' : `${scheduler} takes it`;
    return { shares: [{ server: only, share: fraction(1, 1) }], how };
  }
  const weigh = unweighted.has(scheduler) ? () => 1 : ({ weight }: RealServer) => weight;
  return shared(best, weigh, `one of ${best.length} servers by ${scheduler}, shares ${wordsFor(scheduler)}`);
}

function noneAble(servers: readonly RealServer[]): string {
  if (servers.length === 0) return 'the service has no server';
  return servers.every(({ weight }) => weight === 0) ? 'every server has weight 0' : 'no server takes new connections';
}

/** Schedulers for which a weight above 0 is as good as any other. */
const unweighted: ReadonlySet<string> = new Set(['rr', 'lc', 'fo', 'ovf', 'nq']);

function wordsFor(scheduler: string): string {
  return unweighted.has(scheduler) ? 'alike' : 'by weight';
}

function shared(servers: readonly RealServer[], weigh: (server: RealServer) => number, how: string): Schedule {
  const total = servers.reduce((sum, server) => sum + weigh(server), 0);
  return { shares: servers.map((server) => ({ server, share: fraction(weigh(server), total) })), how };
}

/** At its upper threshold a server gets no new connection; thresholds that are not shown are none. */
function isFull({ upperThreshold, activeConnections, inactiveConnections }: RealServer): boolean {
  if (upperThreshold === null || upperThreshold === 0) return false;
  return (activeConnections ?? 0) + (inactiveConnections ?? 0) >= upperThreshold;
}

/** Schedulers that fill a table of buckets: what stands in a packet's bucket depends on the order of the servers, which no dump shows. */
const tables: Readonly<Record<string, (server: RealServer) => number>> = {
  /** Each server in turn gets as many buckets as its weight says, one at least. */
  sh: ({ weight }) => Math.max(weight, 1),
  /** Buckets go round, whatever the weights. */
  dh: () => 1,
  /** Servers without weight have none; the others about as many as their weights say. */
  mh: ({ weight }) => weight,
};

function fromTable(service: VirtualServer, buckets: (server: RealServer) => number): Schedule {
  const { servers, scheduler, schedulerFlags } = service;
  const takes = (server: RealServer) => server.weight > 0 && !isFull(server);
  const fallsBack = schedulerFlags.includes('sh-fallback') || schedulerFlags.includes('mh-fallback');
  const listed = servers.filter((server) => (fallsBack ? takes(server) : buckets(server) > 0));
  const [only] = listed;
  if (only === undefined || !listed.some(takes)) {
    return { shares: [{ server: null, share: fraction(1, 1) }], how: noneAble(servers) };
  }
  if (listed.length === 1) return { shares: [{ server: only, share: fraction(1, 1) }], how: 'the only server' };
  const { shares } = shared(listed, buckets, '');
  const how = `one of ${listed.length} servers, by a hash of the packet (${scheduler})`;
  return {
    shares: mergeRefused(
      shares.map((one) => (one.server !== null && takes(one.server) ? one : { ...one, server: null })),
    ),
    how,
  };
}

function mergeRefused(shares: readonly Share[]): readonly Share[] {
  const taken = shares.filter(({ server }) => server !== null);
  const refused = shares.filter(({ server }) => server === null);
  const [first] = refused;
  if (first === undefined) return shares;
  const numerator = refused.reduce((sum, { share }) => sum + share.numerator, 0n);
  return [...taken, { server: null, share: { numerator, denominator: first.share.denominator } }];
}

type Chooser = (able: readonly RealServer[]) => readonly RealServer[];

/** The servers that a scheduler finds equally good, by the connections that the dump shows; all of them where it shows none. */
const choosers: Readonly<Record<string, Chooser>> = {
  lc: byLoad(overhead),
  wlc: byLoad((server) => over(overhead(server), server.weight)),
  sed: byLoad(expectedDelay),
  nq: (able) => {
    if (able.some(isUncounted)) return able;
    const idle = able.filter(({ activeConnections }) => activeConnections === 0);
    return idle.length > 0 ? idle : byLoad(expectedDelay)(able);
  },
  fo: (able) => heaviest(able),
  ovf: (able) => {
    if (able.some(isUncounted)) return able;
    return heaviest(able.filter(({ activeConnections, weight }) => (activeConnections ?? 0) <= weight));
  },
};

function heaviest(servers: readonly RealServer[]): readonly RealServer[] {
  const most = Math.max(0, ...servers.map(({ weight }) => weight));
  return servers.filter(({ weight }) => weight === most);
}

function isUncounted({ activeConnections, inactiveConnections }: RealServer): boolean {
  return activeConnections === null || inactiveConnections === null;
}

function byLoad(load: (server: RealServer) => number): Chooser {
  return (able) => {
    if (able.some(isUncounted)) return able;
    const least = Math.min(...able.map(load));
    return able.filter((server) => load(server) === least);
  };
}

/** An active connection counts as much as 256 others. */
function overhead({ activeConnections, inactiveConnections }: RealServer): number {
  return (activeConnections ?? 0) * 256 + (inactiveConnections ?? 0);
}

function expectedDelay(server: RealServer): number {
  return over((server.activeConnections ?? 0) + 1, server.weight);
}

/** Quotients of small whole numbers compare exactly: equal ones are the same double. */
function over(load: number, weight: number): number {
  return load / weight;
}
