/** How rules are gone through: jumps, goto, RETURN, policies, chance, what is unknown, and text that no kernel would load. */
import { formatFraction } from '@coldtrace/core';
import { describe, expect, it } from 'vitest';
import { ask, nodeOf, router, rules } from './node-text.js';

const through = { in: 'eth1', src: '10.2.0.9', to: '10.1.0.9' } as const;

function walked(filter: readonly string[], assume: 'none' | 'defaults' = 'none'): readonly string[] {
  const node = nodeOf({ ...router, 'iptables-save.txt': rules({ filter }) });
  return ask({ nodes: [node] }, { ...through, assume })
    .outcomes.map(({ disposition, probability }) => `${formatFraction(probability)} ${disposition}`)
    .sort();
}

/** A chain of jumps so many deep, with the last rule at its end. */
const deep = (depth: number, last: string) => [
  ...Array.from({ length: depth }, (_, at) => `:C${at} - [0:0]`),
  '-A FORWARD -j C0',
  ...Array.from({ length: depth - 1 }, (_, at) => `-A C${at} -j C${at + 1}`),
  `-A C${depth - 1} ${last}`,
];

describe('walking a table', () => {
  it.each<[string, readonly string[], string]>([
    ['no rule: the policy decides', [], 'delivered'],
    ['a policy of DROP', [':FORWARD DROP [0:0]'], 'dropped'],
    ['the first terminating rule wins', ['-A FORWARD -j ACCEPT', '-A FORWARD -j DROP'], 'delivered'],
    ['a rule without target only counts', ['-A FORWARD', '-A FORWARD -j DROP'], 'dropped'],
    ['an empty chain returns', [':C - [0:0]', '-A FORWARD -j C', '-A FORWARD -j DROP'], 'dropped'],
    [
      'RETURN goes back to the caller',
      [':C - [0:0]', '-A C -j RETURN', '-A C -j DROP', '-A FORWARD -j C'],
      'delivered',
    ],
    [
      'RETURN in the built-in chain asks the policy',
      [':FORWARD DROP [0:0]', '-A FORWARD -j RETURN', '-A FORWARD -j ACCEPT'],
      'dropped',
    ],
    [
      'goto from the built-in chain ends in the policy',
      [':FORWARD DROP [0:0]', ':C - [0:0]', '-A FORWARD -g C', '-A FORWARD -j ACCEPT'],
      'dropped',
    ],
    [
      'goto returns to the caller of the chain that went',
      [':A - [0:0]', ':B - [0:0]', '-A FORWARD -j A', '-A FORWARD -j DROP', '-A A -g B', '-A A -j ACCEPT'],
      'dropped',
    ],
    [
      'RETURN in a chain that was gone to, too',
      [
        ':A - [0:0]',
        ':B - [0:0]',
        '-A FORWARD -j A',
        '-A FORWARD -j DROP',
        '-A A -g B',
        '-A A -j ACCEPT',
        '-A B -j RETURN',
      ],
      'dropped',
    ],
    ['200 jumps deep', deep(200, '-j DROP'), 'dropped'],
    ['200 jumps deep and back', [...deep(200, '-j RETURN'), '-A FORWARD -j DROP'], 'dropped'],
    ['a negated match', ['-A FORWARD ! -s 10.2.0.9/32 -j DROP'], 'delivered'],
    [
      'a jump loop is what no kernel loads',
      [':A - [0:0]', ':B - [0:0]', '-A FORWARD -j A', '-A A -j B', '-A B -j A'],
      'looped',
    ],
    ['REJECT', ['-A FORWARD -j REJECT --reject-with icmp-port-unreachable'], 'rejected'],
    ['an unknown match that decides', ['-A FORWARD -m fancy --yes -j DROP'], 'undetermined'],
    ['an unknown match before the same end', ['-A FORWARD -m fancy --yes -j DROP', '-A FORWARD -j DROP'], 'dropped'],
    [
      'an unknown match beside a known one that fails',
      ['-A FORWARD -s 9.9.9.9/32 -m fancy --yes -j DROP'],
      'delivered',
    ],
    ['an unknown target', ['-A FORWARD -j FANCY --yes'], 'undetermined'],
    ['an unknown target for others', ['-A FORWARD -s 9.9.9.9/32 -j FANCY --yes'], 'delivered'],
    ['a userspace queue', ['-A FORWARD -j NFQUEUE --queue-num 1'], 'undetermined'],
    [
      'LOG and MARK go on',
      [
        '-A FORWARD -j LOG --log-prefix x',
        '-A FORWARD -j MARK --set-xmark 0x1/0x1',
        '-A FORWARD -m mark --mark 0x1/0x1 -j DROP',
      ],
      'dropped',
    ],
    ['limits are history', ['-A FORWARD -m limit --limit 1/sec -j DROP'], 'undetermined'],
  ])('%s', (_sentence, filter, disposition) => {
    expect(walked(filter)).toEqual([`1 ${disposition}`]);
  });

  it('exact shares of chance, one after the other', () => {
    const half = '-i eth1 -m statistic --mode random --probability 0.50000000000';
    expect(walked([`-A FORWARD ${half} -j DROP`, `-A FORWARD ${half} -j REJECT`])).toEqual([
      '1/2 dropped',
      '1/4 delivered',
      '1/4 rejected',
    ]);
  });

  it('an unknown match in front of chance opens all of it', () => {
    expect(walked(['-A FORWARD -m fancy -m statistic --mode random --probability 0.5 -j DROP'])).toEqual([
      '1 undetermined',
    ]);
  });

  it('logging by a match of history does not open anything', () => {
    const many = Array.from({ length: 40 }, () => '-A FORWARD -m limit --limit 1/sec -j LOG');
    expect(walked(many)).toEqual(['1 delivered']);
  });

  it('a hundred unknown matches before the same end make no difference', () => {
    const many = Array.from({ length: 100 }, (_, at) => `-A FORWARD -m fancy --n ${at} -j ACCEPT`);
    expect(walked(many)).toEqual(['1 delivered']);
  });

  it('many unknown matches are given up, not followed for ever', () => {
    const many = Array.from(
      { length: 400 },
      (_, at) => `-A FORWARD -m fancy --n ${at} -j MARK --set-xmark ${at}/0xffff`,
    );
    expect(walked(many)).toEqual(['1 undetermined']);
  });
});

describe('chains that are not all there', () => {
  const fragment = (text: string, assume: 'none' | 'defaults') => {
    const node = nodeOf({ ...router, 'iptables-save.txt': text });
    const [outcome] = ask({ nodes: [node] }, { ...through, assume }).outcomes;
    return outcome;
  };
  const grep = '-A FORWARD -s 10.2.0.0/24 -j CHECKED\n-A FORWARD -s 9.9.9.9/32 -j DROP\n';

  it('a jump to a chain that the fragment lacks is open, not empty', () => {
    expect(fragment(grep, 'none')?.disposition).toBe('undetermined');
  });

  it('with defaults it is taken to return, by name', () => {
    const outcome = fragment(grep, 'defaults');
    expect(outcome?.disposition).toBe('delivered');
    expect(outcome?.assumptions.map(({ text }) => text).join()).toContain('CHECKED');
  });
});

describe('dumps that no kernel would hold (docs/contradictions.md)', () => {
  const set6 = `Name: six
Type: hash:ip
Revision: 5
Header: family inet6 hashsize 1024 maxelem 65536 bucketsize 12 initval 0x1
Size in memory: 200
References: 1
Number of entries: 0
Members:
`;
  const answer = (filter: readonly string[], sets = '') => {
    const node = nodeOf({ ...router, 'iptables-save.txt': rules({ filter }), 'ipset-list.txt': sets });
    const [outcome] = ask({ nodes: [node] }, { ...through, assume: 'defaults' }).outcomes;
    return [outcome?.disposition, outcome?.because.map(({ text }) => text).join('; ')];
  };

  it.each<[string, readonly string[], string, string, RegExp]>([
    ['a jump to a chain that is not there', ['-A FORWARD -j NOWHERE'], '', 'undetermined', /NOWHERE/],
    ['a rule for others that jumps to it', ['-A FORWARD -s 9.9.9.9/32 -j NOWHERE'], '', 'delivered', /^$/],
    [
      'a circle that the packet leaves',
      [':A - [0:0]', '-A FORWARD -j A', '-A A -s 10.2.0.0/24 -j DROP', '-A A -j A'],
      '',
      'dropped',
      /^$/,
    ],
    ['a circle that it does not', [':A - [0:0]', '-A FORWARD -j A', '-A A -j A'], '', 'looped', /jump loop/],
    ['a set that is not there', ['-A FORWARD -m set --match-set gone src -j DROP'], '', 'undetermined', /set gone/],
    ['a set of the other family', ['-A FORWARD -m set --match-set six src -j DROP'], set6, 'undetermined', /IPv6/],
    ['its negation', ['-A FORWARD -m set ! --match-set six src -j DROP'], set6, 'undetermined', /IPv6/],
  ])('%s', (_sentence, filter, sets, disposition, because) => {
    const [ends, why] = answer(filter, sets);
    expect(ends).toBe(disposition);
    expect(why).toMatch(because);
  });
});
