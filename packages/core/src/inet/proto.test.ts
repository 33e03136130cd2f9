import { expect, test } from 'vitest';
import { formatProto, parseProto, proto } from './index.js';

// What iptables-save and ip6tables-save 1.8.9, legacy and nft alike, print after `-p TEXT` with Debian's /etc/protocols.
test.each([
  ['tcp', 'tcp'],
  ['TCP', 'tcp'],
  ['6', 'tcp'],
  ['0x11', 'udp'],
  ['021', 'udp'],
  ['icmpv6', 'ipv6-icmp'],
  ['58', 'ipv6-icmp'],
  ['mh', 'mobility-header'],
  ['ipv6-mh', 'mobility-header'],
  ['4', 'ipencap'],
  ['ipip', 'ipip'],
  ['94', 'ipip'],
  ['41', 'ipv6'],
  ['47', 'gre'],
  ['50', 'esp'],
  ['51', 'ah'],
  ['33', 'dccp'],
  ['136', 'udplite'],
  ['ax.25', 'ax.25'],
  ['7', '7'],
  ['253', '253'],
  ['255', '255'],
])('-p %s is saved as -p %s', (text, saved) => {
  const number = parseProto(text);
  expect(number === null ? null : formatProto(number)).toBe(saved);
});

test.each(['all', 'ip', '0', 'hopopt'])('%s is every protocol', (text) => {
  expect(parseProto(text)).toBe(proto.all);
});

test.each(['', 'any', 'icmp6', ' tcp', '-1', '256', '0x', '08', 'ipsec-esp', 'constructor', '__proto__', 'tcp,udp'])(
  '"%s" is no protocol',
  (text) => {
    expect(parseProto(text)).toBeNull();
  },
);

test('names of other systems are read, and printed as Debian names them if it does', () => {
  expect(parseProto('ipv4')).toBe(proto.ipencap);
  expect(parseProto('argus')).toBe(13);
  expect(formatProto(13)).toBe('13');
});

test('every number reads back as printed', () => {
  for (let number = 1; number <= 255; number++) expect(parseProto(formatProto(number))).toBe(number);
});

test('the numbers that code names are those of the tools', () => {
  for (const [name, number] of Object.entries(proto)) expect(parseProto(name)).toBe(number);
});
