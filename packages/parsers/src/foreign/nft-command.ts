/** What an nft command shows of the tables that it lists (nft(8), LIST). */
import type { Section } from '../format.js';

const asked =
  /\blist[\s_]+(chains?|sets?|maps?|meters?|flowtables?|counters?|quotas?|limits?|ct|tables|synproxys?|secmarks?)\b/;

/** Tables are there, but not all that stands in them: chains without rules, one chain, sets alone. A listing without its command is the ruleset. */
export function showsParts({ command, path }: Pick<Section, 'command' | 'path'>): boolean {
  return asked.test((command ?? path.slice(path.lastIndexOf('/') + 1)).slice(0, 500));
}
