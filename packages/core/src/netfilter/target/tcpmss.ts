/** `-j TCPMSS`: the largest segment that a SYN announces. iptables-extensions(8); net/netfilter/xt_TCPMSS.c. */
import { parseUint32 } from '../../inet/decimal.js';
import { isCut, lacksOptions } from '../../packet/cut.js';
import { alter, type Skb, type TcpHeader, tcpFlag } from '../../packet/skb.js';
import type { Match } from '../../snapshot/xtables.js';
import { defineTarget, matchData, option, type ReadContext, type Refusal, refuse } from '../extension.js';
import { tcp } from '../match/tcp.js';
import type { Surroundings } from '../packet-input.js';
import { flag, integer, pick } from '../value.js';

export interface TcpmssTarget {
  /** null: what the path lets through (`--clamp-mss-to-pmtu`). */
  readonly mss: number | null;
}

const clampHooks: readonly string[] = ['FORWARD', 'OUTPUT', 'POSTROUTING'];

export const tcpmss = defineTarget({
  name: 'TCPMSS',
  families: [4, 6],
  protos: [6],
  options: {
    'set-mss': option(integer('bytes', 0, 65515)),
    'clamp-mss-to-pmtu': option(flag),
  },
  sample: (choose) => pick(choose, [['--clamp-mss-to-pmtu'], ['--set-mss', String(choose(65496))]]),
  build: (given, cx): TcpmssTarget | Refusal => {
    const set = given['set-mss'];
    const clamp = given['clamp-mss-to-pmtu'] !== undefined;
    if (set === undefined && !clamp) return refuse('neither --set-mss nor --clamp-mss-to-pmtu is given');
    // The last of the two counts.
    const mss = Object.keys(given).at(-1) === 'set-mss' ? (set?.value ?? null) : null;
    if (mss === null && (cx.chain === 'PREROUTING' || cx.chain === 'INPUT')) {
      return refuse(`--clamp-mss-to-pmtu works in ${clampHooks.join(', ')} only`);
    }
    if (set !== undefined && cx.family === 6 && set.value > 65495) return refuse('IPv6 leaves at most 65495');
    return { mss };
  },
  among: (_data, matches, cx) => withoutSyn(matches, cx),
  save: ({ mss }) => (mss === null ? ['--clamp-mss-to-pmtu'] : ['--set-mss', String(mss)]),
  listing: (cursor): TcpmssTarget | null => {
    if (!cursor.accept('TCPMSS')) return null;
    if (cursor.accept('clamp', 'to', 'PMTU')) return { mss: null };
    const mss = cursor.accept('set') ? parseUint32(cursor.take() ?? '') : null;
    return mss === null ? null : { mss };
  },
  apply: ({ mss }, { skb, around }) => {
    if (isCut(skb) || lacksOptions(skb)) return { kind: 'drop' };
    if (skb.tcp === null || skb.tcp.openMss) return { kind: 'continue', skb };
    const most = mss ?? clamped(skb, around);
    if (skb.tcp.mss === null) return { kind: 'continue', skb: most === null ? skb : withOption(skb, skb.tcp, most) };
    if (most !== null && most >= skb.tcp.mss) return { kind: 'continue', skb };
    const announced = most === null ? ({ mss: null, openMss: true } as const) : { mss: most };
    return { kind: 'continue', skb: alter(skb, { tcp: { ...skb.tcp, ...announced }, body: undefined }) };
  },
});

const headers = { 4: 40, 6: 60 } as const;

/** What everybody takes who was told nothing: RFC 9293 section 3.7.1, RFC 8200. */
const untold = { 4: 536, 6: 1220 } as const;

/** A segment without data gets the option if it has none; with data there is no room. */
function withOption(skb: Skb, header: TcpHeader, most: number): Skb {
  const { family, length, extensions } = skb;
  const bare = headers[family] + (header.stripped ? optionSize : 0);
  if (length !== bare || header.plain === false || extensions !== undefined) return skb;
  const tcp = { ...header, mss: Math.min(most, untold[family]) };
  return alter(skb, { tcp, length: length + optionSize, body: undefined });
}

const optionSize = 4;

/** null: not known. */
function clamped(skb: Skb, around: Surroundings): number | null {
  const mtu = around.pathMtu?.(skb);
  return typeof mtu === 'number' ? mtu - headers[skb.family] : null;
}

/** The kernel looks for a test of SYN among the matches; nft keeps that test where the kernel does not look, and is let through. */
function withoutSyn(matches: readonly Match[], cx: ReadContext): string | null {
  if (cx.variant === 'nft') return null;
  const asksSyn = matches.some((match) => {
    const flags = matchData(match, tcp)?.flags ?? null;
    return flags !== null && !flags.invert && (flags.comp & tcpFlag.SYN) !== 0;
  });
  return asksSyn ? null : 'the rule does not test for SYN';
}
