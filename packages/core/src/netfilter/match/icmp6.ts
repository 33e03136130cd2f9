/** `-m icmp6`: type and code of an ICMPv6 message. iptables-extensions(8); net/netfilter/xt_tcpudp.c (icmp6_match), RFC 4443. */
import { endsBefore, headerSize } from '../../packet/cut.js';
import { defineMatch, negatable, type Refusal, refuse } from '../extension.js';
import { printed } from '../value.js';
import {
  formatIcmpType,
  type IcmpName,
  type IcmpTest,
  icmpPasses,
  icmpTypeValue,
  readListedIcmp,
} from './icmp-type.js';

/** Type 255 is a type like any other. */
export type Icmp6Match = IcmpTest;

const names: readonly IcmpName[] = [
  ['destination-unreachable', 1, null],
  ['no-route', 1, 0],
  ['communication-prohibited', 1, 1],
  ['beyond-scope', 1, 2],
  ['address-unreachable', 1, 3],
  ['port-unreachable', 1, 4],
  ['failed-policy', 1, 5],
  ['reject-route', 1, 6],
  ['packet-too-big', 2, null],
  ['time-exceeded', 3, null],
  ['ttl-exceeded', 3, null],
  ['ttl-zero-during-transit', 3, 0],
  ['ttl-zero-during-reassembly', 3, 1],
  ['parameter-problem', 4, null],
  ['bad-header', 4, 0],
  ['unknown-header-type', 4, 1],
  ['unknown-option', 4, 2],
  ['echo-request', 128, null],
  ['ping', 128, null],
  ['echo-reply', 129, null],
  ['pong', 129, null],
  ['router-solicitation', 133, null],
  ['router-advertisement', 134, null],
  ['neighbour-solicitation', 135, null],
  ['neighbor-solicitation', 135, null],
  ['neighbour-advertisement', 136, null],
  ['neighbor-advertisement', 136, null],
  ['redirect', 137, null],
];

export const icmp6 = defineMatch({
  name: 'icmp6',
  families: [6],
  protos: [58],
  options: { 'icmpv6-type': negatable(icmpTypeValue(names)) },
  build: (given): Icmp6Match | Refusal => {
    const wanted = given['icmpv6-type'];
    return wanted === undefined ? refuse('--icmpv6-type is missing') : { ...wanted.value, invert: wanted.invert };
  },
  save: (data) => printed('--icmpv6-type', [formatIcmpType(data)], data.invert),
  listing: (cursor): Icmp6Match | null => readListedIcmp(cursor, 'ipv6-icmp', names),
  drops: (_, { skb }) => skb.proto === 58 && endsBefore(skb, headerSize.icmp),
  test: (data, { skb }) => skb.proto === 58 && !endsBefore(skb, headerSize.icmp) && icmpPasses(data, skb.icmp, false),
});
