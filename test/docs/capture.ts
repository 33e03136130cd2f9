/** docs/capture.md: the table of dumps. */
import { type DumpEntry, dumps } from '@coldtrace/core';
import { code, page, table } from './markdown.js';

const row = ({ command, file, holds }: DumpEntry) => [code(command), code(file), holds];
const head = ['command', 'file', 'holds'];

export function capturePage(): string {
  const entries = Object.values(dumps);
  return page(
    'What to capture',
    '`coldtrace collect` prints a script that runs the commands of this table on a node, read-only, into files of these names. Any other names work too: content decides. A dump that is absent leaves answers open; it never counts as empty.',
    [
      `## The ten that settle most questions\n\n${table(head, entries.filter(({ essential }) => essential).map(row))}`,
      `## More\n\n${table(head, entries.filter(({ essential }) => !essential).map(row))}`,
    ],
  );
}
