/** `-m multiport`: up to 15 ports or ranges at once. iptables-extensions(8); net/netfilter/xt_multiport.c. */
import { type PortRange, portRangeContains } from '../../inet/port.js';
import { proto } from '../../inet/proto.js';
import { endsBefore, headerSize } from '../../packet/cut.js';
import { inverted } from '../../tri.js';
import { defineMatch, type Given, isRefusal, negatable, type ReadContext, type Refusal, refuse } from '../extension.js';
import { pinNumber } from '../pin.js';
import { formatPorts, pick, port, printed, word } from '../value.js';

export interface MultiportMatch {
  readonly side: 'sports' | 'dports' | 'ports';
  readonly ranges: readonly PortRange[];
  readonly invert: boolean;
}

/** A range takes two of the kernel's slots. */
const slots = 15;

const protos: readonly number[] = [proto.tcp, proto.udp, proto.dccp, proto.sctp, proto.udplite];

/** Services have names with tcp and udp only. */
function readPort(value: string, cx: ReadContext): number | Refusal {
  const named = /^[^0-9]/.test(value) && cx.proto !== null && cx.proto !== proto.tcp && cx.proto !== proto.udp;
  return named ? refuse(`"${value}" is no service of that protocol`) : port.read([value], cx);
}

function readRange(value: string, cx: ReadContext): PortRange | Refusal {
  const ends = value.split(':').map((end) => readPort(end, cx));
  const [first, last] = ends;
  if (first === undefined || ends.length > 2) return refuse(`"${value}" is not a port range`);
  if (isRefusal(first)) return first;
  if (last === undefined) return { first, last: first };
  if (isRefusal(last)) return last;
  return first < last ? { first, last } : refuse(`port range ${value} does not run upwards`);
}

function readRanges(value: string, cx: ReadContext): readonly PortRange[] | Refusal {
  const { namedProto } = cx;
  if (namedProto !== undefined && (namedProto === null || !protos.includes(namedProto))) {
    return refuse('a protocol with ports (-p) must stand before it');
  }
  const ranges: PortRange[] = [];
  let taken = 0;
  for (const part of value.split(',')) {
    const range = readRange(part, cx);
    if (isRefusal(range)) return range;
    ranges.push(range);
    taken += range.first === range.last ? 1 : 2;
    if (taken > slots) return refuse(`more than ${slots} ports are listed (a range counts twice)`);
  }
  return ranges;
}

const portList = word('port[,port|port:port]', readRanges, (choose, cx) => {
  const named = cx.proto === proto.tcp || cx.proto === proto.udp;
  const one = () => {
    const first = choose(60000);
    return pick(choose, [
      String(first),
      '0',
      '65535',
      named ? 'domain' : '53',
      `0x${first.toString(16)}`,
      `${first}:${first + 7}`,
    ]);
  };
  return Array.from({ length: 1 + choose(7) }, one).join(',');
});

const sides = ['sports', 'dports', 'ports'] as const;

export const multiport = defineMatch({
  name: 'multiport',
  families: [4, 6],
  protos,
  options: {
    sports: negatable(portList, { aliases: ['source-ports'] }),
    dports: negatable(portList, { aliases: ['destination-ports'] }),
    ports: negatable(portList),
  },
  sample: (choose, cx) => {
    const words = [`--${pick(choose, sides)}`, ...portList.sample(choose, cx)];
    return choose(3) === 0 ? ['!', ...words] : words;
  },
  build: (given): MultiportMatch | Refusal => {
    const chosen = sides.flatMap((side) => {
      const ports: Given<readonly PortRange[]> | undefined = given[side];
      return ports === undefined ? [] : [{ side, ranges: ports.value, invert: ports.invert }];
    });
    if (chosen.length > 1) return refuse('only one of --sports, --dports and --ports can be given');
    return chosen[0] ?? refuse('none of --sports, --dports and --ports is given');
  },
  save: (data) => printed(`--${data.side}`, [data.ranges.map(formatPorts).join(',')], data.invert),
  listing: (cursor, cx): MultiportMatch | null => {
    const at = cursor.at;
    if (cursor.accept('multiport')) {
      const side = sides.find((candidate) => cursor.accept(candidate));
      const listed = cursor.take() ?? '';
      const invert = listed.startsWith('!');
      const ranges = readRanges(invert ? listed.slice(1) : listed, cx);
      if (side !== undefined && !isRefusal(ranges)) return { side, ranges, invert };
    }
    cursor.reset(at);
    return null;
  },
  pins: (data) =>
    data.invert || data.side === 'ports' ? [] : [pinNumber(data.side === 'sports' ? 'sport' : 'dport', data.ranges)],
  drops: (_, { skb }) => protos.includes(skb.proto) && endsBefore(skb, headerSize.ports),
  /** A later fragment has no ports and never matches, not even negated, in either variant. */
  test: (data, { skb }) => {
    const { sport, dport } = skb;
    if (sport === null || dport === null || endsBefore(skb, headerSize.ports)) return false;
    const within = (number: number) => data.ranges.some((range) => portRangeContains(range, number));
    const hit =
      data.side === 'sports' ? within(sport) : data.side === 'dports' ? within(dport) : within(sport) || within(dport);
    return inverted(hit, data.invert);
  },
});
