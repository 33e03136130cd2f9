/** coldtrace's answers to a case's probes, from its dumps alone. */
import { type AnswerLine, type AssumeMode, interview, placeOf } from '@coldtrace/core';
import { parseSnapshot } from '@coldtrace/parsers';
import type { Dumps } from './capture.js';
import type { ProbeLine } from './case.js';

export function askColdtrace(
  dumps: Dumps,
  probes: readonly ProbeLine[],
  assume: AssumeMode = 'none',
): readonly AnswerLine[] {
  const [node] = parseSnapshot(new Map(dumps)).nodes;
  if (node === undefined) throw new Error('the dumps hold no node');
  const ask = interview(placeOf(node, node.host, assume));
  return probes.map((probe, index) => ask(JSON.stringify(probe), index + 1));
}
