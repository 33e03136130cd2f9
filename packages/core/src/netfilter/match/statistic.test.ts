import { describe, expect, it } from 'vitest';
import { formatFraction } from '../../verdict/fraction.js';
import { statistic } from './statistic.js';
import { itPrints, itRefuses, itTests, mustRead, packet } from './testing.js';

const random = (share: string) => `--mode random --probability ${share}`;
const listed = (share: string) => `statistic mode random probability ${share}`;

const rows = [
  [random('0.5'), random('0.50000000000'), listed('0.50000000000')],
  [random('0.33333333349'), random('0.33333333349'), listed('0.33333333349')],
  [random('0'), random('0.00000000000'), listed('0.00000000000')],
  [random('1'), random('1.00000000000'), listed('1.00000000000')],
  [random('1e-3'), random('0.00100000016'), listed('0.00100000016')],
  [random('.25'), random('0.25000000000'), listed('0.25000000000')],
  [random('0.2'), random('0.20000000019'), listed('0.20000000019')],
  [random('0.0000000001'), random('0.00000000000'), null],
  [random('0.000244140625'), random('0.00024414062'), listed('0.00024414062')],
  [random('0.000732421875'), random('0.00073242188'), listed('0.00073242188')],
  [
    '--mode random ! --probability 0.33333333349',
    '--mode random ! --probability 0.33333333349',
    'statistic mode random ! probability 0.33333333349',
  ],
  ['--mode nth --every 3 --packet 2', '--mode nth --every 3 --packet 2', 'statistic mode nth every 3 packet 2'],
  ['--mode nth ! --every 3 --packet 0', '--mode nth ! --every 3 --packet 0', 'statistic mode nth ! every 3'],
  [
    '--packet 0xfffffffe --every 0xffffffff --mode nth',
    '--mode nth --every 4294967295 --packet 4294967294',
    'statistic mode nth every 4294967295 packet 4294967294',
  ],
] as const;

describe('statistic', () => {
  itPrints(statistic, 4, rows);
  itPrints(statistic, 6, rows);
  itRefuses(statistic, 4, [
    ['', '--mode is missing'],
    ['--mode foo', 'none of'],
    ['--mode random', '--probability is missing'],
    [random('1.00001'), 'between 0 and 1'],
    [random('half'), 'between 0 and 1'],
    [`${random('0.5')} --every 3`, 'mode nth'],
    ['--mode nth --every 3', 'needs'],
    ['--mode nth --packet 0', 'needs'],
    ['--mode nth --every 0 --packet 0', 'between 1'],
    ['--mode nth --every 3 --packet 3', 'not below'],
    ['--mode nth --every 3 ! --packet 1', 'takes no !'],
  ]);
  itTests(statistic, [
    ['half of all packets: it may match', random('0.5'), packet(), 'yes'],
    ['all packets', random('1'), packet(), 'yes'],
    ['no packet', random('0'), packet(), 'no'],
    ['not no packet', '--mode random ! --probability 0', packet(), 'yes'],
    ['every third packet: the count decides', '--mode nth --every 3 --packet 0', packet(), 'unknown'],
    ['every packet', '--mode nth --every 1 --packet 0', packet(), 'yes'],
    ['not every packet', '--mode nth ! --every 1 --packet 0', packet(), 'no'],
  ]);
  it.each([
    [random('0.33333333349'), '715827883/2147483648'],
    ['--mode random ! --probability 0.33333333349', '1431655765/2147483648'],
    [random('0.5'), '1/2'],
    [random('1'), null],
    ['--mode nth --every 3 --packet 0', null],
  ])('%s matches %s of all packets by chance', (words, share) => {
    const chance = statistic.chance?.(mustRead(statistic, 4, words)) ?? null;
    expect(chance === null ? null : formatFraction(chance)).toBe(share);
  });
});
