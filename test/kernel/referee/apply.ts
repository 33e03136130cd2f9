/** Carries out the lines of a case with the tool that each is for; what the kernel refuses is left out. ip(8), ipset(8), iptables-restore(8). */
import type { Agent } from './agent.js';
import type { Line, Tool } from './case.js';

/** Whoever can run a tool and write parameters in the namespace that is meant. */
export type Hands = Pick<Agent, 'run' | 'write'>;

const restore = (family: 4 | 6, variant: string): string =>
  `${family === 4 ? 'iptables' : 'ip6tables'}-${variant}-restore`;

/** Neighbours in the list that one tool takes at once. */
export function runsOf<Each extends Line>(
  lines: readonly Each[],
  alike: (one: Each, other: Each) => boolean,
): readonly (readonly Each[])[] {
  const runs: Each[][] = [];
  for (const line of lines) {
    const last = runs.at(-1);
    if (last?.[0] !== undefined && last[0].tool === line.tool && alike(last[0], line)) last.push(line);
    else runs.push([line]);
  }
  return runs;
}

export async function applyRun(agent: Hands, family: 4 | 6, lines: readonly Line[]): Promise<void> {
  const tool: Tool = lines[0]?.tool ?? 'ip';
  const input = lines.map(({ text }) => `${text}\n`).join('');
  switch (tool) {
    case 'ip':
      await agent.run(['ip', '-force', '-batch', '-'], input);
      break;
    case 'ip6':
      await agent.run(['ip', '-6', '-force', '-batch', '-'], input);
      break;
    case 'bridge':
      await agent.run(['bridge', '-force', '-batch', '-'], input);
      break;
    case 'ipset':
      await loadSets(agent, lines);
      break;
    case 'sysctl':
      await agent.write(lines.map(({ text }) => text.split(' ') as [string, string]));
      break;
    case 'legacy':
    case 'nft':
      await loadRules(agent, restore(family, tool), lines);
  }
}

/** What the kernel refuses is left out: what it took is what gets captured. */
async function loadRules(agent: Hands, tool: string, lines: readonly Line[]): Promise<void> {
  let left = [...lines];
  for (let attempt = 0; attempt < 60; attempt++) {
    const { text, sources } = restoreText(left);
    const run = await agent.run([tool], text);
    if (run.status === 0) return;
    const at = Number(/line:? (\d+)/.exec(run.err)?.[1] ?? 0);
    const culprit = sources[at - 1];
    if (culprit === undefined || culprit === null) return loadOneByOne(agent, tool, left);
    left = left.filter((line) => line !== culprit);
  }
}

/** The kernel refused a table as a whole without saying why. */
async function loadOneByOne(agent: Hands, tool: string, lines: readonly Line[]): Promise<void> {
  const chains = lines.filter(({ text }) => text.startsWith(':'));
  await agent.run([tool], restoreText(chains).text);
  for (const line of lines) {
    if (line.text.startsWith(':')) continue;
    await agent.run([tool, '--noflush'], restoreText([line]).text);
  }
}

/** The text, and which line each of its lines is. */
function restoreText(lines: readonly Line[]): { readonly text: string; readonly sources: readonly (Line | null)[] } {
  const sources: (Line | null)[] = [];
  const out: string[] = [];
  const add = (text: string, source: Line | null) => {
    out.push(`${text}\n`);
    sources.push(source);
  };
  for (const table of new Set(lines.map((line) => line.table ?? 'filter'))) {
    const own = lines.filter((line) => (line.table ?? 'filter') === table);
    add(`*${table}`, null);
    for (const line of own.filter(({ text }) => text.startsWith(':'))) add(line.text, line);
    for (const line of own.filter(({ text }) => !text.startsWith(':'))) add(line.text, line);
    add('COMMIT', null);
  }
  return { text: out.join(''), sources };
}

/** Goes on behind a line that is refused. */
async function loadSets(agent: Hands, lines: readonly Line[]): Promise<void> {
  let left = lines;
  while (left.length > 0) {
    const run = await agent.run(['ipset', '-exist', 'restore'], left.map(({ text }) => `${text}\n`).join(''));
    if (run.status === 0) return;
    const at = Number(/line (\d+)/.exec(run.err)?.[1] ?? left.length);
    const before = left.slice(0, at - 1);
    if (before.length > 0)
      await agent.run(['ipset', '-exist', 'restore'], before.map(({ text }) => `${text}\n`).join(''));
    left = left.slice(at);
  }
}
