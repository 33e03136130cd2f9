/**
 * One measuring process of the benchmark: `sample-cluster.js NODES SERVICES` prints the milliseconds that parsing the dumps of a cluster takes, those that `analyze` takes on top, and the peak
 * of memory in MiB. They are those that somebody waits: what V8 compiles meanwhile on another core is not among them.
 */
import { performance } from 'node:perf_hooks';
import type * as Parsers from '../../packages/parsers/dist/index.js';
import type * as Rules from '../../packages/rules/dist/index.js';
import { clusterFiles } from './generate-many.js';

const built = (path: string) => new URL(`../../../../packages/${path}`, import.meta.url).href;
const parsers: typeof Parsers = await import(built('parsers/dist/index.js'));
const rules: typeof Rules = await import(built('rules/dist/index.js'));

const nodes = Number(process.argv[2]);
const services = Number(process.argv[3]);
const encoder = new TextEncoder();

/** Each file's bytes can go as soon as they are text, as when a capture is read. */
function* drained(files: Map<string, string>): Generator<readonly [string, Uint8Array]> {
  for (const [name, text] of files) {
    files.delete(name);
    yield [name, encoder.encode(text)];
  }
}

function spent(work: () => void): number {
  const begun = performance.now();
  work();
  return performance.now() - begun;
}

// What is compiled and collected for the first nodes is not the parser's.
parsers.parseSnapshot(clusterFiles({ nodes: 2, services }));
const files = new Map(clusterFiles({ nodes, services }));
let snapshot = parsers.parseSnapshot(new Map());
const parsed = spent(() => {
  snapshot = parsers.parseSnapshot(drained(files));
});
const analyzed = spent(() => {
  const { findings } = rules.analyze(snapshot, { apply: parsers.applyText });
  if (findings.length > 0) throw new Error(`the generated cluster is not healthy: ${findings[0]?.message}`);
});
console.log(parsed, analyzed, process.resourceUsage().maxRSS / 1024);
