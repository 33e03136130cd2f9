/** `coldtrace rules` and `coldtrace explain RULE-ID`: the catalogue, and one rule's document. */
import { type Rule, rules } from '@coldtrace/rules';
import { type ExitStatus, exitStatus, UsageError } from '../exit-status.js';
import { ruleDocument } from '../rule-document.js';
import { type CommonOptions, printJson } from '../run.js';
import type { Terminal } from '../terminal.js';

export function rulesCommand(options: CommonOptions, terminal: Terminal): ExitStatus {
  const rows = rules.map(({ id, severity, summary, needs }) => ({ id, severity, summary, needs }));
  if (options.json === true) printJson(terminal, { coldtrace: 1, rules: rows });
  else
    for (const { id, severity, summary } of rows)
      terminal.out(`${terminal.paint.bold(id)}  ${severity}\n  ${summary}\n`);
  return exitStatus.clean;
}

export async function explainCommand(id: string, options: CommonOptions, terminal: Terminal): Promise<ExitStatus> {
  const rule = rules.find((candidate) => candidate.id === id);
  if (rule === undefined) throw new UsageError(`there is no rule ${id}; known: ${nearest(id, rules)}`);
  const text = await ruleDocument(rule.id);
  if (options.json === true)
    printJson(terminal, { coldtrace: 1, rule: rule.id, severity: rule.severity, needs: rule.needs, document: text });
  else terminal.out(text.endsWith('\n') ? text : `${text}\n`);
  return exitStatus.clean;
}

function nearest(id: string, all: readonly Rule[]): string {
  const similar = all.filter(
    (rule) => rule.id.includes(id) || id.split('-').some((part) => part.length > 3 && rule.id.includes(part)),
  );
  return (similar.length === 0 ? all : similar).map((rule) => rule.id).join(', ');
}
