/**
 * Settings that stand inside API objects: keys of the kube-flannel ConfigMap, arguments of DaemonSets (kube-flannel.yml) and of static Pods, the servers of
 * kubeconfigs.
 */
import type { KubeObject, Setting, SourceFile, YamlValue } from '@coldtrace/core';
import { boolAtPath, field, itemsOf, textAtPath, textOf } from '../yaml/access.js';
import { readYaml } from '../yaml/read.js';
import { placedScalar } from '../yaml/scalar-text.js';
import { settingsOfArguments } from './arguments.js';
import { programOf } from './daemon-flags.js';
import { settingsOfValue } from './json-settings.js';

const keySources: Readonly<Record<string, string>> = { 'net-conf.json': 'net-conf', 'cni-conf.json': 'cni-conflist' };

export function settingsOfObject(object: KubeObject, file: SourceFile): readonly Setting[] {
  if (object.kind === 'ConfigMap') {
    return object.data.flatMap((entry) => {
      const source = Object.hasOwn(keySources, entry.key) ? keySources[entry.key] : undefined;
      if (source === undefined) return [];
      const scalar = { kind: 'scalar', value: entry.text, text: entry.text, span: entry.span } as const;
      return readYaml(placedScalar(file, scalar)).documents.flatMap((document) =>
        document.value === null ? [] : settingsOfValue(source, document.value),
      );
    });
  }
  if (object.kind !== 'Other' || object.apiKind !== 'DaemonSet') return [];
  return itemsOf(field(object.body, 'spec', 'template', 'spec', 'containers')).flatMap(containerSettings);
}

/** Of a manifest that the kubelet of one machine starts by itself: the options of its daemons. Pods of the API are anywhere. */
export function settingsOfManifest(pod: YamlValue): readonly Setting[] {
  if (textAtPath(pod, 'kind') !== 'Pod' || field(pod, 'status', 'phase') !== null) return [];
  return itemsOf(field(pod, 'spec', 'containers')).flatMap((container) => {
    const words = [...itemsOf(field(container, 'command')), ...itemsOf(field(container, 'args'))];
    const source = programOf(textOf(words[0] ?? null) ?? '');
    return source === null ? [] : settingsOfArguments(source, words.slice(1).map(argumentOf));
  });
}

/** Servers that a kubeconfig dials and whose certificates have to hold the address: not where another name is asked for, or nothing is checked. */
export function settingsOfKubeconfig(value: YamlValue): readonly Setting[] {
  if (textAtPath(value, 'kind') !== 'Config') return [];
  return itemsOf(field(value, 'clusters')).flatMap((one) => {
    const cluster = field(one, 'cluster');
    const server = field(cluster, 'server');
    const url = textOf(server);
    const unchecked =
      boolAtPath(cluster, 'insecure-skip-tls-verify') === true || textAtPath(cluster, 'tls-server-name') !== null;
    if (server === null || url === null || unchecked) return [];
    return [{ source: 'kubeconfig', key: 'server', value: url, span: server.span }];
  });
}

const argumentOf = (word: YamlValue) => ({ text: textOf(word) ?? '', span: word.span });

/** Arguments of the containers of network daemons; those of other programs are nobody's setting. */
function containerSettings(container: YamlValue): readonly Setting[] {
  const name = textAtPath(container, 'name') ?? '';
  const words = [...itemsOf(field(container, 'command')), ...itemsOf(field(container, 'args'))];
  const program = `${name} ${words.map((word) => textOf(word) ?? '').join(' ')}`;
  if (!/flannel|kube-proxy|calico|k3s/.test(program.slice(0, 2000))) return [];
  const source = program.includes('flannel') ? 'kube-flannel' : name;
  return settingsOfArguments(source, words.map(argumentOf));
}
