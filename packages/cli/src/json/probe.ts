/** One line of `probe`'s output: the answer as JSON. Its schema: packages/cli/schemas/probe.schema.json. */
import { escapeUnsafe } from '../run.js';

export function probeLine(json: string): string {
  return `${escapeUnsafe(json)}\n`;
}
