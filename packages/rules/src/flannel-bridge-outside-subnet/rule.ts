/** The bridge of the pods has an address outside the subnet that flannel leased: it was left by an earlier installation. */
import {
  type Address,
  formatIp,
  formatPrefix,
  type Node,
  type Observation,
  type Prefix,
  parseIp,
  prefixContains,
  prefixOf,
  type SeenLog,
} from '@coldtrace/core';
import { defineRule, type RuleContext } from '../define-rule.js';
import { partOf } from '../facts/part-of.js';
import type { Fix } from '../finding.js';
import { type CapturedNode, captured, certaintyOf, leaseOf } from '../flannel/common.js';
import { flannelNodes, networkOf, podBridge, type Told } from '../flannel/flannel-node.js';
import { addressFix, type Bare, bareBridges } from './bare.js';

const messages = {
  outside:
    '{dev} of {node} has {address}, outside of the subnet {subnet} that flannel leased: pods behind it are not reached from other nodes',
  bare: '{dev} of {node} has no address of {subnet}, the subnet that flannel leased: pods behind it have no gateway there, and {node} no route to them',
  logged:
    '{dev} of {node} has another address than {expected}, the gateway of its subnet: pods cannot be started on it',
} as const;

type Context = RuleContext<keyof typeof messages>;

export const flannelBridgeOutsideSubnet = defineRule({
  id: 'flannel-bridge-outside-subnet',
  severity: 'error',
  summary:
    'cni0 or docker0 has an address outside the node’s flannel subnet, left over from an earlier installation, or pods stand on a cni0 without one.',
  needs: ['ip-addr', 'subnet-env'],
  messages,
  check: (cx) => {
    const flannel = captured(flannelNodes(cx.snapshot));
    for (const node of flannel) {
      const bridge = podBridge(node.node) ?? dockerInNetwork(node);
      const found = bridge === null ? [] : outside(node, bridge);
      for (const one of found) reportBridge(cx, node, one);
      for (const one of bridge === null ? [] : bareBridges(cx.snapshot, node, bridge)) reportBare(cx, node, one);
      if (found.length === 0) reportLog(cx, node.name, node.node, logRows(node.node.observations));
      if (leaseOf(node) === null) cx.notEvaluated(node.name, ['subnet-env']);
      else if (node.node.host.addresses.state === 'absent') cx.notEvaluated(node.name, ['ip-addr']);
    }
    for (const node of cx.snapshot.nodes)
      if (!flannel.some((one) => one.node === node)) reportLog(cx, node.name, node, logRows(node.observations));
    reportLog(cx, null, null, logRows(cx.snapshot.observations));
  },
});

/** docker0 with an address of flannel's network was set by flannel's options once. */
function dockerInNetwork({ node }: CapturedNode): string | null {
  const network = networkOf(node.settings.find(({ key }) => key === 'FLANNEL_NETWORK')?.value ?? '');
  const inside = node.host.addresses.rows.some(
    ({ dev, ip }) => dev === 'docker0' && network !== null && prefixContains(network, ip),
  );
  return inside ? 'docker0' : null;
}

interface Outside {
  readonly address: Address;
  readonly subnet: Told<Prefix>;
}

function outside(one: CapturedNode, bridge: string): readonly Outside[] {
  return [4, 6].flatMap((family) => {
    const subnet = leaseOf(one, family === 4 ? 4 : 6);
    const rows = one.node.host.addresses.rows.filter(
      ({ dev, ip, scope, trust }) =>
        dev === bridge && ip.family === family && scope === 'global' && trust !== 'claimed',
    );
    const [first] = rows;
    if (subnet === null || subnet.source === 'route' || first === undefined || isAsTold(one, first)) return [];
    return rows.some(({ ip }) => prefixContains(subnet.value, ip)) ? [] : [{ address: first, subnet }];
  });
}

/** docker was told to use just this address: flannel-docker-bip-mismatch says so. */
function isAsTold({ node }: CapturedNode, { dev, ip, prefixLength }: Address): boolean {
  const text = `${formatIp(ip)}/${prefixLength}`;
  return dev === 'docker0' && node.settings.some(({ key, value }) => key === 'bip' && value === text);
}

function reportBridge(cx: Context, node: CapturedNode, { address, subnet }: Outside): void {
  const text = `${formatIp(address.ip)}/${address.prefixLength}`;
  const weak = weakness(node, subnet);
  cx.report('outside', {
    certainty: certaintyOf([node], [address, subnet], weak),
    node: node.name,
    subject: `${address.dev} ${formatPrefix(subnet.value)}`,
    data: { node: node.name, dev: address.dev, address: text, subnet: formatPrefix(subnet.value) },
    evidence: [
      { span: partOf(cx.snapshot, address.span, text), why: `not in ${formatPrefix(subnet.value)}` },
      subnet.evidence,
      ...routeEvidence(node.node, address),
      ...logRows(node.node.observations)
        .slice(0, 1)
        .map(({ span }) => ({ span, why: 'the plugin refuses to use the bridge' })),
    ],
    assumptions: weak,
    fix: bridgeFix(node.name, address, subnet.value),
  });
}

function reportBare(cx: Context, one: CapturedNode, bare: Bare): void {
  const { link, subnet, pod } = bare;
  const text = formatPrefix(subnet.value);
  const weak = weakness(one, subnet);
  cx.report('bare', {
    certainty: certaintyOf([one], [link, subnet], weak),
    node: one.name,
    subject: `${link.name} ${text}`,
    data: { node: one.name, dev: link.name, subnet: text },
    evidence: [{ span: link.span, why: `no address of ${text}` }, subnet.evidence, pod],
    assumptions: weak,
    fix: addressFix(one.node, bare),
  });
}

function weakness({ name }: CapturedNode, { source, evidence }: Told<Prefix>): readonly string[] {
  if (source === 'subnet.env') return [];
  return [`the subnet is taken from ${evidence.why} (${name}: subnet-env is not in the snapshot)`];
}

function routeEvidence({ host }: Node, { dev, ip, prefixLength }: Address) {
  const own = prefixOf(ip, prefixLength);
  const route = host.routes.rows.find(
    ({ dst, nexthops }) => formatPrefix(dst) === formatPrefix(own) && nexthops.some((hop) => hop.dev === dev),
  );
  return route === undefined ? [] : [{ span: route.span, why: `what the node takes to be behind ${dev}` }];
}

function logRows(observations: readonly Observation[]): readonly SeenLog[] {
  return observations.filter((row): row is SeenLog => row.kind === 'log' && row.event === 'bridge-address-differs');
}

/** The plugin's own words, where neither the address nor the subnet was captured. */
function reportLog(cx: Context, name: string | null, node: Node | null, [row]: readonly SeenLog[]): void {
  if (row === undefined) return;
  const { dev = 'cni0', expected = '' } = row.data;
  const known = node?.host.addresses.rows.find((address) => address.dev === dev && address.ip.family === 4);
  if (known !== undefined && `${formatIp(known.ip)}/${known.prefixLength}` === expected) return;
  const wanted = networkOf(expected);
  const ip = parseIp(expected.split('/')[0] ?? '');
  if (wanted === null || ip === null) return;
  cx.report('logged', {
    certainty: 'likely',
    node: name,
    subject: `${dev} ${formatPrefix(wanted)}`,
    data: { node: name ?? 'the node that logged it', dev, expected },
    evidence: [{ span: row.span, why: 'the plugin refuses to use the bridge' }],
    assumptions: [`which address ${dev} has was not captured (${name === null ? '' : `${name}: `}ip-addr, subnet-env)`],
    fix: bridgeFix(name, null, wanted, dev),
  });
}

function bridgeFix(node: string | null, address: Address | null, subnet: Prefix, name = address?.dev ?? 'cni0'): Fix {
  const undo = `ip link add ${name} type bridge; ip addr add ${address === null ? 'ADDRESS' : `${formatIp(address.ip)}/${address.prefixLength}`} dev ${name}; ip link set ${name} up`;
  if (name === 'docker0') {
    return {
      steps: [
        {
          node,
          command: 'systemctl restart docker',
          disrupts:
            'containers stop, unless docker keeps them alive (live-restore), and start again with other addresses',
          undo: 'none: the former address belongs to no subnet of this node',
        },
      ],
      persist: `Let docker.service read flannel’s options (EnvironmentFile=/run/flannel/docker, $DOCKER_NETWORK_OPTIONS) and start after flanneld.`,
      notes: `docker takes --bip from flannel’s file when it starts; ${formatPrefix(subnet)} is the node’s present subnet.`,
      verified: null,
    };
  }
  return {
    steps: [
      {
        node,
        command: `ip link delete ${name}`,
        disrupts: `pods that still stand on ${name} lose their network until they are made anew`,
        undo,
      },
    ],
    persist: `The plugin makes ${name} again with the right address when the next pod starts; delete the pods ${node === null ? '' : `of ${node} `}that were on it.`,
    notes: `Reservations of the former network stay in /var/lib/cni/networks; addresses of ${formatPrefix(subnet)} are handed out independently of them.`,
    verified: null,
  };
}
