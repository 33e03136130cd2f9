/** flannel's Network does not cover the nodes' subnets, or is docker's own default network. */
import {
  type Address,
  formatIp,
  formatPrefix,
  type Prefix,
  parsePrefix,
  prefixContains,
  prefixesOverlap,
  prefixOf,
  type Setting,
} from '@coldtrace/core';
import { defineRule, type RuleContext } from '../define-rule.js';
import { partOf } from '../facts/part-of.js';
import type { Fix } from '../finding.js';
import { type CapturedNode, captured, certaintyOf, restartNote } from '../flannel/common.js';
import { type FlannelNode, flannelNodes, networkOf, type Told } from '../flannel/flannel-node.js';

const messages = {
  outside:
    'flannel’s network {network} does not cover {subnet}, the subnet of {node}: traffic to its pods is not routed, or is masqueraded',
  differs: 'flannel’s configuration says {network}, but {node} still runs with {used}',
  docker:
    'flannel’s network {network} holds docker0’s {address} of {node}: {node} takes pods of other nodes to be behind docker0',
  fragile:
    'flannel’s network {network} is docker’s default network: wherever docker starts before flannel, docker0 takes all of it',
} as const;

type Context = RuleContext<keyof typeof messages>;

export const flannelNetworkMismatch = defineRule({
  id: 'flannel-network-mismatch',
  severity: 'error',
  summary: 'flannel’s Network does not cover the nodes’ subnets, or it is docker’s default network.',
  needs: ['flannel-config', 'subnet-env', 'nodes', 'ip-addr'],
  messages,
  check: (cx) => {
    const nodes = flannelNodes(cx.snapshot);
    const networks = networksOf(cx);
    if (nodes.length > 0 && networks.length === 0)
      cx.notEvaluated(null, ['flannel-config', 'subnet-env'], 'flannel’s Network was not captured');
    else if (nodes.length > 0 && networks.every(({ of }) => of !== null))
      cx.notEvaluated(
        null,
        ['flannel-config'],
        'only what nodes run with was captured, not what flannel is configured to',
      );
    const told = new Set<string>();
    for (const network of networks) {
      for (const node of nodes) checkSubnets(cx, network, node, told);
      if (formatPrefix(network.value) === '172.17.0.0/16' || overlapsDocker(nodes, network.value))
        checkDocker(cx, network, nodes, told);
    }
    for (const node of captured(nodes))
      if (![...told].some((key) => key.startsWith(`${node.name} `))) checkUsed(cx, node, networks);
  },
});

interface Network extends Told<Prefix> {
  /** The node whose file says so; null: the cluster's configuration. */
  readonly of: string | null;
}

/** Configured ones first; the same text is told once. */
function networksOf({ snapshot }: Context): readonly Network[] {
  const seen = new Set<string>();
  const found = snapshot.nodes.flatMap((node) =>
    node.settings.flatMap((row): readonly Network[] => {
      const configured = row.source === 'net-conf' && row.key === 'Network';
      if (!configured && row.key !== 'FLANNEL_NETWORK') return [];
      const value = parsePrefix(row.value) ?? networkOf(row.value);
      const of = configured ? null : node.name;
      if (value === null) return [];
      return [
        {
          value,
          evidence: { span: row.span, why: `flannel’s network: ${row.value}` },
          trust: row.trust ?? 'captured',
          source: row.source,
          of,
        },
      ];
    }),
  );
  return found
    .sort((left, right) => Number(left.of !== null) - Number(right.of !== null))
    .filter(({ value, of }) => {
      const key = `${formatPrefix(value)} ${of ?? ''}`;
      return seen.has(key) ? false : Boolean(seen.add(key));
    });
}

function checkSubnets(cx: Context, network: Network, node: FlannelNode, told: Set<string>): void {
  if (network.of !== null && network.of !== node.name) return;
  const subnet = node.subnets.find(
    ({ value, source }) =>
      source !== 'route' && value.ip.family === network.value.ip.family && !covers(network.value, value),
  );
  if (subnet === undefined) return;
  const key = `${node.name} ${formatPrefix(subnet.value)}`;
  if (told.has(key)) return;
  told.add(key);
  cx.report('outside', {
    certainty: certaintyOf([node], [network, subnet], []),
    node: node.name,
    subject: `${formatPrefix(network.value)} ${formatPrefix(subnet.value)}`,
    data: { node: node.name, network: formatPrefix(network.value), subnet: formatPrefix(subnet.value) },
    evidence: [network.evidence, subnet.evidence, ...forwardRules(node, network.value)],
    fix: networkFix(network.value, 'that covers the podCIDRs of all nodes (kubeadm’s podSubnet, --cluster-cidr)'),
  });
}

function covers(network: Prefix, subnet: Prefix): boolean {
  return network.length <= subnet.length && prefixContains(network, subnet.ip);
}

/** The rules that flanneld made from it let through and leave alone only what lies inside. */
function forwardRules({ node }: FlannelNode, network: Prefix) {
  const rows = node?.observations ?? [];
  return rows
    .flatMap((row) =>
      row.kind === 'log' &&
      row.event === 'flannel-rule-added' &&
      (row.data['rule'] ?? '').includes(formatPrefix(network))
        ? [{ span: row.span, why: 'a rule made from it' }]
        : [],
    )
    .slice(0, 1);
}

function docker0(node: FlannelNode): readonly Address[] {
  return node.node?.host.addresses.rows.filter(({ dev, ip }) => dev === 'docker0' && ip.family === 4) ?? [];
}

/** docker0 holds more of flannel's network than the node's own subnet. */
function strays(node: FlannelNode, network: Prefix): Address | undefined {
  return docker0(node).find((row) => {
    const own = prefixOf(row.ip, row.prefixLength);
    return prefixesOverlap(own, network) && !node.subnets.some(({ value }) => covers(value, own)) && own.length < 24;
  });
}

function overlapsDocker(nodes: readonly FlannelNode[], network: Prefix): boolean {
  return nodes.some((node) => strays(node, network) !== undefined);
}

function checkDocker(cx: Context, network: Network, nodes: readonly FlannelNode[], told: Set<string>): void {
  const wrong = nodes.flatMap((node) => {
    const address = strays(node, network.value);
    return address === undefined ? [] : [{ node, address }];
  });
  const fix = networkFix(network.value, 'that docker and the hosts do not use, such as 10.244.0.0/16');
  for (const { node, address } of wrong) {
    const text = `${formatIp(address.ip)}/${address.prefixLength}`;
    if (told.has(`docker ${node.name}`)) continue;
    told.add(`docker ${node.name}`);
    cx.report('docker', {
      certainty: certaintyOf([node], [network, address], []),
      node: node.name,
      subject: `docker0 ${formatPrefix(network.value)}`,
      data: { node: node.name, network: formatPrefix(network.value), address: text },
      evidence: [
        network.evidence,
        { span: partOf(cx.snapshot, address.span, text), why: 'the same addresses' },
        ...dockerRoute(node),
      ],
      fix,
    });
  }
  if (wrong.length > 0 || formatPrefix(network.value) !== '172.17.0.0/16' || told.has('fragile')) return;
  told.add('fragile');
  const mild = mildly(nodes);
  cx.report('fragile', {
    severity: mild === null ? 'warning' : 'info',
    certainty: 'likely',
    node: null,
    subject: formatPrefix(network.value),
    data: { network: formatPrefix(network.value) },
    evidence: [network.evidence],
    assumptions: [
      mild ?? 'docker runs on the nodes, and docker0 has its default address (ip-addr is not in the snapshot)',
    ],
    fix,
  });
}

/** What has to come before it does harm, where the nodes show that it does none yet. */
function mildly(nodes: readonly FlannelNode[]): string | null {
  if (nodes.some((node) => docker0(node).length > 0)) return 'docker starts after flannel on every node';
  const shown = nodes.every(({ node }) => node?.host.addresses.state === 'complete');
  return shown ? 'docker may be installed one day: no node has docker0' : null;
}

function dockerRoute({ node }: FlannelNode) {
  const route = node?.host.routes.rows.find(
    ({ nexthops, table }) => table === 'main' && nexthops.some(({ dev }) => dev === 'docker0'),
  );
  return route === undefined ? [] : [{ span: route.span, why: 'all of this goes to docker0' }];
}

/** The node was not restarted since the configuration changed. */
function checkUsed(cx: Context, node: CapturedNode, networks: readonly Network[]): void {
  const used = node.node.settings.find(({ key }) => key === 'FLANNEL_NETWORK');
  const configured = networks.find(({ of }) => of === null);
  const running = used === undefined ? null : networkOf(used.value);
  if (
    used === undefined ||
    running === null ||
    configured === undefined ||
    running.ip.family !== configured.value.ip.family
  )
    return;
  if (formatPrefix(running) === formatPrefix(configured.value)) return;
  cx.report('differs', {
    severity: 'warning',
    certainty: certaintyOf([node], [used as Pick<Setting, 'trust'>, configured], []),
    node: node.name,
    subject: `${formatPrefix(configured.value)} ${formatPrefix(running)}`,
    data: { node: node.name, network: formatPrefix(configured.value), used: formatPrefix(running) },
    evidence: [configured.evidence, { span: used.span, why: `what flanneld of ${node.name} wrote when it started` }],
    fix: {
      steps: [
        {
          node: null,
          command: `kubectl -n kube-flannel delete pod --field-selector spec.nodeName=${node.object?.meta.name ?? node.name}`,
          disrupts: `pods of ${node.name} keep their former addresses, which the other nodes do not route: make them anew`,
          undo: 'none needed: the daemonset makes the pod again',
        },
      ],
      persist: restartNote,
      notes: '',
      verified: null,
    },
  });
}

function networkFix(network: Prefix, which: string): Fix {
  return {
    steps: [
      {
        node: null,
        command: 'kubectl -n kube-flannel edit configmap kube-flannel-cfg   # net-conf.json: "Network"',
        disrupts: 'nothing yet: flanneld reads it when it starts',
        undo: `put "Network": "${formatPrefix(network)}" back`,
      },
      {
        node: null,
        command: 'kubectl -n kube-flannel rollout restart daemonset kube-flannel-ds',
        disrupts: 'traffic between nodes pauses; pods with addresses of the former network have to be made anew',
        undo: 'the same command after the configuration was put back',
      },
    ],
    persist: `Choose a network ${which}; with etcd: etcdctl set /coreos.com/network/config '{"Network": …}', and delete the former leases.`,
    notes: '',
    verified: null,
  };
}
