/** Lines of probes that the benchmark asks of the node of a generated cluster; format: docs/probe.md. */
import type { Cluster } from './cluster.js';
import { caliName } from './generate-routes.js';
import { type Prng, prng } from './prng.js';

/** Pods and the node itself ask for Services, for pods and for the world; some are answered. */
export function probeLines(cluster: Cluster, count: number, seed: number): readonly string[] {
  const random = prng(seed + 1);
  return Array.from({ length: count }, (_, id) => JSON.stringify(questionFor(cluster, id, random)));
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
