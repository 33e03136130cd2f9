/** Faults of devices, addresses, neighbours and forwarding databases. ip-link(8), ip-neighbour(8), bridge(8). */
import { vtep, vtepMac } from '../backend.js';
import { ipTool, outside, say } from '../network.js';
import { hostLength, podAddress, segmentLength } from '../plan.js';
import { all, anotherNode, anyNode, anyPod, devicesOf, type Fault, later } from './fault.js';

const nobody = '02:00:00:99:00:99';

const fdb: Fault = (scene) => {
  const { plan, random } = scene;
  if (plan.backend !== 'vxlan') return null;
  const node = anyNode(scene);
  const other = anotherNode(scene, node);
  const dev = vtep(plan.family);
  const gone = say(node.name, 'bridge', `fdb del ${vtepMac(other)} dev ${dev} dst ${other.ip}`);
  if (random.chance(0.4)) return later(...gone);
  const dst = random.pick([anotherNode(scene, other).ip, plan.outside.ip, other.ip.replace(/\d+$/, '77')]);
  return later(...gone, ...say(node.name, 'bridge', `fdb add ${vtepMac(other)} dev ${dev} dst ${dst}`));
};

const tunnelNeighbour: Fault = (scene) => {
  const { plan, random } = scene;
  if (plan.backend !== 'vxlan') return null;
  const node = anyNode(scene);
  const other = anotherNode(scene, node);
  const at = `${podAddress(plan.family, other.index, 0)} dev ${vtep(plan.family)}`;
  const mac = random.pick([nobody, vtepMac(anotherNode(scene, other))]);
  return later(
    ...say(
      node.name,
      ipTool(plan.family),
      random.chance(0.4) ? `neigh del ${at}` : `neigh replace ${at} lladdr ${mac} nud permanent`,
    ),
  );
};

/** The other end thinks that it has another hardware address. */
const tunnelMac: Fault = (scene) => {
  const { plan } = scene;
  if (plan.backend !== 'vxlan') return null;
  return later(...say(anyNode(scene).name, 'ip', `link set ${vtep(plan.family)} address 02:00:00:0b:00:77`));
};

const neighbour: Fault = (scene) => {
  const { plan, random } = scene;
  const node = anyNode(scene);
  const other = anotherNode(scene, node);
  const ip = ipTool(plan.family);
  const mac = random.pick([nobody, other.mac, plan.nodes[0].mac]);
  const pod = anyPod(scene, node);
  if (pod !== null && random.chance(0.5)) {
    const dev = node.style === 'bridge' ? 'cni0' : pod.dev;
    return later(...say(node.name, ip, `neigh replace ${pod.ip} lladdr ${mac} dev ${dev} nud permanent`));
  }
  return later(...say(node.name, ip, `neigh replace ${other.ip} lladdr ${mac} dev eth0 nud permanent`));
};

const deviceDown: Fault = (scene) => {
  const node = anyNode(scene);
  const pod = anyPod(scene, node);
  if (pod !== null && scene.random.chance(0.2)) return later(...say(pod.space, 'ip', 'link set eth0 down'));
  return later(...say(node.name, 'ip', `link set ${devicesOf(scene, node)} down`));
};

/** As the next network of pods, or another cluster, may bring it along. */
const twoHolders: Fault = (scene) => {
  const { plan, random } = scene;
  const node = anyNode(scene);
  const other = anotherNode(scene, node);
  const [pod, far] = [anyPod(scene, node), anyPod(scene, other)];
  if (pod === null || far === null) return null;
  const whole = hostLength(plan.family);
  const [at, address] = random.pick([
    [pod.space, `${far.ip}/${whole} dev eth0`],
    [node.name, `${far.ip}/${whole} dev eth0`],
    [node.name, `${other.ip}/${whole} dev lo`],
    [outside, `${far.ip}/${whole} dev eth0`],
    [node.name, `${other.podGateway}/${segmentLength(plan.family)} dev ${devicesOf(scene, node)}`],
  ]);
  return later(...say(at, ipTool(plan.family), `addr add ${address}`));
};

const wrongNetwork: Fault = (scene) => {
  const { plan, random } = scene;
  const node = anyNode(scene);
  const length = plan.family === 4 ? random.pick([16, 25, 32]) : random.pick([48, 124, 128]);
  const ip = ipTool(plan.family);
  const pod = anyPod(scene, node);
  const [at, address, old] =
    pod !== null && node.style === 'bridge' && random.chance(0.6)
      ? [pod.space, pod.ip, segmentLength(plan.family)]
      : [node.name, node.ip, segmentLength(plan.family)];
  return all(
    later(
      ...say(at, ip, `addr add ${address}/${length} dev eth0`),
      ...say(at, ip, `addr del ${address}/${old} dev eth0`),
    ),
  );
};

const arp: Fault = (scene) => {
  const { plan, random } = scene;
  if (plan.family === 6) return null;
  const node = anyNode(scene);
  const who = random.pick(['all', devicesOf(scene, node)]);
  const setting = random.pick(['arp_ignore 1', 'arp_ignore 2', 'arp_ignore 8', 'arp_filter 1', 'arp_announce 2']);
  const pod = anyPod(scene, node);
  if (node.style === 'point-to-point' && pod !== null && random.chance(0.5))
    return later(...say(node.name, 'sysctl', `net/ipv4/conf/${pod.dev}/proxy_arp 0`));
  return later(...say(node.name, 'sysctl', `net/ipv4/conf/${who}/${setting}`));
};

const bridgeSetting: Fault = (scene) => {
  const { random } = scene;
  const node = anyNode(scene);
  const pod = anyPod(scene, node);
  if (node.style !== 'bridge' || pod === null) return null;
  const port = random.pick(['hairpin on', 'isolated on', 'flood off', 'learning off', 'state 0']);
  return random.chance(0.5)
    ? later(
        ...say(node.name, 'sysctl', 'net/bridge/bridge-nf-call-iptables 0', 'net/bridge/bridge-nf-call-ip6tables 0'),
      )
    : later(...say(node.name, 'bridge', `link set dev ${pod.dev} ${port}`));
};

export const linkFaults: Readonly<Record<string, Fault>> = {
  'fdb entry': fdb,
  'neighbour of the tunnel': tunnelNeighbour,
  'hardware address of the tunnel': tunnelMac,
  'neighbour entry': neighbour,
  'device down': deviceDown,
  'address in two places': twoHolders,
  'length of a prefix': wrongNetwork,
  'setting of ARP': arp,
  'setting of a bridge': bridgeSetting,
};
