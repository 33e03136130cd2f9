import { describe } from 'vitest';
import { pkttype } from './pkttype.js';
import { itPrints, itRefuses, itTests, packet } from './testing.js';

const rows = [
  ['--pkt-type unicast', '--pkt-type unicast', 'PKTTYPE = unicast'],
  ['! --pkt-type broadcast', '! --pkt-type broadcast', 'PKTTYPE != broadcast'],
  ['--pkt-type multicast', '--pkt-type multicast', 'PKTTYPE = multicast'],
  ['--pkt-type host', '--pkt-type unicast', 'PKTTYPE = unicast'],
  ['--pkt-type BROADCAST', '--pkt-type broadcast', 'PKTTYPE = broadcast'],
  ['--pkt-type otherhost', '--pkt-type otherhost', 'PKTTYPE = otherhost'],
  ['--pkt-type bcast', '--pkt-type broadcast', 'PKTTYPE = broadcast'],
  ['--pkt-type mcast', '--pkt-type multicast', 'PKTTYPE = multicast'],
] as const;

describe('pkttype', () => {
  itPrints(pkttype, 4, rows);
  itPrints(pkttype, 6, rows);
  itRefuses(pkttype, 4, [
    ['', 'missing'],
    ['--pkt-type foo', 'no packet type'],
    ['--pkt-type outgoing', 'no packet type'],
    ['--pkt-type loopback', 'no packet type'],
  ]);
  itTests(pkttype, [
    ['a frame for us is unicast', '--pkt-type unicast', packet(), 'yes'],
    ['a frame for us is not broadcast', '! --pkt-type broadcast', packet(), 'yes'],
    ['a broadcast frame', '--pkt-type broadcast', packet({ pktType: 'broadcast' }), 'yes'],
    ['our own multicast come back', '--pkt-type multicast', packet({ pktType: 'loopback', dst: '224.0.0.1' }), 'yes'],
    ['our own broadcast come back', '--pkt-type broadcast', packet({ pktType: 'loopback', dst: '10.0.0.255' }), 'yes'],
  ]);
});
