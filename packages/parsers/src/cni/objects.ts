/** CNI and flannel settings that stand inside API objects: keys of the kube-flannel ConfigMap, arguments of DaemonSets (kube-flannel.yml). */
import type { KubeObject, Setting, SourceFile, YamlValue } from '@coldtrace/core';
import { field, itemsOf, textAtPath, textOf } from '../yaml/access.js';
import { readYaml } from '../yaml/read.js';
import { placedScalar } from '../yaml/scalar-text.js';
import { settingsOfArguments } from './arguments.js';
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

/** Arguments of the containers of network daemons; those of other programs are nobody's setting. */
function containerSettings(container: YamlValue): readonly Setting[] {
  const name = textAtPath(container, 'name') ?? '';
  const words = [...itemsOf(field(container, 'command')), ...itemsOf(field(container, 'args'))];
  const program = `${name} ${words.map((word) => textOf(word) ?? '').join(' ')}`;
  if (!/flannel|kube-proxy|calico|k3s/.test(program.slice(0, 2000))) return [];
  const source = program.includes('flannel') ? 'kube-flannel' : name;
  return settingsOfArguments(
    source,
    words.map((word) => ({ text: textOf(word) ?? '', span: word.span })),
  );
}
