/** Builds a case's cluster: its namespaces, and in each what its lines say. */
import { applyRun, runsOf } from '../referee/apply.js';
import { quiet } from '../referee/build.js';
import type { ClusterAgent } from './agent.js';
import type { ClusterCase, PlacedLine } from './case.js';

export async function buildCluster(agent: ClusterAgent, one: ClusterCase): Promise<void> {
  const names = one.spaces.map(({ name }) => name);
  await agent.newSpaces(names);
  for (const name of names) await agent.in(name).write(quiet);
  for (const lines of runsOf(one.setup, alike)) await apply(agent, one.family, lines);
  for (const name of names) await settled(agent, name);
}

const alike = (one: PlacedLine, other: PlacedLine) => one.at === other.at && one.family === other.family;

async function apply(agent: ClusterAgent, first: 4 | 6, lines: readonly PlacedLine[]): Promise<void> {
  const [{ at, tool, family = first } = { at: '', tool: 'ip' }] = lines;
  const words = lines.map(({ text }) => text.split(' '));
  if (tool === 'listen') await agent.listen(at, family, words);
  else if (tool === 'conntrack') for (const each of words) await agent.in(at).run(['conntrack', ...each]);
  else await applyRun(agent.in(at), family, lines);
}

/** Devices without a far end that is up never get a carrier. */
const mostWaiting = 20;

/** Carrier, address checks and the routes to the node's own addresses of IPv6 come a little later than the commands. */
async function settled(agent: ClusterAgent, at: string): Promise<void> {
  const ask = async (argv: readonly string[]) => (await agent.in(at).run(argv)).out;
  for (let attempt = 0; attempt < mostWaiting; attempt++) {
    const addresses = await ask(['ip', 'addr', 'show', 'up']);
    const local = await ask(['ip', '-6', 'route', 'show', 'table', 'local']);
    const own = [...addresses.matchAll(/inet6 ([^/ ]+)/g)].map(([, address]) => address);
    if (!/NO-CARRIER|LOWERLAYERDOWN|tentative/.test(addresses) && own.every((ip) => local.includes(`local ${ip} `)))
      return;
    await agent.sleep(0.02);
  }
}
