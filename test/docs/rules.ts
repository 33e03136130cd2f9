/** docs/rules.md: the catalogue, with a link to what each rule's document says. */
import { rules } from '@coldtrace/rules';
import { code, page, table } from './markdown.js';

export function rulesPage(): string {
  const rows = rules.map(({ id, severity, summary, needs }) => [
    `[${id}](../packages/rules/src/${id}/rule.md)`,
    severity,
    summary,
    needs.map(code).join(', '),
  ]);
  return page(
    'Rules',
    'What `coldtrace analyze` looks for. `coldtrace explain RULE-ID` prints the document of a rule: what it finds, why it happens, the evidence, how to fix it, when it is silent. [verdicts.md](verdicts.md) says what the words of a finding mean.',
    [table(['rule', 'severity', 'finds', 'looks at'], rows)],
  );
}
