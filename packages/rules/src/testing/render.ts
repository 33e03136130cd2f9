/** A finding as plain text that says everything a reader is told, for expectations in tests. */
import { type Evidence, lineTextAt, positionAt, type Snapshot } from '@coldtrace/core';
import type { Finding, Fix } from '../finding.js';

export function renderFinding(snapshot: Pick<Snapshot, 'files'>, finding: Finding): string {
  const { severity, rule, node, certainty, message, evidence, assumptions, path, fix, symptoms } = finding;
  return [
    `${severity}[${rule}] ${node ?? 'cluster'} ${certainty}: ${message}`,
    ...evidence.map((row) => evidenceText(snapshot, row)),
    ...(path.length === 0 ? [] : [`  way: ${placesOf(path).join(' → ')}`]),
    ...assumptions.map((text) => `  assumes ${text}`),
    ...(fix === null ? [] : fixTexts(fix)),
    ...symptoms.map((symptom) => `  explains ${symptom.rule}: ${symptom.message}`),
  ].join('\n');
}

function evidenceText({ files }: Pick<Snapshot, 'files'>, { span, why }: Evidence): string {
  const file = files[span.file];
  if (file === undefined) return `  ? ${why}`;
  const { line, column } = positionAt(file, span.start);
  return `  ${file.name}:${line}:${column} ${lineTextAt(file, span.start).trim()} | ${why}`;
}

/** The namespaces that the packet passes; how it fares in each is the simulator's matter. */
function placesOf(path: Finding['path']): readonly string[] {
  return path.map(({ node }) => node).filter((node, index, all) => node !== all[index - 1]);
}

function fixTexts({ steps, persist, verified }: Fix): readonly string[] {
  const worth = { true: 'verified', false: 'does not mend it', null: 'not simulatable' }[String(verified)] ?? '';
  return [
    `  fix (${worth}):`,
    ...steps.map(({ node, command }) => `    ${node ?? 'anywhere'}: ${command.replaceAll('\n', '\n    ')}`),
    ...(persist === '' ? [] : [`    to last: ${persist}`]),
  ];
}
