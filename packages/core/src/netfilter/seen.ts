/** What a packet has met of the lists of `-m recent` on its way, and what it has left there. net/netfilter/xt_recent.c recent_mt. */
import { type Ip, sameIp } from '../inet/ip.js';
import type { RecentEntry } from '../snapshot/recent-list.js';
import { isUnknown, type Tri, type Unknown } from '../tri.js';

/** What one rule did to one list of the namespace `at`. Data only: worlds are compared by it. */
export interface SeenChange {
  readonly at: string;
  readonly list: string;
  /** `open`: nobody knows what the list holds now. */
  readonly kind: 'stamp' | 'remove' | 'open';
  readonly ip: Ip;
}

/** What a list says of one address. */
export interface History {
  readonly present: Tri;
  /** Packets of the past that it may remember. */
  readonly before: { readonly least: number; readonly most: number };
  /** Times that this packet has left. */
  readonly now: number;
}

/** The list as it was captured; null: nothing shows it. */
export function historyOf(
  entries: readonly RecentEntry[] | Unknown,
  changes: readonly SeenChange[],
  ip: Ip,
  because: Unknown,
): History {
  let history = capturedOf(entries, ip);
  for (const { kind, ip: changed } of changes) {
    if (kind === 'open') history = { present: because, before: any, now: 0 };
    else if (!sameIp(changed, ip)) history = pushedOut(history, because);
    else if (kind === 'remove') history = { present: false, before: none, now: 0 };
    else history = { ...history, present: true, now: history.now + 1 };
  }
  return history;
}

const none = { least: 0, most: 0 };
const any = { least: 0, most: Number.POSITIVE_INFINITY };

function capturedOf(entries: readonly RecentEntry[] | Unknown, ip: Ip): History {
  if ('because' in entries) return { present: entries, before: any, now: 0 };
  const stamps = entries.find((entry) => sameIp(entry.ip, ip))?.stamps;
  if (stamps === undefined) return { present: false, before: none, now: 0 };
  return { present: true, before: { least: stamps, most: stamps }, now: 0 };
}

/** A list that is full forgets an address for another one, and how many it holds is a parameter of the module. */
function pushedOut(history: History, because: Unknown): History {
  if (history.present === false) return history;
  const present = isUnknown(history.present) ? history.present : because;
  return { present, before: { least: 0, most: history.before.most }, now: 0 };
}
