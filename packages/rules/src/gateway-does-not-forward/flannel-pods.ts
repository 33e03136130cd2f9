/** Pods of flannel leave their node with their own addresses although flanneld masquerades what they send beyond its network. flannel: pkg/trafficmngr/iptables, `--ip-masq`. */
import {
  type Evidence,
  type Family,
  formatIp,
  formatPrefix,
  type Ip,
  ip4,
  ip6,
  type Masked,
  maskedContains,
  type Node,
  type Prefix,
  prefixContains,
  type Rule,
  type Snapshot,
  type Table,
  type XtablesVariant,
} from '@coldtrace/core';
import { type Party, runningPod } from '../connections/party.js';
import { rulesOf, tablesNamed } from '../facts/table-rules.js';
import { toolOf } from '../facts/tool-of.js';
import type { Fix } from '../finding.js';
import { restartNote } from '../flannel/common.js';
import { declaredNetworks } from '../masquerade-hides-pod-source/pod-network.js';
import { ownerOfChain } from '../owner/owner.js';
import { ownerOfRule } from '../owner/rule-owner.js';
import { judge, type Obstacle } from './obstacles.js';
import type { Context } from './statement.js';
import { entryTo } from './unled.js';

export function checkFlannelPods(cx: Context): void {
  const { snapshot } = cx;
  for (const family of [4, 6] as const) {
    // Every node is held against all others: its rules are looked for once.
    const written = new Map(snapshot.nodes.map((node) => [node, masqueradesOf(node, family)]));
    for (const node of snapshot.nodes) {
      const pod = runningPod(snapshot, node, family);
      const told = pod?.ip == null || isOutside(snapshot, node, pod.ip) ? null : toldOf(written, node, pod.ip);
      if (pod?.ip != null && told !== null) checkPod(cx, { ...pod, ip: pod.ip }, told);
    }
  }
}

/** flanneld masquerades its own network: a pod that has another address is of a former installation or another network, which is a fault of its own. */
function isOutside(snapshot: Snapshot, node: Node, pod: Ip): boolean {
  const networks = declaredNetworks(snapshot, node).filter(({ prefix }) => prefix.ip.family === pod.family);
  return networks.length > 0 && networks.every(({ prefix }) => !prefixContains(prefix, pod));
}

/** What shows that flanneld masquerades here, by iptables. */
interface Told {
  readonly evidence: Evidence;
  readonly trust: 'captured' | 'weaker';
  /** Its rule on this very node. */
  readonly own: OwnRule | null;
}

interface OwnRule {
  readonly table: Table;
  readonly chain: string;
  readonly rule: Rule;
  readonly source: Masked;
  readonly variant: XtablesVariant | null;
}

/**
 * Its own rule, that of another node for the network of all, or what it wrote to subnet.env. k3s writes that for both families and masquerades IPv6 only where
 * asked to, and flanneld may use nftables: a chain of its own here shows that it does not.
 */
function toldOf(written: ReadonlyMap<Node, readonly OwnRule[]>, node: Node, pod: Ip): Told | null {
  const own = ruleOver(written.get(node), pod);
  if (own !== null)
    return { evidence: { span: own.rule.span, why: 'flanneld masquerades by this' }, trust: 'captured', own };
  const setting = node.settings.findLast(({ key }) => key === 'FLANNEL_IPMASQ');
  if (setting?.value === 'false') return null;
  for (const [other, rules] of written) {
    const rule = other === node ? null : ruleOver(rules, pod);
    if (rule !== null)
      return {
        evidence: { span: rule.rule.span, why: `${other.name} masquerades by this` },
        trust: 'weaker',
        own: null,
      };
  }
  if (setting?.value !== 'true' || pod.family !== 4 || !usesIptables(node)) return null;
  const evidence = { span: setting.span, why: 'flanneld was told to masquerade' };
  return { evidence, trust: (setting.trust ?? 'captured') === 'captured' ? 'captured' : 'weaker', own: null };
}

function ruleOver(rules: readonly OwnRule[] | undefined, pod: Ip): OwnRule | null {
  return rules?.find(({ source }) => maskedContains(source, pod)) ?? null;
}

/** The rules that flanneld writes for all that pods send beyond their network. */
function masqueradesOf({ host }: Node, family: Family): readonly OwnRule[] {
  return tablesNamed(host, family, 'nat').flatMap(({ table, ruleset: { variant } }) => {
    const found: OwnRule[] = [];
    for (const { chain, rule } of rulesOf(table, 'MASQUERADE')) {
      const { src } = rule.header;
      const masks = rule.target?.kind === 'known' && rule.target.name === 'MASQUERADE';
      if (!masks || src === null || src.invert || ownerOfRule(chain, rule) !== 'flannel') continue;
      found.push({ table, chain: chain.name, rule, source: src.masked, variant });
    }
    return found;
  });
}

function usesIptables({ host }: Node): boolean {
  return host.rulesets.some(
    ({ family, tables }) =>
      family === 4 && tables.some(({ chains }) => chains.some(({ name }) => ownerOfChain(name) === 'flannel')),
  );
}

type Pod = Party & { readonly ip: Ip };

function checkPod(cx: Context, pod: Pod, told: Told): void {
  const { node, ip } = pod;
  const target = ip.family === 4 ? ip4(0x08080808) : ip6(0x20014860, 0x48600000, 0, 0x8888);
  const client = { name: pod.name, ip, origin: pod.origin, evidence: [], doubt: null };
  const { blocked } = judge(cx.snapshot, node, client, { ip: target, port: 443 }, cx.assume);
  const [obstacle] = blocked?.obstacles ?? [];
  if (blocked === null || obstacle?.kind !== 'unmasked') return;
  const network = networkOf(cx.snapshot, node, ip);
  const why = whyOf(told, obstacle);
  const fix = fixOf(pod, told, obstacle, network);
  const assumptions = [...new Set(blocked.assumptions.map(({ text }) => text))];
  const sure = assumptions.length === 0 && told.trust === 'captured';
  cx.report('flannel', {
    certainty: !node.named ? 'possible' : sure ? 'proven' : 'likely',
    node: node.name,
    subject: `flannel masquerade ${ip.family}`,
    data: {
      gateway: node.name,
      network: network === null ? 'their network' : formatPrefix(network),
      dev: obstacle.oif ?? '?',
      source: formatIp(obstacle.source),
      why: why.text,
    },
    evidence: [told.evidence, ...why.evidence, ...obstacle.evidence],
    assumptions,
    path: blocked.path,
    ...(fix === null ? {} : { fix }),
  });
}

/** The network of all pods; of several that hold the address the widest. */
function networkOf(snapshot: Snapshot, node: Node, ip: Ip): Prefix | null {
  const [first] = declaredNetworks(snapshot, node)
    .filter(({ prefix }) => prefixContains(prefix, ip))
    .sort((x, y) => x.prefix.length - y.prefix.length);
  return first?.prefix ?? null;
}

type Unmasked = Extract<Obstacle, { readonly kind: 'unmasked' }>;

const decided = { text: 'another rule decides before its own', evidence: [] };

function whyOf({ own }: Told, { ended }: Unmasked): { readonly text: string; readonly evidence: readonly Evidence[] } {
  if (ended) return decided;
  if (own === null) return { text: 'its rule is not there', evidence: [] };
  const entry = entryTo(own.table, own.chain);
  if (entry === null || entry.led) return decided;
  const evidence = entry.span === null ? [] : [{ span: entry.span, why: 'no rule leads to this chain' }];
  return { text: `no rule leads to ${entry.chain}`, evidence };
}

function fixOf(pod: Pod, { own }: Told, { ended }: Unmasked, network: Prefix | null): Fix | null {
  const { node, ip } = pod;
  const rule = ruleFor(own, ip.family, network);
  if (rule === null) return null;
  // What stands before an existing jump keeps packets from another one behind it, too.
  const isFirst = ended || (own !== null && entryTo(own.table, own.chain)?.led !== false);
  const tool = toolOf(node.host, ip.family, 'nat', own?.variant ?? null);
  return {
    steps: [
      {
        node: node.name,
        command: `${tool} -t nat ${isFirst ? '-I' : '-A'} POSTROUTING ${rule}`,
        disrupts: "nothing: new connections of pods beyond their network get the node's address",
        undo: `${tool} -t nat -D POSTROUTING ${rule}`,
      },
    ],
    persist:
      'flanneld writes its rules when it starts and looks after them every few seconds: where they stay away it is not running, or something takes them away again (firewalld, a script that restores rules). Start it anew and read its log.',
    notes: restartNote,
    verified: null,
  };
}

/** The jump as flanneld writes it, else a rule like its own. */
function ruleFor(own: OwnRule | null, family: Family, network: Prefix | null): string | null {
  const entry = own === null ? null : entryTo(own.table, own.chain);
  if (entry !== null) return `-m comment --comment "flanneld masq" -j ${entry.chain}`;
  if (network === null || network.ip.family !== family) return null;
  const text = formatPrefix(network);
  return `-s ${text} ! -d ${text} -m comment --comment "flanneld masq" -j MASQUERADE`;
}
