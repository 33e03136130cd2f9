/** Random IPVS nodes in the second kernel: what a probe is answered is what became of the packet, and of the answer to it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type AnswerLine, interview, placeOf } from '@coldtrace/core';
import { parseSnapshot } from '@coldtrace/parsers';
import { expect, it } from 'vitest';
import { type Disagreement, freshSeed, intolerable, mostOpen, seedsOf } from './fresh.js';
import { describeKernel } from './gate.js';
import { agrees, kernelAnswer, ourAnswers, type Seen } from './ipvs-compare.js';
import { type IpvsCase, randomIpvsCase } from './ipvs-generator.js';
import { handMade } from './ipvs-hand-made.js';
import { oddPackets } from './ipvs-odd-packets.js';
import { BOOT_TOOLS } from './second-kernel/boot.js';
import { nodesIn } from './second-kernel/nodes.js';

const failures = fileURLToPath(new URL('failures', import.meta.url));
const cases = Number(process.env['COLDTRACE_CASES'] ?? 8);
/** To build and capture a node takes seconds there, to send a packet milliseconds. */
const probesPerCase = 20;
/** A scheduler that goes by connections which an earlier probe made; an answer that was sent through a tunnel, and the next packet through it; connections of other ports that the service of FTP takes; DNAT to a server of IPVS; a local server of a packet on its way out; DNAT to a service whose server gets packets as they are. */
const kept = [495_196, 379_297, 81_013, 73_015, 84_011, 860_017];

describeKernel('ipvs', () => {
  it(`answers as the second kernel does (seed ${freshSeed}, ${cases} nodes)`, { timeout: 1_200_000 }, () => {
    const drawn = seedsOf(cases, kept);
    // Numbers below those of `kept` name what was made by hand.
    holds(
      'ipvs',
      [...handMade, ...drawn.map((seed) => randomIpvsCase(seed, probesPerCase))],
      [...handMade.keys(), ...drawn],
    );
  });

  it('answers what random nodes never ask', { timeout: 1_200_000 }, () => {
    holds('ipvs-odd', oddPackets, [...oddPackets.keys()]);
  });
}, [...BOOT_TOOLS, 'ipvsadm', 'conntrack', 'python3']);

/** All in one boot. */
function holds(name: string, asked: readonly IpvsCase[], seeds: readonly number[]): void {
  const tally = { asked: 0, open: 0, wrong: [] as Disagreement[], because: new Map<string, number>() };
  const unbuilt: string[] = [];
  nodesIn(asked, seeds).forEach((node, at) => {
    const [one, seed] = [asked[at], seeds[at]];
    if (one === undefined || seed === undefined || 'failed' in node) {
      unbuilt.push(`seed ${seed}: ${JSON.stringify(node)}`);
      return;
    }
    const held: Held = new Map();
    let ask = askedOf(node.captured);
    const before = tally.wrong.length;
    one.probes.forEach((probe, index) => {
      const seen = node.answers[index];
      if (seen === undefined) return;
      if (seen.captured !== undefined) ask = askedOf({ ...node.captured, ...seen.captured });
      const question = { id: `${index}`, ...probe };
      const where = { seed, probe: `probe ${index}` };
      judge(tally, held, where, question, ask(JSON.stringify(question), index), seen);
      if (seen.reply === undefined) return;
      const reply = { id: `${index}r`, kind: 'reply', of: `${index}` };
      judge(tally, held, { seed, probe: `probe ${index} reply` }, reply, ask(JSON.stringify(reply), index), seen.reply);
    });
    if (tally.wrong.length > before) keep(`${name}-${seed}`, one, node.captured);
  });
  console.info(`${name}: ${tally.asked} asked, ${tally.open} open, ${tally.wrong.length} wrong`);
  console.info([...tally.because].sort(([, x], [, y]) => y - x).slice(0, 8));
  expect(intolerable(name, tally.wrong, tally.asked)).toEqual([]);
  expect(unbuilt).toEqual([]);
  expect(tally.open).toBeLessThanOrEqual(tally.asked * mostOpen);
}

function askedOf(captured: Readonly<Record<string, string>>): ReturnType<typeof interview> {
  const files = Object.entries(captured).map(([file, text]) => [`node-1/${file}`, text] as const);
  const [node] = parseSnapshot(new Map(files)).nodes;
  if (node === undefined) throw new Error('the capture holds no node');
  return interview(placeOf(node, node.host, 'none'));
}

interface Tally {
  asked: number;
  open: number;
  readonly wrong: Disagreement[];
  readonly because: Map<string, number>;
}

interface Where {
  readonly seed: number;
  readonly probe: string;
}

function judge(tally: Tally, held: Held, where: Where, asked: object, answer: AnswerLine, seen: Seen): void {
  const ours = ourAnswers(answer);
  const kernel = kernelAnswer(seen);
  if (meetsEarlier(held, ours, kernel)) return;
  tally.asked++;
  if (ours.some((one) => one['outcome'] === 'unknown')) {
    tally.open++;
    const text = JSON.stringify(ours.find((one) => one['outcome'] === 'unknown')?.['because']);
    tally.because.set(text, (tally.because.get(text) ?? 0) + 1);
    return;
  }
  if (ours.some((one) => agrees(kernel, one))) return;
  const said = ours.map((one) => `  ours   ${JSON.stringify(one)}`).join('\n');
  const text = `${where.probe} ${JSON.stringify(asked)}\n  kernel ${JSON.stringify(kernel)}\n${said}`;
  tally.wrong.push({ seed: where.seed, text });
}

/** The direction of a connection by that of its answers. */
type Held = Map<string, string>;

/** A probe is answered from the capture; in the kernel the connection of an earlier one may hold the same answers, so that another port is chosen. */
function meetsEarlier(held: Held, ours: readonly object[], kernel: object): boolean {
  const meets = ours.some((one) => {
    const entry = entryOf(one);
    const other = entry === null ? undefined : held.get(entry.reply);
    return other !== undefined && other !== entry?.orig;
  });
  const made = entryOf(kernel);
  if (made !== null) held.set(made.reply, made.orig);
  return meets;
}

function entryOf(answer: object): { readonly orig: string; readonly reply: string } | null {
  if (!('conntrack' in answer) || typeof answer.conntrack !== 'object' || answer.conntrack === null) return null;
  const { orig, reply } = Object.fromEntries(Object.entries(answer.conntrack));
  return typeof orig === 'string' && typeof reply === 'string' ? { orig, reply } : null;
}

function keep(name: string, one: IpvsCase, captured: Readonly<Record<string, string>>): void {
  mkdirSync(failures, { recursive: true });
  const dumps = Object.entries(captured).map(([file, text]) => `## ${file}\n${text}`);
  writeFileSync(`${failures}/${name}.txt`, [...one.setup, ...one.services, ...dumps].join('\n'));
}
