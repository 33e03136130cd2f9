/** Worlds that show the fault, and worlds that look like it. */
import { parseSnapshot } from '@coldtrace/parsers';
import type { BuiltinCases } from '../testing/builtin-cases.js';
import { loAddress } from '../testing/loopback.js';
import { files, rightMac, third, thirdMac, type World, wrongMac } from './cases.world.js';

const world = (given: World) => parseSnapshot(files(given));
const without = (file: string) => {
  const { [file]: _, ...rest } = files({ lladdr: wrongMac });
  return parseSnapshot(rest);
};

const arping = (macs: readonly string[]) =>
  `ARPING 172.16.8.20 from 172.16.8.10 enp1s0\n${macs.map((mac) => `Unicast reply from 172.16.8.20 [${mac.toUpperCase()}]  0.7${macs.indexOf(mac)}1ms\n`).join('')}Sent 1 probes (1 broadcast(s))\nReceived ${macs.length} response(s)\n`;

export const cases: BuiltinCases = {
  bad: [
    { name: 'learned while every interface answers', snapshot: world({ lladdr: wrongMac }) },
    {
      name: 'the wrong interface drops what it should not receive',
      snapshot: world({ lladdr: wrongMac, settings: { rp_filter: 1 } }),
    },
    {
      name: 'set by hand on a network that is in order',
      snapshot: world({
        lladdr: wrongMac,
        nud: 'PERMANENT',
        settings: { arp_ignore: 1, arp_announce: 2, rp_filter: 2 },
      }),
    },
    { name: 'the settings of the other node were not captured', snapshot: without('store/sysctl.txt') },
    {
      name: 'a third node that forwards nothing gets the frames',
      snapshot: world({ lladdr: thirdMac, extra: third({ forwarding: 0 }) }),
    },
    {
      name: 'a third node gets the frames by a permanent entry and passes them on',
      snapshot: world({ lladdr: thirdMac, nud: 'PERMANENT', extra: third({ forwarding: 1 }) }),
    },
    {
      name: 'the settings of the third node were not captured',
      snapshot: world({ lladdr: thirdMac, extra: { ...third({}), 'third/sysctl.txt': '' } }),
    },
    {
      name: 'who asks by arping gets answers of two interfaces',
      snapshot: world({ lladdr: rightMac, extra: { 'gate/arping.txt': arping([rightMac, wrongMac]) } }),
    },
    {
      name: 'a capture shows the wrong interface answer',
      snapshot: world({
        lladdr: rightMac,
        extra: {
          'gate/tcpdump.txt': `# tcpdump -nn -i enp1s0 arp\n10:00:00.000100 ARP, Request who-has 172.16.8.20 tell 172.16.8.10, length 28\n10:00:00.000300 ARP, Reply 172.16.8.20 is-at ${wrongMac}, length 46\n`,
        },
      }),
    },
    {
      name: 'two hardware addresses answer for a machine that was not captured',
      snapshot: parseSnapshot({
        'ticket.txt': `Interface: eth0, type: EN10MB, MAC: 52:54:00:00:00:09, IPv4: 10.8.0.9\nStarting arp-scan 1.9.7 with 1 hosts (https://github.com/royhills/arp-scan)\n10.8.0.7\t52:54:00:00:00:01\tQEMU\n10.8.0.7\t52:54:00:00:00:02\tQEMU (DUP: 2)\n`,
      }),
    },
  ],
  good: [
    {
      name: 'the wrong interface answered, and may no longer',
      snapshot: world({
        lladdr: rightMac,
        settings: { arp_ignore: 1, arp_announce: 2 },
        extra: { 'gate/arping.txt': arping([rightMac, wrongMac]) },
      }),
    },
    {
      name: 'the right interface alone answers',
      snapshot: world({ lladdr: rightMac, extra: { 'gate/arping.txt': arping([rightMac, rightMac]) } }),
    },
    {
      name: 'an address that moves between machines answers by the address of its group too',
      snapshot: parseSnapshot({ 'ticket.txt': arping([rightMac, '00:00:5e:00:01:33']) }),
      needs: ['ip-neigh', 'ip-addr'],
    },
    {
      name: 'the third node answers for others by proxy ARP',
      snapshot: world({ lladdr: thirdMac, extra: third({ proxy_arp: 1 }) }),
    },
    {
      name: 'the hardware address of the entry stands on two machines, as clones have it',
      snapshot: world({
        lladdr: thirdMac,
        extra: { ...third({}), ...third({}, 'clone', '172.16.8.31') },
      }),
    },
    {
      name: 'the address of the third node is not in the network that the node asks in',
      snapshot: world({ lladdr: thirdMac, gate: '10.99.0.10/24', extra: third({}) }),
    },
    { name: 'the entry has the right address', snapshot: world({ lladdr: rightMac }) },
    { name: 'nobody has asked yet', snapshot: world({ lladdr: wrongMac, extra: { 'gate/ip-neigh.txt': '' } }) },
    { name: 'an entry that failed', snapshot: world({ lladdr: wrongMac, nud: 'FAILED' }) },
    {
      name: 'a member of the bond that holds the address answers for it',
      snapshot: world({
        lladdr: wrongMac,
        second: { name: 'enp3s0', line: 'master enp2s0 ', details: '    bond_slave state ACTIVE mii_status UP \n' },
      }),
    },
    {
      name: 'asked from the network of the other interface',
      snapshot: world({ lladdr: wrongMac, gate: '10.99.0.10/24' }),
    },
    {
      name: 'the hardware address is of a machine that was not captured',
      snapshot: world({ lladdr: '3c:ec:ef:aa:bb:cc' }),
    },
    {
      name: 'an address that has moved to another machine',
      snapshot: world({
        lladdr: wrongMac,
        extra: {
          'spare/ip-addr.txt':
            loAddress +
            '2: ens9: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 state UP\n    link/ether 3c:ec:ef:aa:bb:cc brd ff:ff:ff:ff:ff:ff\n    inet 172.16.8.20/22 scope global ens9\n',
          'spare/ip-neigh.txt': '',
        },
      }),
    },
    { name: 'neighbours were not captured', snapshot: without('gate/ip-neigh.txt'), needs: ['ip-neigh'] },
    { name: 'the addresses of the other node were not captured', snapshot: withoutStore(), needs: ['ip-addr'] },
  ],
};

function withoutStore() {
  const { 'store/ip-addr.txt': _, 'store/ip-link.txt': _links, ...rest } = files({ lladdr: wrongMac });
  return parseSnapshot(rest);
}
