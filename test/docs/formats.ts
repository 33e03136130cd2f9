/** docs/formats.md: every output that is recognised. */
import { type Format, formats } from '@coldtrace/parsers';
import { code, page, table } from './markdown.js';

const row = ({ id, title, commands, fileNames }: Format) => [
  code(id),
  title,
  commands.map(({ source }) => code(source)).join(' '),
  fileNames.map(({ source }) => code(source)).join(' '),
];

export function formatsPage(): string {
  return page(
    'Formats',
    'What is recognised. Content decides; the command above an output is a strong hint, the name of a file a weak one. Commands and names are shown as the expressions that they are tested with. A file whose name ends with `.failed` holds the messages of a command that did not deliver.',
    [table(['format', 'what it is', 'commands', 'file names'], [...formats].sort(byId).map(row))],
  );
}

function byId(one: Format, other: Format): number {
  return one.id < other.id ? -1 : 1;
}
