/** `-j TCPMSS`: the largest segment that a SYN announces. iptables-extensions(8); net/netfilter/xt_TCPMSS.c. */
import { parseUint32 } from '../../inet/decimal.js';
import { isCut, lacksOptions } from '../../packet/cut.js';
import { alter, tcpFlag } from '../../packet/skb.js';
import type { Match } from '../../snapshot/xtables.js';
import { defineTarget, matchData, option, type ReadContext, type Refusal, refuse } from '../extension.js';
import { tcp } from '../match/tcp.js';
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
  apply: ({ mss }, { skb }) => {
    if (isCut(skb) || lacksOptions(skb)) return { kind: 'drop' };
    if (mss === null || skb.tcp === null || skb.tcp.mss === null) return { kind: 'continue', skb };
    return {
      kind: 'continue',
      skb: alter(skb, { tcp: { ...skb.tcp, mss: Math.min(mss, skb.tcp.mss) }, body: undefined }),
    };
  },
});

/** The kernel looks for a test of SYN among the matches; nft keeps that test where the kernel does not look, and is let through. */
function withoutSyn(matches: readonly Match[], cx: ReadContext): string | null {
  if (cx.variant === 'nft') return null;
  const asksSyn = matches.some((match) => {
    const flags = matchData(match, tcp)?.flags ?? null;
    return flags !== null && !flags.invert && (flags.comp & tcpFlag.SYN) !== 0;
  });
  return asksSyn ? null : 'the rule does not test for SYN';
}
