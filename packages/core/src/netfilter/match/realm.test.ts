import { describe } from 'vitest';
import { realm } from './realm.js';
import { itPrints, itRefuses, itTests, nothingKnown, packet } from './testing.js';

const rows = [
  ['--realm 5', '--realm 0x5', 'realm 0x5'],
  ['! --realm 5/0xff', '! --realm 0x5/0xff', '! realm 0x5/0xff'],
  ['--realm cosmos', '--realm cosmos', 'realm 0x0'],
  ['--realm 0x10', '--realm 0x10', 'realm 0x10'],
  ['--realm 0x10/0x0f', '--realm 0x10/0xf', 'realm 0x10/0xf'],
  ['--realm 4294967295', '--realm 0xffffffff', 'realm 0xffffffff'],
  ['--realm 0', '--realm cosmos', 'realm 0x0'],
  ['--realm 0/0xff', '--realm 0x0/0xff', 'realm 0x0/0xff'],
  ['--realm 65536', '--realm 0x10000', 'realm 0x10000'],
  ['--realm 0', '--realm cosmos', 'realm cosmos'],
] as const;

describe('realm', () => {
  itPrints(realm, 4, rows);
  itRefuses(realm, 4, [
    ['', 'missing'],
    ['--realm cosmos/5', 'rt_realms'],
    ['--realm russia', 'rt_realms'],
    ['--realm 1/x', 'not a realm'],
  ]);
  const plain = packet({}, { around: { ...nothingKnown, hasRealms: () => false } });
  const routed = (tag: number | undefined) =>
    packet({ realm: tag }, { around: { ...nothingKnown, hasRealms: () => true } });
  itTests(realm, [
    ['what realms there are is not known', '! --realm 5', packet(), 'unknown'],
    ['without realms every route has realm 0', '--realm cosmos', plain, 'yes'],
    ['and no other', '--realm 5', plain, 'no'],
    ['so the negation holds', '! --realm 5/0xff', plain, 'yes'],
    ['source and destination are the halves of one number', '--realm 0x30007', routed(0x30007), 'yes'],
    ['which counts as a whole', '--realm 7', routed(0x30007), 'no'],
    ['but for a mask', '--realm 7/0xffff', routed(0x30007), 'yes'],
    ['the upper half is no negative number', '--realm 0xfff00000/0xfff00000', routed(0xfff00007), 'yes'],
    ['what was given by whichever rule came first is not known', '--realm 5', routed(undefined), 'unknown'],
  ]);
});
