/** Random rules of raw, mangle and nat around connections, and packets that meet them: few addresses and ports, so that they often do. */
import type { Prng } from '../bench/prng.js';
import type { RouterCase, Sent, WirePacket } from './conntrack-router.js';

interface Network {
  readonly near: readonly [string, string];
  readonly far: readonly [string, string];
  readonly own: readonly [string, string];
  readonly range: string;
  readonly net: string;
  readonly icmp: number;
}

const networks: Readonly<Record<4 | 6, Network>> = {
  4: {
    near: ['10.0.1.2', '10.0.1.3'],
    far: ['10.0.2.2', '10.0.2.3'],
    own: ['10.0.1.1', '10.0.2.1'],
    range: '10.0.2.2-10.0.2.9',
    net: '10.0.2.0/29',
    icmp: 1,
  },
  6: {
    near: ['fd00:1::2', 'fd00:1::3'],
    far: ['fd00:2::2', 'fd00:2::3'],
    own: ['fd00:1::1', 'fd00:2::1'],
    range: 'fd00:2::2-fd00:2::9',
    net: 'fd00:2::/125',
    icmp: 58,
  },
};

const sources = [4000, 4001, 600, 300] as const;
const services = [80, 81, 4000] as const;

export function randomSetup(family: 4 | 6, variant: 'legacy' | 'nft', random: Prng): string {
  const tool = `${family === 4 ? 'iptables' : 'ip6tables'}-${variant}`;
  const rules = [
    // The node's own answers stay out of the count.
    'raw -A OUTPUT -j DROP',
    ...times(random.below(3), () => rawRule(random)),
    ...times(6 + random.below(8), () => mangleRule(family, random)),
    ...times(1 + random.below(4), () => natRule(family, random)),
    'mangle -A PREROUTING -m conntrack --ctstate INVALID',
  ];
  return rules.map((rule) => `${tool} -t ${rule}`).join('\n');
}

function times<T>(count: number, make: () => T): readonly T[] {
  return Array.from({ length: count }, make);
}

function header(family: 4 | 6, random: Prng): string {
  const { icmp } = networks[family];
  return random.pick(['', '', '', '-p tcp ', '-p udp ', `-p ${icmp} `, '-i ra ', '-i rb ']);
}

function rawRule(random: Prng): string {
  const where = random.pick(['', '-i ra ', '-i rb ', '-p udp ', '-p tcp --sport 4001 ']);
  const zone = `--zone${random.pick(['', '-orig', '-reply'])} ${random.pick(['1', '2'])}`;
  return `raw -A PREROUTING ${where}-j ${random.pick([`CT ${zone}`, `CT ${zone}`, 'CT --notrack', 'CT --ctevents new'])}`;
}

function mangleRule(family: 4 | 6, random: Prng): string {
  const chain = random.pick(['PREROUTING', 'FORWARD', 'POSTROUTING', 'INPUT']);
  const match = random.pick([
    () => '',
    () => `${conntrackMatch(family, random)} `,
    () => `${conntrackMatch(family, random)} `,
  ])();
  const mark = random.pick(['1', '2', '0x10/0x30']);
  const target = random.pick([
    '',
    '',
    `-j CONNMARK --set-mark ${mark}`,
    '-j CONNMARK --save-mark',
    '-j CONNMARK --restore-mark --mask 0xf',
    `-j MARK --set-mark ${mark}`,
  ]);
  const from = chain === 'FORWARD' || chain === 'POSTROUTING' ? '' : random.pick(['', '-i ra ', '-i rb ']);
  return `mangle -A ${chain} ${from}${match}${target}`;
}

const states = ['NEW', 'ESTABLISHED', 'RELATED', 'INVALID', 'UNTRACKED'] as const;
const ctStates = [...states, 'SNAT', 'DNAT'] as const;

function conntrackMatch(family: 4 | 6, random: Prng): string {
  const { near, far, own } = networks[family];
  const not = random.pick(['', '', '! ']);
  const address = random.pick([...near, ...far, ...own]);
  return random.pick<() => string>([
    () => `-m conntrack ${not}--ctstate ${random.pick(ctStates)},${random.pick(ctStates)}`,
    () => `-m conntrack ${not}--ctstate ${random.pick(ctStates)}`,
    () => `-m state ${not}--state ${random.pick(states)}`,
    () => `-m conntrack --ctdir ${random.pick(['ORIGINAL', 'REPLY'])}`,
    () => `-m conntrack ${not}--ctstatus ${random.pick(['SEEN_REPLY', 'CONFIRMED', 'NONE', 'SEEN_REPLY,CONFIRMED'])}`,
    () => `-m conntrack ${not}--${random.pick(['ctorigsrc', 'ctorigdst', 'ctreplsrc', 'ctrepldst'])} ${address}`,
    () => `-m conntrack ${not}--${random.pick(['ctorigdstport', 'ctreplsrcport'])} ${random.pick(services)}`,
    () => `-m conntrack ${not}--ctproto ${random.pick(['tcp', 'udp', '47'])}`,
    () => `-m connmark ${not}--mark ${random.pick(['1', '2', '0', '0x10/0x30'])}`,
    () => `-m mark ${not}--mark ${random.pick(['1', '2', '0x10/0x30'])}`,
  ])();
}

function natRule(family: 4 | 6, random: Prng): string {
  const { far, own, range, net } = networks[family];
  const target = random.pick(far);
  const ported = random.pick(['-p tcp', '-p udp']);
  const spec = (address: string, ports: string) => (family === 4 ? `${address}:${ports}` : `[${address}]:${ports}`);
  return random.pick<() => string>([
    () => `nat -A PREROUTING ${header(family, random)}-j DNAT --to-destination ${target}`,
    () => `nat -A PREROUTING -i ra -d ${far[0]} -j DNAT --to-destination ${far[1]}`,
    () => `nat -A PREROUTING ${ported} -j DNAT --to-destination ${spec(target, random.pick(['80', '81-89', '4000']))}`,
    () => `nat -A PREROUTING ${ported} --dport 81 -j DNAT --to-destination ${spec(target, '8000-8010/80')}`,
    () => `nat -A PREROUTING -i ra -j DNAT --to-destination ${range} ${random.pick(['', '--persistent'])}`,
    () => `nat -A PREROUTING ${ported} -i ra -j REDIRECT --to-ports ${random.pick(['80', '8080', '8000-8005'])}`,
    () => `nat -A PREROUTING -i ra -j NETMAP --to ${net}`,
    () => `nat -A POSTROUTING ${header(family, random).replace(/-i \S+ /, '')}-o rb -j MASQUERADE`,
    () => `nat -A POSTROUTING -j SNAT --to-source ${own[1]}`,
    () =>
      `nat -A POSTROUTING ${ported} -o rb -j SNAT --to-source ${spec(own[1], random.pick(['4001', '4000-4001', '5000']))}`,
    () => `nat -A POSTROUTING -o rb -j SNAT --to-source ${range} ${random.pick(['', '--persistent'])}`,
    () => `nat -A POSTROUTING -o rb -j NETMAP --to ${net}`,
    () => `nat -A INPUT -j SNAT --to-source ${random.pick(far)}`,
    () => `nat -A POSTROUTING -o rb ${ported} -j MASQUERADE${random.pick([' --to-ports 4001', ' --random', ''])}`,
    () => `nat -A PREROUTING ${header(family, random)}`,
    () => `nat -A POSTROUTING -j ACCEPT`,
  ])();
}

export function randomCase(family: 4 | 6, random: Prng): RouterCase {
  const packets: Sent[] = [];
  for (let left = 2 + random.below(5); left > 0; left--) packets.push(nextPacket(family, random, packets.length > 0));
  return { packets };
}

function nextPacket(family: 4 | 6, random: Prng, hasLast: boolean): Sent {
  if (!hasLast) return firstPacket(family, random);
  const flags = random.pick([0x12, 0x12, 0x10, 0x10, 0x11, 0x14]);
  return random.pick([
    (): Sent => ({ answers: true, flags }),
    (): Sent => ({ answers: true, flags }),
    (): Sent => ({ answers: true, flags }),
    (): Sent => ({ again: true, flags: random.pick([2, 16]) }),
    (): Sent => error(family, random),
    (): Sent => firstPacket(family, random),
  ])();
}

function error(family: 4 | 6, random: Prng): Sent {
  const types = family === 4 ? ([3, 11, 4, 12, 5] as const) : ([1, 2, 3, 4] as const);
  const from = family === 4 ? '10.0.2.9' : 'fd00:2::9';
  return { answers: true, from, type: random.pick<number>(types), code: random.below(2) };
}

function firstPacket(family: 4 | 6, random: Prng): WirePacket {
  const { near, far, own, icmp } = networks[family];
  const outward = random.below(5) > 0;
  const src = random.pick(outward ? near : far);
  const others = outward ? far : near;
  const dst = random.below(4) === 0 ? random.pick(own) : random.pick(others);
  const ends = { dev: outward ? 'ra' : 'rb', src, dst };
  const ports = { sport: random.pick(sources), dport: random.pick(services) };
  return random.pick([
    (): WirePacket => ({ ...ends, proto: 6, ...ports, flags: random.pick([2, 2, 2, 16, 18, 4]) }),
    (): WirePacket => ({ ...ends, proto: 17, ...ports }),
    (): WirePacket => ({ ...ends, proto: 17, ...ports }),
    (): WirePacket => ({
      ...ends,
      proto: icmp,
      type: family === 4 ? 8 : 128,
      code: 0,
      id: random.pick([4000, 4001, 7]),
    }),

    (): WirePacket => ({ ...ends, proto: random.pick([47, 50]), payload: '0000080011111111' }),
  ])();
}
