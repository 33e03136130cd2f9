/** From a YAML value, a ConfigMap's key or a claim of a log line to a component's configuration. */
import type {
  ComponentConfig,
  ConfigProblem,
  Diagnostic,
  KubeConfigMap,
  SourceFile,
  Span,
  YamlValue,
} from '@coldtrace/core';
import { textAtPath } from '../yaml/access.js';
import { readYaml } from '../yaml/read.js';
import { placedScalar } from '../yaml/scalar-text.js';
import { validateConfig } from './validate.js';

const components: Readonly<Record<string, ComponentConfig['component']>> = {
  KubeProxyConfiguration: 'kube-proxy',
  KubeletConfiguration: 'kubelet',
};

/** The configuration that a document is; null for every other kind. */
export function configOfValue(value: YamlValue, origin: 'file' | 'configmap'): ComponentConfig | null {
  const kind = textAtPath(value, 'kind');
  const component = kind !== null && Object.hasOwn(components, kind) ? components[kind] : undefined;
  if (component === undefined) return null;
  return {
    component,
    origin,
    apiVersion: textAtPath(value, 'apiVersion'),
    body: value,
    problems: validateConfig(component, value),
    span: value.span,
  };
}

/** The configurations in a ConfigMap's keys (`config.conf` of kube-proxy, `kubelet` of kubeadm); places point into the outer file. */
export function configsOfConfigMap(map: KubeConfigMap, file: SourceFile): readonly ComponentConfig[] {
  return map.data.flatMap((entry) => {
    if (!/kind["']?\s{0,4}:\s{0,4}["']?Kube(?:Proxy|let)Configuration/.test(entry.text)) return [];
    const scalar = { kind: 'scalar', value: entry.text, text: entry.text, span: entry.span } as const;
    const stream = readYaml(placedScalar(file, scalar));
    const configs = stream.documents.flatMap((document) => {
      const config = document.value === null ? null : configOfValue(document.value, 'configmap');
      return config === null ? [] : [config];
    });
    return withSyntax(configs, stream.diagnostics, 'configmap', entry.text, entry.span);
  });
}

/** What is no YAML no component starts with, so it is a problem of the configuration, even where nothing else of it can be read. */
export function withSyntax(
  configs: readonly ComponentConfig[],
  diagnostics: readonly Diagnostic[],
  origin: 'file' | 'configmap',
  text: string,
  span: Span,
): readonly ComponentConfig[] {
  const broken = diagnostics.filter((one) => one.code === 'yaml/syntax' || one.code === 'yaml/json-syntax');
  const kind = /kind["']?\s{0,4}:\s{0,4}["']?(Kube(?:Proxy|let)Configuration)/.exec(text)?.[1];
  const component = kind === undefined ? undefined : components[kind];
  if (broken.length === 0 || component === undefined) return configs;
  const problems: readonly ConfigProblem[] = broken.map((one) => ({
    kind: 'syntax',
    path: '',
    message: one.message,
    nearest: null,
    span: one.span,
  }));
  const [first, ...rest] = configs;
  if (first !== undefined) return [{ ...first, problems: [...problems, ...first.problems] }, ...rest];
  return [{ component, origin, apiVersion: null, body: { kind: 'map', entries: [], span }, problems, span }];
}
