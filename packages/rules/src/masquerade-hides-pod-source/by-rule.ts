/** The rule alone, where neither routes nor addresses were captured: pods of other nodes never stand behind the bridge that it spares. */
import {
  type Family,
  formatPrefix,
  maskLength,
  type Node,
  type Prefix,
  prefixCovers,
  type Snapshot,
} from '@coldtrace/core';
import { showsRoutes } from '../facts/routes-shown.js';
import { type PlacedRule, rulesOfChain, tablesNamed } from '../facts/table-rules.js';
import { ownerOfLink } from '../owner/owner.js';
import { type Declared, declaredNetworks } from './pod-network.js';

export interface Masked {
  readonly placed: PlacedRule;
  readonly bridge: string;
  readonly subnet: Prefix;
  /** The network that holds the pods of other nodes too. */
  readonly network: Declared;
}

export function maskedByRule(snapshot: Snapshot, node: Node, family: Family): Masked | null {
  const { host } = node;
  if (showsRoutes(host, family) || host.addresses.state !== 'absent') return null;
  const networks = declaredNetworks(snapshot, node);
  if (networks.length === 0) return null;
  for (const { table } of tablesNamed(host, family, 'nat')) {
    const chain = table.chains.find(({ name }) => name === 'POSTROUTING');
    if (chain === undefined) continue;
    for (const placed of rulesOfChain(chain)) {
      const masked = maskedBy(placed, networks);
      if (masked !== null) return masked;
      // Whatever else stands in front of it may spare the pods' network.
      if (!sparesNobody(placed)) break;
    }
  }
  return null;
}

function sparesNobody({ rule: { target } }: PlacedRule): boolean {
  return target?.kind === 'known'
    ? target.name === 'MASQUERADE'
    : target?.kind === 'jump' && target.chain === 'KUBE-POSTROUTING';
}

/** `-s SUBNET ! -o BRIDGE -j MASQUERADE` and nothing more. */
function maskedBy(placed: PlacedRule, networks: readonly Declared[]): Masked | null {
  const { header, matches, target } = placed.rule;
  const { src, dst, iif, oif, proto } = header;
  if (target?.kind !== 'known' || target.name !== 'MASQUERADE' || src === null || src.invert) return null;
  if (dst !== null || iif !== null || proto !== null || oif?.invert !== true || ownerOfLink(oif.name) === null)
    return null;
  if (matches.some(({ name }) => name !== 'comment')) return null;
  const length = maskLength(src.masked.mask);
  if (length === null) return null;
  const subnet = { ip: src.masked.ip, length };
  const network = networks.find(({ prefix }) => prefix.length < length && prefixCovers(prefix, subnet));
  return network === undefined ? null : { placed, bridge: oif.name, subnet, network };
}

export function maskedData({ placed, bridge, subnet, network }: Masked) {
  return {
    chain: placed.chain.name,
    index: placed.index + 1,
    bridge,
    subnet: formatPrefix(subnet),
    network: formatPrefix(network.prefix),
  };
}
