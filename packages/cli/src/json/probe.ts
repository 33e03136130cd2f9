/** One line of `probe`'s output: the answer as JSON. Its schema: packages/cli/schemas/probe.schema.json. */
import type { AnswerLine } from '@coldtrace/core';
import { escapeUnsafe } from '../run.js';

export function probeLine(answer: AnswerLine): string {
  return `${escapeUnsafe(JSON.stringify(answer))}\n`;
}
