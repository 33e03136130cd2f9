/** Every disagreement about a connection across a cluster that ever was, without the kernel: the dumps, the connection, and what came of it. */
import { describe, expect, it } from 'vitest';
import { keptConnections, replayConnection } from './cluster/store.js';

describe('past disagreements about clusters', () => {
  it.each(keptConnections())('%s is told as it went', (name) => {
    const judged = replayConnection(name);
    const kinds = judged.map(({ assume, judgement }) => [assume, judgement.kind]);
    expect([['exact'], ['open']]).toContainEqual(kinds.flatMap(([assume, kind]) => (assume === 'none' ? [kind] : [])));
    expect(kinds).toContainEqual(['defaults', 'exact']);
  });
});
