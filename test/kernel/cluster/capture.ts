/** Every captured namespace by the ordinary commands: a folder for each node, with one for each of its pods. */
import { commonDumps, type Dumps } from '../referee/capture.js';
import type { ClusterAgent } from './agent.js';
import type { ClusterCase, Space } from './case.js';

/** Where both variants are in use, nft has the ordinary names. */
function rulesOf(one: ClusterCase): readonly (readonly [string, string])[] {
  const [first, second] = (['nft', 'legacy'] as const).filter((each) => one.setup.some(({ tool }) => tool === each));
  return (['iptables', 'ip6tables'] as const).flatMap((ip) => [
    [`${ip}-save.txt`, `${ip}-${first ?? 'legacy'}-save -c`] as const,
    ...(second === undefined ? [] : [[`${ip}-${second}-save.txt`, `${ip}-${second}-save -c`] as const]),
  ]);
}

/** What tells machines apart stands with their host. */
const ofTheMachine: ReadonlySet<string> = new Set(['hostname', 'uname.txt']);

export async function captureCluster(agent: ClusterAgent, one: ClusterCase): Promise<Dumps> {
  const captured = one.spaces.filter(({ node }) => node !== null);
  const commands = [...commonDumps, ...rulesOf(one)];
  const outputs = await agent.capture(
    captured.map(({ name }) => name),
    commands.map(([, command]) => command),
  );
  const files = captured.flatMap((space, at) =>
    commands.flatMap(([file], index): readonly (readonly [string, string])[] => {
      if (isPod(space) && ofTheMachine.has(file)) return [];
      const text = outputs[at]?.[index] ?? '';
      const named = ofTheMachine.has(file) ? text.replace('node-1', space.name) : text;
      return [[`${folderOf(space)}/${file}`, named]];
    }),
  );
  return new Map(files);
}

const isPod = ({ name, node }: Space) => name !== node;

function folderOf(space: Space): string {
  return isPod(space) ? `${space.node}/netns/${space.name}` : space.name;
}
