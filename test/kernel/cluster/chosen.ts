/** Which server a node chose for each connection, by what conntrack tells of new ones. conntrack(8). */
import type { Connected, Endpoint, Result } from './agent.js';
import type { Connection } from './case.js';

/** The results, each with where the connection was sent. Of packets that were lost before they left a node, conntrack tells nothing. */
export function withChosen(connections: readonly Connection[], { results, seen }: Connected): readonly Result[] {
  const chosen = chosenIn(seen);
  return results.map((result, at) => {
    const connection = connections[at];
    const towards = connection === undefined ? undefined : chosen.get(keyOf(connection));
    return towards === undefined ? result : { ...result, towards };
  });
}

const keyOf = ({ proto, sport, dst, dport }: Omit<Connection, 'id' | 'from'>): string =>
  `${proto} ${sport} ${dst} ${dport}`;

const tuples = /^ *\[NEW\] (\S+) .*?dst=(\S+) sport=(\d+) dport=(\d+).*? src=(\S+) dst=\S+ sport=(\d+) dport=/;

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
