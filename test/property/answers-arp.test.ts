/** Who answers for an address that is somebody else's, by what was captured of the one asked. */
import { placeOf } from '@coldtrace/core';
import { expect, it } from 'vitest';
import { answersFor } from '../../packages/core/src/path/answers-arp.js';
import { ip, nodeOf, router } from './node-text.js';

const proxying = 'net.ipv4.conf.all.proxy_arp = 0\nnet.ipv4.conf.eth0.proxy_arp = 1\n';

it.each([
  ['the router forwards there by another device', 'net.ipv4.conf.eth0.forwarding = 1\n', true],
  ['the router does not forward', 'net.ipv4.conf.eth0.forwarding = 0\n', false],
  ['whether it forwards was not captured', '', null],
])('with proxy_arp, where %s', (_sentence, forwarding, answered) => {
  const node = nodeOf({ ...router, 'sysctl.txt': proxying + forwarding });
  const place = placeOf(node, node.host, 'none');
  expect(answersFor({ place, dev: 'eth0' }, ip('10.2.0.77'), ip('10.1.0.9'))).toBe(answered);
});

it.each([
  ['stands on the device that is asked', 'eth0', '', true],
  [
    'stands on another device, and arp_ignore is 0',
    'eth1',
    'net.ipv4.conf.all.arp_ignore = 0\nnet.ipv4.conf.eth1.arp_ignore = 0\n',
    true,
  ],
  ['stands on another device, and arp_ignore is 1', 'eth1', 'net.ipv4.conf.all.arp_ignore = 1\n', false],
  ['stands on another device, and arp_ignore was not captured', 'eth1', '', null],
])('an own address that %s', (_sentence, dev, settings, answered) => {
  const node = nodeOf({ ...router, 'sysctl.txt': `net.ipv4.ip_forward = 1\n${settings}` });
  const place = placeOf(node, node.host, 'none');
  expect(answersFor({ place, dev }, ip('10.1.0.1'), ip('10.1.0.9'))).toBe(answered);
});
