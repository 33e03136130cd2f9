/** flannel is bound to another of a node's interfaces than the one that reaches its peers. */
import {
  type Address,
  type Evidence,
  type Family,
  formatIp,
  type Ip,
  prefixContains,
  prefixOf,
  type Setting,
  sameIp,
} from '@coldtrace/core';
import { defineRule, type RuleContext } from '../define-rule.js';
import { chosenAddresses } from '../flannel/backend.js';
import { type CapturedNode, captured, certaintyOf } from '../flannel/common.js';
import {
  type FlannelNode,
  flannelLogs,
  flannelNodes,
  hostAddresses,
  isFlannelDevice,
  silentNodes,
  type Told,
} from '../flannel/flannel-node.js';
import { interfaceFix } from './fix.js';

const messages = {
  unreachable:
    'flannel of {node} uses {public} on {dev}, a network in which none of its peers stands; on {better} ({address}) it shares one with {peers}',
  shared:
    'flannel of {node} and of {peer} use the same address, {public}: it belongs to an interface that does not lead to the other nodes; {better} ({address}) does',
  option: 'flannel of {node} is to use {wanted} (--iface), but it uses {dev} ({public})',
} as const;

type Context = RuleContext<keyof typeof messages>;

export const flannelWrongInterface = defineRule({
  id: 'flannel-wrong-interface',
  severity: 'error',
  summary: 'flannel is bound to an interface that does not lead to the other nodes.',
  needs: ['ip-addr', 'ip-link', 'nodes'],
  messages,
  check: (cx) => {
    const using = flannelNodes(cx.snapshot);
    const nodes = [...using, ...silentNodes(cx.snapshot, using)];
    for (const node of captured(nodes)) {
      if (node.node.host.addresses.state === 'absent') {
        cx.notEvaluated(node.name, ['ip-addr']);
        continue;
      }
      const peers = nodes.filter((peer) => peer.name !== node.name);
      // One option chooses the interface of both families.
      families.some((family) => checkFamily(cx, node, peers, family));
    }
  },
});

const families: readonly Family[] = [4, 6];

function checkFamily(cx: Context, node: CapturedNode, peers: readonly FlannelNode[], family: Family): boolean {
  const bound = boundTo(cx, node, family);
  return bound !== null && (checkPeers(cx, node, peers, bound) || checkOption(cx, node, bound));
}

interface Bound {
  readonly chosen: Told<Ip>;
  readonly own: Address;
}

/** The address that flannel takes for the node's, where something says which it took. */
function boundTo({ snapshot }: Context, node: CapturedNode, family: Family): Bound | null {
  const logged = flannelLogs(node.node).find(({ event }) => event === 'flannel-interface');
  const addresses = hostAddresses(node.node, family);
  const candidates = chosenAddresses(snapshot, node).filter(
    ({ source }) => source.startsWith('public-ip') || source === 'device',
  );
  for (const chosen of candidates) {
    const own = addresses.find(({ ip }) => sameIp(ip, chosen.value));
    if (own !== undefined) return { chosen, own };
  }
  const own = addresses.find(({ ip, dev }) => formatIp(ip) === logged?.data['address'] || dev === logged?.data['dev']);
  if (logged === undefined || own === undefined) return null;
  const evidence = { span: logged.span, why: 'the interface that flanneld took' };
  return { chosen: { value: own.ip, evidence, trust: 'claimed', source: 'log' }, own };
}

function inNetworkOf(address: Address, ip: Ip): boolean {
  return !sameIp(address.ip, ip) && prefixContains(prefixOf(address.ip, address.prefixLength), ip);
}

/** By an address of the device, or a route that names no gateway: addresses that DHCPv6 gave have no network of their own. */
function isNear({ node: { host } }: CapturedNode, { dev }: Address, ip: Ip): boolean {
  const onLink = host.routes.rows.some(
    ({ type, dst, nexthops }) =>
      type === 'unicast' &&
      dst.length > 0 &&
      prefixContains(dst, ip) &&
      nexthops.some((hop) => hop.dev === dev && hop.via === null),
  );
  return onLink || host.addresses.rows.some((row) => row.dev === dev && inNetworkOf(row, ip));
}

/** All addresses by which a peer could be reached. */
function addressesOf(peer: FlannelNode): readonly Told<Ip>[] {
  const objects = peer.object?.addresses.flatMap(({ type }) => (type === 'InternalIP' ? peer.publicIps : [])) ?? [];
  return [...peer.publicIps, ...objects];
}

/** flannel itself says that it uses the address. */
function isChosen({ node }: FlannelNode, { value, source }: Told<Ip>): boolean {
  return (
    source !== 'address' || (node !== null && flannelLogs(node).some(({ data }) => data['address'] === formatIp(value)))
  );
}

function checkPeers(cx: Context, node: CapturedNode, peers: readonly FlannelNode[], bound: Bound): boolean {
  const { chosen, own } = bound;
  const taken = peers.map((peer) => ({
    peer,
    ips: chosenAddresses(cx.snapshot, peer).filter(({ value }) => value.family === own.ip.family),
  }));
  if (taken.length === 0) return false;
  const twin = taken.find(({ peer, ips }) => ips.some((ip) => sameIp(ip.value, chosen.value) && isChosen(peer, ip)));
  if (twin === undefined && taken.some(({ ips }) => ips.some(({ value }) => isNear(node, own, value)))) return false;
  const better = hostAddresses(node.node, own.ip.family)
    .filter((row) => row.dev !== own.dev)
    .map((row) => ({
      row,
      peers: peers.filter((peer) => addressesOf(peer).some(({ value }) => inNetworkOf(row, value))),
    }))
    .find((one) => one.peers.length > 0);
  if (better === undefined) return false;
  const near = better.peers.flatMap((peer) =>
    addressesOf(peer)
      .filter(({ value }) => inNetworkOf(better.row, value))
      .slice(0, 1),
  );
  const guessed = taken
    .filter(({ ips }) => ips.every(({ source }) => source === 'address' || source === 'node'))
    .map(({ peer }) => `which address flannel of ${peer.name} uses was not captured (nodes is not in the snapshot)`);
  cx.report(twin === undefined ? 'unreachable' : 'shared', {
    certainty: certaintyOf([node], [chosen, own, better.row, ...near], guessed),
    assumptions: guessed,
    node: node.name,
    subject: `${own.dev} ${formatIp(chosen.value)}`,
    data: {
      node: node.name,
      public: formatIp(chosen.value),
      dev: own.dev,
      better: better.row.dev,
      address: formatIp(better.row.ip),
      peers: better.peers.map(({ name }) => name).join(', '),
      peer: twin?.peer.name ?? '',
    },
    evidence: [
      ...boundEvidence(node, bound),
      ...(twin?.ips.slice(0, 1).map(({ evidence }) => evidence) ?? []),
      {
        span: better.row.span,
        why: `${better.row.dev} stands in a network with ${better.peers.map(({ name }) => name).join(', ')}`,
      },
      ...near.slice(0, 2).map(({ evidence }) => evidence),
    ],
    fix: interfaceFix(node, better.row),
  });
  return true;
}

function boundEvidence({ node }: CapturedNode, { chosen, own }: Bound): readonly Evidence[] {
  const device = node.host.links.rows.find(
    ({ name, details }) => isFlannelDevice(name) && details?.kind === 'vxlan' && details.dev === own.dev,
  );
  const logged = flannelLogs(node).find(({ event, data }) => event === 'flannel-interface' && data['dev'] === own.dev);
  return [
    chosen.evidence,
    { span: own.span, why: `address of ${own.dev}` },
    ...(device === undefined || chosen.source === 'device'
      ? []
      : [{ span: device.span, why: `${device.name} stands on ${own.dev}` }]),
    ...(logged === undefined || chosen.source === 'log'
      ? []
      : [{ span: logged.span, why: 'flanneld took this interface' }]),
  ];
}

/** Names and addresses are taken word for word; patterns and several options are left to flanneld. */
function wantedInterface({ node }: CapturedNode): Setting | null {
  const options = node.settings.filter(
    ({ source, key }) =>
      (key === 'iface' && (source === 'flanneld' || source === 'kube-flannel')) ||
      (key === 'flannel-iface' && source.startsWith('k3s')),
  );
  const [only, another] = options.filter(
    ({ value }, index) => options.findIndex((one) => one.value === value) === index,
  );
  return another === undefined ? (only ?? null) : null;
}

function checkOption(cx: Context, node: CapturedNode, bound: Bound): boolean {
  const wanted = wantedInterface(node);
  const { chosen, own } = bound;
  if (wanted === null || wanted.value === own.dev || wanted.value === formatIp(own.ip)) return false;
  const target = hostAddresses(node.node, own.ip.family).find(
    ({ dev, ip }) => dev === wanted.value || formatIp(ip) === wanted.value,
  );
  if (target === undefined) return false;
  cx.report('option', {
    severity: 'warning',
    certainty: 'likely',
    node: node.name,
    subject: `${own.dev} ${wanted.value}`,
    data: { node: node.name, wanted: wanted.value, dev: own.dev, public: formatIp(chosen.value) },
    evidence: [
      { span: wanted.span, why: 'the interface it is to use' },
      ...boundEvidence(node, bound),
      { span: target.span, why: `address of ${target.dev}` },
    ],
    assumptions: [
      'flanneld has not been restarted since the option was set, or a device of the former interface stayed',
    ],
    fix: interfaceFix(node, target),
  });
  return true;
}
