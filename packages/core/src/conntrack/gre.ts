/** What conntrack and NAT read of GRE. include/net/gre.h, net/netfilter/nf_conntrack_proto_gre.c gre_pkt_to_tuple, nf_nat_proto.c gre_manip_pkt. */
import { proto } from '../inet/proto.js';
import type { Skb } from '../packet/skb.js';

/** Version 1 is that of PPTP, which numbers its calls. */
const pptp = 1;
const ppp = 0x880b;
/** Flags, protocol, length and number of the call. */
const callHeader = 8;

/** null: it is no GRE, or nothing tells; then it is taken to be of version 0, as tunnels are. */
function versionOf({ proto: l4, body, extensions, fragment }: Skb): number | null {
  if (l4 !== proto.gre || extensions !== undefined || fragment !== null) return null;
  const flags = body?.[1];
  return flags === undefined ? null : flags & 7;
}

export function isOfCalls(skb: Skb): boolean {
  return versionOf(skb) === pptp;
}

/** Calls of PPTP carry PPP and nothing else: conntrack has no place for what does not. */
export function isNoCall(skb: Skb): boolean {
  const { body } = skb;
  if (body === undefined || body.length < callHeader || !isOfCalls(skb)) return false;
  return (((body[2] ?? 0) << 8) | (body[3] ?? 0)) !== ppp;
}

/** A version that NAT does not know: it gives no packet of it another destination. */
export function isUnknownVersion(skb: Skb): boolean {
  return (versionOf(skb) ?? 0) > pptp;
}
