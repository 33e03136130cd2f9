/** Every disagreement with the kernel that ever was, without the kernel: the dumps, the probes, and what it answered. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { coldtrace, root } from '../cli/run.js';
import { askColdtrace } from './referee/ask.js';
import { judge } from './referee/compare.js';
import { readRegression, regressionNames, replay } from './referee/store.js';

describe('past disagreements with the kernel', () => {
  it.each(regressionNames())('%s is answered as the kernel did', (name) => {
    expect(replay(name).join('\n')).toBe('');
  });

  it('the command answers them as the library does', async () => {
    const folder = `${root}test/kernel/regressions/raw-has-no-state`;
    const ran = await coldtrace(['probe', `${folder}/node-1`, '--probes', `${folder}/probes.jsonl`]);
    const kernel = readFileSync(`${folder}/kernel.jsonl`, 'utf8').trimEnd().split('\n');
    const answers = ran.stdout.trimEnd().split('\n');
    expect(ran.status).toBe(0);
    expect(answers.length).toBe(kernel.length);
    answers.forEach((answer, index) => {
      expect(judge(JSON.parse(answer), JSON.parse(kernel[index] ?? ''))).toEqual({ kind: 'exact' });
    });
  });
});

describe('a flooded frame of which', () => {
  const out = (port: string, target: string): string => `-A FORWARD -m physdev --physdev-out ${port} -j ${target}\n`;

  it.each([
    ['one copy is refused and one leaves', out('eth1', 'REJECT'), 'refused and yet leaves by eth0'],
    ['the other leaves', out('eth0', 'REJECT'), 'refused and yet leaves by eth1'],
    [
      'both are refused, each in its own way',
      out('eth0', 'REJECT') + out('eth1', 'REJECT --reject-with icmp-host-prohibited'),
      'refused in more than one way',
    ],
  ])('%s has no single end', (_, rules, because) => {
    const { dumps, probes } = readRegression('flooded-copies-are-refused');
    const text = `*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n${rules}COMMIT\n`;
    const answers = askColdtrace(new Map([...dumps, ['node-1/iptables-save.txt', text]]), probes.slice(0, 1));
    expect(answers).toMatchObject([{ outcome: 'unknown', because: [`the flooded frame is ${because}`] }]);
  });
});

it('what a route of table main makes of an address is open while nothing shows that policy rules ever changed', () => {
  const { dumps, probes } = readRegression('addrtype-asks-main-until-a-rule-changes');
  const rules = '0:\tfrom all lookup local\n32766:\tfrom all lookup main\n32767:\tfrom all lookup default\n';
  const [broadcast, local, asBefore] = askColdtrace(new Map([...dumps, ['node-1/ip-rule.txt', rules]]), probes);
  const because = [expect.stringContaining('whether policy rules were ever changed')];
  expect([broadcast, local]).toMatchObject([{ because }, { because }]);
  expect(asBefore).toMatchObject({ outcome: 'local', hits: [['raw', 'PREROUTING', 1]] });
});

it('a policy rule for ports may take ESP and AH by an index that is not told', () => {
  const { dumps, probes } = readRegression('esp-and-ah-under-rules-for-ports');
  const untold = probes.map(({ frag_body: _, ...probe }) => probe);
  const because = ['policy rule 50 asks for a port that is not told'];
  expect(askColdtrace(dumps, untold)).toMatchObject(untold.map(() => ({ outcome: 'unknown', because })));
});
