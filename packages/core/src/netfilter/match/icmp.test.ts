import { describe } from 'vitest';
import { icmp } from './icmp.js';
import { icmp6 } from './icmp6.js';
import { icmpMessage, itPrints, itRefuses, itTests, laterFragment, packet } from './testing.js';

const icmpRule = { proto: 1 };
const icmp6Rule = { proto: 58 };

describe('icmp', () => {
  itPrints(
    icmp,
    4,
    [
      ['--icmp-type 8', '--icmp-type 8', 'icmptype 8'],
      ['--icmp-type 3/3', '--icmp-type 3/3', 'icmptype 3 code 3'],
      ['--icmp-type port-unreachable', '--icmp-type 3/3', 'icmp port-unreachable'],
      ['--icmp-type echo-request', '--icmp-type 8', 'icmp echo-request'],
      ['! --icmp-type ping', '! --icmp-type 8', 'icmp !type 8'],
      ['! --icmp-type ping', '! --icmp-type 8', 'icmp !echo-request'],
      ['--icmp-type any', '--icmp-type any', 'icmptype 255'],
      ['! --icmp-type any', '! --icmp-type any', 'icmp !any'],
      ['--icmp-type 255/3', '--icmp-type any', 'icmptype 255 code 3'],
      ['--icmp-type 0x8/0x0', '--icmp-type 8/0', 'icmptype 8 code 0'],
      ['--icmp-type Destination-', '--icmp-type 3', 'icmp destination-unreachable'],
      ['--icmp-type 42', '--icmp-type 42', 'icmptype 42'],
    ],
    icmpRule,
  );
  itRefuses(
    icmp,
    4,
    [
      ['', 'missing'],
      ['--icmp-type 256', 'no ICMP type'],
      ['--icmp-type 3/256', 'no ICMP code'],
      ['--icmp-type 3/', 'no ICMP code'],
      ['--icmp-type net', 'network-unreachable or network-unknown'],
      ['--icmp-type TTL', 'ttl-exceeded or'],
    ],
    icmpRule,
  );
  itTests(
    icmp,
    [
      ['an echo request is type 8', '--icmp-type 8', icmpMessage(8, 0), 'yes'],
      ['a port unreachable is 3/3', '--icmp-type 3/3', icmpMessage(3, 3), 'yes'],
      ['and not 3/1', '--icmp-type 3/1', icmpMessage(3, 3), 'no'],
      ['but not 3/1 is what it is', '! --icmp-type 3/1', icmpMessage(3, 3), 'yes'],
      ['any is every message', '--icmp-type any', icmpMessage(3, 3), 'yes'],
      ['not any is none', '! --icmp-type any', icmpMessage(3, 3), 'no'],
      ['a later fragment has no type', '--icmp-type any', laterFragment(1), 'no'],
      ['nor another type', '! --icmp-type 8', laterFragment(1), 'no'],
      ['UDP is not ICMP', '! --icmp-type 8', packet(), 'no'],
    ],
    icmpRule,
  );
});

describe('icmp6', () => {
  itPrints(
    icmp6,
    6,
    [
      ['--icmpv6-type 128', '--icmpv6-type 128', 'ipv6-icmptype 128'],
      ['--icmpv6-type 1/4', '--icmpv6-type 1/4', 'ipv6-icmptype 1 code 4'],
      ['--icmpv6-type port-unreachable', '--icmpv6-type 1/4', 'ipv6-icmp port-unreachable'],
      ['! --icmpv6-type neighbor-solicitation', '! --icmpv6-type 135', 'ipv6-icmp !neighbour-solicitation'],
      ['! --icmpv6-type neighbour-solicitation', '! --icmpv6-type 135', 'ipv6-icmp !type 135'],
      ['--icmpv6-type 255', '--icmpv6-type 255', 'ipv6-icmptype 255'],
      ['--icmpv6-type 2/0', '--icmpv6-type 2/0', 'ipv6-icmptype 2 code 0'],
    ],
    icmp6Rule,
  );
  itRefuses(
    icmp6,
    6,
    [
      ['', 'missing'],
      ['--icmpv6-type any', 'no ICMP type'],
    ],
    icmp6Rule,
  );
  itTests(
    icmp6,
    [
      ['an echo request is 128', '--icmpv6-type 128', icmpMessage(128, 0, { family: 6 }), 'yes'],
      ['255 is no wildcard', '--icmpv6-type 255', icmpMessage(128, 0, { family: 6 }), 'no'],
      ['negated it is', '! --icmpv6-type 255', icmpMessage(128, 0, { family: 6 }), 'yes'],
      ['a later fragment has no type', '! --icmpv6-type 1', laterFragment(58, { family: 6 }), 'no'],
    ],
    icmp6Rule,
  );
});
