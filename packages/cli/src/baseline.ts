/** `--baseline FILE`: an earlier `analyze --json`, whose findings are known and hidden. */
import { readFile } from 'node:fs/promises';
import { UsageError } from './exit-status.js';

export async function readBaseline(path: string | undefined): Promise<ReadonlySet<string>> {
  if (path === undefined) return new Set();
  return fingerprintsIn(path, await jsonOf(path));
}

async function jsonOf(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    throw new UsageError(`--baseline: ${path} cannot be read`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`--baseline: ${path} is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function fingerprintsIn(path: string, document: unknown): ReadonlySet<string> {
  const findings = fieldOf(document, 'findings');
  if (!Array.isArray(findings)) throw new UsageError(`--baseline: ${path} is no output of analyze --json`);
  return new Set(
    findings.map((finding: unknown, index) => {
      const fingerprint = fieldOf(finding, 'fingerprint');
      if (typeof fingerprint === 'string') return fingerprint;
      throw new UsageError(`--baseline: ${path}: finding ${index + 1} has no fingerprint`);
    }),
  );
}

function fieldOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}
