/** What the `cases.ts` of every built-in rule exports; what its bad cases report stands beside it in `expected/`. */
import type { GoodCase, RuleCase } from './check-rule.js';

export interface BuiltinCases {
  readonly bad: readonly [RuleCase, ...RuleCase[]];
  readonly good: readonly [GoodCase, ...GoodCase[]];
}

/** `the server was not captured` → `the-server-was-not-captured.txt` */
export function expectedFile(name: string): string {
  return `${name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')}.txt`;
}
