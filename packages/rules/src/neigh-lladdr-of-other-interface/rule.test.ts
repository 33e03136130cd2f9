/** The fault as other tools print it, on IPv6, and among many nodes. */
import { parseSnapshot } from '@coldtrace/parsers';
import { describe, expect, it } from 'vitest';
import { analyze } from '../analyze.js';
import { files, third, thirdMac, wrongMac } from './cases.world.js';
import { neighLladdrOfOtherInterface } from './rule.js';

const findings = (given: Record<string, string>) =>
  analyze(parseSnapshot(given), { rules: [neighLladdrOfOtherInterface] }).findings;
const world = (extra: Record<string, string>) => {
  const { 'gate/ip-neigh.txt': _, ...rest } = files({ lladdr: wrongMac });
  return { ...rest, ...extra };
};

describe('whatever printed the entry', () => {
  it.each([
    [
      'arp -n',
      'gate/arp.txt',
      `Address                  HWtype  HWaddress           Flags Mask            Iface\n172.16.8.20              ether   ${wrongMac}   C                     ens3\n`,
    ],
    ['arp -an', 'gate/arp.txt', `? (172.16.8.20) at ${wrongMac} [ether] on ens3\n`],
    [
      '/proc/net/arp',
      'gate/arp.txt',
      `IP address       HW type     Flags       HW address            Mask     Device\n172.16.8.20      0x1         0x2         ${wrongMac}     *        ens3\n`,
    ],
    [
      'ip -j neigh',
      'gate/ip_-j_neigh.json',
      `[{"dst":"172.16.8.20","dev":"ens3","lladdr":"${wrongMac}","state":["DELAY"]}]\n`,
    ],
  ])('%s', (_, file, text) => {
    expect(findings(world({ [file]: text }))).toMatchObject([
      { certainty: 'proven', node: 'gate', data: { holder: 'store', right: 'enp2s0', wrong: 'enp3s0' } },
    ]);
  });
});

const withoutRoutes = [
  'routing table main may hold more routes than the snapshot shows (gate: ip-route is not in the snapshot)',
];

describe('other worlds', () => {
  it('is told once for each node whose entry is wrong', () => {
    const plain = files({ lladdr: wrongMac });
    const more = Object.entries(plain)
      .filter(([name]) => name.startsWith('gate/'))
      .map(([name, text]) => [
        name.replace('gate/', 'watch/'),
        text.replaceAll('172.16.8.10', '172.16.8.11').replaceAll('52:54:00:00:08:10', '52:54:00:00:08:11'),
      ]);
    expect(findings({ ...plain, ...Object.fromEntries(more) }).map(({ node }) => node)).toEqual(['gate', 'watch']);
  });

  it('names the bond and not its member', () => {
    const bond = files({
      lladdr: wrongMac,
      second: { name: 'bond1', line: '', details: '    bond mode active-backup miimon 100 \n' },
    });
    const member = `4: eno4: <BROADCAST,MULTICAST,SLAVE,UP,LOWER_UP> mtu 1500 qdisc mq master bond1 state UP mode DEFAULT group default qlen 1000\n    link/ether ${wrongMac} brd ff:ff:ff:ff:ff:ff promiscuity 0 \n`;
    const given = { ...bond, 'store/ip-link.txt': `${bond['store/ip-link.txt'] ?? ''}${member}` };
    expect(findings(given)).toMatchObject([{ data: { wrong: 'bond1' }, certainty: 'proven' }]);
  });

  it('proves nothing of a third node while the way of the frames is open, and says why', () => {
    const { 'gate/ip-route.txt': _, ...rest } = { ...files({ lladdr: thirdMac }), ...third({}) };
    expect(findings(rest)).toMatchObject([
      {
        certainty: 'likely',
        data: { taker: 'third', fate: 'what third does with it is open' },
        assumptions: withoutRoutes,
      },
    ]);
  });

  it('names what leaves the way to another interface of the holder open', () => {
    const { 'gate/ip-route.txt': _, ...rest } = files({ lladdr: wrongMac });
    expect(findings(rest)).toMatchObject([{ certainty: 'likely', assumptions: withoutRoutes }]);
  });

  it('says so where the routes send elsewhere what the entry is for', () => {
    const plain = files({ lladdr: wrongMac });
    const routes = `blackhole 172.16.8.20 \n${plain['gate/ip-route.txt'] ?? ''}`;
    expect(findings({ ...plain, 'gate/ip-route.txt': routes })).toMatchObject([
      {
        certainty: 'likely',
        assumptions: ['that gate sends to 172.16.8.20 by ens3 is assumed: its routes and rules do not say so'],
      },
    ]);
  });

  it('asks no ARP settings of IPv6', () => {
    const plain = files({ lladdr: wrongMac });
    const v6 = {
      ...plain,
      'gate/ip-neigh.txt': `fd00:8::20 dev ens3 lladdr ${wrongMac} PERMANENT \n`,
      'gate/ip-addr.txt': `${plain['gate/ip-addr.txt'] ?? ''}    inet6 fd00:8::10/64 scope global \n       valid_lft forever preferred_lft forever\n`,
      'store/ip-addr.txt': (plain['store/ip-addr.txt'] ?? '').replace(
        '    inet 172.16.8.20',
        '    inet6 fd00:8::20/64 scope global \n       valid_lft forever preferred_lft forever\n    inet 172.16.8.20',
      ),
    };
    const [finding] = findings(v6);
    expect(finding).toMatchObject({ node: 'gate', data: { ip: 'fd00:8::20', wrong: 'enp3s0' } });
    expect(finding?.fix?.steps.map(({ command }) => command)).toEqual(['ip neigh del fd00:8::20 dev ens3']);
    expect(finding?.evidence.some(({ why }) => why.startsWith('arp_'))).toBe(false);
    expect(finding?.message).toContain('comes in at enp3s0, and IPv6 has no rp_filter');
  });

  it('tells settings that were captured for all interfaces from those that were not captured', () => {
    const plain = files({ lladdr: wrongMac });
    const pasted = {
      ...plain,
      'store/sysctl.txt': 'net.ipv4.conf.all.arp_ignore = 0\nnet.ipv4.conf.all.rp_filter = 1\n',
    };
    const [finding] = findings(pasted);
    expect(finding?.assumptions.map((text) => text.replace(/ \(.*/, '')).slice(0, 2)).toEqual([
      "arp_announce, arp_filter of store not captured; the kernel's default 0 is taken",
      'arp_ignore, rp_filter may be higher for enp3s0 of store alone than was captured',
    ]);
  });

  it('says that the interfaces of the neighbours are missing when one machine was captured', () => {
    const gate = Object.fromEntries(
      Object.entries(files({ lladdr: wrongMac })).filter(([name]) => name.startsWith('gate/')),
    );
    const report = analyze(parseSnapshot(gate), { rules: [neighLladdrOfOtherInterface] });
    expect(report).toMatchObject({
      findings: [],
      evaluated: [],
      notEvaluated: [{ node: null, needs: ['ip-neigh', 'ip-addr'] }],
    });
  });
});
