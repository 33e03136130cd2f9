/** docs/diagnostics.md: every closed code. */
import { codeFamilies } from '@coldtrace/parsers';
import { code, page, table } from './markdown.js';

export function diagnosticsPage(): string {
  return page(
    'Diagnostics',
    'What `inspect` and `--json` may say about an input: a code, its severity, and a sentence whose `{places}` are filled from the input. No other codes exist. A code keeps its meaning; new ones may be added.',
    codeFamilies.map(
      ({ family, table: entries }) =>
        `## ${family}\n\n${table(
          ['code', 'severity', 'says', 'hint'],
          Object.entries(entries).map(([name, { severity, text, hint }]) => [
            code(`${family}/${name}`),
            severity,
            text,
            hint ?? '',
          ]),
        )}`,
    ),
  );
}
