/** Random IP sets as commands that `ipset restore` takes: every type, the options it has, and the forms of its elements. ipset(8). */
import fc from 'fast-check';

export interface RandomSet {
  readonly type: string;
  /** Options of `create`. */
  readonly options: string;
  /** What stands after `add NAME`. */
  readonly members: readonly string[];
}

type Text = fc.Arbitrary<string>;

const number = (min: number, max: number): Text => fc.integer({ min, max }).map(String);
const oneOf = (...texts: readonly string[]): Text => fc.constantFrom(...texts);
const join = (...parts: readonly Text[]): Text => fc.tuple(...parts).map((texts) => texts.join(''));

/** Few addresses, so that elements and packets meet. */
const ip4 = join(oneOf('10.0.', '10.1.', '172.16.'), number(0, 3), oneOf('.'), number(1, 5));
const ip6 = oneOf(
  '2001:db8::1',
  '2001:db8::2',
  '2001:db8:1::1',
  'fe80::1',
  '::ffff:10.0.0.1',
  '::1',
  '1:2:3:4:5:6:7:8',
);
/** A netmask must not leave nothing of them: the kernel stores no null address. */
const ip6High = oneOf('2001:db8::1', '2001:db8:0:1::2', '2001:db8:1::1', 'fe80::1', '1:2:3:4:5:6:7:8');
const net4 = fc.oneof(ip4, join(ip4, oneOf('/'), number(1, 32)));
const net6 = fc.oneof(ip6, join(ip6, oneOf('/'), number(1, 128)));
const icmp4 = fc.oneof(join(number(0, 18), oneOf('/'), number(0, 15)), oneOf('echo-request', 'port-unreachable'));
const icmp6 = fc.oneof(join(number(1, 137), oneOf('/'), number(0, 4)), oneOf('echo-request', 'redirect'));
const ported = join(oneOf('tcp:', 'udp:', 'sctp:', 'udplite:'), fc.oneof(number(0, 65535), oneOf('80', '53')));
const portless = oneOf('gre:0', 'esp:0', '200:0', 'ipip:0', 'vrrp:0');
const port4 = fc.oneof(ported, portless, join(oneOf('icmp:'), icmp4));
const port6 = fc.oneof(ported, portless, join(oneOf('icmpv6:'), icmp6));
const mac = fc.array(oneOf('02', 'AA', '0F', 'c3'), { minLength: 6, maxLength: 6 }).map((octets) => octets.join(':'));
const iface = oneOf('eth0', 'eth1', 'physdev:eth0', 'lo');
const wild = oneOf('eth', 'e');
const mark = fc.integer({ min: 0, max: 0xffffffff }).map((value) => `0x${value.toString(16)}`);

type Pair = readonly [four: Text, six: Text];
const dimensions: Readonly<Record<string, Pair>> = {
  ip: [ip4, ip6],
  net: [net4, net6],
  port: [port4, port6],
  mac: [mac, mac],
  mark: [mark, mark],
};

const nets = new Set(['hash:net', 'hash:net,net', 'hash:net,port', 'hash:net,port,net', 'hash:ip,port,net']);

function elementOf(type: string, family: 4 | 6): Text {
  if (type === 'bitmap:port') return number(0, 1023);
  if (type === 'hash:ip' && family === 6) return ip6High;
  if (type === 'bitmap:ip') return ip4InRange;
  if (type === 'bitmap:ip,mac') return fc.oneof(ip4InRange, join(ip4InRange, oneOf(','), mac));
  if (type === 'hash:net,iface') {
    const net = family === 4 ? fc.oneof(net4, oneOf('0.0.0.0/0')) : net6;
    return fc.oneof(join(net, oneOf(','), iface), join(net, oneOf(','), wild, oneOf(' wildcard')));
  }
  const parts = type
    .slice(type.indexOf(':') + 1)
    .split(',')
    .map((name) => dimensions[name]?.[family === 4 ? 0 : 1] ?? ip4);
  return fc.tuple(...parts).map((texts) => texts.join(','));
}

const ip4InRange = join(oneOf('10.0.'), number(0, 3), oneOf('.'), number(1, 5));

interface Extensions {
  readonly timeout: boolean;
  readonly counters: boolean;
  readonly comment: boolean;
  readonly skbinfo: boolean;
}

const extensions = fc.record({
  timeout: fc.boolean(),
  counters: fc.boolean(),
  comment: fc.boolean(),
  skbinfo: fc.boolean(),
});

const words = { counters: ' counters', comment: ' comment', skbinfo: ' skbinfo' };

function optionsOf(type: string, family: 4 | 6, with_: Extensions): Text {
  const tail = Object.entries(words).map(([name, word]) => (with_[name as keyof typeof words] ? word : ''));
  const common = `${with_.timeout ? ' timeout 3000' : ''}${tail.join('')}`;
  if (type === 'bitmap:port') return oneOf(`range 0-1023${common}`);
  if (type.startsWith('bitmap')) return oneOf(`range 10.0.0.0/16${common}`);
  const familyText = type === 'hash:mac' ? '' : `family ${family === 4 ? 'inet' : 'inet6'} `;
  const masks =
    family === 4
      ? ['', ' netmask 24', ' netmask 30', ' bitmask 255.255.0.255']
      : ['', ' netmask 64', ' bitmask ffff::ffff'];
  const mask =
    type === 'hash:ip' ? oneOf(...masks) : type === 'hash:ip,mark' ? oneOf('', ' markmask 0xff00') : oneOf('');
  // In a small table a `physdev:` element may share its bucket with others of its network, and hide them by chance.
  const size = type === 'hash:net,iface' ? 'maxelem 1000' : 'hashsize 64 maxelem 1000';
  return join(oneOf(familyText), oneOf(size, 'bucketsize 4', 'forceadd'), mask, oneOf(common));
}

const printable = fc
  .array(fc.constantFrom(..."abc XYZ-_,:;<>&'\\ü#$`|"), { minLength: 1, maxLength: 12 })
  .map((letters) => `a${letters.join('')}z`);

function memberOf(type: string, family: 4 | 6, with_: Extensions): Text {
  const maybe = (on: boolean, text: Text): Text => (on ? fc.oneof(oneOf(''), text) : oneOf(''));
  return join(
    elementOf(type, family),
    maybe(with_.timeout, oneOf(' timeout 0', ' timeout 2000')),
    maybe(nets.has(type) || type === 'hash:net,iface', oneOf('', ' nomatch')),
    maybe(with_.counters, join(oneOf(' packets '), number(0, 99), oneOf(' bytes '), number(0, 4_000_000_000))),
    maybe(
      with_.comment,
      printable.map((text) => ` comment "${text}"`),
    ),
    maybe(with_.skbinfo, oneOf(' skbmark 0x10/0xff', ' skbmark 0x1 skbprio 1:a', ' skbqueue 3')),
  );
}

/** Sets of the given types. */
export function randomSet(types: readonly string[]): fc.Arbitrary<RandomSet> {
  return fc.tuple(fc.constantFrom(...types), fc.constantFrom<4 | 6>(4, 6), extensions).chain(([type, family, with_]) =>
    fc.record({
      type: fc.constant(type),
      options: optionsOf(type, family, with_),
      members: fc.uniqueArray(memberOf(type, family, with_), {
        maxLength: 12,
        // The kernel counts an address of bitmap:ip,mac twice that is added twice.
        selector: (member) => (type === 'bitmap:ip,mac' ? /^[^ ,]*/.exec(member)?.[0] : member),
      }),
    }),
  );
}

/** What `ipset restore -!` loads, the sets named s0, s1, …; the last is a list of some that are before it. */
export function restoreText(sets: readonly RandomSet[]): string {
  const lines = sets.flatMap((set, at) => [
    `create s${at} ${set.type} ${set.options}`,
    ...set.members.map((member) => `add s${at} ${member}`),
  ]);
  const list = sets.map((_, at) => `add all s${at}`).filter((_, at) => at % 2 === 0);
  return `${[...lines, 'create all list:set size 64', ...list].join('\n')}\n`;
}
