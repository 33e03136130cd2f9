/** Faults of routes, policy rules and forwarding. ip-route(8), ip-rule(8). */
import { forwarding, ipTool, router, say } from '../network.js';
import { addressOn, routerHost } from '../plan.js';
import { anotherNode, anyNode, anyPod, devicesOf, type Fault, later, type Scene } from './fault.js';

/** Networks and addresses that a node or the router has routes to, or may get one to. */
function someDestination(scene: Scene): { readonly at: string; readonly to: string } {
  const { plan, random } = scene;
  const node = anyNode(scene);
  const other = anotherNode(scene, node);
  const pod = anyPod(scene, other);
  const at = plan.router !== null && random.chance(0.2) ? router : node.name;
  const own = anyPod(scene, node);
  return {
    at,
    to: random.pick([
      other.podNet,
      other.podNet,
      node.podNet,
      pod?.ip ?? other.podNet,
      own?.ip ?? other.podNet,
      other.ip,
      plan.outside.ip,
      'default',
    ]),
  };
}

const missing: Fault = (scene) => {
  const { at, to } = someDestination(scene);
  return later(...say(at, ipTool(scene.plan.family), `route del ${to}`));
};

const wrong: Fault = (scene) => {
  const { plan, random } = scene;
  const { at, to } = someDestination(scene);
  const via = addressOn(plan.family, random.below(plan.segments), random.pick([routerHost, 11, 12, 13, 14, 77, 100]));
  return later(...say(at, ipTool(plan.family), `route replace ${to} via ${via}`));
};

const byAnotherDevice: Fault = (scene) => {
  const node = anyNode(scene);
  const to = anyPod(scene, scene.random.chance(0.5) ? node : anotherNode(scene, node))?.ip ?? 'default';
  return later(...say(node.name, ipTool(scene.plan.family), `route replace ${to} dev ${devicesOf(scene, node)}`));
};

const refusing: Fault = (scene) => {
  const { at, to } = someDestination(scene);
  const kind = scene.random.pick(['blackhole', 'unreachable', 'prohibit', 'throw']);
  return later(...say(at, ipTool(scene.plan.family), `route replace ${kind} ${to}`));
};

const policy: Fault = (scene) => {
  const { plan, random } = scene;
  const node = anyNode(scene);
  const other = anotherNode(scene, node);
  const ip = ipTool(plan.family);
  const via = addressOn(plan.family, node.segment, random.pick([routerHost, 77, 10 + other.index]));
  const selector = random.pick([
    `from ${node.podNet}`,
    `to ${other.podNet}`,
    `from ${other.podNet}`,
    `iif ${devicesOf(scene, node)}`,
    'fwmark 0x4000/0x4000',
    'ipproto udp',
    `dport 8080`,
  ]);
  const route = random.pick([
    `route add default via ${via} table 100`,
    'route add blackhole default table 100',
    'route add unreachable default table 100',
    `route add ${other.podNet} via ${via} table 100`,
  ]);
  const action = random.pick(['lookup 100', 'lookup 100', 'lookup 100', 'prohibit', 'blackhole', 'unreachable']);
  return later(...say(node.name, ip, route, `rule add ${selector} priority 1000 ${action}`));
};

const noForwarding: Fault = (scene) => {
  const { plan, random } = scene;
  const node = anyNode(scene);
  const version = plan.family === 4 ? 'ipv4' : 'ipv6';
  if (random.chance(0.5))
    return later(...forwarding(plan.router !== null && random.chance(0.2) ? router : node.name, 0));
  return later(...say(node.name, 'sysctl', `net/${version}/conf/${devicesOf(scene, node)}/forwarding 0`));
};

const reversePath: Fault = (scene) => {
  const { plan, random } = scene;
  if (plan.family === 6) return null;
  const node = anyNode(scene);
  const who = random.pick(['all', 'all', devicesOf(scene, node)]);
  return later(...say(node.name, 'sysctl', `net/ipv4/conf/${who}/rp_filter ${random.pick([1, 1, 2])}`));
};

export const routeFaults: Readonly<Record<string, Fault>> = {
  'route missing': missing,
  'route wrong': wrong,
  'route by another device': byAnotherDevice,
  'route that refuses': refusing,
  'policy rule': policy,
  'no forwarding': noForwarding,
  rp_filter: reversePath,
};
