/** Names, labels and annotations that every API object carries (Kubernetes ObjectMeta). */
import type { ObjectMeta, YamlValue } from '@coldtrace/core';
import { field, recordOf, textAtPath } from '../yaml/access.js';

export function readMeta(object: YamlValue): ObjectMeta {
  const metadata = field(object, 'metadata');
  return {
    name: textAtPath(metadata, 'name') ?? '',
    namespace: textAtPath(metadata, 'namespace'),
    labels: recordOf(field(metadata, 'labels')),
    annotations: recordOf(field(metadata, 'annotations')),
  };
}

/** Metadata of a table's row, which shows no more than the name. */
export function namedMeta(name: string, namespace: string | null): ObjectMeta {
  return { name, namespace, labels: {}, annotations: {} };
}
