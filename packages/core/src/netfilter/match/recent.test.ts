import { describe, expect, it } from 'vitest';
import { recent } from './recent.js';
import { asks, itLoses, itPrints, itRefuses, itTests, mustRead, nothingKnown, packet } from './testing.js';

const rows = [
  [
    '--set',
    '--set --name DEFAULT --mask 255.255.255.255 --rsource',
    'recent: SET name: DEFAULT side: source mask: 255.255.255.255',
  ],
  [
    '--update --seconds 60 --hitcount 4 --name SSH --rsource',
    '--update --seconds 60 --hitcount 4 --name SSH --mask 255.255.255.255 --rsource',
    'recent: UPDATE seconds: 60 hit_count: 4 name: SSH side: source mask: 255.255.255.255',
  ],
  [
    '--rcheck --seconds 60 --reap --hitcount 4 --rttl --name s --rdest --mask 255.255.255.0',
    '--rcheck --seconds 60 --reap --hitcount 4 --rttl --name s --mask 255.255.255.0 --rdest',
    'recent: CHECK seconds: 60 reap hit_count: 4 TTL-Match name: s side: dest mask: 255.255.255.0',
  ],
  [
    '! --rcheck --seconds 10',
    '! --rcheck --seconds 10 --name DEFAULT --mask 255.255.255.255 --rsource',
    '! recent: CHECK seconds: 10 name: DEFAULT side: source mask: 255.255.255.255',
  ],
  [
    '--remove --rsource --rdest',
    '--remove --name DEFAULT --mask 255.255.255.255 --rdest',
    'recent: REMOVE name: DEFAULT side: dest mask: 255.255.255.255',
  ],
  [
    '--remove --rdest --rsource',
    '--remove --name DEFAULT --mask 255.255.255.255 --rsource',
    'recent: REMOVE name: DEFAULT side: source mask: 255.255.255.255',
  ],
  ['--rcheck --hitcount 0', '--rcheck --name DEFAULT --mask 255.255.255.255 --rsource', null],
  [
    '--rcheck --mask 255.0.255.0',
    '--rcheck --name DEFAULT --mask 255.0.255.0 --rsource',
    'recent: CHECK name: DEFAULT side: source mask: 255.0.255.0',
  ],
] as const;

const rows6 = [
  [
    '--rcheck --mask ffff:: --name v6',
    '--rcheck --name v6 --mask ffff:: --rsource',
    'recent: CHECK name: v6 side: source mask: ffff::',
  ],
  [
    '--set',
    '--set --name DEFAULT --mask ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff --rsource',
    'recent: SET name: DEFAULT side: source mask: ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
  ],
] as const;

/** The sender's packets are on the list, so many of them. */
const seenAs = (stamps: number) => {
  const input = packet();
  return { ...input, around: { ...nothingKnown, recentList: () => [{ ip: input.skb.src, stamps }] } };
};

describe('recent', () => {
  itPrints(recent, 4, rows);
  itPrints(recent, 6, rows6);
  itPrints(recent, 4, [
    [`--set --name ${'n'.repeat(210)}`, `--set --name ${'n'.repeat(199)} --mask 255.255.255.255 --rsource`, null],
  ]);
  itRefuses(recent, 4, [
    ['', 'exactly one'],
    ['--name foo', 'exactly one'],
    ['--set --rcheck', 'exactly one'],
    ['--set --seconds 3', 'only'],
    ['--set --hitcount 3', 'only'],
    ['--set --rttl', 'only'],
    ['--rcheck --reap', 'needs --seconds'],
    ['--rcheck --seconds 0', 'between 1'],
    ['--rcheck --hitcount 65536', 'between 0 and 65535'],
    ['--rcheck --mask ffff::', 'IPv4 address'],
    ['--set --name a/b', 'slash'],
    ['--set --name ""', 'not empty'],
    ['--rcheck ! --name foo', 'takes no !'],
  ]);
  itLoses(recent, 4, [['--set --name "x y"', '--set --name x y --mask 255.255.255.255 --rsource', 'one word']]);
  itTests(recent, [
    ['recording always succeeds', '--set', packet(), 'yes'],
    ['so its negation never does', '! --set', packet(), 'no'],
    ['whether the sender is on the list only the kernel knows', '--rcheck', packet(), 'unknown'],
    ['nor does a negation settle it', '! --update --seconds 10', packet(), 'unknown'],
    ['where the list is shown it tells', '--rcheck', seenAs(2), 'yes'],
    ['how often', '--rcheck --hitcount 2', seenAs(2), 'yes'],
    ['and how often not', '--rcheck --hitcount 3', seenAs(2), 'no'],
    ['when it does not', '--rcheck --seconds 100', seenAs(2), 'unknown'],
    ['but never more often than at all', '! --rcheck --seconds 100 --hitcount 3', seenAs(2), 'yes'],
    ['nor with which TTL', '--rcheck --rttl', seenAs(2), 'unknown'],
    ['another address is not on it', '--update --rdest', seenAs(2), 'no'],
    ['one that is there is taken off', '--remove', seenAs(2), 'yes'],
  ]);
  it('remembers what came as far, and leaves open what perhaps did', () => {
    const set = mustRead(recent, 4, '--set');
    const twice = mustRead(recent, 4, '--rcheck --hitcount 3');
    const answers = [true, false].map((reached) => {
      const input = seenAs(2);
      const skb = recent.remembers?.(set, input, reached);
      return skb && asks(recent, twice, { ...input, skb });
    });
    expect(answers).toEqual(['yes', 'unknown']);
  });
  it('knows no address for certain once another was added, for which the oldest may have to go', () => {
    const input = seenAs(2);
    const skb = recent.remembers?.(mustRead(recent, 4, '--set --rdest'), input, true);
    expect(skb && asks(recent, mustRead(recent, 4, '--rcheck'), { ...input, skb })).toBe('unknown');
  });
});
