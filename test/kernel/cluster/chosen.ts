/** Which server a node chose for each connection, by what conntrack holds afterwards. conntrack(8). */
import type { ClusterAgent, Endpoint, Result } from './agent.js';
import type { ClusterCase, Connection } from './case.js';

/** The results, each with where the connection was sent. Packets that were lost before they left a node leave nothing behind. */
export async function withChosen(
  agent: ClusterAgent,
  { family, spaces, connections }: ClusterCase,
  results: readonly Result[],
): Promise<readonly Result[]> {
  const list = `conntrack -L -f ipv${family} 2>/dev/null`;
  const outputs = await agent.capture(
    spaces.map(({ name }) => name),
    [list],
  );
  const chosen = chosenIn(outputs.flat().flatMap((text) => text.split('\n')));
  return results.map((result, at) => {
    const connection = connections[at];
    const towards = connection === undefined ? undefined : chosen.get(keyOf(connection));
    return towards === undefined ? result : { ...result, towards };
  });
}

const keyOf = ({ proto, sport, dst, dport }: Omit<Connection, 'id' | 'from'>): string =>
  `${proto} ${sport} ${dst} ${dport}`;

const tuples = /^(\S+) .*?dst=(\S+) sport=(\d+) dport=(\d+).*? src=(\S+) dst=\S+ sport=(\d+) dport=/;

/** No client uses a port twice, and of all nodes one translates. */
function chosenIn(lines: readonly string[]): ReadonlyMap<string, Endpoint> {
  const found = new Map<string, Endpoint>();
  for (const line of lines) {
    const [, proto, dst = '', sport, dport, server = '', port] = tuples.exec(line) ?? [];
    const isTranslated = server !== dst || port !== dport;
    if (isTranslated) found.set(`${proto} ${sport} ${dst} ${dport}`, { dst: server, dport: Number(port) });
  }
  return found;
}
