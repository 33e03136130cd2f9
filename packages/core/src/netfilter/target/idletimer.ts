/** `-j IDLETIMER`: a timer that userspace can watch, started again by each packet. iptables-extensions(8); net/netfilter/xt_IDLETIMER.c. */
import { parseUint32 } from '../../inet/decimal.js';
import { defineTarget, option, type Refusal, refuse } from '../extension.js';
import type { ListingCursor } from '../listing-cursor.js';
import { firstBytes, flag, integer, pick, text } from '../value.js';
import { bareWord } from './bare-word.js';

export interface IdletimerTarget {
  readonly timeout: number;
  readonly label: string;
  /** It runs on while the machine sleeps. */
  readonly alarm: boolean;
}

const longestLabel = 27;

/** The kernel counts in milliseconds in 32 bits. */
const longestTimeout = 2147483;

/** Files that the directory of timers has already. */
const takenLabels: readonly string[] = ['power', 'subsystem', 'uevent'];

export const idletimer = defineTarget({
  name: 'IDLETIMER',
  families: [4, 6],
  options: {
    timeout: option(integer('seconds', 0, 0xffffffff)),
    label: option(text('string', Number.POSITIVE_INFINITY)),
    alarm: option(flag),
  },
  // A label that is known already keeps its kind of timer, so each kind has labels of its own.
  sample: (choose) => {
    const timeout = ['--timeout', String(1 + choose(1000))];
    return pick(choose, [
      [...timeout, '--label', pick(choose, ['eth0', 'a-label', '1234567890123456789012345678'])],
      ['--label', pick(choose, ['wake', 'alarm.1']), ...timeout, '--alarm'],
    ]);
  },
  build: (given): IdletimerTarget | Refusal => {
    if (given.timeout === undefined || given.label === undefined)
      return refuse('--timeout and --label are both needed');
    const timeout = given.timeout.value;
    if (timeout === 0 || timeout > longestTimeout) return refuse(`a timeout of ${timeout} s is not possible`);
    const label = firstBytes(given.label.value, longestLabel);
    if (label.includes('/') || takenLabels.includes(label))
      return refuse(`"${label}" cannot be the name of a file in sysfs`);
    return label === '' ? refuse('the label is empty') : { timeout, label, alarm: given.alarm !== undefined };
  },
  save: ({ timeout, label, alarm }) => ['--timeout', String(timeout), '--label', label, ...(alarm ? ['--alarm'] : [])],
  loses: (data) => bareWord('label', data.label),
  listing: (cursor): IdletimerTarget | null => {
    const at = cursor.at;
    const timeout = parseUint32(cursor.acceptPrefix('timeout:') ?? '');
    const label = timeout === null ? null : readLabel(cursor);
    if (timeout !== null && label !== null) return { timeout, label, alarm: cursor.accept('alarm') };
    cursor.reset(at);
    return null;
  },
  apply: (_data, { skb }) => ({ kind: 'continue', skb }),
});

function readLabel(cursor: ListingCursor): string | null {
  return cursor.acceptPrefix('label:');
}
