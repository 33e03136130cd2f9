/** Makes a disagreement small: drops commands and probes of the case as long as the same probe is still judged wrong. */
import type { Agent } from './agent.js';
import type { Dumps } from './capture.js';
import type { Case, Line, ProbeLine } from './case.js';
import { type Judged, refereeCase } from './referee.js';

export interface Shrunk {
  readonly case: Case;
  readonly judged: Judged;
  /** All probes that are left, the wrong one last. */
  readonly all: readonly Judged[];
  readonly dumps: Dumps;
}

/** Fewer trials find most of it. */
const mostTrials = 160;

export async function shrink(agent: Agent, one: Case, wrong: Judged): Promise<Shrunk | undefined> {
  let trials = 0;
  const stillWrong = async (candidate: Case): Promise<Shrunk | undefined> => {
    if (trials++ >= mostTrials) return undefined;
    try {
      const { judged, dumps } = await refereeCase(agent, candidate);
      const same = judged.find((now) => sameFault(now, wrong));
      return same === undefined ? undefined : { case: candidate, judged: same, all: judged, dumps };
    } catch {
      return undefined;
    }
  };
  const alone = { ...one, probes: needed(one, wrong.probe) };
  let best = (await stillWrong(alone)) ?? (await stillWrong(one));
  if (best === undefined) return undefined;
  for (let size = Math.ceil(best.case.setup.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < best.case.setup.length; ) {
      const smaller: Shrunk | undefined = await stillWrong({ ...best.case, setup: without(best.case.setup, at, size) });
      if (smaller === undefined) at += size;
      else best = smaller;
    }
  }
  return best;
}

const without = (lines: readonly Line[], at: number, size: number): readonly Line[] => [
  ...lines.slice(0, at),
  ...lines.slice(at + size),
];

/** The same probe, and the answers differ in the same fields: else a smaller case would show some other fault. */
function sameFault(now: Judged, before: Judged): boolean {
  const fieldsOf = ({ judgement }: Judged) => (judgement.kind === 'wrong' ? judgement.fields.join() : judgement.kind);
  const same = now.probe.id === before.probe.id && now.kernel.outcome === before.kernel.outcome;
  return same && fieldsOf(now) === fieldsOf(before);
}

/** The probe, and those that it answers. */
function needed({ probes }: Pick<Case, 'probes'>, probe: ProbeLine): readonly ProbeLine[] {
  const of = probe.of === undefined ? undefined : probes.find(({ id }) => id === probe.of);
  return of === undefined ? [probe] : [...needed({ probes }, of), probe];
}
