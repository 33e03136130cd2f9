/** The outer packet around one that IPVS sends through a tunnel: a flow of its own. net/netfilter/ipvs/ip_vs_xmit.c ip_vs_tunnel_xmit, RFC 2003. */
import type { Ip } from '../inet/ip.js';
import type { IpvsConnection } from '../ipvs/connection.js';
import type { Skb } from '../packet/skb.js';

const IPIP = 4;
const IP6IP6 = 41;
const headerLength = { 4: 20, 6: 40 } as const;

export function inTunnel(inner: Skb, source: Ip, connection: IpvsConnection): Skb {
  const { openPort: _openPort, body: _body, unaltered: _unaltered, quoted: _quoted, ...kept } = inner;
  return {
    ...kept,
    ipvs: { role: 'carrier', connection },
    src: source,
    dst: connection.server.ip,
    proto: inner.family === 4 ? IPIP : IP6IP6,
    sport: null,
    dport: null,
    tcp: null,
    icmp: null,
    fragment: null,
    length: inner.length === null ? null : inner.length + headerLength[inner.family],
    ctState: 'INVALID',
    ct: null,
  };
}
