/** Matches on a port that NAT chose and nothing tells: they are asked with every port that could make a difference. */
import type { Drawn, Skb } from '../packet/skb.js';
import { isUnknown, type Tri, unknown } from '../tri.js';

/** Extensions that compare ports with the numbers in their options and do nothing else with them. */
const comparing: ReadonlySet<string> = new Set(['tcp', 'udp', 'udplite', 'sctp', 'dccp', 'multiport', 'conntrack']);

/** The answer where all ports lead to it. `test` is asked about the packet with a port filled in. */
export function whateverPort(name: string, data: unknown, skb: Skb, test: (skb: Skb) => Tri): Tri {
  const open = unknown(`-m ${name} may ask for the port that NAT chose`);
  if (!comparing.has(name)) return isWatched(skb, test) ? open : test(skb);
  const answers = edgesOf(data, rangeOf(skb)).map((port) => test(withPort(skb, port)));
  const [first] = answers;
  if (first === undefined || isUnknown(first)) return first ?? open;
  return answers.every((answer) => answer === first) ? first : open;
}

function withPort(skb: Skb, port: number): Skb {
  const reply = isBySource(skb) ? { dport: port } : { sport: port };
  const ct = skb.ct === null ? null : { ...skb.ct, reply: { ...skb.ct.reply, ...reply } };
  return { ...skb, ct, ...(skb.openPort === 'dport' ? { dport: port } : { sport: port }) };
}

/** Source NAT draws where answers must go; destination NAT, where they come from. */
function isBySource({ ct, openPort }: Skb): boolean {
  return ct?.direction === 'reply' ? openPort === 'dport' : openPort === 'sport';
}

const anyPort: Drawn = [0, 65535];

/** Where NAT draws, or the sender. */
function rangeOf(skb: Skb): Drawn {
  const { ct, openPorts } = skb;
  if (ct?.drawn === undefined) return openPorts ?? anyPort;
  const drawn = isBySource(skb) ? ct.drawn.src : ct.drawn.dst;
  return drawn === undefined || openPorts !== undefined ? anyPort : drawn;
}

/** Between the numbers that stand in the options the answer cannot change. */
function edgesOf(data: unknown, [lowest, highest]: Drawn): readonly number[] {
  const found = new Set([lowest, highest, ...edgesBeside(data)]);
  return [...found].filter((port) => port >= lowest && port <= highest);
}

const known = new WeakMap<object, readonly number[]>();

function edgesBeside(data: unknown): readonly number[] {
  const before = typeof data === 'object' && data !== null ? known.get(data) : undefined;
  if (before !== undefined) return before;
  const found: number[] = [];
  const left: unknown[] = [data];
  for (let value = left.pop(); left.length > 0 || value !== undefined; value = left.pop()) {
    if (typeof value === 'number' && value >= 0 && value <= 65535) found.push(value - 1, value, value + 1);
    if (typeof value === 'object' && value !== null)
      left.push(...Object.values(value).filter((part) => part !== undefined));
  }
  if (typeof data === 'object' && data !== null) known.set(data, found);
  return found;
}

/** Does the test look at the port at all? */
function isWatched(skb: Skb, test: (skb: Skb) => Tri): boolean {
  let seen = false;
  const side = skb.openPort ?? 'sport';
  const watched = Object.defineProperty({ ...skb }, side, {
    enumerable: true,
    get: () => {
      seen = true;
      return null;
    },
  });
  test(watched);
  return seen;
}
