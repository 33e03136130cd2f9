/** One case from its commands to its judgements: built, captured, probed, compared. */
import type { AnswerLine } from '@coldtrace/core';
import type { Agent } from './agent.js';
import { askColdtrace } from './ask.js';
import { buildNode } from './build.js';
import { captureNode, type Dumps, variantsOf } from './capture.js';
import type { Case, ProbeLine } from './case.js';
import { fieldsOf, type Judgement, judge, sameTuples } from './compare.js';
import { removableDumps, type Untold, withoutDump } from './dump-less.js';
import { type KernelAnswer, type Observed, observe } from './observe.js';

export interface Judged {
  readonly probe: ProbeLine;
  readonly kernel: KernelAnswer;
  readonly ours: AnswerLine;
  readonly judgement: Judgement;
}

export interface Verdicts {
  readonly dumps: Dumps;
  readonly judged: readonly Judged[];
  /** What is wrong where one of the dumps, another for every case, was not captured. */
  readonly untold: readonly Untold[];
}

const routingError = /^icmp 3\/(?:0|1|13)$/;

/** IPv4 tells a source of missing routes a few times only, then once a second; nobody can switch that off in a namespace. net/ipv4/route.c ip_error. */
function isLimited(
  kernel: KernelAnswer,
  ours: AnswerLine,
  before: readonly ProbeLine[],
  seen: ReadonlyMap<string, Observed>,
): boolean {
  if (kernel.outcome !== 'drop' || !('reject_with' in ours) || !routingError.test(ours.reject_with ?? '')) return false;
  return before.some(({ id }) => routingError.test(seen.get(id)?.answer.reject_with ?? ''));
}

/** What the node sends of these protocols comes from a raw socket here, whose route is looked up without ports. */
function hidesPorts(one: Case, { kind, proto, of }: ProbeLine): boolean {
  const asked = kind === 'reply' ? one.probes.find(({ id }) => id === of) : undefined;
  if (asked !== undefined) return hidesPorts(one, asked);
  const raw = kind === 'output' && proto !== 'tcp' && proto !== 'udp';
  return raw && one.setup.some(({ text }) => /^rule add .*\b[sd]port\b/.test(text));
}

/** Whether a neighbour that was never asked for would answer, no dump of one node tells. */
function isStranger(dumps: Dumps, seen: Observed | undefined): boolean {
  const address = seen?.final?.dst;
  return !(dumps.get('node-1/ip-neigh.txt') ?? '')
    .split('\n')
    .some((line) => line.startsWith(`${address} dev ${seen?.leftBy} `));
}

/** A packet that changes nothing about its connection is not counted there: then one that is known all the same is what we may name. */
function withIdle(kernel: KernelAnswer, ours: AnswerLine, { table = [] }: Observed): KernelAnswer {
  if (kernel.conntrack !== undefined) return kernel;
  const alternatives = 'either' in ours && ours.either !== undefined ? ours.either : [ours];
  const named = alternatives.flatMap((one) => ('conntrack' in one ? [textOf(one.conntrack)] : []));
  const idle = table.find((pair) => named.some((one) => sameTuples(one, textOf(pair))));
  return idle === undefined ? kernel : { ...kernel, conntrack: idle };
}

const textOf = (pair: unknown): string => fieldsOf({ conntrack: pair }).get('conntrack') ?? '';

export async function refereeCase(agent: Agent, one: Case): Promise<Verdicts> {
  await buildNode(agent, one);
  const dumps = await captureNode(agent, one);
  await agent.watchRules(one.family, variantsOf(one));
  const seen = new Map<string, Observed>();
  for (const probe of one.probes) seen.set(probe.id, await observe(agent, one, probe, seen));
  const answers = askColdtrace(dumps, one.probes);
  const judged = one.probes.flatMap((probe, index): readonly Judged[] => {
    const observed = seen.get(probe.id);
    const ours = answers[index];
    // What was not forwarded has no answer that could come back.
    if (observed === undefined || ours === undefined || observed.answer.outcome === 'no-reply') return [];
    const kernel = withIdle(observed.answer, ours, observed);
    if (kernel.neighbour !== undefined && isStranger(dumps, seen.get(probe.id))) return [];
    if (hidesPorts(one, probe)) return [];
    if (isLimited(kernel, ours, one.probes.slice(0, index), seen)) return [];
    return [{ probe, kernel, ours, judgement: judge(ours, kernel) }];
  });
  const removable = removableDumps(dumps);
  const removed = removable[numberOf(one.name) % removable.length];
  const untold = removed === undefined ? [] : withoutDump(dumps, removed, one.probes, judged);
  return { dumps, judged, untold };
}

function numberOf(name: string): number {
  return Number(/\d+$/.exec(name)?.[0] ?? 0);
}
