/** Random IP sets in the kernel: what its tool prints is read alike and printed back, and what it matches is what we say. */
import { type IpSet, parseIp, setTypes } from '@coldtrace/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { SetDirection, SetKey, SetPacket } from '../../packages/core/src/ipset/key.js';
import { testSet } from '../../packages/core/src/ipset/test-set.js';
import { readElement } from '../../packages/parsers/src/ipset/element.js';
import { formatIcmp } from '../../packages/parsers/src/ipset/icmp-names.js';
import { printIpsetSave } from '../../packages/parsers/src/ipset/index.js';
import { ipsetList } from '../../packages/parsers/src/ipset/list.js';
import { ipsetSave } from '../../packages/parsers/src/ipset/save.js';
import { asSave, setsOf } from '../../packages/parsers/src/ipset/testing.js';
import { ipsetXml } from '../../packages/parsers/src/ipset/xml.js';
import { sectionOf } from '../../packages/parsers/src/testing.js';
import { randomSet, restoreText } from '../property/ipset-arbitrary.js';
import { describeKernel } from './gate.js';
import { inNetns } from './netns.js';

const MARK = '=====';
const parts = (text: string) => text.split(`${MARK}\n`);
const read = (text: string) => setsOf(ipsetSave.parse(sectionOf(text)));

const setsByName = (save: string): ReadonlyMap<string, IpSet> => new Map(read(save).map((set) => [set.name, set]));

/** The types that this kernel has; the others are covered by the fixtures of a second kernel. */
function typesHere(): readonly string[] {
  const options = (type: string) => (type.startsWith('bitmap') ? 'range 10.0.0.0/24' : '');
  const tries = [...setTypes.keys()]
    .filter((type) => type !== 'list:set')
    .map((type) => {
      const range = type === 'bitmap:port' ? 'range 0-10' : options(type);
      return `ipset create x ${type} ${range} 2>/dev/null && echo ${type} && ipset destroy x || true`;
    });
  return inNetns(tries.join('\n')).trim().split('\n');
}

const sample = (types: readonly string[], seed: number, count: number) =>
  fc.sample(randomSet(types), { seed, numRuns: count });

describeKernel('ipset', () => {
  const types = typesHere();

  it.each([1, 2, 3, 4, 5, 6])('list, save and XML of random sets are one model (seed %i)', (seed) => {
    const dump = inNetns(
      `ipset restore -!; sleep 0.2; ipset list; echo ${MARK}; ipset save; echo ${MARK}; ipset list -o xml`,
      restoreText(sample(types, seed, 60)),
    );
    const [list = '', save = '', xml = ''] = parts(dump);
    const saved = read(save);
    expect(saved.length).toBe(61);
    expect(printIpsetSave(saved)).toBe(save);
    expect(saved.every((set) => set.complete)).toBe(true);
    const listed = setsOf(ipsetList.parse(sectionOf(list)));
    expect(listed.map(asSave)).toEqual(saved.map(asSave));
    expect(setsOf(ipsetXml.parse(sectionOf(xml))).map(asSave)).toEqual(saved.map(asSave));
    expect(ipsetList.extent?.(list, 0)).toBe(list.length);
  });

  it('names ICMP types and codes as the tool does', () => {
    const numbers = (proto: 1 | 58) =>
      Array.from({ length: 256 * 17 }, (_, at) => (at % 256) * 256 + Math.floor(at / 256)).map((number) => ({
        number,
        text: formatIcmp(proto, number),
      }));
    for (const [proto, ip, family] of [
      [1, '10.0.0.1', 'inet'],
      [58, '::1', 'inet6'],
    ] as const) {
      const name = proto === 1 ? 'icmp' : 'icmpv6';
      const adds = numbers(proto).map(({ number }) => `add x ${ip},${name}:${number >> 8}/${number & 255}\n`);
      const dump = inNetns(
        'ipset restore; ipset save',
        `create x hash:ip,port family ${family} maxelem 100000\n${adds.join('')}`,
      );
      const [set] = read(dump);
      expect(printIpsetSave(set === undefined ? [] : [set])).toBe(dump);
      const ours = numbers(proto).map(({ text }) => `${proto === 1 ? 'icmp' : 'ipv6-icmp'}:${text}`);
      const theirs = [...dump.matchAll(/,(\S+)/g)].map((match) => match[1] ?? '');
      expect(theirs.filter((one) => one.startsWith('i')).sort()).toEqual(expect.arrayContaining(ours.sort()));
    }
  });

  it.each([11, 12, 13, 14])('`ipset test` says what we say (seed %i)', (seed) => {
    const sets = sample(types, seed, 30);
    const probes = read(restoreText(sets)).flatMap((set) => probesOf(set, seed));
    const script = probes.map(
      ({ set, element, key }) =>
        `ipset -q test ${set.name} ${element}${key.returnNomatch ? ' nomatch' : ''} && echo 1 || echo 0`,
    );
    const shown = `ipset restore -!\nipset save; echo ${MARK}\n${script.join('\n')}`;
    const [save = '', said = ''] = parts(inNetns(shown, restoreText(sets)));
    const byName = setsByName(save);
    const answers = said.trim().split('\n');
    const wrong = probes
      .map(({ set, element, key }, at) => ({
        set: set.name,
        element,
        nomatch: key.returnNomatch,
        ours: testSet(byName.get(set.name) ?? set, byName, key),
        kernel: answers[at] === '1',
      }))
      .filter((one) => one.ours !== one.kernel);
    expect(wrong).toEqual([]);
    expect(answers.filter((answer) => answer === '1').length).toBeGreaterThan(5);
  });

  it.each([21, 22, 23, 24])('rules match the packets that we say (seed %i)', (seed) => {
    const sets = sample(types, seed, 40).filter((set) => !set.options.includes('inet6'));
    const rules = rulesFor(read(restoreText(sets)), seed);
    const [save = '', dump = ''] = parts(inNetns(rulesetScript(rules), restoreText(sets)));
    const byName = setsByName(save);
    const wrong = traffic.flatMap(({ chain, packet }) => {
      const hits = hitsOf(dump, chain);
      expect(hits.size).toBe(rules.length);
      return rules.flatMap((rule, at) => {
        const [name = '', flags = ''] = rule.split(' ');
        const set = byName.get(name);
        const key: SetKey = {
          packet,
          flags: flags.split(',').map((flag): SetDirection => (flag === 'src' ? 'src' : 'dst')),
          returnNomatch: rule.includes('--return-nomatch'),
        };
        const ours = set === undefined ? null : testSet(set, byName, key);
        return ours === hits.get(at) ? [] : [{ chain, rule, ours, kernel: hits.get(at) }];
      });
    });
    expect(wrong).toEqual([]);
    const matched = [...hitsOf(dump, 'udp-in').values()].filter((hit) => hit).length;
    expect(matched).toBeGreaterThan(0);
  });
});

const nowhere = parseIp('0.0.0.0');
const from = parseIp('10.0.1.1') ?? nowhere;
const to = parseIp('10.1.2.3') ?? nowhere;

function packetOf(proto: number, sport: number | null, dport: number | null): SetPacket {
  if (from === null || to === null) throw new Error('an address of this test is no address');
  return {
    family: from.family,
    src: from,
    dst: to,
    proto,
    sport,
    dport,
    icmp: proto === 1 ? { type: 8, code: 0, id: null } : null,
    fragment: null,
    length: null,
    mark: 0,
    iif: null,
    oif: null,
    srcMac: null,
    dstMac: null,
  };
}

/** One datagram to an open port, and one to a closed port, which an ICMP error answers; each is seen leaving and coming in on lo. */
const traffic = [
  { chain: 'udp-in', packet: { ...packetOf(17, 53, 80), iif: 'lo' } },
  { chain: 'udp-out', packet: { ...packetOf(17, 53, 80), oif: 'lo' } },
  { chain: 'icmp-in', packet: { ...answered(packetOf(1, null, null)), iif: 'lo' } },
  { chain: 'icmp-out', packet: { ...answered(packetOf(1, null, null)), oif: 'lo' } },
];

function answered(packet: SetPacket): SetPacket {
  return { ...packet, src: packet.dst, dst: packet.src, icmp: { type: 3, code: 3, id: null } };
}

const send = `
const { createSocket } = require("dgram");
const open = createSocket("udp4"), from = createSocket("udp4");
open.on("message", () => from.send("x", 81, "10.1.2.3", () => setTimeout(() => process.exit(0), 50)));
open.bind(80, "10.1.2.3", () => from.bind(53, "10.0.1.1", () => from.send("x", 80, "10.1.2.3")));
`;

function rulesetScript(rules: readonly string[]): string {
  const lines = traffic.flatMap(({ chain }) =>
    rules.map((rule, at) => `-A ${chain} -m set --match-set ${rule} -m comment --comment r${at}`),
  );
  return `
ip link set lo up
for a in 10.0.1.1 10.1.2.3; do ip addr add $a/32 dev lo; done
ipset restore -!
iptables-legacy-restore <<END
*filter
${traffic.map(({ chain }) => `:${chain} - [0:0]`).join('\n')}
-A INPUT -p udp --dport 80 -j udp-in
-A OUTPUT -p udp --dport 80 -j udp-out
-A INPUT -p icmp -j icmp-in
-A OUTPUT -p icmp -j icmp-out
${lines.join('\n')}
COMMIT
END
node -e '${send}'
ipset save; echo ${MARK}; iptables-legacy-save -c`;
}

/** For each set, flags of several lengths with and without --return-nomatch. */
function rulesFor(sets: readonly IpSet[], seed: number): readonly string[] {
  const flags = fc.array(fc.constantFrom('src', 'dst'), { minLength: 1, maxLength: 4 });
  const picks = fc.sample(fc.tuple(flags, fc.boolean()), { seed, numRuns: sets.length * 8 });
  return picks.map(
    ([directions, nomatch], at) =>
      `${sets[at % sets.length]?.name} ${directions.join(',')}${nomatch ? ' --return-nomatch' : ''}`,
  );
}

function hitsOf(dump: string, chain: string): ReadonlyMap<number, boolean> {
  const lines = dump.matchAll(new RegExp(`^\\[(\\d+):\\d+\\] -A ${chain} .*--comment r(\\d+)`, 'gm'));
  return new Map([...lines].map((match) => [Number(match[2]), match[1] !== '0']));
}

interface Probe {
  readonly set: IpSet;
  readonly element: string;
  readonly key: SetKey;
}

const words = {
  ip: fc
    .tuple(fc.constantFrom('10.0.', '10.1.', '172.16.'), fc.nat(3), fc.integer({ min: 1, max: 5 }))
    .map(([start, third, last]) => `${start}${third}.${last}`),
  ip6: fc.constantFrom('2001:db8::1', '2001:db8::2', '2001:db8:1::1', 'fe80::1', '::1', '1:2:3:4:5:6:7:8'),
  port: fc.constantFrom('tcp:80', 'udp:53', 'gre:0', '200:0', 'sctp:80', 'udplite:53'),
  bare: fc.nat(1023).map(String),
  iface: fc.constantFrom('eth0', 'eth1', 'lo', 'ens1'),
  mac: fc.constantFrom('02:AA:0F:C3:02:AA', '02:02:02:02:02:02'),
  mark: fc.constantFrom('0x1', '0x1200'),
};

/** Elements as one packet has them, and the packet that has them. */
function probesOf(set: IpSet, seed: number): readonly Probe[] {
  const type = setTypes.get(set.type);
  if (type === undefined || type.name === 'list:set') return [];
  const texts = type.dimensions.map((dimension) => {
    if (dimension === 'ip' || dimension === 'net') return set.family === 6 ? words.ip6 : words.ip;
    if (dimension === 'port') return set.type === 'bitmap:port' ? words.bare : words.port;
    return words[dimension === 'set' ? 'iface' : dimension];
  });
  const elements = fc.sample(fc.tuple(...texts), { seed, numRuns: 15 }).map((one) => one.join(','));
  return elements.flatMap((element, at) => {
    const read = readElement(element, 0, element.length, { type, family: set.family });
    if (read === null) return [];
    const hasNets = type.dimensions.includes('net');
    return [{ set, element, key: keyOf(read, hasNets && at % 3 === 0) }];
  });
}

function keyOf(elementParts: NonNullable<ReturnType<typeof readElement>>, returnNomatch: boolean): SetKey {
  let packet = packetOf(6, null, null);
  const flags: SetDirection[] = [];
  let addresses = 0;
  for (const part of elementParts) {
    if (part.kind === 'ip' || part.kind === 'net') {
      const ip = part.kind === 'ip' ? part.ip : part.prefix.ip;
      packet = addresses === 0 ? { ...packet, family: ip.family, src: ip } : { ...packet, dst: ip };
      flags.push(addresses++ === 0 ? 'src' : 'dst');
    } else {
      flags.push(part.kind === 'mac' || part.kind === 'iface' ? 'src' : 'dst');
      if (part.kind === 'port') packet = { ...packet, proto: part.proto ?? 6, dport: part.ports.first };
      if (part.kind === 'iface') packet = { ...packet, iif: part.name };
      if (part.kind === 'mac') packet = { ...packet, iif: 'eth0', srcMac: part.mac };
      if (part.kind === 'mark') packet = { ...packet, mark: part.mark };
    }
  }
  return { packet, flags, returnNomatch };
}
