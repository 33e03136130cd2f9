/** The document of `inspect --json`. */
import type { LeftOut } from '@coldtrace/bundle';
import {
  type Diagnostic,
  lineNumberAt,
  positionAt,
  type ReadFile,
  type ReadSection,
  type Snapshot,
} from '@coldtrace/core';
import { inputsJson } from './inputs.js';

export function inspectJson(snapshot: Snapshot, leftOut: readonly LeftOut[]) {
  return {
    coldtrace: 1,
    nodes: snapshot.nodes.map((node) => ({ name: node.name, named: node.named })),
    files: snapshot.read.map((file) => fileJson(snapshot, file)),
    diagnostics: snapshot.diagnostics.map((diagnostic) => diagnosticJson(snapshot, diagnostic)),
    leftOut: leftOut.map(({ path, why }) => ({ path, why })),
    inputs: inputsJson(snapshot),
  };
}

function fileJson(snapshot: Snapshot, read: ReadFile) {
  return {
    file: snapshot.files[read.file]?.name ?? '',
    lineCount: read.lineCount,
    lines: read.counts,
    ...(read.unreadable === null ? {} : { unreadable: read.unreadable }),
    sections: read.sections.map((section) => sectionJson(snapshot, section)),
  };
}

function sectionJson(snapshot: Snapshot, section: ReadSection) {
  const file = snapshot.files[section.span.file];
  const lineOf = (offset: number) => (file === undefined ? 1 : lineNumberAt(file, offset));
  return {
    format: section.format,
    node: section.node,
    netns: section.netns,
    command: section.command,
    takenAt: section.takenAt === null ? null : new Date(section.takenAt).toISOString(),
    firstLine: lineOf(section.span.start),
    lastLine: lineOf(Math.max(section.span.start, section.span.end - 1)),
  };
}

function diagnosticJson(snapshot: Snapshot, diagnostic: Diagnostic) {
  const file = snapshot.files[diagnostic.span.file];
  const place = file === undefined ? { line: 0, column: 0 } : positionAt(file, diagnostic.span.start);
  const { code, severity, message, data, hint } = diagnostic;
  return { code, severity, message, data, file: file?.name ?? '', ...place, ...(hint === null ? {} : { hint }) };
}
