/** The options of every rule, at random: addresses and masks of all kinds, interfaces, protocols by name and number, fragments. iptables(8). */
import { type Family, formatProto } from '@coldtrace/core';
import type { ReadContext } from '../../packages/core/src/netfilter/extension.js';
import type { Prng } from '../bench/prng.js';

const names = {
  s: ['-s', '-s', '-s', '--source', '--src', '--sour', '--so'],
  d: ['-d', '-d', '-d', '--destination', '--dst', '--dest'],
  i: ['-i', '-i', '-i', '--in-interface', '--in-'],
  o: ['-o', '-o', '-o', '--out-interface', '--out'],
  p: ['-p', '-p', '-p', '--protocol', '--proto', '--prot'],
  f: ['-f', '-f', '--fragments', '--fragment'],
} as const;

const addresses: Readonly<Record<Family, readonly string[]>> = {
  4: ['10.0.0.1', '192.168.255.254', '0.0.0.0', '255.255.255.255', '127.0.0.1', '224.0.0.1', '172.16.5.4'],
  6: ['fd00::1', '::1', '::', '2001:DB8:0:1::', '::ffff:10.0.0.1', 'fe80::1:0:0:2', '1:2:3:4:5:6:7:8', '::10.0.0.1'],
};

const masks: Readonly<Record<Family, readonly string[]>> = {
  4: ['', '', '/32', '/24', '/8', '/0', '/31', '/1', '/255.255.0.0', '/255.0.255.0', '/0.0.0.255', '/0.0.0.0', '/0x10'],
  6: ['', '', '/128', '/64', '/0', '/1', '/127', '/33', '/ffff::', '/ffff::ffff', '/::ff', '/::', '/010'],
};

const oddAddresses: Readonly<Record<Family, readonly string[]>> = {
  4: [
    '10.1/16',
    '10',
    '010.0.0.1',
    '0x0a.0.0.1',
    '0/0',
    '10.0.0.256',
    'fd00::1',
    '10.0.0.1/33',
    '10.0.0.1/',
    '1.2.3.4.5',
  ],
  6: ['10.0.0.1', 'fd00::1/129', 'fd00:::1', 'fd00::1%lo', '::/-1', 'FD00::A'],
};

const interfaces = [
  'eth0',
  'eth+',
  'lo',
  '+',
  'cali1234567890a',
  'veth+1',
  'a.100',
  'br-1@x',
  'eth0:1',
  'wlan0+',
  '!x',
  '123456789012345',
] as const;

type Part = readonly string[];

/** Parts that each are one option with its value. */
export function headerOf(cx: ReadContext, proto: number | null, random: Prng): readonly Part[] {
  const parts: Part[] = [];
  if (random.chance(0.3)) parts.push(address('s', cx.family, random));
  if (random.chance(0.3)) parts.push(address('d', cx.family, random));
  if (random.chance(cx.chain === 'OUTPUT' || cx.chain === 'POSTROUTING' ? 0.01 : 0.25)) parts.push(iface('i', random));
  if (random.chance(cx.chain === 'INPUT' || cx.chain === 'PREROUTING' ? 0.01 : 0.25)) parts.push(iface('o', random));
  if (proto !== null) parts.push(protocol(proto, random));
  else if (random.chance(0.05))
    parts.push([random.pick(names.p), random.pick(['all', '0', 'ALL', 'hopopt', 'nonesuch'])]);
  if (random.chance(cx.family === 4 ? 0.06 : 0.005)) parts.push([...not(0.4, random), random.pick(names.f)]);
  if (random.chance(0.01)) parts.push(['-c', '5', '7']);
  if (random.chance(0.01)) parts.push([random.pick([`-${cx.family}`, `--ipv${cx.family}`])]);
  if (random.chance(0.01)) parts.push([random.pick(['!', '--nonesuch', 'stray', '--s', '-x', '--line-numbers'])]);
  return parts;
}

function not(share: number, random: Prng): Part {
  return random.chance(share) ? ['!'] : [];
}

function address(side: 's' | 'd', family: Family, random: Prng): Part {
  const one = () =>
    `${random.pick(['', ...addresses[family]]) || randomAddress(family, random)}${random.pick(['', ...masks[family]])}`;
  const count = random.chance(0.1) ? 2 + random.below(2) : 1;
  const list = Array.from({ length: count }, one).join(',');
  const odd = random.pick(['', ...oddAddresses[family]]);
  return [...not(0.25, random), random.pick(names[side]), random.chance(0.04) && odd !== '' ? odd : list];
}

function randomAddress(family: Family, random: Prng): string {
  if (family === 4) return Array.from({ length: 4 }, () => random.below(256)).join('.');
  return Array.from({ length: 8 }, () => random.pick([0, 0, random.below(65536)]).toString(16)).join(':');
}

function iface(side: 'i' | 'o', random: Prng): Part {
  const name = random.chance(0.02) ? random.pick(['""', '1234567890123456', '"a b"']) : random.pick(interfaces);
  return [...not(0.25, random), random.pick(names[side]), name];
}

/** Rarely negated: what asks for the protocol is then refused. */
function protocol(proto: number, random: Prng): Part {
  const name = formatProto(proto);
  const spelled = random.pick([name, name, String(proto), name.toUpperCase(), `0x${proto.toString(16)}`]);
  return [...not(0.05, random), random.pick(names.p), spelled];
}
