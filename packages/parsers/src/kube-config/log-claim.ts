/** What a log line of kube-proxy or kubelet says about its configuration: the field that the strict decoder did not know (k8s.io/apimachinery, json-iterator). */
import type { ComponentConfig, Span } from '@coldtrace/core';
import { type Fields, fieldsAt } from './fields.js';
import { fieldsOf, unknownField } from './validate.js';

/** The configuration that a log line claims to exist, with the unknown fields it names; null for a line that names none. */
export function configOfLogLine(text: string, start: number, file: number): ComponentConfig | null {
  if (text.length > 8000 || !text.includes('unknown field')) return null;
  const component = text.includes('KubeletConfiguration') || /\bkubelet\b/.test(text) ? 'kubelet' : 'kube-proxy';
  const strict = /unknown field "([\w.[\]]{1,200})"/.exec(text);
  const found = strict ?? /found unknown field: ([\w.]{1,200})/.exec(text);
  const name = found?.[1];
  if (found === null || name === undefined) return null;
  const words = name.split('.');
  const fields = fieldsOf(component);
  const parent = strict === null ? goPath(text, fields) : words.slice(0, -1);
  const key = strict === null ? name : (words.at(-1) ?? name);
  const at = start + found.index + found[0].lastIndexOf(name);
  const keySpan: Span = { file, start: at, end: at + name.length };
  const span: Span = { file, start, end: start + text.length };
  return {
    component,
    origin: 'log',
    apiVersion: null,
    body: { kind: 'map', entries: [], span },
    problems: [unknownField(parent, key, keySpan, fields)],
    span,
    trust: 'claimed',
  };
}

/** `v1alpha1.KubeProxyConfiguration.IPTables:` names the Go field that holds the unknown one. */
function goPath(text: string, fields: Fields): readonly string[] {
  const match = /\.Kube(?:Proxy|let)Configuration\.(\w{1,40}):/.exec(text);
  const wanted = match?.[1]?.toLowerCase();
  const name = Object.keys(fields).find((one) => one.toLowerCase() === wanted);
  return name !== undefined && fieldsAt(fields, [name]) !== null ? [name] : [];
}
