/** `-j SNPT` and `-j DNPT`: stateless translation of IPv6 prefixes. RFC 6296; net/ipv6/netfilter/ip6t_NPT.c. */
import { type Ip, ip6 } from '../../inet/ip.js';
import { maskOf } from '../../inet/mask.js';
import { formatPrefix, type Prefix, parsePrefix, prefixContains } from '../../inet/prefix.js';
import { alter, type Skb } from '../../packet/skb.js';
import type { TargetAction } from '../action.js';
import { type Choose, defineTarget, type Given, option, type Refusal, refuse } from '../extension.js';
import { type HostMask, hasHostBits, hostMask, prefixOfHost } from '../host.js';
import type { ListingCursor } from '../listing-cursor.js';
import { pick } from '../value.js';

export interface NptTarget {
  readonly src: Prefix;
  readonly dst: Prefix;
}

const options = { 'src-pfx': option(hostMask), 'dst-pfx': option(hostMask) } as const;

export const snpt = defineTarget({
  name: 'SNPT',
  families: [6],
  tables: ['mangle'],
  hooks: ['INPUT', 'POSTROUTING'],
  options,
  sample,
  build: (given): NptTarget | Refusal => build(given['src-pfx'], given['dst-pfx']),
  save,
  listing: (cursor) => readListed(cursor, 'SNPT'),
  apply: (data, { skb }) => {
    const src = translated(skb.src, data);
    return src === null ? untranslatable : { kind: 'continue', skb: alter(skb, { src, ...bounced(skb, data, 'dst') }) };
  },
});

export const dnpt = defineTarget({
  name: 'DNPT',
  families: [6],
  tables: ['mangle'],
  hooks: ['PREROUTING', 'OUTPUT'],
  options,
  sample,
  build: (given): NptTarget | Refusal => build(given['src-pfx'], given['dst-pfx']),
  save,
  listing: (cursor) => readListed(cursor, 'DNPT'),
  apply: (data, { skb }) => {
    const dst = translated(skb.dst, data);
    return dst === null ? untranslatable : { kind: 'continue', skb: alter(skb, { dst, ...bounced(skb, data, 'src') }) };
  },
});

/** Its sender hears of a parameter that is wrong. */
const untranslatable: TargetAction = { kind: 'reject', with: 'icmpv6 4/0' };

/** What an ICMP error quotes has the address on its other side; that one is translated only where it begins as `--src-pfx` says. */
function bounced({ quoted }: Skb, data: NptTarget, side: 'src' | 'dst'): Pick<Skb, 'quoted'> {
  if (quoted === undefined || !prefixContains(data.src, quoted[side])) return {};
  return { quoted: { ...quoted, [side]: translated(quoted[side], data) ?? quoted[side] } };
}

/**
 * Any address, whatever it begins with, gets as many bits of the new prefix as the longer one has. One word behind them makes up for the difference, so that
 * checksums stay right; null where all that could are in use. ip6t_npt_map_pfx.
 */
function translated(ip: Ip, { src, dst }: NptTarget): Ip | null {
  const length = Math.max(src.length, dst.length);
  const mask = maskOf(6, length);
  const words = wordsOf(
    ip6(
      (ip.a & ~mask.a) | (dst.ip.a & mask.a),
      (ip.b & ~mask.b) | (dst.ip.b & mask.b),
      (ip.c & ~mask.c) | (dst.ip.c & mask.c),
      (ip.d & ~mask.d) | (dst.ip.d & mask.d),
    ),
  );
  const at = length <= 48 ? 3 : words.findIndex((word, index) => index > 3 && word !== 0xffff);
  if (at < 0) return null;
  const adjustment = sumOf(wordsOf(src.ip)) - sumOf(wordsOf(dst.ip));
  words[at] = ((((words[at] ?? 0) + adjustment) % 0xffff) + 0xffff) % 0xffff;
  const pair = (index: number) => (((words[index] ?? 0) << 16) | (words[index + 1] ?? 0)) >>> 0;
  return ip6(pair(0), pair(2), pair(4), pair(6));
}

/** The eight words of 16 bits. */
function wordsOf({ a, b, c, d }: Ip): number[] {
  return [a, b, c, d].flatMap((word) => [word >>> 16, word & 0xffff]);
}

function sumOf(words: readonly number[]): number {
  return words.reduce((sum, word) => sum + word, 0);
}

function sample(choose: Choose): readonly string[] {
  const prefix = () =>
    pick(choose, ['fd00:1::/48', '2001:db8::/64', 'fd00::/8', '2001:db8:1:200::/56', '::/16', 'fd00:1::/ffff:ffff::']);
  return ['--src-pfx', prefix(), '--dst-pfx', prefix()];
}

function build(src: Given<HostMask> | undefined, dst: Given<HostMask> | undefined): NptTarget | Refusal {
  if (src === undefined || dst === undefined) return refuse('--src-pfx and --dst-pfx are both needed');
  if (src.value.length > 64 || dst.value.length > 64) return refuse('a prefix has at most 64 bits here');
  if (hasHostBits(src.value) || hasHostBits(dst.value)) return refuse('a prefix has no bits behind its length');
  return { src: prefixOfHost(src.value), dst: prefixOfHost(dst.value) };
}

function save(data: NptTarget): readonly string[] {
  return ['--src-pfx', formatPrefix(data.src), '--dst-pfx', formatPrefix(data.dst)];
}

function readListed(cursor: ListingCursor, name: string): NptTarget | null {
  const src = cursor.accept(name, 'src-pfx') ? parsePrefix(cursor.take() ?? '') : null;
  const dst = cursor.accept('dst-pfx') ? parsePrefix(cursor.take() ?? '') : null;
  return src === null || dst === null ? null : { src, dst };
}
