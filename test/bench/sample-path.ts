/**
 * One measuring process of the benchmark: `sample-path.js SERVICES ROUNDS` prints the milliseconds of parsing the rules, those of building every
 * index over them, and the microseconds of
 * processor time of one new packet, from a pod to the last UDP Service and out again, every branch with its evidence.
 */
import { performance } from 'node:perf_hooks';
import type * as Core from '../../packages/core/dist/index.js';
import type * as Parsers from '../../packages/parsers/dist/index.js';
import { nodeFiles } from './generate-node.js';
import { lastService } from './last-service.js';
import { median } from './measure.js';

const built = (path: string) => new URL(`../../../../packages/${path}`, import.meta.url).href;
const core: typeof Core = await import(built('core/dist/index.js'));
const parsers: typeof Parsers = await import(built('parsers/dist/index.js'));
const link: { isLong(chain: Core.Chain): boolean; treeOf(chain: Core.Chain, family: Core.Family): unknown } =
  await import(built('core/dist/netfilter/link/link.js'));

const services = Number(process.argv[2]);
const rounds = Number(process.argv[3]);
const files = nodeFiles({ services, endpointComments: true });
const dump = files.get('iptables-save.txt') ?? '';

/** Of one dump alone. The rows of the chains are read before: a packet that walks them reads them as well. */
function buildIndexes(): readonly [parse: number, build: number] {
  const begun = performance.now();
  const { nodes } = parsers.parseSnapshot(new Map([['iptables-save.txt', dump]]));
  const rulesets = nodes.flatMap(({ host }) => host.rulesets);
  const chains = rulesets.flatMap(({ tables }) => tables.flatMap((table) => table.chains.filter(link.isLong)));
  for (const { rules } of chains) for (let at = 0; at < rules.length; at++) rules.at(at);
  const parsed = performance.now();
  for (const chain of chains) link.treeOf(chain, 4);
  return [parsed - begun, performance.now() - parsed];
}

function packetTo(address: string, port: number): Core.Skb {
  const [src, dst] = [core.parseIp('10.128.0.1'), core.parseIp(address)];
  if (src === null || dst === null) throw new Error(`${address} is no address`);
  const none = {
    tcp: null,
    icmp: null,
    fragment: null,
    length: null,
    iif: null,
    oif: null,
    physIn: null,
    physOut: null,
  };
  const frame = { srcMac: null, dstMac: null, pktType: 'host', owner: null } as const;
  const flow = { family: 4, src, dst, proto: 17, sport: 40_000, dport: port, ttl: 64, tos: 0, mark: 0 } as const;
  return { ...none, ...frame, ...flow, ctState: 'NEW', ct: null };
}

function timePacket(): number {
  const snapshot = parsers.parseSnapshot(files);
  const [node] = snapshot.nodes;
  if (node === undefined) throw new Error('no node was read');
  const place = core.placeOf(node, node.host, 'defaults');
  const { address, port } = lastService(dump);
  const first = core.newWorld(packetTo(address, port));
  const send = () => core.ingress(place, first, 'cali01000000000');
  const ends = send();
  if (ends.length === 0 || ends.some((world) => world.exit === null))
    throw new Error('the packet does not get through');
  const each = 2000;
  const times = Array.from({ length: rounds + 3 }, () => {
    const begun = process.cpuUsage();
    for (let count = 0; count < each; count++) send();
    const { user, system } = process.cpuUsage(begun);
    return (user + system) / each;
  });
  return median(times.slice(3));
}

const pairs = Array.from({ length: 3 }, buildIndexes);
console.log(median(pairs.map(([parse]) => parse)), median(pairs.map(([, build]) => build)), timePacket());
