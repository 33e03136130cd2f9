/** What IPVS remembers of a balanced flow, and which packets belong to it. net/netfilter/ipvs/ip_vs_conn.c. */
import { type Ip, sameIp } from '../inet/ip.js';
import { proto } from '../inet/proto.js';
import { alter, type Skb } from '../packet/skb.js';

export interface Endpoint {
  readonly ip: Ip;
  /** null: the client's own choice, which the question leaves open. */
  readonly port: number | null;
}

export interface IpvsConnection {
  readonly proto: number;
  readonly client: Endpoint;
  readonly virtual: Endpoint;
  readonly server: Endpoint;
  readonly method: 'masq' | 'route' | 'tunnel';
  /** Of a tunnel: how the output names its encapsulation; null where it does not. */
  readonly encapsulation: string | null;
  /** Made while net.ipv4.vs.conntrack was set: conntrack goes on knowing its packets. */
  readonly tracked: boolean;
  /** Forgotten as soon as its one packet is sent (`--ops`). */
  readonly onePacket: boolean;
  /** Port of the service behind a persistent connection, as `--vportctl` asks for. */
  readonly controlPort: number | null;
}

/** What IPVS has done to a packet since it came into this namespace or was made (`skb->ipvs_property`). */
export interface IpvsMark {
  /** `carrier`: the outer packet of a tunnel. */
  readonly role: 'request' | 'answer' | 'carrier';
  readonly connection: IpvsConnection;
}

/** Does the client send this packet? */
export function isRequest(skb: Skb, { proto, client, virtual }: IpvsConnection): boolean {
  return skb.proto === proto && goes(skb, client, virtual);
}

/** Does the server answer by it? The answers of other methods than masquerading carry the virtual address already. */
export function isAnswer(skb: Skb, { proto, client, virtual, server, method }: IpvsConnection): boolean {
  return skb.proto === proto && goes(skb, method === 'masq' ? server : virtual, client);
}

/** The packet as it is sent to a server: matches look the connection up by it, unless it was forgotten at once. */
export function isForwarded(skb: Skb, { proto, client, virtual, server, method, onePacket }: IpvsConnection): boolean {
  return !onePacket && skb.proto === proto && goes(skb, client, method === 'masq' ? server : virtual);
}

const isakmp = 500;

/** Packets of IPsec belong to the connection over which their keys were exchanged. net/netfilter/ipvs/ip_vs_proto_ah_esp.c. */
export function asItsKeys(skb: Skb): Skb {
  if (skb.proto !== proto.esp && skb.proto !== proto.ah) return skb;
  return alter(skb, { proto: proto.udp, sport: isakmp, dport: isakmp });
}

function goes(skb: Skb, from: Endpoint, to: Endpoint): boolean {
  return sameIp(skb.src, from.ip) && skb.sport === from.port && sameIp(skb.dst, to.ip) && skb.dport === to.port;
}
