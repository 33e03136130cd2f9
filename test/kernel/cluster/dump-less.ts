/** The same connections across a cluster of which one dump was not captured: none may be told as it did not go, unless what was assumed is named. */
import type { Prng } from '../../bench/prng.js';
import type { Dumps } from '../referee/capture.js';
import { removableDumps } from '../referee/dump-less.js';
import type { ClusterCase } from './case.js';
import { askAll, type Judged, judgeAll, type Verdicts } from './referee.js';

export interface Lacking {
  readonly file: string;
  readonly judged: readonly Judged[];
}

/** Asks again without one dump, `count` times another. What was open or wrong before is not asked. */
export function withoutDumps(
  { family, dual }: ClusterCase,
  { dumps, judged }: Verdicts,
  count: number,
  random: Prng,
): readonly Lacking[] {
  const files = [...removableOf(dumps, dual ? null : family)];
  return Array.from({ length: Math.min(count, files.length) }, () => {
    const [file = ''] = files.splice(random.below(files.length), 1);
    return { file, judged: judgedWithout(dumps, file, judged) };
  });
}

/** Of each namespace by itself: both variants of rules may be live in one, and not in another. Rules of the other family settle nothing. */
function removableOf(dumps: Dumps, family: 4 | 6 | null): readonly string[] {
  const idle = family === null ? null : family === 4 ? '/ip6tables' : '/iptables';
  const files = [...dumps.keys()].filter((file) => idle === null || !file.includes(idle));
  const spaces = new Set(files.map(spaceOf));
  return [...spaces].flatMap((space) =>
    removableDumps(new Map([...dumps].filter(([file]) => files.includes(file) && spaceOf(file) === space))),
  );
}

const spaceOf = (file: string): string => file.slice(0, file.lastIndexOf('/'));

function judgedWithout(dumps: Dumps, file: string, judged: readonly Judged[]): readonly Judged[] {
  const rest = new Map([...dumps].filter(([name]) => name !== file));
  const exact = judged.filter(({ assume, judgement }) => assume === 'none' && judgement.kind === 'exact');
  const connections = exact.map(({ connection }) => connection);
  return judgeAll(
    connections,
    exact.map(({ result }) => result),
    askAll(rest, connections),
  );
}
