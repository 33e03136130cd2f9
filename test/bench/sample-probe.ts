/**
 * One measuring process of the benchmark: `sample-probe.js SERVICES ROUNDS` prints the microseconds of processor time that one probe of a mix takes from
 * its line to the line of its answer, and those of JSON.parse and JSON.stringify of the same lines.
 */
import type * as Core from '../../packages/core/dist/index.js';
import type * as Parsers from '../../packages/parsers/dist/index.js';
import { generateCluster } from './cluster.js';
import { nodeFiles } from './generate-node.js';
import { median } from './measure.js';
import { probeLines } from './probe-lines.js';

const built = (path: string) => new URL(`../../../../packages/${path}`, import.meta.url).href;
const core: typeof Core = await import(built('core/dist/index.js'));
const parsers: typeof Parsers = await import(built('parsers/dist/index.js'));

const services = Number(process.argv[2]);
const rounds = Number(process.argv[3]);
const probes = 4000;

const cluster = generateCluster({ services });
/** Each round asks others, so that nothing is answered from memory that a long list of probes would not find there. */
const sets = Array.from({ length: rounds + 3 }, (_, round) => probeLines(cluster, probes, round));
const [node] = parsers.parseSnapshot(nodeFiles({ services, endpointComments: true })).nodes;
if (node === undefined) throw new Error('no node was read');
const place = core.placeOf(node, node.host, 'defaults');

/** Microseconds of processor time for each line; a round asks every line of its set once. */
function timed(round: (lines: readonly string[], set: number) => void): number {
  const times = sets.map((lines, set) => {
    const begun = process.cpuUsage();
    round(lines, set);
    const { user, system } = process.cpuUsage(begun);
    return (user + system) / lines.length;
  });
  return median(times.slice(3));
}

let written = 0;
const asked = timed((lines) => {
  const ask = core.writtenInterview(place);
  lines.forEach((line, at) => {
    written += Buffer.byteLength(ask(line, at + 1));
  });
});
// Kept for the comparison alone: the command prints each answer and forgets it.
const answers = sets.map(answersTo);
// Services without endpoints answer nobody.
const unasked = answers.flat().filter((answer) => 'error' in answer).length;
if (unasked > (probes * sets.length) / 100 || written === 0) throw new Error(`${unasked} probes are none`);
const copied = timed((lines, set) => {
  lines.forEach((line, at) => {
    JSON.parse(line);
    written += Buffer.byteLength(JSON.stringify(answers[set]?.[at]));
  });
});
console.log(asked, copied);

function answersTo(lines: readonly string[]): readonly object[] {
  const [asks, writes] = [core.interview(place), core.writtenInterview(place)];
  return lines.map((line, at) => {
    const answer = asks(line, at + 1);
    if (writes(line, at + 1) !== JSON.stringify(answer)) throw new Error(`another answer is written: ${line}`);
    return answer;
  });
}
