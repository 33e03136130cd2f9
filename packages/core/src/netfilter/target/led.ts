/** `-j LED`: a light that blinks for packets. iptables-extensions(8); net/netfilter/xt_LED.c, iptables: extensions/libxt_LED.c. */
import { parseUint32 } from '../../inet/decimal.js';
import { defineTarget, option, type Refusal, refuse } from '../extension.js';
import { quote } from '../quote.js';
import { takeQuoted } from '../quoted-listing.js';
import { flag, pick, text, word } from '../value.js';

export interface LedTarget {
  readonly id: string;
  /** Milliseconds; `inf`: it stays on. */
  readonly delay: number | 'inf';
  readonly alwaysBlink: boolean;
}

/** What the kernel puts before the name that was given. */
const prefix = 'netfilter-';
const longestId = 26 - prefix.length;

const delay = word(
  'milliseconds|inf',
  (typed): number | 'inf' | Refusal => {
    if (typed.toLowerCase() === 'inf') return 'inf';
    const number = parseUint32(typed);
    return number === null ? refuse(`"${typed}" is no delay`) : number;
  },
  (choose) => pick(choose, ['inf', '0', '50', '1000']),
);

export const led = defineTarget({
  name: 'LED',
  families: [4, 6],
  options: {
    'led-trigger-id': option(text('name', longestId)),
    'led-delay': option(delay),
    'led-always-blink': option(flag),
  },
  build: (given): LedTarget | Refusal => {
    const id = given['led-trigger-id']?.value;
    if (id === undefined) return refuse('--led-trigger-id is missing');
    return { id, delay: given['led-delay']?.value ?? 0, alwaysBlink: given['led-always-blink'] !== undefined };
  },
  save: (data) => [
    '--led-trigger-id',
    quote(data.id),
    ...(data.delay === 0 ? [] : ['--led-delay', String(data.delay)]),
    ...(data.alwaysBlink ? ['--led-always-blink'] : []),
  ],
  listing: (cursor): LedTarget | null => {
    const at = cursor.at;
    const id = cursor.acceptPrefix('led-trigger-id:') ?? (cursor.accept('led-trigger-id') ? takeQuoted(cursor) : null);
    if (id === null) {
      cursor.reset(at);
      return null;
    }
    const listed = cursor.acceptPrefix('led-delay:');
    const milliseconds = listed === 'inf' ? 'inf' : (parseUint32(listed?.replace('ms', '') ?? '') ?? 0);
    return { id, delay: milliseconds, alwaysBlink: cursor.accept('led-always-blink') };
  },
  apply: (_data, { skb }) => ({ kind: 'continue', skb }),
});
