/** How single lines of routes look, before anybody reads them. */
import { describe, expect, test } from 'vitest';
import { routeGetVerdict, routeVerdict } from './verdict.js';

describe('how lines look', () => {
  test.each([
    ['default via 10.0.0.1 dev eth0 ', 'opens', null],
    ['10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.5 ', 'opens', null],
    ['blackhole 10.44.0.0/24 proto bird ', 'opens', null],
    ['10.50.0.0/16 ', 'continues', null],
    ['10.244.1.7 dev cali0123 scope link ', 'opens', 'continues'],
    ['10.244.1.7 dev cali0123 ', 'continues', 'continues'],
    ['10.0.0.9 dev eth0 lladdr 02:00:00:00:00:09 REACHABLE', null, null],
    ['10.0.0.13 dev eth0  FAILED', null, null],
    ['\tnexthop via 10.0.0.1 dev eth0 weight 1 ', 'continues', null],
    ['10.0.0.77 dev eth0 src 10.0.0.5 uid 0 ', null, 'opens'],
    ['fd04::1 from :: via fd00::3 dev eth0 src fd00::5 metric 1024 pref medium', null, 'opens'],
    ['fd04::1 from fd00::5 via fd00::3 dev eth0 metric 1024 pref medium', 'opens', 'continues'],
    ['    cache <local> ', 'continues', 'continues'],
    ['10.blackly.3.0/24 via 10.0.0.4 dev eth0', 'continues', null],
    ['default gateway is wrong', null, null],
    ['Default via', null, null],
    ['local time is 10:00', null, null],
    ['10.0.0.1 is the gateway', null, null],
    ['via 10.0.0.1', null, null],
    ['0:\tfrom all lookup local', null, null],
    ['10.0.0.0        0.0.0.0         255.255.255.0   U     0      0        0 eth0', null, null],
  ])('%s', (line, route, get) => {
    expect([routeVerdict(line), routeGetVerdict(line)]).toEqual([route, get]);
  });
});
