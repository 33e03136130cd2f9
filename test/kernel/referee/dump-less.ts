/**
 * The same questions about a node of which one dump was not captured: no answer may be another than the kernel's, unless it names what was assumed.
 * What history left behind (the table of connections) is no such dump, nor is the name of the machine.
 */
import type { AnswerLine } from '@coldtrace/core';
import { askColdtrace } from './ask.js';
import type { Dumps } from './capture.js';
import type { ProbeLine } from './case.js';
import { judge } from './compare.js';
import type { KernelAnswer } from './observe.js';

export interface Asked {
  readonly probe: ProbeLine;
  readonly kernel: KernelAnswer;
  readonly ours: AnswerLine;
}

export interface Untold {
  readonly file: string;
  readonly assume: 'none' | 'defaults';
  readonly asked: Asked;
  readonly fields: readonly string[];
}

/** Where rules of both variants are live, neither dump goes: that no other filter is at work than those captured is taken for granted. */
export function removableDumps(dumps: Dumps): readonly string[] {
  const files = [...dumps.keys()];
  const rules = files.filter((file) => /\/ip6?tables(?:-legacy)?-save\b/.test(file));
  return files.filter((file) => !/\/(?:conntrack|hostname)/.test(file) && !(rules.length > 1 && rules.includes(file)));
}

/** `all`: every probe of the case, since replies name earlier ones; those of `judged` are compared, unless they were open or wrong before. */
export function withoutDump(
  dumps: Dumps,
  file: string,
  all: readonly ProbeLine[],
  judged: readonly Asked[],
): readonly Untold[] {
  const rest = new Map([...dumps].filter(([name]) => name !== file));
  return (['none', 'defaults'] as const).flatMap((assume) => {
    const answers = askColdtrace(rest, all, assume);
    return judged.flatMap(({ probe, kernel, ours: whole }): readonly Untold[] => {
      const ours = answers[all.indexOf(probe)];
      if (ours === undefined || judge(whole, kernel).kind !== 'exact') return [];
      const judgement = judge(ours, kernel);
      // What became of the packet that a reply answers was said before.
      if ('error' in ours && probe.kind === 'reply') return [];
      if (judgement.kind !== 'wrong' || (assume === 'defaults' && namesAssumptions(ours))) return [];
      return [{ file, assume, asked: { probe, kernel, ours }, fields: judgement.fields }];
    });
  });
}

function namesAssumptions(answer: AnswerLine): boolean {
  const { branches = [answer] } = 'branches' in answer ? answer : {};
  return branches.some((one) => 'assumptions' in one && (one.assumptions?.length ?? 0) > 0);
}

export function printUntold({ file, assume, asked: { probe, kernel, ours }, fields }: Untold): string {
  return [
    `without ${file}, assuming ${assume}: ${fields.join(', ')} of ${JSON.stringify(probe)}`,
    `  kernel ${JSON.stringify(kernel)}`,
    `  ours   ${JSON.stringify(ours)}`,
  ].join('\n');
}
