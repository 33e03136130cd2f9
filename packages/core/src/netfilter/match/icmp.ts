/** `-m icmp`: type and code of an ICMP message. iptables-extensions(8); net/netfilter/xt_tcpudp.c (icmp_match), RFC 792. */
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

/** Type 255 is every type. */
export type IcmpMatch = IcmpTest;

const anyType = 255;

const names: readonly IcmpName[] = [
  ['any', anyType, null],
  ['echo-reply', 0, null],
  ['pong', 0, null],
  ['destination-unreachable', 3, null],
  ['network-unreachable', 3, 0],
  ['host-unreachable', 3, 1],
  ['protocol-unreachable', 3, 2],
  ['port-unreachable', 3, 3],
  ['fragmentation-needed', 3, 4],
  ['source-route-failed', 3, 5],
  ['network-unknown', 3, 6],
  ['host-unknown', 3, 7],
  ['network-prohibited', 3, 9],
  ['host-prohibited', 3, 10],
  ['TOS-network-unreachable', 3, 11],
  ['TOS-host-unreachable', 3, 12],
  ['communication-prohibited', 3, 13],
  ['host-precedence-violation', 3, 14],
  ['precedence-cutoff', 3, 15],
  ['source-quench', 4, null],
  ['redirect', 5, null],
  ['network-redirect', 5, 0],
  ['host-redirect', 5, 1],
  ['TOS-network-redirect', 5, 2],
  ['TOS-host-redirect', 5, 3],
  ['echo-request', 8, null],
  ['ping', 8, null],
  ['router-advertisement', 9, null],
  ['router-solicitation', 10, null],
  ['time-exceeded', 11, null],
  ['ttl-exceeded', 11, null],
  ['ttl-zero-during-transit', 11, 0],
  ['ttl-zero-during-reassembly', 11, 1],
  ['parameter-problem', 12, null],
  ['ip-header-bad', 12, 0],
  ['required-option-missing', 12, 1],
  ['timestamp-request', 13, null],
  ['timestamp-reply', 14, null],
  ['address-mask-request', 17, null],
  ['address-mask-reply', 18, null],
];

export const icmp = defineMatch({
  name: 'icmp',
  families: [4],
  protos: [1],
  options: { 'icmp-type': negatable(icmpTypeValue(names)) },
  build: (given): IcmpMatch | Refusal => {
    const wanted = given['icmp-type'];
    if (wanted === undefined) return refuse('--icmp-type is missing');
    const { type, code } = wanted.value;
    return { type, code: type === anyType ? null : code, invert: wanted.invert };
  },
  save: (data) => printed('--icmp-type', [data.type === anyType ? 'any' : formatIcmpType(data)], data.invert),
  listing: (cursor): IcmpMatch | null => {
    const test = readListedIcmp(cursor, 'icmp', names);
    return test !== null && test.type === anyType ? { ...test, code: null } : test;
  },
  drops: (_, { skb }) => skb.proto === 1 && endsBefore(skb, headerSize.icmp),
  test: (data, { skb }) =>
    skb.proto === 1 && !endsBefore(skb, headerSize.icmp) && icmpPasses(data, skb.icmp, data.type === anyType),
});
