/** `-m eui64`: the IPv6 source ends in the interface identifier of the frame's source address. RFC 4291 appendix A; net/ipv6/netfilter/ip6t_eui64.c. */
import { type Tri, unknown } from '../../tri.js';
import { defineMatch, type Refusal, refuse } from '../extension.js';

/** It has no options. */
export type Eui64Match = Readonly<Record<never, never>>;

export const eui64 = defineMatch({
  name: 'eui64',
  families: [6],
  options: {},
  build: (_given, { chain }): Eui64Match | Refusal =>
    chain === 'OUTPUT' || chain === 'POSTROUTING' ? refuse(`a packet in ${chain} came in no frame`) : {},
  save: () => [],
  listing: (cursor): Eui64Match | null => (cursor.accept('eui64') ? {} : null),
  test: (_data, { skb }): Tri => {
    if (skb.srcMac === null) return unknown('the hardware address of the sender is not asked');
    const { hi, lo } = skb.srcMac;
    // ff:fe between the halves, and the universal/local bit turned over; the manual says that bit is not compared, the kernel does.
    const upper = (((hi ^ 0x200) << 16) | ((lo >>> 24) << 8) | 0xff) >>> 0;
    const lower = (0xfe000000 | (lo & 0xffffff)) >>> 0;
    return skb.src.c === upper && skb.src.d === lower;
  },
});
