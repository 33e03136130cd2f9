/** Who calls whom: pods, nodes and the host outside; pods, Services, node ports, and addresses that nobody serves. */
import type { Prng } from '../../../bench/prng.js';
import type { Client, Connection } from '../case.js';
import { outside } from './network.js';
import { nodePorts, type Plan, type PlannedNode, podPort } from './plan.js';

interface Target {
  readonly proto: 'tcp' | 'udp';
  readonly dst: string;
  readonly dport: number;
  /** So many tries show what chance does. */
  readonly tries: number;
}

const firstPort = 20000;

/** Each in one of the families, where the cluster has both. */
export function drawConnections(plans: readonly [Plan, ...Plan[]], count: number, random: Prng): readonly Connection[] {
  const drawn = Array.from({ length: count }, () => pair(random.pick(plans), random));
  return drawn
    .flatMap(({ from, target: { tries, ...to } }) => Array.from({ length: tries }, () => ({ from, ...to })))
    .map((one, at) => ({ id: `c${at}`, sport: firstPort + at, ...one }));
}

function pair(plan: Plan, random: Prng): { readonly from: Client; readonly target: Target } {
  const from = client(plan, random);
  const own = plan.nodes.find(({ name }) => name === from.space);
  return {
    from,
    target: own !== undefined && random.chance(0.2) ? onLoopback(plan, own, random) : target(plan, random),
  };
}

/** A port of the node that leads elsewhere, called on its loopback. */
function onLoopback({ family, services }: Plan, { hostPort }: PlannedNode, random: Prng): Target {
  const dst = family === 4 ? '127.0.0.1' : '::1';
  const service = services[random.below(services.length)];
  if (hostPort !== null && random.chance(0.5)) return { proto: hostPort.proto, dst, dport: hostPort.port, tries: 1 };
  if (service === undefined) return { proto: 'tcp', dst, dport: nodePorts.tcp, tries: 1 };
  return { proto: service.proto, dst, dport: service.nodePort, tries: Math.max(1, service.endpoints.length) };
}

function client({ nodes, outside: far }: Plan, random: Prng): Client {
  const node = nodes[random.below(nodes.length)] ?? nodes[0];
  const from = random.below(10);
  if (from < 2) return { space: node.name, who: `node:${node.name}` };
  const pod = node.pods[random.below(node.pods.length)];
  if (from < 8 && pod !== undefined) return { space: pod.space, who: pod.ip, src: pod.ip };
  return far.captured ? { space: outside, who: `node:${outside}` } : { space: outside, who: 'outside', src: far.ip };
}

function target(plan: Plan, random: Prng): Target {
  const { nodes, services } = plan;
  const node = nodes[random.below(nodes.length)] ?? nodes[0];
  const proto = random.pick<'tcp' | 'udp'>(['tcp', 'udp']);
  const kind = random.below(21);
  const service = services[random.below(services.length)];
  if (kind < 6) {
    const pod = node.pods[random.below(node.pods.length + (node.serves ? 1 : 0))];
    return { proto, dst: pod?.ip ?? node.ip, dport: podPort, tries: 1 };
  }
  if (service !== undefined && kind < 12) {
    const { endpoints, ip, port } = service;
    return { proto: service.proto, dst: ip, dport: port, tries: Math.max(1, endpoints.length) };
  }
  if (service !== undefined && kind < 16) {
    const { endpoints, nodePort } = service;
    return { proto: service.proto, dst: node.ip, dport: nodePort, tries: Math.max(1, endpoints.length) };
  }
  if (service !== undefined && service.external !== null && kind < 18) {
    const { endpoints, external, port } = service;
    return { proto: service.proto, dst: external.ip, dport: port, tries: Math.max(1, endpoints.length) };
  }
  if (node.hostPort !== null && kind < 18)
    return { proto: node.hostPort.proto, dst: node.ip, dport: node.hostPort.port, tries: 1 };
  if (kind < 19) return { proto, dst: node.ip, dport: nodePorts[proto], tries: 1 };
  if (kind === 19) return { proto, dst: plan.outside.ip, dport: podPort, tries: 1 };
  return { proto, dst: random.pick([node.ip, node.pods[0]?.ip ?? node.ip]), dport: 81, tries: 1 };
}
