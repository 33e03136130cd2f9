/** Faults of packet filters: a rule that refuses, an allow list that lacks somebody, masquerade that is not there, a second firewall. iptables-extensions(8), ipset(8). */
import { router, say } from '../network.js';
import { nodePorts, podPort } from '../plan.js';
import {
  all,
  anyNode,
  anyPod,
  anySpace,
  type Change,
  devicesOf,
  type Fault,
  later,
  type Scene,
  without,
  withRules,
} from './fault.js';

type Place = readonly [table: string, chain: string];

const places: readonly [Place, ...Place[]] = [
  ['filter', 'INPUT'],
  ['filter', 'INPUT'],
  ['filter', 'FORWARD'],
  ['filter', 'FORWARD'],
  ['filter', 'FORWARD'],
  ['filter', 'OUTPUT'],
  ['raw', 'PREROUTING'],
  ['raw', 'OUTPUT'],
  ['mangle', 'PREROUTING'],
  ['mangle', 'INPUT'],
  ['mangle', 'FORWARD'],
  ['mangle', 'OUTPUT'],
  ['mangle', 'POSTROUTING'],
  ['security', 'INPUT'],
];

/** Which packets. */
function selection(scene: Scene): string {
  const { plan, random } = scene;
  const node = anyNode(scene);
  const pod = anyPod(scene, anyNode(scene));
  const proto = random.pick(['tcp', 'udp']);
  const port = random.pick([podPort, podPort, nodePorts.tcp, nodePorts.udp]);
  return random.pick([
    `-p ${proto} -m ${proto} --dport ${port}`,
    `-p ${proto} -m ${proto} --sport ${podPort}`,
    `-p ${proto} -s ${node.podNet}`,
    `-s ${node.ip}`,
    `-d ${node.podNet}`,
    `-s ${pod?.ip ?? node.podNet}`,
    `-d ${pod?.ip ?? node.podNet} -p ${proto}`,
    `-i ${devicesOf(scene, node)}`,
    `-o ${devicesOf(scene, node)}`,
    '-m conntrack --ctstate ESTABLISHED',
    `-m conntrack --ctstate NEW -s ${plan.podNets}`,
    '-m conntrack --ctstate INVALID',
    '-m conntrack ! --ctstate DNAT',
    '-m addrtype --dst-type LOCAL',
    '-m mark --mark 0x4000/0x4000',
    `! -s ${plan.podNets}`,
  ]);
}

function refusal({ plan, random }: Scene, table: string): string {
  if (table !== 'filter' || random.chance(0.4)) return 'DROP';
  const types =
    plan.family === 4
      ? [
          'icmp-port-unreachable',
          'icmp-host-unreachable',
          'icmp-net-unreachable',
          'icmp-admin-prohibited',
          'icmp-proto-unreachable',
        ]
      : ['icmp6-port-unreachable', 'icmp6-adm-prohibited', 'icmp6-addr-unreachable', 'icmp6-no-route'];
  return `REJECT --reject-with ${types[random.below(types.length)] ?? ''}`;
}

function refusing(scene: Scene, at: string, tool: 'legacy' | 'nft'): Change {
  const { random } = scene;
  const [table, chain] = random.pick(places);
  const rule = `-I ${chain} 1 ${selection(scene)} -j ${refusal(scene, table)}`;
  const reset = `-I ${chain} 1 -p tcp -m tcp --dport ${podPort} -j REJECT --reject-with tcp-reset`;
  return withRules(at, tool, table, [table === 'filter' && random.chance(0.15) ? reset : rule]);
}

const aRule: Fault = (scene) => refusing(scene, anySpace(scene), scene.plan.tool);

/** kube-proxy writes rules of one variant, and a firewall of the other. */
const secondFirewall: Fault = (scene) =>
  refusing(scene, anyNode(scene).name, scene.plan.tool === 'nft' ? 'legacy' : 'nft');

const policy: Fault = (scene) => {
  const { plan, random } = scene;
  const node = anyNode(scene);
  const chain = random.pick(['FORWARD', 'FORWARD', 'INPUT']);
  const allowed = random.pick([
    '-m conntrack --ctstate RELATED,ESTABLISHED',
    `-s ${plan.podNets}`,
    `-d ${plan.podNets}`,
    `-i ${devicesOf(scene, node)}`,
    '-p udp -m udp --dport 8472',
  ]);
  return withRules(node.name, plan.tool, 'filter', [`:${chain} DROP [0:0]`, `-A ${chain} ${allowed} -j ACCEPT`]);
};

const noMasquerade: Fault = (scene) => {
  const { name } = anyNode(scene);
  const masquerades = scene.random.pick([
    '-A POSTROUTING',
    '-A KUBE-POSTROUTING',
    '-A KUBE-SEP',
    '-A KUBE-EXT',
    '-A cali-nat-outgoing',
    '-A CNI-HOSTPORT-MASQ',
  ]);
  return without(
    ({ at, text }) =>
      at === name && text.startsWith(masquerades) && (text.includes('MASQUERADE') || text.includes('KUBE-MARK-MASQ')),
  );
};

const endpointGone: Fault = (scene) => {
  const { name } = anyNode(scene);
  const port = scene.random.pick([81, podPort]);
  return (setup) =>
    setup.map((line) =>
      line.at === name && line.text.includes('-j DNAT') && scene.plan.services[0] !== undefined
        ? { ...line, text: line.text.replace(/:\d+$/, `:${port === podPort ? '9' : port}`) }
        : line,
    );
};

const allowList: Fault = (scene) => {
  const { plan, random } = scene;
  const node = anyNode(scene);
  const pod = anyPod(scene, node);
  if (pod === null) return null;
  const clients = [...plan.nodes.flatMap(({ ip, pods }) => [ip, ...pods.map((one) => one.ip)]), plan.outside.ip];
  const kind = random.pick(['hash:ip', 'hash:net', 'hash:ip,port']);
  const entry = (ip: string) => (kind === 'hash:ip,port' ? `${ip},${random.pick(['tcp', 'udp'])}:${podPort}` : ip);
  const members = clients.filter(() => random.chance(0.6)).map((ip) => `add allow ${entry(ip)}`);
  const direction = kind === 'hash:ip,port' ? 'src,dst' : 'src';
  const family = plan.family === 4 ? 'inet' : 'inet6';
  const sets = say(node.name, 'ipset', `create allow ${kind} family ${family}`, ...members);
  const rules = withRules(node.name, plan.tool, 'filter', [
    ':POLICY - [0:0]',
    `-I FORWARD 1 -d ${pod.ip} -j POLICY`,
    ...(random.chance(0.7) ? ['-A POLICY -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT'] : []),
    `-A POLICY -m set --match-set allow ${direction} -j ACCEPT`,
    `-A POLICY -j ${random.pick(['DROP', 'REJECT'])}`,
  ]);
  return all((setup) => [...sets, ...setup], rules);
};

/** The router may translate what it should not. */
const routerNat: Fault = (scene) => {
  const { plan, random } = scene;
  if (plan.router === null) return null;
  const target = random.pick(['MASQUERADE', `SNAT --to-source ${plan.nodes[0].ip}`]);
  return withRules(router, plan.tool, 'nat', [
    `-A POSTROUTING -s ${random.pick([plan.podNets, plan.nodes[0].podNet])} -j ${target}`,
  ]);
};

const untracked: Fault = (scene) => {
  const at = anySpace(scene);
  const chain = scene.random.pick(['PREROUTING', 'OUTPUT']);
  return withRules(at, scene.plan.tool, 'raw', [`-A ${chain} ${selection(scene)} -j CT --notrack`]);
};

/** Connections that conntrack knows already, sent to where nobody is any more. */
const stale: Fault = (scene) => {
  const { plan, connections, random } = scene;
  const services = new Set(plan.services.map(({ ip }) => ip));
  const called = connections.filter(({ dst, proto }) => services.has(dst) && proto === 'udp');
  const one = called[random.below(called.length)];
  const node = plan.nodes.find(
    ({ pods, name }) => one?.from.space === name || pods.some(({ space }) => space === one?.from.space),
  );
  const src = one?.from.src;
  if (one === undefined || node === undefined || src === undefined) return null;
  const server = random.pick([anyPod(scene, anyNode(scene))?.ip ?? plan.nodes[0].ip, plan.nodes[0].podGateway]);
  const target = server.includes(':') ? `[${server}]:${podPort}` : `${server}:${podPort}`;
  const entry = `-I -p udp -s ${src} -d ${one.dst} --sport ${one.sport} --dport ${one.dport}${random.pick(['', ' -u SEEN_REPLY'])} -t 600 --dst-nat ${target}`;
  return later(...say(node.name, 'conntrack', entry));
};

export const ruleFaults: Readonly<Record<string, Fault>> = {
  'rule that refuses': aRule,
  'rule of the other variant': secondFirewall,
  'policy DROP': policy,
  'masquerade missing': noMasquerade,
  'endpoint of another port': endpointGone,
  'allow list': allowList,
  'NAT at the router': routerNat,
  'untracked packets': untracked,
  'stale connection': stale,
};
