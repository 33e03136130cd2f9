/** The document of a rule: a file beside the rule, or text that the single-file build carries within. */
import { readFile } from 'node:fs/promises';

declare global {
  /** Set by the single-file build: documents by rule id. */
  var coldtraceRuleDocuments: Readonly<Record<string, string>> | undefined;
}

export async function ruleDocument(id: string): Promise<string> {
  const carried = globalThis.coldtraceRuleDocuments?.[id];
  if (carried !== undefined) return carried;
  return readFile(new URL(`../src/${id}/rule.md`, import.meta.resolve('@coldtrace/rules')), 'utf8');
}
