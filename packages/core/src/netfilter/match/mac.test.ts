import { describe } from 'vitest';
import { parseMac } from '../../inet/mac.js';
import { mac } from './mac.js';
import { itPrints, itRefuses, itTests, packet } from './testing.js';

const rows = [
  ['--mac-source 00:11:22:33:44:55', '--mac-source 00:11:22:33:44:55', 'MAC 00:11:22:33:44:55'],
  ['! --mac-source aa:BB:cc:dd:ee:ff', '! --mac-source aa:bb:cc:dd:ee:ff', 'MAC ! aa:bb:cc:dd:ee:ff'],
  ['--mac-source 0:1:2:3:4:5', '--mac-source 00:01:02:03:04:05', 'MAC 00:01:02:03:04:05'],
] as const;

const rows6 = [['--mac-source 00:11:22:33:44:55', '--mac-source 00:11:22:33:44:55', 'MAC 00:11:22:33:44:55']] as const;

const sender = (text: string, fields = {}) => packet({ srcMac: parseMac(text), ...fields });

describe('mac', () => {
  itPrints(mac, 4, rows);
  itPrints(mac, 6, rows6);
  itRefuses(mac, 4, [
    ['', 'missing'],
    ['--mac-source 00-11-22-33-44-55', 'hardware address'],
    ['--mac-source 001:11:22:33:44:55', 'hardware address'],
    ['--mac-source 00:11:22:33:44:5g', 'hardware address'],
  ]);
  itTests(mac, [
    ['the sender', '--mac-source 00:11:22:33:44:55', sender('00:11:22:33:44:55'), 'yes'],
    ['another sender', '! --mac-source 00:11:22:33:44:55', sender('00:11:22:33:44:56'), 'yes'],
    ['an unknown sender', '! --mac-source 00:11:22:33:44:55', packet(), 'unknown'],
    ['a packet made here has none', '! --mac-source 00:11:22:33:44:55', packet({ iif: null }), 'no'],
    ['nor has the loopback', '! --mac-source 00:11:22:33:44:55', sender('00:00:00:00:00:00', { iif: 'lo' }), 'no'],
  ]);
});
