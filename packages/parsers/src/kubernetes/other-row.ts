/** Rows of kinds that no diagnosis reads by field: name, namespace and labels as an object, the cells as its values by heading. */
import type { KubeObject, Row, YamlValue } from '@coldtrace/core';

/** A cell or a whole row as a value. What a table does not show is not there. */
export function otherRow(
  apiKind: string,
  meta: KubeObject['meta'],
  cells: ReadonlyMap<string, string>,
  row: Row,
): KubeObject {
  const { span } = row;
  const scalar = (text: string): YamlValue => ({ kind: 'scalar', value: text, text, span });
  const entries = [...cells].map(([key, text]) => ({ key, keySpan: span, value: scalar(text) }));
  return { kind: 'Other', apiKind, meta, body: { kind: 'map', entries, span }, ...row };
}
