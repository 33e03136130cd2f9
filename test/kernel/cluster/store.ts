/** Past disagreements about clusters: the dumps, one connection and what came of it, for a test that needs neither root nor the kernel. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { AssumeMode } from '@coldtrace/core';
import type { Dumps } from '../referee/capture.js';
import { sourceFolder } from '../referee/source-folder.js';
import { withoutBulk } from '../referee/store.js';
import type { Result } from './agent.js';
import type { Connection } from './case.js';
import type { Judgement } from './judge.js';
import { askAll, type Judged, judgeAll } from './referee.js';

const regressions = fileURLToPath(new URL('regressions/', sourceFolder(import.meta.url)));

interface Kept {
  readonly connection: Connection;
  readonly result: Result;
  /** What it may be instead of exact, where the dumps leave something open. */
  readonly judged: Readonly<Record<AssumeMode, Judgement['kind']>>;
  readonly dumps: Readonly<Record<string, string>>;
}

export function keepConnection(name: string, judged: readonly Judged[], dumps: Dumps): void {
  const [first] = judged;
  if (first === undefined) return;
  const { connection, result } = first;
  const other = connection.dst.includes(':') ? /^net\.ipv4\.conf.*\n/gm : /^net\.ipv6\..*\n/gm;
  const texts = [...dumps].map(([file, text]) => [
    file,
    file.endsWith('/sysctl.txt') ? withoutBulk(text).replace(other, '') : text,
  ]);
  const kept: Kept = {
    connection,
    result,
    judged: { none: allowed(judged, 'none'), defaults: allowed(judged, 'defaults') },
    dumps: Object.fromEntries(texts),
  };
  mkdirSync(regressions, { recursive: true });
  writeFileSync(`${regressions}${name}.json`, `${JSON.stringify(kept, null, 1)}\n`);
}

/** What is wrong has to become exact. */
function allowed(judged: readonly Judged[], mode: AssumeMode): Judgement['kind'] {
  const kind = judged.find(({ assume }) => assume === mode)?.judgement.kind ?? 'exact';
  return kind === 'wrong' ? 'exact' : kind;
}

export function keptConnections(): readonly string[] {
  return readdirSync(regressions).map((file) => file.replace(/\.json$/, ''));
}

export interface Replayed {
  readonly allowed: Kept['judged'];
  readonly judged: readonly Judged[];
}

export function replayConnection(name: string): Replayed {
  const { connection, result, dumps, judged }: Kept = JSON.parse(readFileSync(`${regressions}${name}.json`, 'utf8'));
  const answers = askAll(new Map(Object.entries(dumps)), [connection]);
  return { allowed: judged, judged: judgeAll([connection], [result], answers) };
}
