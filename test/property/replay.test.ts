/** Verdicts hold when their claims are checked one by one, and a changed verdict or a changed line is refuted. */
import { type Outcome, replay, type Snapshot, type Step, type Trace } from '@coldtrace/core';
import { describe, expect, it } from 'vitest';
import { type Prng, prng } from '../bench/prng.js';
import { ask, router, rules, snapshotOf } from './node-text.js';

const seed = Number(process.env['COLDTRACE_SEED'] ?? Date.now() % 1_000_000);
const through = { in: 'eth1', src: '10.2.0.9', to: '10.1.0.9' } as const;

const decisive = [
  ':A - [0:0]',
  ':B - [0:0]',
  '-A FORWARD -s 9.9.9.9/32 -j DROP',
  '-A FORWARD -p tcp -m tcp --dport 22 -j DROP',
  '-A FORWARD -j A',
  '-A FORWARD -j DROP',
  '-A A -m mark --mark 0x1 -j DROP',
  '-A A -g B',
  '-A A -j DROP',
  '-A B -d 10.1.0.9/32 -p tcp -m tcp --dport 80 -j ACCEPT',
];

const snapshotWith = (filter: readonly string[]): Snapshot =>
  snapshotOf({ router: { ...router, 'iptables-save.txt': rules({ filter }) } });

const whys = (trace: Trace, snapshot: Snapshot) => replay(trace, snapshot, 'none').map(({ why }) => why);

function changed(trace: Trace, change: (steps: readonly Step[]) => readonly Step[]): Trace {
  return {
    ...trace,
    outcomes: trace.outcomes.map((outcome: Outcome) => ({ ...outcome, steps: change(outcome.steps) })),
  };
}

describe('replay', () => {
  const snapshot = snapshotWith(decisive);
  const trace = ask(snapshot, through);

  it('a verdict holds against its own snapshot', () => {
    expect(trace.outcomes[0]?.disposition).toBe('delivered');
    expect(whys(trace, snapshot)).toEqual([]);
  });

  it.each<[string, (steps: readonly Step[]) => readonly Step[], string]>([
    ['a step that is left out', (steps) => steps.filter(({ what }) => what !== 'jump to A'), 'comes to next'],
    ['two steps that change places', (steps) => [...steps].reverse(), 'comes to next'],
    [
      'a rule that is said to apply and does not',
      (steps) =>
        steps.map((step) =>
          step.claim?.kind === 'applies' && step.rule?.chain === 'B'
            ? { ...step, claim: { ...step.claim, packet: { ...step.claim.packet, dport: 81 } } }
            : step,
        ),
      'does not apply',
    ],
    ['a node that is not there', (steps) => steps.map((step) => ({ ...step, node: 'elsewhere' })), 'no node elsewhere'],
    [
      'a longer stretch of rules that do not apply',
      (steps) =>
        steps.map((step) => (step.claim?.kind === 'skipped' ? { ...step, claim: { ...step.claim, last: 99 } } : step)),
      'no such rules',
    ],
  ])('%s is refuted', (_sentence, change, why) => {
    expect(whys(changed(trace, change), snapshot).join('; ')).toContain(why);
  });

  it.each<[string, string, string]>([
    ['the decisive rule drops now', '--dport 80 -j ACCEPT', '--dport 80 -j DROP'],
    ['the decisive rule is for another port', '--dport 80', '--dport 81'],
    ['a rule above it applies now', '-s 9.9.9.9/32', '-s 10.2.0.9/32'],
    ['the goto is a jump', '-A A -g B', '-A A -j B'],
    ['the chain is empty', '-A B -d', '-A INPUT -d'],
  ])('%s: the verdict of before is refuted', (_sentence, from, to) => {
    expect(whys(trace, snapshotWith(decisive.map((line) => line.replace(from, to))))).not.toEqual([]);
  });

  it('an answer is checked like the way there', () => {
    const reply = trace.outcomes[0]?.reply;
    expect(reply?.steps.length).toBeGreaterThan(0);
    const dropping = [...decisive, '-I INPUT -j ACCEPT'].map((line) => line.replace('-s 9.9.9.9/32', '-s 10.1.0.9/32'));
    expect(whys(trace, snapshotWith(dropping))).not.toEqual([]);
  });
});

function randomRule(random: Prng): string {
  const parts: string[] = [];
  if (random.chance(0.4))
    parts.push(`${random.chance(0.3) ? '! ' : ''}-s 10.${random.pick([1, 2, 9])}.0.0/${random.pick([8, 16, 24])}`);
  if (random.chance(0.3)) parts.push(`-d 10.1.0.${random.pick([9, 10])}/32`);
  if (random.chance(0.4)) parts.push(`-p tcp -m tcp --dport ${random.pick(['80', '22', '1:100', '81:90'])}`);
  if (random.chance(0.15)) parts.push('-m mark --mark 0x1/0x1');
  if (random.chance(0.1)) parts.push('-m statistic --mode random --probability 0.25000000000');
  if (random.chance(0.1)) parts.push('-m conntrack --ctstate NEW');
  return [
    ...parts,
    random.pick(['-j ACCEPT', '-j DROP', '-j RETURN', '-j A', '-g B', '-j B', '-j MARK --set-xmark 0x1/0x1', '']),
  ].join(' ');
}

it('every verdict about random rules holds', () => {
  const random = prng(seed);
  let claims = 0;
  for (let round = 0; round < 150; round++) {
    const chain = (name: string, below: readonly string[]) =>
      Array.from({ length: 1 + random.below(6) }, () => randomRule(random))
        .filter((rule) => !/-[jg] [AB]$/.test(rule) || below.some((other) => rule.endsWith(` ${other}`)))
        .map((rule) => `-A ${name} ${rule}`);
    const filter = [
      ':A - [0:0]',
      ':B - [0:0]',
      ...chain('FORWARD', ['A', 'B']),
      ...chain('A', ['B']),
      ...chain('B', []),
    ];
    const mangle = [
      ':A - [0:0]',
      ':B - [0:0]',
      ...chain('PREROUTING', ['A', 'B']),
      ...chain('A', ['B']),
      ...chain('B', []),
    ];
    const nat = [
      '-A PREROUTING -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.1.0.10:8080',
      '-A POSTROUTING -o eth0 -j MASQUERADE',
    ];
    const snapshot = snapshotOf({
      router: { ...router, 'iptables-save.txt': rules({ filter, mangle, ...(random.chance(0.5) ? { nat } : {}) }) },
    });
    const assume = random.pick(['none', 'defaults'] as const);
    const trace = ask(snapshot, { ...through, assume });
    claims += trace.outcomes.reduce((sum, { steps }) => sum + steps.length, 0);
    expect(replay(trace, snapshot, assume), `COLDTRACE_SEED=${seed} round ${round}`).toEqual([]);
  }
  expect(claims).toBeGreaterThan(1000);
});
