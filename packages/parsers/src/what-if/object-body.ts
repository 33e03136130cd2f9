/** API objects as values with their places: what kubectl changes in part is read anew from where it stands. */
import type { KubeObject, SourceFile, YamlValue } from '@coldtrace/core';
import { apiKindOf } from '../kubernetes/api-kind.js';
import { readObject } from '../kubernetes/object.js';
import { field, textAtPath } from '../yaml/access.js';
import { readYaml } from '../yaml/read.js';

/** Of objects that were changed before: what they hold stands in several places. */
const changed = new WeakMap<KubeObject, YamlValue>();

/** null: the input shows the object in another form, a table or a description, and not all of it. */
export function bodyOf(object: KubeObject, files: readonly SourceFile[]): YamlValue | null {
  const known = changed.get(object);
  if (known !== undefined) return known;
  const { file: id, start, end } = object.span;
  const text = files[id]?.text ?? '';
  const from = text.lastIndexOf('\n', start - 1) + 1;
  // Blanks for what stands before it in its first line, so that all lines keep their columns.
  const whole = `${' '.repeat(start - from)}${text.slice(start, end)}`;
  const { documents } = readYaml({ file: id, text: whole, base: from, at: (offset) => from + offset });
  const value = documents[0]?.value ?? null;
  if (value === null || textAtPath(value, 'metadata', 'name') !== object.meta.name) return null;
  return { ...value, span: object.span };
}

/** The object that such a value is, in the place of the former one. */
export function withBody(object: KubeObject, value: YamlValue): KubeObject {
  const read = readObject({ value, apiVersion: versionOf(object, value), kind: apiKindOf(object) });
  // `-n` may have given the namespace.
  const made = { ...read, meta: { ...read.meta, namespace: read.meta.namespace ?? object.meta.namespace } };
  changed.set(made, value);
  return made;
}

/** Items of a typed list leave out what the list says for all. */
export function versionOf(object: KubeObject, value: YamlValue): string {
  const own = textAtPath(value, 'apiVersion');
  if (own !== null) return own;
  if (object.kind === 'IPPool') return 'crd.projectcalico.org/v1';
  return apiKindOf(object) === 'EndpointSlice' ? 'discovery.k8s.io/v1' : 'v1';
}

/** What names an object, and no patch may change. */
export function isSameObject(before: YamlValue, after: YamlValue): boolean {
  return (
    [['kind'], ['metadata', 'name'], ['metadata', 'namespace']].every(
      (path) => textAtPath(before, ...path) === textAtPath(after, ...path),
    ) && field(after, 'metadata')?.kind === 'map'
  );
}
