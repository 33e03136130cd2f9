/** Random sets of every type, holding what packets of the pool carry. ipset(8). */
import type { Prng } from '../../../bench/prng.js';
import type { Line } from '../case.js';
import { anyDevice, anyHost, anyPrefix, marks, type Pool, ports } from './pool.js';

export interface SetMade {
  readonly name: string;
  readonly dimensions: number;
}

type Element = (pool: Pool, random: Prng) => string;

const port: Element = (pool, random) =>
  random.pick([
    `tcp:${random.pick(ports)}`,
    `tcp:${random.pick(ports)}`,
    `udp:${random.pick(ports)}`,
    pool.family === 4 ? 'icmp:8/0' : 'icmpv6:128/0',
    'tcp:1000-5000',
    'sctp:80',
  ]);
const host: Element = (pool, random) => anyHost(pool, random);
const net: Element = (pool, random) =>
  anyPrefix(pool, random).replace(/^(0\.0\.0\.0|::)\/0$/, pool.family === 4 ? '10.0.0.0/8' : 'fd00::/8');
const device: Element = (pool, random) => anyDevice(pool, random).name;
const mark: Element = (_, random) => `0x${random.pick(marks).toString(16)}`;
const mac: Element = (_, random) => random.pick(['02:00:00:00:ff:01', '02:00:00:00:ff:0a', '02:00:00:00:ff:0b']);
const joined =
  (...parts: readonly Element[]): Element =>
  (pool, random) =>
    parts.map((part) => part(pool, random)).join(',');

interface Kind {
  readonly type: string;
  readonly dimensions: number;
  readonly element: Element;
  readonly only4?: true;
  readonly options?: string;
}

const kinds: readonly Kind[] = [
  { type: 'hash:ip', dimensions: 1, element: host },
  { type: 'hash:net', dimensions: 1, element: net },
  { type: 'hash:ip,port', dimensions: 2, element: joined(host, port) },
  { type: 'hash:net,port', dimensions: 2, element: joined(net, port) },
  { type: 'hash:ip,port,ip', dimensions: 3, element: joined(host, port, host) },
  { type: 'hash:ip,port,net', dimensions: 3, element: joined(host, port, net) },
  { type: 'hash:net,net', dimensions: 2, element: joined(net, net) },
  { type: 'hash:net,port,net', dimensions: 3, element: joined(net, port, net) },
  { type: 'hash:net,iface', dimensions: 2, element: joined(net, device) },
  { type: 'hash:ip,mark', dimensions: 2, element: joined(host, mark) },
  { type: 'hash:mac', dimensions: 1, element: mac },
  { type: 'hash:ip,mac', dimensions: 2, element: joined(host, mac) },
  {
    type: 'bitmap:ip',
    dimensions: 1,
    element: (pool, random) => random.pick(pool.devices[0].hosts),
    only4: true,
    options: 'range 10.0.0.0/24',
  },
  {
    type: 'bitmap:ip,mac',
    dimensions: 2,
    element: joined((pool, random) => random.pick(pool.devices[0].hosts), mac),
    only4: true,
    options: 'range 10.0.0.0/24',
  },
  { type: 'bitmap:port', dimensions: 1, element: (_, random) => String(random.pick(ports)), options: 'range 0-65535' },
];

export function makeSets(
  pool: Pool,
  random: Prng,
): { readonly lines: readonly Line[]; readonly made: readonly SetMade[] } {
  const usable = kinds.filter(({ only4 }) => only4 === undefined || pool.family === 4);
  const lines: Line[] = [];
  const made: SetMade[] = [];
  const count = 2 + random.below(4);
  for (let at = 0; at < count; at++) {
    const kind = usable[random.below(usable.length)];
    if (kind === undefined) continue;
    const name = `s${at}-${kind.type.replace(/[:,]/g, '-')}`;
    const { options, members } = extrasOf(kind, pool, random);
    lines.push({ tool: 'ipset', text: `create ${name} ${kind.type} ${optionsOf(kind, pool)}${options}`.trim() });
    const nomatch = () => (kind.type.includes('net') && random.chance(0.15) ? ' nomatch' : '');
    for (let more = 0; more < 3 + random.below(8); more++) {
      lines.push({ tool: 'ipset', text: `add ${name} ${kind.element(pool, random)}${nomatch()}${members()}` });
    }
    made.push({ name, dimensions: kind.dimensions });
  }
  if (made.length > 1 && random.chance(0.3)) {
    lines.push({ tool: 'ipset', text: 'create slist list:set' });
    for (const { name } of made.slice(0, 3)) lines.push({ tool: 'ipset', text: `add slist ${name}` });
    made.push({ name: 'slist', dimensions: Math.max(...made.slice(0, 3).map(({ dimensions }) => dimensions)) });
  }
  return { lines, made };
}

/** What most sets do without, and what their members carry then. */
function extrasOf({ type }: Kind, { family }: Pool, random: Prng) {
  const hash = type.startsWith('hash:');
  const marked = random.chance(0.3);
  const masked = (type === 'hash:ip' || type === 'bitmap:ip') && random.chance(0.3);
  const options = [
    marked ? ' skbinfo' : '',
    masked ? ` netmask ${family === 4 ? random.pick([24, 28, 31]) : random.pick([64, 120])}` : '',
    random.chance(0.15) ? ' timeout 900' : '',
    random.chance(0.15) ? ' counters' : '',
    hash && random.chance(0.2) ? ` maxelem ${random.pick([4, 8])}` : '',
    hash && random.chance(0.1) ? ' forceadd' : '',
  ].join('');
  const members = () => (marked ? ` skbmark ${random.pick(['0x1', '0x10/0xf0', '0x4000/0x4000', '0x0'])}` : '');
  return { options, members };
}

function optionsOf({ type, options }: Kind, { family }: Pool): string {
  if (options !== undefined) return options;
  return type === 'hash:mac' ? '' : `family ${family === 4 ? 'inet' : 'inet6'}`;
}
