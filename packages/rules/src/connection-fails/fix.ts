/** Where a node refuses to forward what is to or from pods: the parameter that is off, or the accepting rules that are missing. iptables(8). */
import {
  type Chain,
  type Claim,
  formatPrefix,
  type Node,
  type Prefix,
  prefixContains,
  type Rule,
  type Skb,
  type Snapshot,
  type Step,
} from '@coldtrace/core';
import { podParty } from '../connections/party.js';
import { objectOf } from '../facts/api-nodes.js';
import { routeTo } from '../facts/route-to.js';
import { tablesNamed } from '../facts/table-rules.js';
import { toolOf } from '../facts/tool-of.js';
import type { Fix, FixStep } from '../finding.js';
import { persistPolicy } from '../gateway-does-not-forward/fix.js';
import { declaredNetworks } from '../masquerade-hides-pod-source/pod-network.js';
import { ownerOfPolicy, ownerOfRule } from '../owner/rule-owner.js';
import { forwardingOffFix } from './forwarding-off.js';

/** null: something else ends it, or a rule that was meant to. */
export function forwardingFix(snapshot: Snapshot, last: Step | null): Fix | null {
  const claim = last?.claim;
  const node = snapshot.nodes.find(({ name }) => name === last?.node);
  if (node === undefined || last === null) return null;
  const off = forwardingOffFix(node, last);
  if (off !== null) return off;
  if (claim === undefined || (claim.kind !== 'policy' && claim.kind !== 'applies')) return null;
  const { packet, table: name, chain: chainName, variant } = claim;
  if (!isForwarding(claim)) return null;
  const found = tablesNamed(node.host, packet.family, name).find(
    ({ ruleset }) => variant === null || ruleset.variant === null || ruleset.variant === variant,
  );
  const chain = found?.table.chains.find((one) => one.name === chainName);
  const ends = endsOf(snapshot, node, packet);
  if (found === undefined || chain === undefined || ends.length === 0) return null;
  const ending = claim.kind === 'applies' ? chain.rules.at(claim.index - 1) : undefined;
  if (claim.kind === 'applies' && (ending === undefined || !isForAll(chain, ending))) return null;
  // What comes after a rule for all, or after one that returns, is never asked.
  const add = claim.kind === 'policy' && !claim.returned ? '-A' : '-I';
  const tool = `${toolOf(node.host, packet.family, name, variant)}${name === 'filter' ? '' : ` -t ${name}`}`;
  return {
    steps: ends.map((end) => accepting(node, tool, add, `FORWARD ${end} -j ACCEPT`)),
    persist: persistPolicy(ownerOfPolicy(found.table, chain)),
    notes: `flanneld, Calico and kube-proxy write rules of this kind themselves, for the families that they are set up for: where theirs are gone, starting them anew brings them back.`,
    verified: null,
  };
}

/** Rules put before others of the mangle table would keep packets from the marks that those set: only its policy is answered there. */
function isForwarding(claim: Claim): boolean {
  if (claim.kind !== 'policy' && claim.kind !== 'applies') return false;
  if (claim.chain !== 'FORWARD') return false;
  return claim.table === 'filter' || (claim.table === 'mangle' && claim.kind === 'policy' && !claim.returned);
}

function accepting({ name }: Node, tool: string, add: string, rule: string): FixStep {
  return {
    node: name,
    command: `${tool} ${add} ${rule}`,
    disrupts: 'nothing: what pods send and get is accepted',
    undo: `${tool} -D ${rule}`,
  };
}

/** The last rule of a firewall that refuses all it has not accepted, and that no network plugin wrote. */
export function isForAll(chain: Chain, rule: Rule): boolean {
  const { src, dst, proto, iif, oif } = rule.header;
  const open = [src, dst, proto, iif, oif].every((test) => test === null);
  return open && rule.matches.length === 0 && ownerOfRule(chain, rule) === null;
}

/** By the network of the pods, else by what their devices are called, where nothing tells which network that is. */
function endsOf(snapshot: Snapshot, node: Node, packet: Skb): readonly string[] {
  const networks = networksOf(snapshot, node, packet);
  if (networks.length > 0) return networks.flatMap((one) => ['-s', '-d'].map((way) => `${way} ${formatPrefix(one)}`));
  const device = [packet.iif, packet.oif].find((dev) => dev !== null && ownPrefix.test(dev));
  const prefix = ownPrefix.exec(device ?? '')?.[0];
  return prefix === undefined ? [] : [`-i ${prefix}+`, `-o ${prefix}+`];
}

/** Programs that give each pod a device of its own, and no other device such a name. */
const ownPrefix = /^(?:eni(?=[0-9a-f]{11}$)|azv(?=[0-9a-f]{7,}$)|cali(?=[0-9a-f]{11}$)|gke(?=[0-9a-f]{11}$))/;

/** The network of all pods where something declares it, else that of the node's own pods, or its blocks of them: any covers both ways. */
function networksOf(snapshot: Snapshot, node: Node, { family, src, dst }: Skb): readonly Prefix[] {
  const pod = podParty(snapshot, node, family)?.ip ?? null;
  const own = pod === null ? null : (routeTo(node, pod)?.dst ?? null);
  const all = declaredNetworks(snapshot, node).map(({ prefix }) => prefix);
  const given = objectOf(snapshot, node)?.podCidrs.filter(({ ip }) => ip.family === family) ?? [];
  const networks = [...all, ...(own === null || own.length === (family === 4 ? 32 : 128) ? [] : [own]), ...given];
  const holds = (one: Prefix) => prefixContains(one, src) || prefixContains(one, dst);
  const network = networks.find(holds);
  if (network !== undefined) return [network];
  const blocks = node.host.routes.rows.flatMap(({ type, table, dst: block }) =>
    type === 'blackhole' && table === 'main' && block.ip.family === family && block.length > 0 ? [block] : [],
  );
  return blocks.some(holds) ? blocks : [];
}
