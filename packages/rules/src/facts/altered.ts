/** A snapshot in which one thing of a node is otherwise: whether the fault goes away then tells its cause. */
import type { Family, IpSet, NetNs, Node, SetElement, Snapshot } from '@coldtrace/core';

/** A node with the snapshot that holds it. */
export interface Standing {
  readonly snapshot: Snapshot;
  readonly node: Node;
}

export function withHost({ snapshot, node }: Standing, host: NetNs): Standing {
  const changed = { ...node, host };
  return {
    snapshot: { ...snapshot, nodes: snapshot.nodes.map((other) => (other === node ? changed : other)) },
    node: changed,
  };
}

/** `key` as in the snapshot: `net/ipv4/vs/conntrack`. */
export function withParameter(standing: Standing, key: string, value: string): Standing {
  const { host } = standing.node;
  const byKey = new Map(host.sysctl.byKey);
  byKey.set(key, { key, value, span: byKey.get(key)?.span ?? { file: -1, start: 0, end: 0 } });
  return withHost(standing, { ...host, sysctl: { ...host.sysctl, byKey } });
}

export function withMember(standing: Standing, set: IpSet, element: SetElement): Standing {
  const { host } = standing.node;
  const rows = host.ipsets.rows.map((row) => (row === set ? { ...row, elements: [...row.elements, element] } : row));
  return withHost(standing, { ...host, ipsets: { ...host.ipsets, rows } });
}

/** As if its routes of table main were all in the snapshot. */
export function withRoutesAsShown(standing: Standing, family: Family): Standing {
  const { host } = standing.node;
  const covers = [...host.routes.covers.filter((cover) => cover.family !== family), { family, tables: ['main'] }];
  return withHost(standing, { ...host, routes: { ...host.routes, state: 'partial', covers } });
}
