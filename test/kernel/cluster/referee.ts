/** One cluster from its commands to its judgements: built, captured, asked, tried. */
import type { AssumeMode, Trace } from '@coldtrace/core';
import type { Dumps } from '../referee/capture.js';
import type { Attempt, ClusterAgent, Result } from './agent.js';
import { type Asked, askTrace, snapshotOf } from './ask.js';
import { buildCluster } from './build.js';
import { captureCluster } from './capture.js';
import type { ClusterCase, Connection } from './case.js';
import { withChosen } from './chosen.js';
import { type Judgement, judge } from './judge.js';

const modes = ['none', 'defaults'] as const;

export interface Judged {
  readonly connection: Connection;
  readonly result: Result;
  readonly assume: AssumeMode;
  readonly asked: Asked;
  readonly judgement: Judgement;
}

export interface Verdicts {
  readonly dumps: Dumps;
  readonly results: readonly Result[];
  readonly judged: readonly Judged[];
}

export async function refereeCluster(agent: ClusterAgent, one: ClusterCase): Promise<Verdicts> {
  await buildCluster(agent, one);
  const dumps = await captureCluster(agent, one);
  const answers = askAll(dumps, one.connections);
  const attempts = one.connections.map(
    (connection, at): Attempt => ({
      space: connection.from.space,
      proto: connection.proto,
      src: connection.from.src ?? null,
      sport: connection.sport,
      dst: connection.dst,
      dport: connection.dport,
      expected: answers.some((all) => traceOf(all[at])?.verdict === 'works'),
    }),
  );
  const results = withChosen(one.connections, await agent.connect(attempts));
  return { dumps, results, judged: judgeAll(one.connections, results, answers) };
}

/** The answers to all connections, for each way to assume. */
export function askAll(dumps: Dumps, connections: readonly Connection[]): readonly (readonly Asked[])[] {
  const snapshot = snapshotOf(dumps);
  return modes.map((assume) => connections.map((connection) => askTrace(snapshot, connection, assume)));
}

export function judgeAll(
  connections: readonly Connection[],
  results: readonly Result[],
  answers: readonly (readonly Asked[])[],
): readonly Judged[] {
  return modes.flatMap((assume, mode) =>
    connections.flatMap((connection, at): readonly Judged[] => {
      const [result, asked] = [results[at], answers[mode]?.[at]];
      if (result === undefined || asked === undefined) return [];
      return [{ connection, result, assume, asked, judgement: judge(asked, result) }];
    }),
  );
}

function traceOf(asked: Asked | undefined): Trace | null {
  return asked?.ok === true ? asked.trace : null;
}
