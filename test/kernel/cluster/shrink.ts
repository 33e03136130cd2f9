/** Makes a disagreement small: drops namespaces, then commands, as long as a connection like it is still judged wrong. */
import type { Dumps } from '../referee/capture.js';
import type { ClusterAgent } from './agent.js';
import type { ClusterCase, Connection, PlacedLine } from './case.js';
import { type Judged, refereeCluster } from './referee.js';

export interface Shrunk {
  readonly case: ClusterCase;
  /** Of the one connection, each way to assume, the wrong one first. */
  readonly judged: readonly [Judged, ...Judged[]];
  readonly dumps: Dumps;
}

/** Each takes seconds. */
const mostTrials = 90;

export async function shrinkCluster(agent: ClusterAgent, one: ClusterCase, wrong: Judged): Promise<Shrunk | null> {
  let trials = 0;
  const stillWrong = async (candidate: ClusterCase): Promise<Shrunk | null> => {
    if (trials++ >= mostTrials) return null;
    try {
      const { judged, dumps } = await refereeCluster(agent, candidate);
      const same = judged.find((now) => isLike(now, wrong));
      if (same === undefined) return null;
      const others = judged.filter((now) => now.connection === same.connection && now !== same);
      return { case: candidate, judged: [same, ...others], dumps };
    } catch {
      return null;
    }
  };
  let best = await stillWrong({ ...one, connections: tries(wrong.connection) });
  for (const { name } of best === null ? [] : one.spaces)
    if (best !== null && name !== wrong.connection.from.space)
      best = (await stillWrong(withoutSpace(best.case, name))) ?? best;
  for (let size = 32; best !== null && size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < best.case.setup.length; ) {
      const smaller = await stillWrong({ ...best.case, setup: without(best.case.setup, at, size) });
      if (smaller === null) at += size;
      else best = smaller;
    }
  }
  return best;
}

/** Chance may lead it elsewhere. */
function tries(connection: Connection): readonly Connection[] {
  return [0, 1, 2].map((at) => ({ ...connection, id: `${connection.id}.${at}`, sport: connection.sport + 1000 * at }));
}

function isLike(now: Judged, before: Judged): boolean {
  return now.judgement.kind === 'wrong' && now.assume === before.assume && now.result.kind === before.result.kind;
}

function withoutSpace({ spaces, setup, ...rest }: ClusterCase, name: string): ClusterCase {
  return {
    ...rest,
    spaces: spaces.filter((space) => space.name !== name),
    setup: setup.filter(({ at, text }) => at !== name && !text.includes(` netns ${name}`)),
  };
}

const without = (lines: readonly PlacedLine[], at: number, size: number): readonly PlacedLine[] => [
  ...lines.slice(0, at),
  ...lines.slice(at + size),
];
