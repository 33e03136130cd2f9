/** What was read, in numbers: the same for every document. */
import { addCounts, countLines, type LineCounts, type Snapshot } from '@coldtrace/core';

export function inputsJson(snapshot: Snapshot) {
  const lines = snapshot.read.reduce<LineCounts>(
    (sum, file) => addCounts(sum, file.counts),
    countLines(new Uint8Array(0)),
  );
  // A command that failed is understood: it was not collected.
  const failed = new Set(snapshot.nodes.flatMap((node) => node.failures.map(({ span }) => span.file)));
  const unrecognized = snapshot.read.filter(
    ({ file, sections }) => !failed.has(file) && sections.every((section) => section.format === null),
  ).length;
  return { files: snapshot.read.length, unrecognized, lines };
}
