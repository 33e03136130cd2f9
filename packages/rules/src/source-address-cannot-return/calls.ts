/** Calls of a node to Services whose endpoints stand behind another interface than the one that routing chooses for the Service's own address. */
import {
  type Address,
  type AssumeMode,
  type Family,
  type Ip,
  lookupRoute,
  type Node,
  type Place,
  placeOf,
  sameIp,
  towardsOf,
} from '@coldtrace/core';
import { hostNetworks } from '../facts/host-networks.js';
import { type EndpointRule, type ServiceEntry, serviceEntries } from '../facts/service-entries.js';
import { tablesNamed } from '../facts/table-rules.js';

export interface Call {
  readonly entry: ServiceEntry;
  readonly endpoint: EndpointRule;
  /** The device that routing chooses for the Service's address, and the one that leads to the endpoint. */
  readonly chosen: string;
  readonly right: string;
  /** Other Services of which the same is so. */
  readonly others: number;
}

/** Devices with a network of the host's; where there are fewer than two, nothing can be confused. */
export function interfacesOf(node: Node, family: Family): ReadonlySet<string> {
  const devices = hostNetworks(node.host).filter(({ address }) => address.ip.family === family);
  return new Set(devices.map(({ address }) => address.dev));
}

/** One call for each pair of devices, the API server's first. */
export function callsOf(node: Node, family: Family, assume: AssumeMode): readonly Call[] {
  const devices = interfacesOf(node, family);
  if (devices.size < 2) return [];
  const place = placeOf(node, node.host, assume);
  const ways = new Map<string, string | null>();
  const wayTo = (ip: Ip): string | null => {
    const key = `${ip.a} ${ip.b} ${ip.c} ${ip.d}`;
    const known = ways.get(key);
    if (known !== undefined) return known;
    const dev = deviceFor(place, ip);
    ways.set(key, dev);
    return dev;
  };
  const found = new Map<string, Call>();
  for (const { table } of tablesNamed(node.host, family, 'nat')) {
    for (const entry of serviceEntries(table, family)) {
      const chosen = wayTo(entry.ip);
      if (chosen === null || !devices.has(chosen)) continue;
      for (const endpoint of entry.endpoints) {
        const right = wayTo(endpoint.ip);
        if (right === null || right === chosen || !devices.has(right)) continue;
        const key = `${chosen} ${right}`;
        const before = found.get(key);
        found.set(key, better(before, { entry, endpoint, chosen, right, others: 0 }));
      }
    }
  }
  return [...found.values()];
}

/** Endpoints of one Service are one call. */
function better(before: Call | undefined, one: Call): Call {
  if (before === undefined) return one;
  if (before.entry.rule === one.entry.rule) return before;
  const first = before.entry.port !== 443 && one.entry.port === 443 ? one : before;
  return { ...first, others: before.others + 1 };
}

function deviceFor(place: Place, dst: Ip): string | null {
  const answer = lookupRoute(place, towardsOf(dst));
  const [hop] = answer.kind === 'route' ? answer.hops : [];
  return answer.kind === 'route' && answer.route.type === 'unicast' && answer.hops.length === 1
    ? (hop?.dev ?? null)
    : null;
}

export function addressOf(node: Node, ip: Ip): Address | null {
  return node.host.addresses.rows.find((row) => sameIp(row.ip, ip) && row.dev !== 'lo') ?? null;
}
