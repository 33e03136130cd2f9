/** `-j SNPT` and `-j DNPT`: stateless translation of IPv6 prefixes. RFC 6296; net/ipv6/netfilter/ip6t_NPT.c. */
import { formatPrefix, type Prefix, parsePrefix } from '../../inet/prefix.js';
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
});

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
