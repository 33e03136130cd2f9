import { describe } from 'vitest';
import { parseIp } from '../../inet/ip-text.js';
import { bareElement, type IpSet } from '../../snapshot/ipset.js';
import { set } from './set.js';
import { itPrints, itRefuses, itTests, nothingKnown, packet } from './testing.js';

const rows = [
  ['--match-set s src', '--match-set s src', 'match-set s src'],
  ['! --match-set p src,dst', '! --match-set p src,dst', '! match-set p src,dst'],
  ['! --set s src', '! --match-set s src', '! match-set s src'],
  ['--match-set a.b:c src', '--match-set a.b:c src', 'match-set a.b:c src'],
  [
    '--match-set s src,dst,src,dst,src,dst',
    '--match-set s src,dst,src,dst,src,dst',
    'match-set s src,dst,src,dst,src,dst',
  ],
  ['--match-set s src --update-counters', '--match-set s src', 'match-set s src'],
  [
    '--match-set s src ! --packets-eq 5 --bytes-lt 0x10',
    '--match-set s src ! --packets-eq 5 --bytes-lt 16',
    'match-set s src ! packets-eq 5 bytes-lt 16',
  ],
  ['--match-set s src --packets-gt 0', '--match-set s src --packets-gt 0', 'match-set s src packets-gt 0'],
  ['--match-set s src ! --bytes-eq 7', '--match-set s src ! --bytes-eq 7', 'match-set s src ! bytes-eq 7'],
  [
    '--bytes-gt 18446744073709551615 --match-set s src --return-nomatch ! --update-counters ! --update-subcounters',
    '--match-set s src --return-nomatch ! --update-counters ! --update-subcounters --bytes-gt 18446744073709551615',
    'match-set s src return-nomatch ! update-counters ! update-subcounters bytes-gt 18446744073709551615',
  ],
] as const;

const span = { file: 0, start: 0, end: 0 };
const member = parseIp('10.0.0.1');
const addresses: IpSet = {
  span,
  name: 's',
  type: 'hash:ip',
  revision: null,
  family: 4,
  options: [['family', 'inet']],
  timeout: null,
  range: null,
  netmask: null,
  bitmask: null,
  markmask: null,
  references: null,
  elements:
    member === null
      ? []
      : [
          {
            span,
            parts: [{ kind: 'ip', ip: member }],
            ...bareElement,
          },
        ],
  complete: true,
};

describe('set', () => {
  itPrints(set, 4, rows);
  itPrints(set, 6, rows);
  itRefuses(set, 4, [
    ['', 'missing'],
    ['--return-nomatch', 'missing'],
    ['--match-set s foo', 'neither'],
    ['--match-set s SRC', 'neither'],
    ['--match-set s ""', 'neither'],
    ['--match-set s src,dst,src,dst,src,dst,src', 'more than 6'],
    ['--match-set s23456789012345678901234567890123 src', '31 bytes'],
    ['--match-set s src --packets-lt 5 --packets-gt 4', 'only one'],
    ['--match-set s src ! --packets-lt 5', 'takes no !'],
    ['--match-set s src --match-set l dst', 'twice'],
    ['--match-set s src --bytes-eq 18446744073709551616', '64 bits'],
  ]);
  const nowhere = { around: { ...nothingKnown, ipset: () => false as const } };
  const captured = (more: Partial<IpSet> = {}) => {
    const found = { ...addresses, ...more };
    return { around: { ...nothingKnown, ipset: () => found, ipsets: new Map([['s', found]]) } };
  };
  const counted = captured({ options: [['family', 'inet'], ['counters']] });
  itTests(set, [
    ['without a dump of the sets nothing is known', '--match-set s src', packet(), 'unknown'],
    ['not even negated', '! --match-set s src', packet(), 'unknown'],
    [
      'a set that the dump lacks was there when the rule was loaded',
      '! --match-set s src',
      packet({}, nowhere),
      'unknown',
    ],
    ['the source is a member', '--match-set s src', packet({}, captured()), 'yes'],
    ['the destination is not', '--match-set s dst', packet({}, captured()), 'no'],
    ['so the negation holds', '! --match-set s dst', packet({}, captured()), 'yes'],
    ['a cut-off dump leaves it open', '! --match-set s dst', packet({}, captured({ complete: false })), 'unknown'],
    ['counters are not asked of a set without', '--match-set s src --packets-gt 9', packet({}, captured()), 'yes'],
    ['counters of the element decide', '--match-set s src --packets-gt 9', packet({}, counted), 'unknown'],
    ['but not for who is no member', '--match-set s dst --packets-gt 9', packet({}, counted), 'no'],
  ]);
});
