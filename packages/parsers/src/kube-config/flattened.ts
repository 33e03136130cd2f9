/** A ConfigMap whose paste lost all indentation: the block scalar is empty, and the configuration's fields stand beside the outer ones. */
import type { ComponentConfig, Diagnostic, YamlValue } from '@coldtrace/core';
import { entriesOf, textAtPath } from '../yaml/access.js';
import { type PlacedText, placedPart } from '../yaml/place.js';
import { readYaml } from '../yaml/read.js';
import { configOfValue } from './config.js';
import { restoreIndentation } from './indentation.js';
import { kubeProxyFields } from './kube-proxy-schema.js';

export interface Flattened {
  readonly config: ComponentConfig;
  readonly diagnostics: readonly Diagnostic[];
}

/** The kube-proxy configuration inside; null where the text did not lose its indentation. */
export function configOfFlattened(source: PlacedText, value: YamlValue): Flattened | null {
  const key = entriesOf(value).find((entry) => entry.key === 'config.conf');
  if (key === undefined || key.value.kind !== 'scalar' || key.value.value !== '' || textAtPath(value, 'kind') === null)
    return null;
  const opening = /^config\.conf: \|-?\n/m.exec(source.text);
  if (opening === null) return null;
  const start = opening.index + opening[0].length;
  const closing = /^(?:kubeconfig\.conf:|kind: ConfigMap|metadata:)/m.exec(source.text.slice(start));
  const part = placedPart(source, start, closing === null ? source.text.length : start + closing.index);
  const restored = restoreIndentation(part, kubeProxyFields);
  const inner = readYaml(restored?.source ?? part).documents[0]?.value ?? null;
  const config = inner === null ? null : configOfValue(inner, 'configmap');
  return config === null
    ? null
    : { config: { ...config, trust: 'repaired' }, diagnostics: restored?.diagnostics ?? [] };
}
