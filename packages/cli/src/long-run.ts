/**
 * Most runs end before an optimized function would have paid for itself, so `bin/coldtrace` has V8 put that off (scripts/build-start.mjs). A run with much to do
 * takes it back, as early as it knows: each function counts down what it was given last.
 */
import { setFlagsFromString } from 'node:v8';

const budget = '--interrupt-budget=';

/** V8's own (src/flags/flag-definitions.h). */
const usualBudget = 67_584;

export function expectLongRun(): void {
  if (process.execArgv.some((option) => option.startsWith(budget))) setFlagsFromString(`${budget}${usualBudget}`);
}
