/** `$MODE` and `${MODE}` on a unit's command line stand for what its EnvironmentFile sets. systemd.service(5), "COMMAND LINES". */
import type { ComponentConfig, Diagnostic, Setting, YamlEntry, YamlValue } from '@coldtrace/core';
import { kubeConfigCode } from './codes.js';
import { flagScalar } from './flags.js';
import { validateConfig } from './validate.js';

type Values = ReadonlyMap<string, Setting | null>;

export interface Substituted {
  readonly configs: readonly ComponentConfig[];
  readonly diagnostics: readonly Diagnostic[];
}

const whole = /^\$(?:\{(\w+)\}|(\w+))$/;

/** The flags of a node's daemons with the values that were captured; a flag whose value was not is left out, and that is said. */
export function withVariables(configs: readonly ComponentConfig[], settings: readonly Setting[]): Substituted {
  const values = valuesOf(settings);
  return {
    configs: configs.map((config) => (config.origin === 'flags' ? substituted(config, values) : config)),
    diagnostics: settings.flatMap((setting) => openVariables(setting, values)),
  };
}

/** null: several files set it, each to something else. */
function valuesOf(settings: readonly Setting[]): Values {
  const values = new Map<string, Setting | null>();
  for (const setting of settings) {
    if (setting.source === 'systemd-unit' || !/^[A-Za-z_]\w*$/.test(setting.key)) continue;
    const known = values.get(setting.key);
    const same = known === undefined || known?.value === setting.value;
    values.set(setting.key, same ? setting : null);
  }
  return values;
}

function substituted(config: ComponentConfig, values: Values): ComponentConfig {
  if (!holdsVariable(config.body)) return config;
  const body = filled(config.body, config.component, [], values);
  const known = new Set(config.problems.map(({ message }) => message));
  const problems = validateConfig(config.component, body).filter(
    ({ kind, message }) => kind !== 'unknown-field' && !known.has(message),
  );
  return { ...config, body, problems: [...config.problems, ...problems] };
}

function variableOf(value: YamlValue): string | null {
  const found = value.kind === 'scalar' ? whole.exec(value.text) : null;
  return found?.[1] ?? found?.[2] ?? null;
}

function holdsVariable(value: YamlValue): boolean {
  if (value.kind === 'scalar') return value.text.includes('$');
  return value.kind === 'list'
    ? value.items.some(holdsVariable)
    : value.entries.some((entry) => holdsVariable(entry.value));
}

function filled(
  value: YamlValue,
  component: ComponentConfig['component'],
  path: readonly string[],
  values: Values,
): YamlValue {
  if (value.kind !== 'map') return value;
  const entries = value.entries.flatMap((entry): readonly YamlEntry[] => {
    if (!holdsVariable(entry.value)) return [entry];
    const inner = [...path, entry.key];
    if (entry.value.kind === 'map') return [{ ...entry, value: filled(entry.value, component, inner, values) }];
    const only = entry.value.kind === 'list' && entry.value.items.length === 1 ? entry.value.items[0] : entry.value;
    const name = only === undefined ? null : variableOf(only);
    const setting = name === null ? null : (values.get(name) ?? null);
    if (setting === null) return [];
    return [{ ...entry, value: flagScalar(component, inner.join('.'), setting.value, setting.span) }];
  });
  return { ...value, entries };
}

/** A variable of kube-proxy's or kubelet's command line whose value was not captured. */
function openVariables({ source, key, value, span }: Setting, values: Values): readonly Diagnostic[] {
  if (source !== 'systemd-unit' || !key.endsWith('ExecStart')) return [];
  const component = /^[-@:+!]*\S*\/?(kube-proxy|kubelet)(?:\s|$)/.exec(value)?.[1];
  if (component === undefined) return [];
  const names = [...value.matchAll(/\$(?:\{(\w+)\}|([A-Za-z_]\w*))/g)].map((found) => found[1] ?? found[2] ?? '');
  return [...new Set(names)]
    .filter((name) => (values.get(name) ?? null) === null)
    .map((name) => kubeConfigCode('variable-open', span, { component, variable: `$${name}` }));
}
