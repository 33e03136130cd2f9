import { describe, expect, it } from 'vitest';
import { connlimit } from './connlimit.js';
import { asks, itPrints, itRefuses, itTests, mustRead, packet } from './testing.js';

describe('connlimit', () => {
  itPrints(connlimit, 4, [
    ['--connlimit-upto 2', '--connlimit-upto 2 --connlimit-mask 32 --connlimit-saddr', '#conn src/32 <= 2'],
    ['--connlimit-above 0', '--connlimit-above 0 --connlimit-mask 32 --connlimit-saddr', '#conn src/32 > 0'],
    [
      '--connlimit-above 16 --connlimit-mask 24',
      '--connlimit-above 16 --connlimit-mask 24 --connlimit-saddr',
      '#conn src/24 > 16',
    ],
    [
      '--connlimit-above 16 --connlimit-mask 33',
      '--connlimit-above 16 --connlimit-mask 32 --connlimit-saddr',
      '#conn src/32 > 16',
    ],
    [
      '--connlimit-above 16 --connlimit-daddr',
      '--connlimit-above 16 --connlimit-mask 32 --connlimit-daddr',
      '#conn dst/32 > 16',
    ],
    ['! --connlimit-above 4', '--connlimit-upto 4 --connlimit-mask 32 --connlimit-saddr', '#conn src/32 <= 4'],
    ['! --connlimit-upto 4', '--connlimit-above 4 --connlimit-mask 32 --connlimit-saddr', '#conn src/32 > 4'],
  ]);
  itPrints(connlimit, 6, [
    ['--connlimit-upto 2', '--connlimit-upto 2 --connlimit-mask 128 --connlimit-saddr', '#conn src/128 <= 2'],
  ]);
  itRefuses(connlimit, 4, [
    ['', 'neither'],
    ['--connlimit-upto 16 --connlimit-above 4', 'together'],
    ['--connlimit-upto 16 --connlimit-saddr --connlimit-daddr', 'together'],
  ]);
  itTests(connlimit, [['nobody counts the connections', '--connlimit-above 16', packet(), 'unknown']]);
  it.each([
    ['a later fragment', packet({ fragment: { offset: 9, more: true } }), true],
    ['IPv6 without an upper-layer header', packet({ family: 6, proto: 59, extensions: [51] }), true],
    ['a first fragment', packet({ fragment: { offset: 0, more: true } }), false],
  ])('%s is dropped: %s', (_, input, drops) => {
    expect(connlimit.drops?.(mustRead(connlimit, input.skb.family, '--connlimit-above 0'), input)).toBe(drops);
    expect(asks(connlimit, mustRead(connlimit, input.skb.family, '--connlimit-above 0'), input)).toBe(
      drops ? 'no' : 'yes',
    );
  });
});
