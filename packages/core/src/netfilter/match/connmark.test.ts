import { describe } from 'vitest';
import { connmark } from './connmark.js';
import { connection, itPrints, itRefuses, itTests, packet } from './testing.js';

const marked = packet({ ctState: 'NEW', ct: connection({ mark: 0x1010 }) });

/** A packet behind a CT rule of table raw, of whose template the bits under the mask are known. */
const templated = (value: number, mask: number) =>
  packet({ ctState: 'NEW', template: { zone: null, mark: { value, mask } } });

describe('connmark', () => {
  for (const family of [4, 6] as const)
    itPrints(connmark, family, [
      ['--mark 1', '--mark 0x1', 'connmark match  0x1'],
      ['! --mark 0x10/0xff', '! --mark 0x10/0xff', 'connmark match ! 0x10/0xff'],
      ['--mark 0', '--mark 0x0', 'connmark match  0x0'],
      ['--mark 1/0', '--mark 0x1/0x0', 'connmark match  0x1/0x0'],
    ]);
  itRefuses(connmark, 4, [
    ['', 'missing'],
    ['--mark x', 'not a mark'],
  ]);
  itTests(connmark, [
    ['the bits under the mask are compared', '--mark 0x10/0xff', marked, 'yes'],
    ['all bits without a mask', '--mark 0x10', marked, 'no'],
    ['negated', '! --mark 0x10', marked, 'yes'],
    ['a bit outside the mask is never found', '--mark 0x1/0x0', marked, 'no'],
    ['an untracked packet has no connection mark, not even 0', '--mark 0', packet(), 'no'],
    ['nor one that differs', '! --mark 7', packet(), 'no'],
    ['an invalid one neither', '! --mark 7', packet({ ctState: 'INVALID' }), 'no'],
    ['a template without a mark has 0', '--mark 0', templated(0, 0xffffffff), 'yes'],
    ['the known bits of a template are enough', '--mark 0x10/0xf0', templated(0x10, 0xf0), 'yes'],
    ['so are some that differ', '--mark 0x17', templated(0x20, 0xf0), 'no'],
    ['others are open', '--mark 0x10/0xff', templated(0x10, 0xf0), 'unknown'],
    ['a bit outside the mask is found on no template', '! --mark 0x1/0x0', templated(0, 0), 'yes'],
  ]);
});
