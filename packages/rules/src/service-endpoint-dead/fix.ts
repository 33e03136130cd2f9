/** The remedy: connections go to the endpoints that live, and the API forgets the dead one. */
import {
  type Chain,
  type Family,
  fileOf,
  formatIp,
  type Ip,
  type KubeEndpoints,
  type Node,
  printRule,
  proto,
  type Rule,
  type Ruleset,
  type Snapshot,
  sameIp,
  type Table,
} from '@coldtrace/core';
import { addressServices, endpointText } from '../facts/ipvs-services.js';
import { entriesAt } from '../facts/service-entries.js';
import { endpointsOf, serviceAt } from '../facts/service-objects.js';
import { rulesOf, tablesNamed } from '../facts/table-rules.js';
import { toolOf } from '../facts/tool-of.js';
import type { Fix, FixStep } from '../finding.js';
import { type Balanced, type BalancedEndpoint, sameEndpoint } from './balanced.js';
import { bodyWithout, lists } from './endpoints-object.js';
import type { Dead } from './judge.js';

export function endpointFix(snapshot: Snapshot, dead: Dead, others: readonly Dead[]): Fix {
  const { service, endpoint } = dead;
  const alive = service.endpoints.find(
    (one) => !sameEndpoint(one, endpoint) && !others.some((other) => sameEndpoint(other.endpoint, one)),
  );
  const accept = acceptStep(snapshot, dead);
  const objects = endpointsObjects(snapshot, service);
  if (accept !== null) return fixOf(dead, [accept], objects);
  const divert =
    alive === undefined || service.node === null
      ? []
      : [
          ...divertSteps(service.node, service, endpoint, alive),
          ...divertElsewhere(snapshot, service.node, service, endpoint, alive),
        ];
  const forget = alive === undefined ? [] : objects.flatMap((one) => forgetSteps(snapshot, service, one, endpoint));
  const steps = [...divert, ...forget];
  return fixOf(dead, steps.length > 0 ? steps : [reviveStep(dead)], objects);
}

function fixOf(dead: Dead, steps: readonly FixStep[], objects: readonly KubeEndpoints[]): Fix {
  return { steps, persist: persistFor(dead, objects.length > 0), notes: notesFor(dead, objects), verified: null };
}

/** The endpoint lives behind a filter of its own node. */
function acceptStep({ nodes }: Snapshot, { ground, outcome, holder, service, endpoint }: Dead): FixStep | null {
  const last = outcome?.steps.at(-1);
  const node = nodes.find(({ name }) => name === holder);
  if (ground !== 'filtered' || holder === null || node === undefined || last?.stage !== 'filter/INPUT') return null;
  const variant = last.claim?.kind === 'applies' || last.claim?.kind === 'policy' ? last.claim.variant : null;
  const tool = toolOf(node.host, endpoint.ip.family, 'filter', variant);
  const protocol = service.proto === proto.udp ? 'udp' : 'tcp';
  const rule = `INPUT -p ${protocol} -m ${protocol} --dport ${endpoint.port} -j ACCEPT`;
  return {
    node: holder,
    command: `${tool} -I ${rule}`,
    disrupts: `nothing: port ${endpoint.port} of ${holder} is open to everybody who reaches it`,
    undo: `${tool} -D ${rule}`,
  };
}

/** The Endpoints and EndpointSlices of a Service without a selector: nobody but the API servers keeps them. */
function endpointsObjects(snapshot: Snapshot, balanced: Balanced): readonly KubeEndpoints[] {
  const { ip, port } = balanced;
  const service = ip === null ? undefined : serviceAt(snapshot, ip, port, balanced.proto)?.service;
  if (service?.selector != null && Object.keys(service.selector).length > 0) return [];
  if (service === undefined && !isApi(balanced)) return [];
  const objects = endpointsOf(snapshot, service?.meta ?? { name: 'kubernetes', namespace: 'default' });
  return objects.some(({ truncated }) => truncated) ? [] : objects;
}

function divertSteps(
  node: Node,
  service: Balanced,
  dead: BalancedEndpoint,
  alive: BalancedEndpoint,
): readonly FixStep[] {
  const { ip, port } = service;
  if (ip === null) return [];
  return dead.rule === null
    ? [ipvsStep(node, { ...service, ip, port }, dead)]
    : ruleSteps(node, ip.family, dead.rule, dead, alive);
}

/** Other nodes send there as well: kube-proxy writes the same chain everywhere. */
function divertElsewhere(
  { nodes }: Snapshot,
  first: Node,
  service: Balanced,
  dead: BalancedEndpoint,
  alive: BalancedEndpoint,
): readonly FixStep[] {
  const others = nodes.filter((node) => node !== first);
  return others.flatMap((node) => stepsOn(node, service, dead, alive)).slice(0, mostElsewhere);
}

/** Of a large cluster a few show what is to be done on all. */
const mostElsewhere = 8;

function stepsOn(
  node: Node,
  { ip, port, proto: protocol }: Balanced,
  dead: BalancedEndpoint,
  alive: BalancedEndpoint,
): readonly FixStep[] {
  if (ip === null) return [];
  const served = addressServices(node.host).find(
    (one) => sameIp(one.ip, ip) && one.port === port && one.proto === protocol,
  );
  if (served?.row.servers.some((server) => server.weight > 0 && sameEndpoint(server, dead)) === true)
    return [ipvsStep(node, { ip, port, proto: protocol }, dead)];
  for (const { table } of tablesNamed(node.host, ip.family, 'nat'))
    for (const entry of entriesAt(table, { ip, port, proto: protocol }))
      for (const one of entry.endpoints)
        if (sameIp(one.ip, dead.ip) && (one.port ?? port) === dead.port)
          return ruleSteps(node, ip.family, one.rule, dead, alive);
  return [];
}

function ipvsStep(
  node: Node,
  { ip, port, proto: protocol }: Pick<Balanced, 'port' | 'proto'> & { readonly ip: Ip },
  dead: BalancedEndpoint,
): FixStep {
  const at = `${protocol === proto.udp ? '-u' : '-t'} ${endpointText(ip, port)} -r ${endpointText(dead.ip, dead.port)}`;
  return {
    node: node.name,
    command: `ipvsadm -d ${at}`,
    disrupts: 'connections that the dead server still holds',
    undo: `ipvsadm -a ${at} -m -w 1`,
  };
}

interface Place {
  readonly ruleset: Ruleset;
  readonly table: Table;
  readonly chain: Chain;
  readonly index: number;
}

/** The chain of the dead endpoint sends to a living one, wherever it stands among the shares. */
function ruleSteps(
  node: Node,
  family: Family,
  rule: Rule,
  dead: BalancedEndpoint,
  alive: BalancedEndpoint,
): readonly FixStep[] {
  const place = placeOf(node, family, rule);
  if (place === null) return [];
  const { ruleset, chain, index } = place;
  const words = printRule(rule, chain.name, family, ruleset.variant ?? 'nft').replace(/^-A \S+ /, '');
  const target = `--to-destination ${endpointText(dead.ip, dead.port)}`;
  if (!words.includes(target)) return [];
  const tool = toolOf(node.host, family, 'nat', ruleset.variant);
  const replace = (text: string) => `${tool} -t nat -R ${chain.name} ${index + 1} ${text}`;
  return [
    {
      node: node.name,
      command: replace(words.replace(target, `--to-destination ${endpointText(alive.ip, alive.port)}`)),
      disrupts: 'nothing: new connections go to the living endpoint only',
      undo: replace(words),
    },
  ];
}

function placeOf(node: Node, family: 4 | 6, rule: Rule): Place | null {
  for (const { ruleset, table } of tablesNamed(node.host, family, 'nat')) {
    for (const placed of rulesOf(table)) {
      if (placed.rule.span.file === rule.span.file && placed.rule.span.start === rule.span.start)
        return { ruleset, table, chain: placed.chain, index: placed.index };
    }
  }
  return null;
}

/** A table shows no names of ports, and endpoints under another name are none of the Service's; the API servers' own is known. */
function forgetSteps(
  snapshot: Snapshot,
  service: Balanced,
  object: KubeEndpoints,
  dead: BalancedEndpoint,
): readonly FixStep[] {
  const tabular = object.subsets.some(({ ports }) => ports.some(({ protocol }) => protocol === null));
  if ((tabular && !isApi(service)) || !lists(object, dead)) return [];
  const saved = fileOf(snapshot, object.span.file)?.name ?? 'the captured object';
  return [
    {
      node: null,
      command: `kubectl apply -f - <<'EOF'\n${JSON.stringify(bodyWithout(object, dead, tabular), null, 2)}\nEOF`,
      disrupts: 'nothing: kube-proxy of every node takes the endpoint out of its rules',
      undo: `apply the object as it was captured in ${saved}; a living API server adds itself again`,
    },
  ];
}

function isApi({ name, port }: Balanced): boolean {
  return name === 'default/kubernetes' || (name === null && port === 443);
}

function reviveStep({ service, endpoint, holder }: Dead): FixStep {
  const command = isApi(service)
    ? 'systemctl start kube-apiserver'
    : `kubectl get pods -A -o wide | grep -F '${formatIp(endpoint.ip)}'`;
  return {
    node: isApi(service) ? holder : null,
    command,
    disrupts: 'nothing: nobody is served there now',
    undo: isApi(service) ? 'systemctl stop kube-apiserver' : 'none needed',
  };
}

function persistFor({ service, ground }: Dead, kept: boolean): string {
  if (ground === 'filtered')
    return 'Put the rule where the others come from (firewalld, ufw, /etc/sysconfig/iptables, netfilter-persistent), or it is gone at the next boot.';
  if (isApi(service))
    return 'Start the API servers with --endpoint-reconciler-type=lease (the default since 1.11; a wrong --apiserver-count keeps dead ones with master-count): then the endpoint of one that dies goes by itself. What is changed by hand in rules lasts until kube-proxy writes them anew.';
  return kept
    ? 'The Service has no selector, so whoever keeps its Endpoints object has to take dead endpoints out.'
    : 'A readiness probe takes a pod that does not answer out of the endpoints; if it is out already, restart kube-proxy on the node, which is behind.';
}

function notesFor({ service, endpoint, ground, holder }: Dead, objects: readonly KubeEndpoints[]): string {
  const at = endpointText(endpoint.ip, endpoint.port);
  const where = holder === null ? '' : ` on ${holder}`;
  if (ground === 'filtered')
    return `What listens on ${at} lives, as far as anything shows; the filter${where} keeps the connections from it.`;
  const slices =
    isApi(service) && objects.every(({ addressType }) => addressType === undefined)
      ? ' Since 1.19 kube-proxy reads EndpointSlices: the address has to leave that of the Service as well (kubectl edit endpointslice kubernetes).'
      : '';
  return `Or bring it back: start what listens on ${at}${where}.${slices}`;
}
