/** API objects that several outputs show: the fuller one stays (`-o yaml` knows more than a table); of a node each may show another part. */
import { formatIp, type Ip, type KubeNode, type KubeObject } from '@coldtrace/core';
import { apiKindOf } from '../kubernetes/api-kind.js';

export function mergeObjects(rows: readonly KubeObject[]): readonly KubeObject[] {
  const byName = new Map<string, KubeObject>();
  for (const row of rows) {
    const key = `${apiKindOf(row)} ${row.meta.namespace ?? ''} ${row.meta.name}`;
    const present = byName.get(key);
    const stays =
      present !== undefined && (present.trust !== 'claimed' || row.trust === 'claimed') && !fuller(row, present);
    const [kept, other] = stays ? [present, row] : [row, present];
    byName.set(key, kept.kind === 'Node' && other?.kind === 'Node' ? completed(kept, other) : kept);
  }
  return withoutNameless([...byName.values()]);
}

/** `get nodes -o wide` shows addresses and version, what is left of a description or of YAML the annotations. */
function completed(node: KubeNode, other: KubeNode): KubeNode {
  if (other.trust === 'claimed') return node;
  const { labels, annotations } = other.meta;
  const fields: Partial<KubeNode> = {
    ...(node.podCidrs.length === 0 && other.podCidrs.length > 0 ? { podCidrs: other.podCidrs } : {}),
    ...(node.addresses.length === 0 && other.addresses.length > 0 ? { addresses: other.addresses } : {}),
    ...(node.ready === null && other.ready !== null ? { ready: other.ready } : {}),
    ...(node.kubeletVersion === null && other.kubeletVersion !== null ? { kubeletVersion: other.kubeletVersion } : {}),
    ...(lacks(node.meta.labels, labels) || lacks(node.meta.annotations, annotations)
      ? {
          meta: {
            ...node.meta,
            labels: { ...labels, ...node.meta.labels },
            annotations: { ...annotations, ...node.meta.annotations },
          },
        }
      : {}),
  };
  if (Object.keys(fields).length === 0) return node;
  const repaired = other.trust === 'repaired' ? ({ trust: 'repaired' } as const) : {};
  return { ...node, ...fields, ...repaired, also: [...(node.also ?? []), other.span, ...(other.also ?? [])] };
}

function lacks(known: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean {
  return Object.keys(other).some((key) => !Object.hasOwn(known, key));
}

/** A table of one namespace does not name it: its row is the object that has the same name and the same addresses. */
function withoutNameless(objects: readonly KubeObject[]): readonly KubeObject[] {
  const nameless = objects.filter((one) => one.meta.namespace === null && addressesOf(one) !== '');
  if (nameless.length === 0) return objects;
  const known = new Map<string, KubeObject[]>();
  for (const one of objects) {
    const key = `${one.kind} ${one.meta.name} ${addressesOf(one)}`;
    if (one.meta.namespace !== null) known.set(key, [...(known.get(key) ?? []), one]);
  }
  const placed = new Map<KubeObject, KubeObject | null>();
  for (const one of nameless) {
    const [same, ...others] = known.get(`${one.kind} ${one.meta.name} ${addressesOf(one)}`) ?? [];
    if (same === undefined || others.length > 0) continue;
    placed.set(one, null);
    const { namespace } = same.meta;
    if (same.trust === 'claimed' || fuller(one, same)) placed.set(same, { ...one, meta: { ...one.meta, namespace } });
  }
  return objects.flatMap((one) => {
    const put = placed.get(one);
    return put === undefined ? [one] : put === null ? [] : [put];
  });
}

/** Of the kinds that have both a namespace and addresses; empty where there are none. */
function addressesOf(object: KubeObject): string {
  const text = (ips: readonly Ip[]) => ips.map(formatIp).sort().join(' ');
  if (object.kind === 'Service') return text(object.clusterIps);
  if (object.kind === 'Pod') return text(object.ips);
  if (object.kind !== 'Endpoints') return '';
  return text(object.subsets.flatMap(({ endpoints }) => endpoints.map(({ ip }) => ip)));
}

/** A table's row is one line; the object itself has its labels and fields. */
function fuller(row: KubeObject, present: KubeObject): boolean {
  if (isCells(row) !== isCells(present)) return isCells(present);
  return knownFields(row) > knownFields(present);
}

function knownFields(row: KubeObject): number {
  let count = Object.keys(row.meta.labels).length > 0 ? 1 : 0;
  for (const value of Object.values(row)) {
    if (value !== null && !(Array.isArray(value) && value.length === 0)) count++;
  }
  return count;
}

/** A row of a kind that is kept as its cells: the object itself has metadata among its values. */
function isCells(row: KubeObject): boolean {
  if (row.kind !== 'Other' || row.body.kind !== 'map') return false;
  return !row.body.entries.some((entry) => entry.key === 'metadata');
}
