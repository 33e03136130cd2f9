/** Every disagreement about a connection across a cluster that ever was, without the kernel: the dumps, the connection, and what came of it. */
import { describe, expect, it } from 'vitest';
import { keptConnections, replayConnection } from './cluster/store.js';

describe('past disagreements about clusters', () => {
  it.each(keptConnections())('%s is told as it went', (name) => {
    const { allowed, judged } = replayConnection(name);
    expect(judged.map(({ assume }) => assume)).toEqual(['none', 'defaults']);
    for (const { assume, judgement } of judged) expect(['exact', allowed[assume]]).toContain(judgement.kind);
  });
});
