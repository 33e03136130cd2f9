/** Owners of single rules and of policies: by the chain they stand in, the chain they lead to, their comment, the devices they name. */
import { type Chain, comment, type IfaceMatch, matchData, type Rule, type Table } from '@coldtrace/core';
import { rulesOf } from '../facts/table-rules.js';
import { type Owner, ownerOfChain, ownerOfLink } from './owner.js';

/** Comments that a component writes to rules of built-in chains. */
const comments: readonly (readonly [RegExp, Owner])[] = [
  [/^cali:/, 'Calico'],
  [/^(?:flanneld |flannel\b)/, 'flannel'],
  [/^cilium[: -]/i, 'Cilium'],
  [/^CNI portfwd/, 'CNI portmap'],
  [/^CNI firewall plugin/, 'CNI firewall'],
  [/^name: ".*" id: "/, 'CNI bridge'],
  [/^(?:kubernetes |kubernetes$|handle masquerade|masquerade |kube-proxy)/, 'kube-proxy'],
  [/^block incoming localnet connections/, 'kubelet'],
  [/^NodeLocal DNS Cache/, 'NodeLocal DNS'],
  [/^AWS[ ,]/, 'AWS VPC CNI'],
  [/^ip-masq(?:-agent)?:/, 'ip-masq-agent'],
  [/^kind-masq-agent:/, 'kindnet'],
  [/^kube-router netpol/, 'kube-router'],
];

/** Null: nothing tells, so a person or a script wrote it. */
export function ownerOfRule(chain: Pick<Chain, 'name'>, rule: Rule): Owner | null {
  return ownerOfChain(chain.name) ?? byComment(rule) ?? byTarget(rule) ?? byDevice(rule);
}

function byComment(rule: Rule): Owner | null {
  for (const match of rule.matches) {
    const text = matchData(match, comment)?.comment ?? null;
    const found = text === null ? undefined : comments.find(([pattern]) => pattern.test(text));
    if (found !== undefined) return found[1];
  }
  return null;
}

function byTarget({ target }: Rule): Owner | null {
  return target?.kind === 'jump' ? ownerOfChain(target.chain) : null;
}

/** Only docker and libvirt write rules without chain or comment of their own; a rule about another's device is somebody's. */
function byDevice({ header }: Rule): Owner | null {
  const owners = [header.iif, header.oif].map((test) => (test === null ? null : ofDevice(test)));
  return owners.find((owner) => owner === 'docker' || owner === 'libvirt') ?? null;
}

function ofDevice({ name }: IfaceMatch): Owner | null {
  return ownerOfLink(name.replace(/\+$/, ''));
}

/** Firewalls that set the policy of a filter chain to DROP, the one that insists on it first. */
const setters: readonly Owner[] = ['ufw', 'docker'];

/** Who sets the policy of a built-in chain to DROP: docker for FORWARD, ufw for all three; null: nobody of whom there is a trace. */
export function ownerOfPolicy(table: Table, chain: Pick<Chain, 'name'>): Owner | null {
  if (table.name !== 'filter') return null;
  const present = new Set<Owner>();
  for (const { name } of table.chains) {
    const owner = ownerOfChain(name);
    if (owner !== null) present.add(owner);
  }
  for (const { chain: place, rule } of rulesOf(table)) {
    const owner = place.builtin ? ownerOfRule(place, rule) : null;
    if (owner !== null) present.add(owner);
  }
  const found = setters.find((owner) => present.has(owner)) ?? null;
  return found === 'docker' && chain.name !== 'FORWARD' ? null : found;
}
