/** What a log line of kube-proxy or kubelet says about its configuration: the field that the strict decoder did not know (k8s.io/apimachinery, json-iterator). */
import type { ComponentConfig, Span } from '@coldtrace/core';
import { type Fields, fieldsAt } from './fields.js';
import { fieldsOf, unknownField } from './validate.js';

/** The configuration that a log line claims to exist, with the unknown fields it names; null for a line that names none. */
export function configOfLogLine(text: string, start: number, file: number): ComponentConfig | null {
  if (text.length > 8000 || !text.includes('unknown field')) return null;
  const component = text.includes('KubeletConfiguration') || /\bkubelet\b/.test(text) ? 'kubelet' : 'kube-proxy';
  const fields = fieldsOf(component);
  const named = [...namedFields(text)];
  if (named.length === 0) return null;
  const problems = named.map(({ parent, name, at }) => {
    const span: Span = { file, start: start + at, end: start + at + name.length };
    return unknownField(parent ?? goPath(text, fields), lastOf(name, parent), span, fields);
  });
  const span: Span = { file, start, end: start + text.length };
  return {
    component,
    origin: 'log',
    apiVersion: null,
    body: { kind: 'map', entries: [], span },
    problems,
    span,
    trust: 'claimed',
  };
}

interface NamedField {
  readonly name: string;
  /** Offset of the name in the line. */
  readonly at: number;
  /** null: the name stands without the fields above it. */
  readonly parent: readonly string[] | null;
}

/** The strict decoder names every unknown field with its path; the lenient one the first, without. */
function* namedFields(text: string): Generator<NamedField> {
  let strict = false;
  for (const found of text.matchAll(/unknown field \\?"(?<name>[\w.[\]]{1,200})\\?"/g)) {
    const name = found.groups?.['name'] ?? '';
    strict = true;
    yield { name, at: found.index + found[0].lastIndexOf(name), parent: name.split('.').slice(0, -1) };
  }
  const found = strict ? null : /found unknown field: ([\w.]{1,200})/.exec(text);
  const name = found?.[1];
  if (found !== null && name !== undefined) yield { name, at: found.index + found[0].lastIndexOf(name), parent: null };
}

function lastOf(name: string, parent: readonly string[] | null): string {
  return parent === null ? name : (name.split('.').at(-1) ?? name);
}

/** `v1alpha1.KubeProxyConfiguration.IPTables:` names the Go field that holds the unknown one. */
function goPath(text: string, fields: Fields): readonly string[] {
  const match = /\.Kube(?:Proxy|let)Configuration\.(\w{1,40}):/.exec(text);
  const wanted = match?.[1]?.toLowerCase();
  const name = Object.keys(fields).find((one) => one.toLowerCase() === wanted);
  return name !== undefined && fieldsAt(fields, [name]) !== null ? [name] : [];
}
