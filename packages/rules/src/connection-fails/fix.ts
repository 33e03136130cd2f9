/** Where a node refuses to forward what is to or from pods, because no rule accepts it: the accepting rules that are missing. iptables(8). */
import {
  type Chain,
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
import { tablesNamed } from '../facts/table-rules.js';
import { toolOf } from '../facts/tool-of.js';
import type { Fix, FixStep } from '../finding.js';
import { persistPolicy } from '../gateway-does-not-forward/fix.js';
import { declaredNetworks, routeTo } from '../masquerade-hides-pod-source/pod-network.js';
import { ownerOfPolicy, ownerOfRule } from '../owner/rule-owner.js';

/** null: something else ends it, or a rule that was meant to. */
export function forwardingFix(snapshot: Snapshot, last: Step | null): Fix | null {
  const claim = last?.claim;
  const node = snapshot.nodes.find(({ name }) => name === last?.node);
  if (node === undefined || claim === undefined || (claim.kind !== 'policy' && claim.kind !== 'applies')) return null;
  const { packet, table: name, chain: chainName, variant } = claim;
  if (name !== 'filter' || chainName !== 'FORWARD') return null;
  const found = tablesNamed(node.host, packet.family, name).find(
    ({ ruleset }) => variant === null || ruleset.variant === null || ruleset.variant === variant,
  );
  const chain = found?.table.chains.find((one) => one.name === chainName);
  const network = networkOf(snapshot, node, packet);
  if (found === undefined || chain === undefined || network === null) return null;
  const ending = claim.kind === 'applies' ? chain.rules.at(claim.index - 1) : undefined;
  if (claim.kind === 'applies' && (ending === undefined || !isForAll(chain, ending))) return null;
  // What comes after a rule for all, or after one that returns, is never asked.
  const add = claim.kind === 'policy' && !claim.returned ? '-A' : '-I';
  const net = formatPrefix(network);
  const tool = toolOf(node.host, packet.family, name, variant);
  return {
    steps: ['-s', '-d'].map((way) => accepting(node, tool, add, `FORWARD ${way} ${net} -j ACCEPT`)),
    persist: persistPolicy(ownerOfPolicy(found.table, chain)),
    notes: `flanneld, Calico and kube-proxy write rules of this kind themselves, for the families that they are set up for: where theirs are gone, starting them anew brings them back.`,
    verified: null,
  };
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
function isForAll(chain: Chain, rule: Rule): boolean {
  const { src, dst, proto, iif, oif } = rule.header;
  const open = [src, dst, proto, iif, oif].every((test) => test === null);
  return open && rule.matches.length === 0 && ownerOfRule(chain, rule) === null;
}

/** The network of all pods where something declares it, else that of the node's own pods: either covers both ways. */
function networkOf(snapshot: Snapshot, node: Node, { family, src, dst }: Skb): Prefix | null {
  const pod = podParty(snapshot, node, family)?.ip ?? null;
  const own = pod === null ? null : (routeTo(node, pod)?.dst ?? null);
  const all = declaredNetworks(snapshot, node).map(({ prefix }) => prefix);
  const networks = own === null || own.length === (family === 4 ? 32 : 128) ? all : [...all, own];
  return networks.find((one) => prefixContains(one, src) || prefixContains(one, dst)) ?? null;
}
