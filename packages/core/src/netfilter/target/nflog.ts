/** `-j NFLOG`: packets copied to userspace. iptables-extensions(8); net/netfilter/xt_NFLOG.c; nft has a native `log group` for it. */
import { parseUint32 } from '../../inet/decimal.js';
import { defineTarget, option, refuse } from '../extension.js';
import type { ListingCursor } from '../listing-cursor.js';
import { quote } from '../quote.js';
import { takeQuoted } from '../quoted-listing.js';
import { firstBytes, integer, text } from '../value.js';

export interface NflogTarget {
  readonly group: number;
  readonly prefix: string;
  readonly size: number | null;
  /** `--nflog-range`, which never did anything: kept and printed by legacy, unknown to nft. 0 is none. */
  readonly range: number;
  readonly threshold: number;
}

const all = 0xffffffff;

/** What fits beside the final zero; the tools cut the rest off silently. */
const longestPrefix = { legacy: 63, nft: 127 } as const;

export const nflog = defineTarget({
  name: 'NFLOG',
  families: [4, 6],
  options: {
    'nflog-group': option(integer('group', 0, 65535)),
    'nflog-prefix': option(text('prefix', Number.POSITIVE_INFINITY)),
    'nflog-range': option(integer('bytes', 0, all)),
    'nflog-size': option(integer('bytes', 0, all)),
    'nflog-threshold': option(integer('packets', 0, 65535)),
  },
  build: (given) => {
    const prefix = given['nflog-prefix']?.value ?? '';
    if (given['nflog-prefix'] !== undefined && prefix === '') return refuse('--nflog-prefix is empty');
    if (prefix.includes('\n')) return refuse('--nflog-prefix holds a line break');
    if (given['nflog-range'] !== undefined && given['nflog-size'] !== undefined) {
      return refuse('--nflog-range does not go with --nflog-size');
    }
    return {
      group: given['nflog-group']?.value ?? 0,
      prefix: firstBytes(prefix, longestPrefix.nft),
      size: given['nflog-size']?.value ?? null,
      range: given['nflog-range']?.value ?? 0,
      threshold: given['nflog-threshold']?.value ?? 0,
    };
  },
  save: (data: NflogTarget, { variant }) => [
    ...(data.prefix === '' ? [] : ['--nflog-prefix', quote(firstBytes(data.prefix, longestPrefix[variant]))]),
    ...(data.group === 0 ? [] : ['--nflog-group', String(data.group)]),
    ...(data.size === null ? [] : ['--nflog-size', String(data.size)]),
    ...(data.range === 0 || variant === 'nft' ? [] : ['--nflog-range', String(data.range)]),
    ...(data.threshold === 0 ? [] : ['--nflog-threshold', String(data.threshold)]),
  ],
  listing: (cursor): NflogTarget => {
    const prefix = cursor.accept('nflog-prefix') ? (takeQuoted(cursor) ?? '') : '';
    const group = listedNumber(cursor, 'nflog-group') ?? 0;
    const size = listedNumber(cursor, 'nflog-size');
    const range = listedNumber(cursor, 'nflog-range') ?? 0;
    return { group, prefix, size, range, threshold: listedNumber(cursor, 'nflog-threshold') ?? 0 };
  },
  apply: (_data, { skb }) => ({ kind: 'continue', skb }),
});

function listedNumber(cursor: ListingCursor, label: string): number | null {
  return cursor.accept(label) ? parseUint32(cursor.take() ?? '') : null;
}
