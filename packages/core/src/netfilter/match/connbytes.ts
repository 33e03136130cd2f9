/** `-m connbytes`: how much a connection has carried so far. iptables-extensions(8); net/netfilter/xt_connbytes.c. */
import type { Connection } from '../../packet/skb.js';
import { type Tri, unknown } from '../../tri.js';
import { defineMatch, isRefusal, negatable, option, type ReadContext, type Refusal, refuse } from '../extension.js';
import { oneOf, pick, printed, word } from '../value.js';
import { uint64 } from './uint64.js';

const modes = ['packets', 'bytes', 'avgpkt'] as const;
const directions = ['original', 'reply', 'both'] as const;

export interface ConnbytesMatch {
  /** Decimal digits. */
  readonly from: string;
  /** null: without end. */
  readonly to: string | null;
  readonly invert: boolean;
  readonly mode: (typeof modes)[number];
  readonly direction: (typeof directions)[number];
}

const bounds = word<Pick<ConnbytesMatch, 'from' | 'to'>>('from[:to]', readBounds, (choose) =>
  pick(choose, ['10000:100000', '5', '5:', ':5', '0', '5:5', '18446744073709551615', '9007199254740993', '0x10:0x20']),
);

const most = String(2n ** 64n - 1n);

function readBounds(text: string, cx: ReadContext): Pick<ConnbytesMatch, 'from' | 'to'> | Refusal {
  const colon = text.indexOf(':');
  const from = colon === 0 || text === '' ? '0' : uint64.read([text.slice(0, colon < 0 ? undefined : colon)], cx);
  const to = colon < 0 || colon === text.length - 1 ? most : uint64.read([text.slice(colon + 1)], cx);
  if (isRefusal(from)) return from;
  if (isRefusal(to)) return to;
  return BigInt(to) < BigInt(from) ? refuse(`${from} is above ${to}`) : { from, to: to === most ? null : to };
}

export const connbytes = defineMatch({
  name: 'connbytes',
  families: [4, 6],
  options: {
    connbytes: negatable(bounds),
    'connbytes-dir': option(oneOf(directions)),
    'connbytes-mode': option(oneOf(modes)),
  },
  build: (given): ConnbytesMatch | Refusal => {
    const range = given.connbytes;
    const direction = given['connbytes-dir']?.value;
    const mode = given['connbytes-mode']?.value;
    if (range === undefined || direction === undefined || mode === undefined)
      return refuse('--connbytes, --connbytes-dir and --connbytes-mode are required');
    const { from, to } = range.value;
    // The kernel keeps "not" by exchanging the ends, which does nothing where they are equal.
    return { from, to, invert: range.invert && from !== (to ?? most), mode, direction };
  },
  sample: (choose, cx) => [
    ...printed('--connbytes', bounds.sample(choose, cx), choose(2) === 0),
    '--connbytes-dir',
    pick(choose, directions),
    '--connbytes-mode',
    pick(choose, modes),
  ],
  save: ({ from, to, invert, mode, direction }) => [
    ...printed('--connbytes', [to === null ? from : `${from}:${to}`], invert),
    '--connbytes-mode',
    mode,
    '--connbytes-dir',
    direction,
  ],
  listing: (cursor, cx): ConnbytesMatch | null => {
    const at = cursor.at;
    const invert = cursor.accept('!');
    if (cursor.accept('connbytes')) {
      const range = readBounds(cursor.take() ?? '', cx);
      const mode = cursor.accept('connbytes', 'mode') ? cursor.take() : null;
      const direction = cursor.accept('connbytes', 'direction') ? cursor.take() : null;
      const knownMode = modes.find((one) => one === mode);
      const knownDirection = directions.find((one) => one === direction);
      if (!('refused' in range) && knownMode !== undefined && knownDirection !== undefined)
        return { ...range, invert, mode: knownMode, direction: knownDirection };
    }
    cursor.reset(at);
    return null;
  },
  test: (data, { skb }): Tri => {
    const carried = skb.ct?.carried;
    if (skb.ct === null || carried === null) return false;
    const amount = carried === undefined ? null : amountOf(data, carried);
    if (amount === null) return unknown('what the connection has carried is not known', 'conntrack');
    return (BigInt(data.from) <= amount && (data.to === null || amount <= BigInt(data.to))) !== data.invert;
  },
});

/** null: a length is not known. */
function amountOf(
  { mode, direction }: ConnbytesMatch,
  { original, reply }: NonNullable<Connection['carried']>,
): bigint | null {
  const counted = direction === 'both' ? [original, reply] : [direction === 'reply' ? reply : original];
  const packets = counted.reduce((sum, one) => sum + BigInt(one.packets), 0n);
  if (mode === 'packets') return packets;
  let bytes = 0n;
  for (const one of counted) {
    if (one.bytes === null) return null;
    bytes += BigInt(one.bytes);
  }
  return mode === 'bytes' ? bytes : packets === 0n ? 0n : bytes / packets;
}
