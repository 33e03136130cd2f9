/**
 * One measuring process of the benchmark: `sample-probe.js SERVICES ROUNDS` prints the microseconds of processor time that one probe of a mix takes from
 * its line to the line of its answer, and those of JSON.parse and JSON.stringify of the same lines.
 */
import type * as Core from '../../packages/core/dist/index.js';
import type * as Parsers from '../../packages/parsers/dist/index.js';
import { type Cluster, generateCluster } from './cluster.js';
import { nodeFiles } from './generate-node.js';
import { caliName } from './generate-routes.js';
import { median } from './measure.js';
import { type Prng, prng } from './prng.js';

const built = (path: string) => new URL(`../../../../packages/${path}`, import.meta.url).href;
const core: typeof Core = await import(built('core/dist/index.js'));
const parsers: typeof Parsers = await import(built('parsers/dist/index.js'));

const services = Number(process.argv[2]);
const rounds = Number(process.argv[3]);
const probes = 4000;

/** Pods and the node itself ask for Services, for pods and for the world; some are answered. */
function linesFor(cluster: Cluster): readonly string[] {
  const random = prng(1);
  return Array.from({ length: probes }, (_, id) => JSON.stringify(questionFor(cluster, id, random)));
}

function questionFor(cluster: Cluster, id: number, random: Prng): object {
  if (id > 0 && random.chance(0.1)) return { id, kind: 'reply', family: 4, of: id - 1 };
  const sport = 1024 + random.below(60_000);
  const packet = { id, family: 4, ...targetOf(cluster, random), sport, tcp_flags: 'SYN', ttl: 64, tos: 0 };
  if (random.chance(0.3)) return { ...packet, kind: 'output' };
  const at = random.below(cluster.localPods.length);
  return { ...packet, kind: 'ingress', in_iface: caliName(at), src: cluster.localPods[at] };
}

function targetOf(cluster: Cluster, random: Prng): object {
  const service = cluster.services[random.below(cluster.services.length)];
  if (service === undefined || random.chance(0.3))
    return { dst: random.pick(['8.8.8.8', '192.168.0.77', '10.128.0.9']), proto: 'tcp', dport: 443 };
  return { dst: service.clusterIp, proto: service.proto, dport: service.port };
}

const cluster = generateCluster({ services });
const lines = linesFor(cluster);
const [node] = parsers.parseSnapshot(nodeFiles({ services, endpointComments: true })).nodes;
if (node === undefined) throw new Error('no node was read');
const place = core.placeOf(node, node.host, 'defaults');

/** Microseconds of processor time for each line; a round asks every line once. */
function timed(round: () => void): number {
  const times = Array.from({ length: rounds + 3 }, () => {
    const begun = process.cpuUsage();
    round();
    const { user, system } = process.cpuUsage(begun);
    return (user + system) / lines.length;
  });
  return median(times.slice(3));
}

let written = 0;
const asked = timed(() => {
  const ask = core.writtenInterview(place);
  lines.forEach((line, at) => {
    written += Buffer.byteLength(ask(line, at + 1));
  });
});
// Kept for the comparison alone: the command prints each answer and forgets it.
const again = core.interview(place);
const answers: readonly object[] = lines.map((line, at) => again(line, at + 1));
const writes = core.writtenInterview(place);
lines.forEach((line, at) => {
  if (writes(line, at + 1) !== JSON.stringify(answers[at])) throw new Error(`another answer is written: ${line}`);
});
// Services without endpoints answer nobody.
const unasked = answers.filter((answer) => 'error' in answer).length;
if (unasked > lines.length / 100 || written === 0) throw new Error(`${unasked} probes are none`);
const copied = timed(() => {
  lines.forEach((line, at) => {
    JSON.parse(line);
    written += Buffer.byteLength(JSON.stringify(answers[at]));
  });
});
console.log(asked, copied);
