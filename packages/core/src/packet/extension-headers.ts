/** Extension headers of IPv6 in front of the upper layer, and how far netfilter looks behind them. net/ipv6/exthdrs_core.c ipv6_find_hdr. */
import { proto } from '../inet/proto.js';
import type { XtablesVariant } from '../snapshot/xtables.js';
import type { Skb } from './skb.js';

/** Hop-by-hop, routing, fragment, authentication, destination options. */
const extensionHeaders: ReadonlySet<number> = new Set([0, 43, 44, proto.ah, 60]);

/** Stands where nothing follows. */
export const noNextHeader = 59;

/** What follows such a header of IPv6 counts as the upper protocol. */
export function isExtension(family: Skb['family'], number: number): boolean {
  return family === 6 && extensionHeaders.has(number);
}

/** A fragment behind the first. */
export function isLaterFragment({ fragment }: Pick<Skb, 'fragment'>): boolean {
  return fragment !== null && fragment.offset > 0;
}

/** A later fragment whose first piece began with an extension header: it does not say what the upper protocol is. */
export function isBlindFragment(skb: Skb): boolean {
  return isLaterFragment(skb) && isExtension(skb.family, skb.proto);
}

/** What `-p` compares; iptables-nft looks no further than an authentication header. net/netfilter/nf_tables_core.c nft_set_pktinfo_ipv6. */
export function protocolSeen({ proto: upper, extensions }: Skb, variant: XtablesVariant): number {
  return variant === 'nft' && extensions?.includes(proto.ah) ? proto.ah : upper;
}
