/** Past disagreements about clusters: the dumps, one connection and what came of it, for a test that needs neither root nor the kernel. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Dumps } from '../referee/capture.js';
import { sourceFolder } from '../referee/source-folder.js';
import { withoutBulk } from '../referee/store.js';
import type { Result } from './agent.js';
import type { Connection } from './case.js';
import { askAll, type Judged, judgeAll } from './referee.js';

const regressions = fileURLToPath(new URL('regressions/', sourceFolder(import.meta.url)));

interface Kept {
  readonly connection: Connection;
  readonly result: Result;
  readonly dumps: Readonly<Record<string, string>>;
}

export function keepConnection(name: string, connection: Connection, result: Result, dumps: Dumps): void {
  const other = connection.dst.includes(':') ? /^net\.ipv4\.conf.*\n/gm : /^net\.ipv6\..*\n/gm;
  const texts = [...dumps].map(([file, text]) => [
    file,
    file.endsWith('/sysctl.txt') ? withoutBulk(text).replace(other, '') : text,
  ]);
  const kept: Kept = { connection, result, dumps: Object.fromEntries(texts) };
  mkdirSync(regressions, { recursive: true });
  writeFileSync(`${regressions}${name}.json`, `${JSON.stringify(kept, null, 1)}\n`);
}

export function keptConnections(): readonly string[] {
  return readdirSync(regressions).map((file) => file.replace(/\.json$/, ''));
}

export function replayConnection(name: string): readonly Judged[] {
  const { connection, result, dumps }: Kept = JSON.parse(readFileSync(`${regressions}${name}.json`, 'utf8'));
  return judgeAll([connection], [result], askAll(new Map(Object.entries(dumps)), [connection]));
}
