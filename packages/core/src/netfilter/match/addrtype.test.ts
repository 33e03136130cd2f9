import { describe } from 'vitest';
import { formatIp } from '../../inet/ip-text.js';
import type { PacketInput } from '../packet-input.js';
import { addrtype } from './addrtype.js';
import { itPrints, itRefuses, itTests, nothingKnown, packet } from './testing.js';

/** A node whose eth0 has 10.0.0.2 and nothing else. */
const node: PacketInput['around'] = {
  ...nothingKnown,
  addressIs: (ip, types, dev) => {
    const local = formatIp(ip) === '10.0.0.2' && (dev === null || dev === 'eth0');
    return types.includes(local ? 'LOCAL' : 'UNICAST');
  },
};
const here = (fields = {}) => packet(fields, { around: node });

describe('addrtype', () => {
  itPrints(addrtype, 4, [
    ['--src-type LOCAL', '--src-type LOCAL', 'ADDRTYPE match src-type LOCAL'],
    ['! --dst-type local,UNICAST', '! --dst-type UNICAST,LOCAL', 'ADDRTYPE match dst-type !UNICAST,LOCAL'],
    [
      '--src-type UNICAST,LOCAL,BROADCAST --dst-type MULTICAST --limit-iface-in',
      '--src-type UNICAST,LOCAL,BROADCAST --dst-type MULTICAST --limit-iface-in',
      'ADDRTYPE match src-type UNICAST,LOCAL,BROADCAST dst-type MULTICAST limit-in',
    ],
    [
      '--dst-type LOCAL --limit-iface-out',
      '--dst-type LOCAL --limit-iface-out',
      'ADDRTYPE match dst-type LOCAL limit-out',
    ],
    [
      '--dst-type UNSPEC,ANYCAST,BLACKHOLE,UNREACHABLE,PROHIBIT,THROW,NAT,XRESOLVE',
      '--dst-type UNSPEC,ANYCAST,BLACKHOLE,UNREACHABLE,PROHIBIT,THROW,NAT,XRESOLVE',
      'ADDRTYPE match dst-type UNSPEC,ANYCAST,BLACKHOLE,UNREACHABLE,PROHIBIT,THROW,NAT,XRESOLVE',
    ],
    ['--src-type LOCAL,LOCAL', '--src-type LOCAL', 'ADDRTYPE match src-type LOCAL'],
    ['--src-type UNIC', '--src-type UNICAST', 'ADDRTYPE match src-type UNICAST'],
  ]);
  itPrints(addrtype, 6, [
    ['--dst-type UNREACHABLE,ANYCAST', '--dst-type ANYCAST,UNREACHABLE', 'ADDRTYPE match dst-type ANYCAST,UNREACHABLE'],
  ]);
  itRefuses(addrtype, 4, [
    ['--dst-type LOCAL --limit-iface-out --limit-iface-in', 'together'],
    ['--limit-iface-in', 'neither'],
    ['--src-type ,', 'none of'],
    ['--src-type FOO', 'none of'],
    ['--src-type LOCAL --src-type UNICAST', 'twice'],
  ]);
  itRefuses(addrtype, 4, [['--dst-type LOCAL --limit-iface-out', 'no out device']], { chain: 'PREROUTING' });
  itRefuses(addrtype, 4, [['--dst-type LOCAL --limit-iface-in', 'no in device']], { chain: 'OUTPUT' });
  itRefuses(addrtype, 6, [
    ['--dst-type BLACKHOLE', 'for IPv6'],
    ['--dst-type LOCAL,BROADCAST', 'for IPv6'],
    ['--src-type XRESOLVE', 'for IPv6'],
  ]);
  itTests(addrtype, [
    ['the address of eth0 is local', '--dst-type LOCAL', here(), 'yes'],
    ['and not of another kind', '! --dst-type LOCAL', here(), 'no'],
    ['it is local seen from eth0', '--dst-type LOCAL --limit-iface-in', here(), 'yes'],
    ['but not seen from eth1', '--dst-type LOCAL --limit-iface-out', here(), 'no'],
    ['both have to hold', '--src-type LOCAL --dst-type LOCAL', here(), 'no'],
    ['without the addresses nothing is known', '--dst-type LOCAL', packet(), 'unknown'],
    ['nor the contrary', '! --dst-type LOCAL', packet(), 'unknown'],
  ]);
});
