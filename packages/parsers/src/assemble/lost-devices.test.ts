import { describe, expect, it } from 'vitest';
import { parseSnapshot } from '../parse-snapshot.js';

const links = `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN mode DEFAULT group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
2: eth0@if5: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT group default qlen 1000
    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff link-netnsid 0
`;
const routes = `default via 10.0.0.254 dev eth0
10.5.0.0/24 dev tunl7 proto static scope link
10.6.0.0/24 dev tunl7 proto static scope link
unreachable 10.7.0.0/24
local 127.0.0.1 dev lo table local proto kernel scope host src 127.0.0.1
`;
const said = (files: Readonly<Record<string, string>>) =>
  parseSnapshot(new Map(Object.entries(files).map(([name, text]) => [`n1/${name}`, text])))
    .diagnostics.filter(({ code }) => code === 'assemble/route-without-device')
    .map(({ message }) => message);

describe('a route without its device', () => {
  it('is said once per device', () => {
    expect(said({ 'ip-link.txt': links, 'ip-route.txt': routes })).toEqual([
      'n1: a route leaves by tunl7, a device that the list of devices lacks',
    ]);
  });

  it.each([
    ['the devices were not captured', { 'ip-route.txt': routes }],
    [
      'the device is there',
      { 'ip-link.txt': links.replace('eth0@if5', 'tunl7@NONE'), 'ip-route.txt': routes.replace(/^default.*\n/, '') },
    ],
  ])('is none where %s', (_, files) => expect(said(files)).toEqual([]));
});
