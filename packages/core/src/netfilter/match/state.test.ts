import { describe } from 'vitest';
import { state } from './state.js';
import { itPrints, itRefuses, itTests, packet } from './testing.js';

const rows = [
  ['--state NEW', '--state NEW', 'state NEW'],
  ['--state new,established', '--state NEW,ESTABLISHED', 'state NEW,ESTABLISHED'],
  ['--state ESTABLISHED,RELATED', '--state RELATED,ESTABLISHED', 'state RELATED,ESTABLISHED'],
  ['! --state INVALID,UNTRACKED', '! --state INVALID,UNTRACKED', '! state INVALID,UNTRACKED'],
  ['--state NEW,NEW', '--state NEW', 'state NEW'],
  [
    '--state NEW,INVALID,UNTRACKED,RELATED,ESTABLISHED',
    '--state INVALID,NEW,RELATED,ESTABLISHED,UNTRACKED',
    'state INVALID,NEW,RELATED,ESTABLISHED,UNTRACKED',
  ],
] as const;

describe('state', () => {
  itPrints(state, 4, rows);
  itPrints(state, 6, rows);
  itRefuses(state, 4, [
    ['', 'missing'],
    ['--state DNAT', 'none of'],
    ['--state NEW,', 'none of'],
  ]);
  itTests(state, [
    ['a new flow is NEW', '--state NEW', packet({ ctState: 'NEW' }), 'yes'],
    ['a new flow is one of NEW,ESTABLISHED', '--state NEW,ESTABLISHED', packet({ ctState: 'NEW' }), 'yes'],
    ['an untracked packet is not INVALID', '--state INVALID', packet({ ctState: 'UNTRACKED' }), 'no'],
    ['an untracked packet is ! NEW', '! --state NEW', packet({ ctState: 'UNTRACKED' }), 'yes'],
    ['an invalid packet is ! ESTABLISHED', '! --state ESTABLISHED', packet({ ctState: 'INVALID' }), 'yes'],
  ]);
});
