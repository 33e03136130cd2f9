/** `kubectl apply|create|replace|delete`: API objects put in the place of those of the same kind, namespace and name. */
import type { KubeObject, SourceFile } from '@coldtrace/core';
import { apiKindOf } from '../kubernetes/api-kind.js';
import { parseSnapshot } from '../parse-snapshot.js';
import type { Stretch } from './shell/syntax.js';

/** The objects of a manifest, their spans in the text that holds it. */
export function objectsIn(
  files: readonly SourceFile[],
  file: SourceFile,
  { start, end }: Stretch,
): readonly KubeObject[] {
  const { text } = file;
  const padded = `${text.slice(0, start).replace(/[^\n]/g, ' ')}${text.slice(start, end)}`;
  // Spans name the file by its place in the list.
  const before = files.slice(0, file.id).map((_, at) => [`${at}`, ''] as const);
  return parseSnapshot([...before, ['manifest.yaml', padded] as const]).objects.filter(
    ({ span }) => span.file === file.id,
  );
}

const sameObject = (one: KubeObject, other: KubeObject): boolean =>
  apiKindOf(one) === apiKindOf(other) &&
  one.meta.name === other.meta.name &&
  (one.meta.namespace ?? 'default') === (other.meta.namespace ?? 'default');

export function putObjects(
  objects: readonly KubeObject[],
  given: readonly KubeObject[],
  namespace: string | null,
): readonly KubeObject[] {
  const placed = given.map((object) =>
    namespace !== null && object.meta.namespace === null ? { ...object, meta: { ...object.meta, namespace } } : object,
  );
  return [...objects.filter((one) => !placed.some((other) => sameObject(one, other))), ...placed];
}

const shortNames: Readonly<Record<string, string>> = {
  svc: 'service',
  po: 'pod',
  no: 'node',
  ep: 'endpoints',
  cm: 'configmap',
  ippool: 'ippool',
};

/** `service`, `svc`, `services`, `ippools.crd.projectcalico.org` are one kind. */
function plainKind(text: string): string {
  const kind = text.toLowerCase().replace(/\..*$/, '');
  const single = kind.endsWith('ies') ? `${kind.slice(0, -3)}y` : kind === 'endpoints' ? kind : kind.replace(/s$/, '');
  return shortNames[single] ?? single;
}

export function objectsNamed(
  objects: readonly KubeObject[],
  kind: string,
  name: string,
  namespace: string | null,
): readonly KubeObject[] {
  return objects.filter(
    (one) =>
      plainKind(apiKindOf(one)) === plainKind(kind) &&
      one.meta.name === name &&
      (one.meta.namespace === null || one.meta.namespace === (namespace ?? 'default')),
  );
}
