/** Configuration of kube-proxy and kubelet as files and as command lines. */
import { type ComponentConfig, type Diagnostic, type Facts, INERT, MODELLED } from '@coldtrace/core';
import type { Format, Parsed, Section } from '../format.js';
import { objectsEnd } from '../kubernetes/extent.js';
import { claim, closeReading, openReading } from '../text/reading.js';
import { placedPart, placedSection } from '../yaml/place.js';
import { readYaml } from '../yaml/read.js';
import { kubeConfigCode } from './codes.js';
import { configOfValue, withSyntax } from './config.js';
import { configOfCommandLine } from './flags.js';
import { fragmentEnd, opensFragment, readFragment } from './fragment.js';
import { restoreIndentation } from './indentation.js';
import { fieldsOf } from './validate.js';

const opening =
  /^(?:apiVersion:\s{1,8}["']?kube(?:proxy|let)\.config\.k8s\.io\/v\d\w*["']?|kind:\s{1,8}["']?Kube(?:Proxy|let)Configuration["']?)\s{0,8}$/;

export const componentConfigFormat: Format = {
  id: 'component-config',
  title: 'configuration of kube-proxy or kubelet',
  commands: [/\bget\s+(?:cm|configmaps?)\s+\S*kube-proxy\b.*jsonpath/],
  fileNames: [/^kube-?proxy.*\.(?:ya?ml|conf|json)$/, /^kubelet.*\.(?:ya?ml|json)$/],
  line: (text) => ((text.length < 200 && opening.test(text)) || opensFragment(text) ? 'opens' : null),
  extent: (text, start) =>
    opensFragment(text.slice(start, start + 200)) ? fragmentEnd(text, start) : objectsEnd(text, start),
  whole: (text) => {
    const head = text.slice(0, 1 << 16);
    // Indented kinds stand inside something else: a ConfigMap's key, a List.
    return /^["']?kind["']?:\s{0,4}["']?Kube(?:Proxy|let)Configuration/m.test(head) ||
      /^\s{0,8}"kind":\s{0,4}"Kube(?:Proxy|let)Configuration"/m.test(head)
      ? 0.97
      : 0;
  },
  parse: parseComponentConfig,
};

function parseComponentConfig(section: Section): Parsed<readonly Facts[]> {
  const reading = openReading(section);
  const first = reading.lines.find((line) => line.text.trim() !== '');
  const fragment = section.freeForm && first !== undefined && opensFragment(first.text) ? readFragment(section) : null;
  if (fragment !== null) {
    reading.diagnostics.push(...fragment.diagnostics);
    for (const line of reading.lines) if (line.text.trim() !== '') claim(reading, line, 'modelled');
    return closeReading(reading, [{ kind: 'component-configs', rows: [fragment.config], complete: false }]);
  }
  const source = placedSection(section.file, section.start, section.end);
  const configs: ComponentConfig[] = [];
  const claimed: { readonly start: number; readonly end: number }[] = [];
  const stream = readYaml(source);
  const diagnostics: Diagnostic[] = [...stream.diagnostics];
  for (const document of stream.documents) {
    if (document.value === null) continue;
    const config = configOfValue(document.value, 'file');
    if (config === null) {
      diagnostics.push(kubeConfigCode('no-configuration', document.value.span));
      continue;
    }
    claimed.push({ start: section.start + document.start, end: section.start + document.end });
    const restored = section.freeForm
      ? restoreIndentation(placedPart(source, document.start, document.end), fieldsOf(config.component))
      : null;
    const again = restored === null ? null : readYaml(restored.source).documents[0]?.value;
    const mended = again === null || again === undefined ? null : configOfValue(again, 'file');
    if (restored !== null && mended !== null) {
      diagnostics.push(...restored.diagnostics);
      configs.push({ ...mended, trust: 'repaired' });
    } else configs.push(config);
  }
  for (const line of reading.lines) {
    if (/^(?:---|\.\.\.|#)/.test(line.text)) claim(reading, line, 'inert');
    else if (
      reading.ledger[line.index] !== INERT &&
      claimed.some((one) => line.end > one.start && line.start < one.end)
    ) {
      reading.ledger[line.index] = MODELLED;
    }
  }
  reading.diagnostics.push(...diagnostics);
  const span = { file: section.file.id, start: section.start, end: section.end };
  const rows = withSyntax(
    configs,
    stream.diagnostics,
    'file',
    section.file.text.slice(section.start, section.end),
    span,
  );
  return closeReading(reading, [{ kind: 'component-configs', rows, complete: false }]);
}

/** A line that is a command of one of the two programs with at least one flag. */
const commandLine = /^\s{0,20}(?:ExecStart=|[-$#>]\s{1,4})?(?:\/[\w./-]{1,200}\/)?(?:kube-proxy|kubelet)\s+--[a-z]/;

export const componentFlagsFormat: Format = {
  id: 'component-flags',
  title: 'command line of kube-proxy or kubelet',
  commands: [],
  fileNames: [],
  line: (text) => (commandLine.test(text.slice(0, 400)) ? 'opens' : null),
  parse: (section) => {
    const reading = openReading(section);
    const configs: ComponentConfig[] = [];
    for (let at = 0; at < reading.lines.length; at++) {
      const first = reading.lines[at];
      if (first === undefined || !commandLine.test(first.text.slice(0, 400))) continue;
      let last = first;
      // A backslash at the end joins lines, as a shell and systemd read them.
      for (
        let next = reading.lines[at + 1];
        last.text.trimEnd().endsWith('\\') && next !== undefined;
        next = reading.lines[at + 1]
      ) {
        last = next;
        at++;
      }
      const text = section.file.text
        .slice(first.start, last.end)
        .replace(/\\[ \t\r]*\n/g, (gap) => ' '.repeat(gap.length));
      const config = configOfCommandLine(text, first.start, section.file.id);
      if (config === null) continue;
      configs.push(config);
      for (let line = first.index; line <= last.index; line++) reading.ledger[line] = MODELLED;
    }
    return closeReading(reading, [{ kind: 'component-configs', rows: configs, complete: false }]);
  },
};
