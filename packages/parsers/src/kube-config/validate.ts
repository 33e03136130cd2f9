/** Holds a configuration's values against its schema; each problem gets the place and, for an unknown field, the nearest known one. */
import type { ComponentConfig, ConfigProblem, Span, YamlValue } from '@coldtrace/core';
import type * as z from 'zod/mini';
import { entriesOf } from '../yaml/access.js';
import { type Fields, fieldsAt } from './fields.js';
import { kubeProxyFields, kubeProxySchema } from './kube-proxy-schema.js';
import { kubeletFields, kubeletSchema } from './kubelet-schema.js';
import { nearestName } from './nearest.js';

type Component = ComponentConfig['component'];

interface Rules {
  readonly schema: z.ZodMiniType;
  readonly fields: Fields;
}

const schemas: Readonly<Record<Component, Rules>> = {
  'kube-proxy': { schema: kubeProxySchema, fields: kubeProxyFields },
  kubelet: { schema: kubeletSchema, fields: kubeletFields },
};

export function fieldsOf(component: Component): Fields {
  return schemas[component].fields;
}

export function validateConfig(component: Component, body: YamlValue): readonly ConfigProblem[] {
  const { schema } = schemas[component];
  const problems: ConfigProblem[] = [];
  findDuplicates(body, [], problems);
  const result = schema.safeParse(plainValue(body));
  for (const issue of result.error?.issues ?? []) problems.push(...problemsOf(issue, body, schemas[component]));
  return problems.sort((x, y) => x.span.start - y.span.start);
}

function problemsOf(issue: z.core.$ZodIssue, body: YamlValue, { schema, fields }: Rules): readonly ConfigProblem[] {
  const keys = issue.path.filter((key): key is string | number => typeof key !== 'symbol');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) =>
      withValue(unknownField(keys, key, place(body, [...keys, key], true), fields), schema, body),
    );
  }
  const path = keys.join('.');
  const at = valueAt(body, keys);
  const span = at?.span ?? body.span;
  const shown = at === null ? 'absent' : describe(at);
  if (issue.code === 'invalid_type') {
    return [
      {
        kind: 'wrong-type',
        path,
        message: `${path} must be ${article(issue.expected)}, but is ${shown}`,
        nearest: null,
        span,
      },
    ];
  }
  return [{ kind: 'bad-value', path, message: `${path}: ${shown} ${fault(issue)}`, nearest: null, span }];
}

function fault(issue: z.core.$ZodIssue): string {
  if (issue.code === 'too_big') return `is above ${issue.maximum}`;
  return issue.code === 'too_small' ? `is below ${issue.minimum}` : issue.message;
}

export function unknownField(
  parent: readonly (string | number)[],
  key: string,
  span: Span,
  fields: Fields,
): ConfigProblem {
  const path = [...parent, key].join('.');
  const known = Object.keys(fieldsAt(fields, parent) ?? {});
  // Only the component itself, in its log, calls a field unknown that some version has.
  if (known.includes(key)) {
    const message = `${path} is a field of other versions only`;
    return { kind: 'unknown-field', path, message, nearest: null, span };
  }
  const nearest = nearestName(key, known);
  const instead = nearest === null ? '' : `; the nearest known field is ${nearest}`;
  return { kind: 'unknown-field', path, message: `${path} is no known field${instead}`, nearest, span };
}

/** A misspelt field often has a wrong value too, which shows only under the right name. */
function withValue(problem: ConfigProblem, schema: z.ZodMiniType, body: YamlValue): ConfigProblem {
  const { path, nearest } = problem;
  const keys = path.split('.');
  const value = valueAt(body, keys);
  if (nearest === null || value === null) return problem;
  const right = [...keys.slice(0, -1), nearest];
  const renamed = { kind: 'map', entries: [{ key: nearest, keySpan: value.span, value }], span: value.span } as const;
  const nested = keys
    .slice(0, -1)
    .reduceRight<YamlValue>(
      (inner, key) => ({ kind: 'map', entries: [{ key, keySpan: value.span, value: inner }], span: value.span }),
      renamed,
    );
  const issue = schema
    .safeParse(plainValue(nested))
    .error?.issues.find((one) => one.path.join('.') === right.join('.'));
  if (issue === undefined) return problem;
  const expected =
    issue.code === 'invalid_type' ? `must be ${article(issue.expected)}, but is ${describe(value)}` : fault(issue);
  return { ...problem, underNearest: `${right.join('.')} ${expected}` };
}

function article(expected: string): string {
  const names: Readonly<Record<string, string>> = {
    int: 'a whole number',
    record: 'a mapping',
    object: 'a mapping',
    array: 'a list',
    boolean: 'true or false',
  };
  return names[expected] ?? `a ${expected}`;
}

function describe(value: YamlValue): string {
  if (value.kind === 'list') return 'a list';
  if (value.kind === 'map') return 'a mapping';
  const shown = value.text.length > 80 ? `${value.text.slice(0, 80)}…` : value.text;
  return typeof value.value === 'string' ? `the string "${shown}"` : shown;
}

function findDuplicates(value: YamlValue, path: readonly (string | number)[], problems: ConfigProblem[]): void {
  if (value.kind === 'list')
    for (const [at, item] of value.items.entries()) findDuplicates(item, [...path, at], problems);
  const seen = new Set<string>();
  for (const entry of entriesOf(value)) {
    const inner = [...path, entry.key];
    if (seen.has(entry.key)) {
      const message = `${inner.join('.')} stands twice; the last one counts`;
      problems.push({ kind: 'duplicate-field', path: inner.join('.'), message, nearest: null, span: entry.keySpan });
    }
    seen.add(entry.key);
    findDuplicates(entry.value, inner, problems);
  }
}

function valueAt(body: YamlValue, path: readonly (string | number)[]): YamlValue | null {
  let at: YamlValue | null = body;
  for (const key of path) {
    if (at === null) return null;
    if (typeof key === 'number') at = at.kind === 'list' ? (at.items[key] ?? null) : null;
    else at = entriesOf(at).findLast((entry) => entry.key === key)?.value ?? null;
  }
  return at;
}

function place(body: YamlValue, path: readonly (string | number)[], ofKey: boolean): Span {
  const parent = valueAt(body, path.slice(0, -1));
  const entry = entriesOf(parent).findLast((one) => one.key === path.at(-1));
  if (entry !== undefined) return ofKey ? entry.keySpan : entry.value.span;
  return parent?.span ?? body.span;
}

/** The value as the component's decoder sees it: YAML 1.1, so bare `yes`, `on` and their kin are booleans. */
function plainValue(value: YamlValue): unknown {
  if (value.kind === 'list') return value.items.map(plainValue);
  if (value.kind === 'map') {
    const plain: Record<string, unknown> = Object.create(null);
    for (const entry of value.entries) plain[entry.key] = plainValue(entry.value);
    return plain;
  }
  const bare = value.span.end - value.span.start === value.text.length;
  if (typeof value.value === 'string' && bare) {
    if (/^(?:yes|Yes|YES|on|On|ON|y|Y)$/.test(value.value)) return true;
    if (/^(?:no|No|NO|off|Off|OFF|n|N)$/.test(value.value)) return false;
  }
  return value.value;
}
