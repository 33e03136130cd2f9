/** What the snapshot tells of nodes as such, where no rules and sets tell what becomes of a connection. */
import { matchData, type Node, parseIp, type Snapshot, setMatch } from '@coldtrace/core';
import { hostNetworks } from '../facts/host-networks.js';
import { partOf } from '../facts/part-of.js';
import { rulesOf, tablesNamed } from '../facts/table-rules.js';

export function usesSets(node: Node): boolean {
  return tablesNamed(node.host, 4, 'nat').some(({ table }) => {
    for (const { rule } of rulesOf(table, '--match-set'))
      if (rule.matches.some((match) => matchData(match, setMatch) !== null)) return true;
    return false;
  });
}

/** Addresses that nodes are reached by, with where they stand: on their devices, and in the API. */
export function nodeAddresses(snapshot: Snapshot) {
  const objects = snapshot.objects.flatMap((object) =>
    object.kind !== 'Node'
      ? []
      : object.addresses.flatMap(({ type, address }) => {
          const ip = type === 'InternalIP' ? parseIp(address) : null;
          return ip === null
            ? []
            : [
                {
                  ip,
                  evidence: {
                    span: partOf(snapshot, object.span, address),
                    why: `address of node ${object.meta.name}`,
                  },
                },
              ];
        }),
  );
  const hosts = snapshot.nodes.flatMap((node) =>
    hostNetworks(node.host).map(({ address }) => ({
      ip: address.ip,
      evidence: { span: address.span, why: `address of ${address.dev} on ${node.name}` },
    })),
  );
  return [...hosts, ...objects];
}
