/** What a connection has carried, packet by packet. net/netfilter/nf_conntrack_core.c nf_ct_acct_update, nf_conntrack_acct.c. */
import { type Connection, type Skb, type Traffic, tcpFlag } from '../packet/skb.js';
import type { ConnEntry } from '../snapshot/conntrack.js';

const nothing: Traffic = { packets: 0, bytes: 0 };

/** As its first packet is looked at. `counts`: net.netfilter.nf_conntrack_acct; null: not known. */
export function firstCarried(skb: Skb, counts: boolean | null): Connection['carried'] {
  if (counts === null) return undefined;
  return counts ? { original: plus(nothing, skb.length), reply: nothing } : null;
}

/** With one more packet of the connection's own direction. */
export function carriedBy({ carried, direction }: Connection, { length }: Skb): Connection['carried'] {
  if (carried === undefined || carried === null) return carried;
  return { ...carried, [direction]: plus(carried[direction], length) };
}

function plus({ packets, bytes }: Traffic, length: number | null): Traffic {
  return { packets: packets + 1, bytes: bytes === null || length === null ? null : bytes + length };
}

/** Of segments that leave TCP's state as it is some are passed over and not counted: SYN and SYN,ACK out of place, and ACK before the handshake. */
export function mayGoUncounted({ tcpState }: Connection, flags: number): boolean {
  return (flags & tcpFlag.SYN) !== 0 || tcpState === 'SYN_SENT' || tcpState === 'SYN_SENT2' || tcpState === 'LISTEN';
}

/** An entry that was made while nothing was counted never will be. */
export function carriedOf(entry: ConnEntry): Connection['carried'] {
  const { packets, bytes, replyPackets, replyBytes, trust } = entry;
  if (trust !== undefined && trust !== 'captured') return undefined;
  if (packets === null && replyPackets === null) return null;
  if (packets === null || replyPackets === null) return undefined;
  return { original: { packets, bytes }, reply: { packets: replyPackets, bytes: replyBytes } };
}
