/**
 * The connection that rules of table raw see behind a CT rule: its template, which has nothing of the packet. net/netfilter/nf_conntrack_core.c
 * nf_ct_tmpl_alloc, net/netfilter/xt_CT.c.
 */
import type { Family } from '../inet/ip.js';
import { ip4, ip6 } from '../inet/ip.js';
import type { Connection, Skb } from '../packet/skb.js';

/** null: the packet has neither connection nor template. */
export function connectionSeen({ ct, template, family }: Skb): Connection | null {
  return ct ?? (template === undefined ? null : templates[family]);
}

const templates: Readonly<Record<Family, Connection>> = { 4: templateOf(4), 6: templateOf(6) };

function templateOf(family: Family): Connection {
  const nobody = family === 4 ? ip4(0) : ip6(0, 0, 0, 0);
  const tuple = { src: nobody, dst: nobody, sport: 0, dport: 0, icmpType: null, icmpCode: null, icmpId: null };
  return {
    direction: 'original',
    proto: 0,
    original: tuple,
    reply: tuple,
    zone: { original: 0, reply: 0 },
    mark: 0,
    confirmed: true,
    seenReply: false,
    assured: false,
    srcNat: false,
    dstNat: false,
    settled: { src: false, dst: false },
    tcpState: null,
    expected: false,
  };
}
