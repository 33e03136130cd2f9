/** `kubectl get … -o yaml|json`, manifests and multi-document files: API objects with their places. */
import {
  type Certificate,
  type ComponentConfig,
  type Diagnostic,
  type Facts,
  INERT,
  type KubeObject,
  MODELLED,
  type Setting,
  type YamlValue,
} from '@coldtrace/core';
import { certificatesOfKubeconfig } from '../certificates/kubeconfig.js';
import { settingsOfKubeconfig, settingsOfManifest, settingsOfObject } from '../cni/objects.js';
import { type Format, fileOfSection, type Parsed, type Section } from '../format.js';
import { configOfValue, configsOfConfigMap } from '../kube-config/config.js';
import { configOfFlattened } from '../kube-config/flattened.js';
import { type Line, linesOf, newLedger } from '../text/lines.js';
import { placedPart, placedSection } from '../yaml/place.js';
import { readYaml } from '../yaml/read.js';
import { kubernetesCode } from './codes.js';
import { looksLikeObjects, objectsEnd, opensObject } from './extent.js';
import { findObjects, readObject } from './object.js';
import { partsOf } from './part.js';

export const kubeObjectsFormat: Format = {
  id: 'kube-objects',
  title: 'Kubernetes API objects (YAML or JSON)',
  commands: [
    /^(?:\S*\/)?(?:kubectl|oc|k3s kubectl|microk8s kubectl|calicoctl)\s.*\b(?:get|create|apply)\b.*(?:\s-o[ =]?|--output[ =])(?:yaml|json)\b/,
  ],
  fileNames: [/\.(?:ya?ml|json)$/],
  line: (text) => (opensObject(text) ? 'opens' : text === '{' || text === '[' ? 'continues' : null),
  extent: objectsEnd,
  whole: looksLikeObjects,
  parse: parseObjects,
};

function parseObjects(section: Section): Parsed<readonly Facts[]> {
  const whole = parseDocuments(section);
  const objects = whole.value.some((facts) => facts.kind !== 'kube-objects' || facts.rows.length > 0);
  return objects || !section.freeForm ? whole : (partsOf(section) ?? whole);
}

/** `[]` and `{}`, as many tools print where there is nothing. */
function isEmpty(value: YamlValue): boolean {
  return (value.kind === 'list' && value.items.length === 0) || (value.kind === 'map' && value.entries.length === 0);
}

function parseDocuments(section: Section): Parsed<readonly Facts[]> {
  const lines = linesOf(section);
  const ledger = newLedger(lines);
  const source = placedSection(section.file, section.start, section.end);
  const stream = readYaml(source);
  const diagnostics: Diagnostic[] = [...stream.diagnostics];
  const objects: KubeObject[] = [];
  const configs: ComponentConfig[] = [];
  const settings: Setting[] = [];
  const certificates: Certificate[] = [];
  for (const line of lines) if (isNoise(line.text)) ledger[line.index] = INERT;
  for (const document of stream.documents) {
    if (document.value === null) continue;
    const found = findObjects(document.value);
    if (found.length === 0 && isEmpty(document.value)) {
      diagnostics.push(kubernetesCode('empty-json', document.value.span));
      for (const line of lines) if (/^[\s[\]{}]*$/.test(line.text)) ledger[line.index] = INERT;
      continue;
    }
    if (found.length === 0) {
      const empty = document.value.kind === 'map' && document.value.entries.some((entry) => entry.key === 'items');
      if (!empty) diagnostics.push(kubernetesCode('no-object', document.value.span));
      if (!empty) continue;
    }
    const part = placedPart(source, document.start, document.end);
    const flattened = section.freeForm ? configOfFlattened(part, document.value) : null;
    if (flattened !== null) {
      configs.push(flattened.config);
      diagnostics.push(...flattened.diagnostics);
    }
    for (const one of found) {
      const config = configOfValue(one.value, 'file');
      if (config !== null) {
        configs.push(config);
        continue;
      }
      const object = readObject(one);
      objects.push(object);
      if (object.kind === 'ConfigMap') configs.push(...configsOfConfigMap(object, section.file));
      settings.push(...settingsOfObject(object, section.file), ...settingsOfManifest(one.value));
      settings.push(...settingsOfKubeconfig(one.value));
      certificates.push(...certificatesOfKubeconfig(one.value, fileOfSection(section)));
    }
    claim(lines, ledger, section.start + document.start, section.start + document.end);
  }
  const value: Facts[] = [{ kind: 'kube-objects', rows: objects, complete: false }];
  if (configs.length > 0) value.push({ kind: 'component-configs', rows: configs, complete: false });
  if (settings.length > 0) value.push({ kind: 'settings', rows: settings, complete: false });
  if (certificates.length > 0) value.push({ kind: 'certificates', rows: certificates, complete: false });
  return { value, diagnostics, ledger };
}

/** Separators and comments at the line's start. */
function isNoise(text: string): boolean {
  return text === '---' || text === '...' || text[0] === '#';
}

/** Marks the lines of a document as read; lines are in order, so a binary search finds the first. */
function claim(lines: readonly Line[], ledger: Uint8Array, start: number, end: number): void {
  let low = 0;
  let high = lines.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((lines[middle]?.end ?? 0) < start) low = middle + 1;
    else high = middle;
  }
  for (let index = low; index < lines.length; index++) {
    const line = lines[index];
    if (line === undefined || line.start >= end) break;
    if (ledger[index] !== INERT) ledger[index] = MODELLED;
  }
}
