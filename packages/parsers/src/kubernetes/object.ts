/** From a value to an API object by its kind; Lists are taken apart. Kubernetes API conventions, "Types (Kinds)". */
import type { KubeObject, YamlValue } from '@coldtrace/core';
import { entriesOf, field, itemsOf, textAtPath } from '../yaml/access.js';
import { readEndpointSlice, readEndpoints } from './endpoints.js';
import { readIpPool } from './ip-pool.js';
import { readMeta } from './meta.js';
import { readNode } from './node.js';
import { readPod } from './pod.js';
import { readService } from './service.js';

/** Kinds with a shape of their own; the same name in another API group (a third party's `Service`) has another shape. */
const readers: Readonly<Record<string, (object: YamlValue) => KubeObject>> = {
  'v1 Node': readNode,
  'v1 Pod': readPod,
  'v1 Service': readService,
  'v1 Endpoints': readEndpoints,
  'v1 ConfigMap': readConfigMap,
  'discovery.k8s.io/v1 EndpointSlice': readEndpointSlice,
  'discovery.k8s.io/v1beta1 EndpointSlice': readEndpointSlice,
  'discovery.k8s.io/v1alpha1 EndpointSlice': readEndpointSlice,
  'crd.projectcalico.org/v1 IPPool': readIpPool,
  'projectcalico.org/v3 IPPool': readIpPool,
  'v1 ipPool': readIpPool,
};

/** Kinds whose `items` are objects of the list's own version, as the API sends them. */
const listSuffix = 'List';

export interface FoundObject {
  readonly value: YamlValue;
  readonly apiVersion: string | null;
  readonly kind: string;
}

/** The objects of one document, Lists and bare arrays taken apart; nothing for a value that is no API object. */
export function findObjects(
  value: YamlValue,
  version: string | null = null,
  kind: string | null = null,
): readonly FoundObject[] {
  if (value.kind === 'list') return value.items.flatMap((item) => findObjects(item, version, kind));
  const ownKind = textAtPath(value, 'kind') ?? kind;
  if (ownKind === null) return [];
  const apiVersion = textAtPath(value, 'apiVersion') ?? version;
  const items = field(value, 'items');
  if (ownKind.endsWith(listSuffix) && (items?.kind === 'list' || items?.kind === 'scalar')) {
    const itemKind = ownKind === listSuffix ? null : ownKind.slice(0, -listSuffix.length);
    return itemsOf(items).flatMap((item) => findObjects(item, apiVersion, itemKind));
  }
  return [{ value, apiVersion, kind: ownKind }];
}

export function readObject(found: FoundObject): KubeObject {
  const key = `${found.apiVersion ?? 'v1'} ${found.kind}`;
  const reader = Object.hasOwn(readers, key) ? readers[key] : undefined;
  if (reader !== undefined) return reader(found.value);
  return {
    kind: 'Other',
    apiKind: found.kind,
    meta: readMeta(found.value),
    body: found.value,
    span: found.value.span,
  };
}

function readConfigMap(object: YamlValue): KubeObject {
  const data = entriesOf(field(object, 'data')).flatMap((entry) => {
    const { value } = entry;
    if (value.kind !== 'scalar') return [];
    return [{ key: entry.key, text: typeof value.value === 'string' ? value.value : value.text, span: value.span }];
  });
  return { kind: 'ConfigMap', meta: readMeta(object), data, span: object.span };
}
