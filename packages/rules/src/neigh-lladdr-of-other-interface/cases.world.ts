/** Two machines with two interfaces each on one segment, on other networks and names than the sample's; for tests only. */
import { loAddress, loLink } from '../testing/loopback.js';

export interface World {
  /** What `gate` has for 172.16.8.20, an address of `store`. */
  readonly lladdr: string;
  readonly nud?: string;
  /** net.ipv4.conf.all.* of `store`. */
  readonly settings?: Readonly<Record<string, number>>;
  /** Flags and kind of the second interface of `store`. */
  readonly second?: { readonly name: string; readonly line: string; readonly details: string };
  /** Addresses of `gate`'s interface. */
  readonly gate?: string;
  readonly extra?: Readonly<Record<string, string>>;
}

export const rightMac = '3c:ec:ef:10:22:a0';
export const wrongMac = '3c:ec:ef:10:22:a1';

const rules = '0:\tfrom all lookup local\n32766:\tfrom all lookup main\n32767:\tfrom all lookup default\n';
const local = (ip: string, dev: string) => `local ${ip} dev ${dev} table local proto kernel scope host src ${ip} \n`;
const kernel = (settings: Readonly<Record<string, number>>, devs: readonly string[]) =>
  ['all', ...devs]
    .flatMap((dev) =>
      ['arp_announce', 'arp_filter', 'arp_ignore', 'rp_filter'].map(
        (name) => `net.ipv4.conf.${dev}.${name} = ${dev === 'all' ? (settings[name] ?? 0) : 0}\n`,
      ),
    )
    .join('');
const device = (index: number, name: string, mac: string, details = '', line = '') =>
  `${index}: ${name}: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq ${line}state UP mode DEFAULT group default qlen 1000\n    link/ether ${mac} brd ff:ff:ff:ff:ff:ff promiscuity 0 minmtu 68 maxmtu 9000 \n${details}`;
const address = (index: number, name: string, mac: string, ip: string) =>
  `${index}: ${name}: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP group default qlen 1000\n    link/ether ${mac} brd ff:ff:ff:ff:ff:ff\n    inet ${ip} scope global ${name}\n       valid_lft forever preferred_lft forever\n`;

export function files(world: World): Record<string, string> {
  const { lladdr, nud = 'STALE', settings = {}, gate = '172.16.8.10/22' } = world;
  const second = world.second ?? { name: 'enp3s0', line: '', details: '' };
  const [gateIp = ''] = gate.split('/');
  return {
    'gate/ip-neigh.txt': `172.16.8.20 dev ens3 lladdr ${lladdr} ${nud} \n`,
    'gate/ip-addr.txt': loAddress + address(2, 'ens3', '52:54:00:00:08:10', gate),
    'gate/ip-link.txt': loLink + device(2, 'ens3', '52:54:00:00:08:10'),
    'gate/ip-route.txt': `172.16.8.0/22 dev ens3 proto kernel scope link src ${gateIp} \n${local(gateIp, 'ens3')}`,
    'gate/ip-rule.txt': rules,
    'gate/sysctl.txt': kernel({}, ['ens3']),
    'store/ip-neigh.txt': `172.16.8.10 dev enp2s0 lladdr 52:54:00:00:08:10 REACHABLE \n`,
    'store/ip-addr.txt':
      loAddress + address(2, 'enp2s0', rightMac, '172.16.8.20/22') + address(3, second.name, wrongMac, '10.99.0.20/24'),
    'store/ip-link.txt':
      loLink + device(2, 'enp2s0', rightMac) + device(3, second.name, wrongMac, second.details, second.line),
    'store/ip-route.txt': `10.99.0.0/24 dev ${second.name} proto kernel scope link src 10.99.0.20 \n172.16.8.0/22 dev enp2s0 proto kernel scope link src 172.16.8.20 \n${local('172.16.8.20', 'enp2s0')}${local('10.99.0.20', second.name)}`,
    'store/ip-rule.txt': rules,
    'store/sysctl.txt': kernel(settings, ['enp2s0', second.name]),
    ...world.extra,
  };
}

export const thirdMac = '3c:ec:ef:10:33:b0';

/** Another machine of the segment, which holds neither address. */
export function third(
  settings: Readonly<Record<string, number>>,
  name = 'third',
  ip = '172.16.8.30',
): Record<string, string> {
  const { forwarding = 0, proxy_arp = 0 } = settings;
  const ofDevice = (dev: string) =>
    `net.ipv4.conf.${dev}.forwarding = ${forwarding}\nnet.ipv4.conf.${dev}.proxy_arp = ${dev === 'all' ? 0 : proxy_arp}\n`;
  return {
    [`${name}/ip-neigh.txt`]: '172.16.8.20 dev eno1 lladdr 3c:ec:ef:10:22:a0 REACHABLE \n',
    [`${name}/ip-addr.txt`]: loAddress + address(2, 'eno1', thirdMac, `${ip}/22`),
    [`${name}/ip-link.txt`]: loLink + device(2, 'eno1', thirdMac),
    [`${name}/ip-route.txt`]: `172.16.8.0/22 dev eno1 proto kernel scope link src ${ip} \n${local(ip, 'eno1')}`,
    [`${name}/ip-rule.txt`]: rules,
    [`${name}/sysctl.txt`]: `${kernel({}, ['eno1'])}${ofDevice('all')}${ofDevice('eno1')}net.ipv4.ip_forward = ${forwarding}\n`,
  };
}
