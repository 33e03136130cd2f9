/** IPv6 `-m addrtype`: for addresses of every kind, with and without a device, the kernel's counters rise where we say yes. */
import { type AddressType, parseIp, placeOf } from '@coldtrace/core';
import { parseSnapshot } from '@coldtrace/parsers';
import { expect, it } from 'vitest';
import { addressIs } from '../../packages/core/src/path/address-type.js';
import { describeKernel } from './gate.js';
import { inNetns } from './netns.js';

const build = `
ip link set lo up
sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.all.forwarding=1
for i in 0 1; do ip link add d$i type veth peer name q$i; ip link set q$i up; ip link set d$i up; done
ip addr add fd00::1/64 dev d0 nodad; ip addr add fd01::1/64 dev d1 nodad
ip -6 route add blackhole fd05::/64; ip -6 route add prohibit fd06::/64
ip -6 route add fd08::/64 dev d1; ip -6 route add fd09::/64 via fd01::9
sleep 0.5
`;
const addresses = ['fd00::1', 'fd00::', 'fd00::7', 'fd01::1', 'fd05::1', 'fd06::1', 'fd08::', 'fd09::', 'fd77::1'];
const lists: readonly (readonly AddressType[])[] = [
  ['LOCAL'],
  ['UNICAST'],
  ['ANYCAST'],
  ['UNREACHABLE'],
  ['LOCAL', 'UNICAST'],
  ['MULTICAST', 'UNICAST'],
  ['UNSPEC'],
  ['ANYCAST', 'UNREACHABLE', 'LOCAL'],
];
const cases = addresses.flatMap((ip) =>
  lists.flatMap((types) =>
    [null, 'd0'].map((dev) => ({ ip, types, dev, name: `${ip} ${types} ${dev ?? 'anywhere'}` })),
  ),
);

const files = {
  'ip-addr.txt': 'ip addr',
  'ip-6-route.txt': 'ip -6 route show table all',
  'ip-6-rule.txt': 'ip -6 rule',
  'ip-neigh.txt': 'ip neigh',
  'sysctl.txt': 'sysctl -a 2>/dev/null | grep ^net',
};

const send = `python3 - <<'END'
import re, socket, subprocess
mac = bytes.fromhex(re.search(r'link/ether (\\S+)', subprocess.getoutput('ip link show d0')).group(1).replace(':', ''))
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
wire.bind(('q0', 0x86dd))
for source in '${addresses.join(' ')}'.split():
    ends = socket.inet_pton(10, source) + socket.inet_pton(10, 'fd01::99')
    wire.send(mac + bytes.fromhex('02000000000186dd60000000') + bytes.fromhex('00081140') + ends + bytes.fromhex('0009000900080000'))
END
sleep 0.2`;

function ruleOf({ ip, types, dev, name }: (typeof cases)[number]): string {
  const limit = dev === null ? '' : ' --limit-iface-in';
  return `ip6tables-legacy -t raw -A PREROUTING -i d0 -s ${ip} -m addrtype --src-type ${types}${limit} -m comment --comment "${name}"`;
}

describeKernel('addrtype of IPv6', () => {
  it('counts what we say', () => {
    const shown = Object.values(files).map((command) => `echo =====; ${command} || true`);
    const script = [build, ...shown, 'echo =====', ...cases.map(ruleOf), send, 'ip6tables-legacy-save -c -t raw'];
    const parts = inNetns(script.join('\n')).split('=====\n').slice(1);
    const dumps = Object.keys(files).map((file, index) => [`node-1/${file}`, parts[index] ?? ''] as const);
    const [node] = parseSnapshot(new Map([['node-1/hostname', 'node-1\n'], ...dumps])).nodes;
    if (node === undefined) throw new Error('the capture holds no node');
    const place = placeOf(node, node.host, 'none');
    const counted = [...(parts.at(-1) ?? '').matchAll(/^\[1:.*--comment "([^"]*)"/gm)].map(([, name]) => name);
    const said = cases.filter(({ ip, types, dev }) => {
      const address = parseIp(ip);
      return address !== null && addressIs(place, address, types, dev) === true;
    });
    expect(said.map(({ name }) => name)).toEqual(counted);
    expect(counted.length).toBeGreaterThan(20);
  });
}, ['python3', 'ip6tables-legacy']);
