/** `-m pkttype`: to whom the frame was addressed. iptables-extensions(8); net/netfilter/xt_pkttype.c. */
import { isMulticast } from '../../inet/ip-kind.js';
import type { Skb } from '../../packet/skb.js';
import { inverted } from '../../tri.js';
import { defineMatch, negatable, type Refusal, refuse } from '../extension.js';
import { pick, printed, word } from '../value.js';

export type PacketType = 'unicast' | 'broadcast' | 'multicast' | 'otherhost';

export interface PkttypeMatch {
  readonly type: PacketType;
  readonly invert: boolean;
}

const names: Readonly<Record<string, PacketType>> = {
  unicast: 'unicast',
  broadcast: 'broadcast',
  multicast: 'multicast',
  otherhost: 'otherhost',
  host: 'unicast',
  bcast: 'broadcast',
  mcast: 'multicast',
};

const packetType = word(
  'unicast|broadcast|multicast',
  (value): PacketType | Refusal => {
    const name = value.toLowerCase();
    return (Object.hasOwn(names, name) ? names[name] : undefined) ?? refuse(`"${value}" is no packet type`);
  },
  (choose) => pick(choose, ['unicast', 'broadcast', 'multicast', 'otherhost', 'HOST', 'bcast', 'mcast']),
);

export const pkttype = defineMatch({
  name: 'pkttype',
  families: [4, 6],
  options: { 'pkt-type': negatable(packetType) },
  build: (given) => {
    const type = given['pkt-type'];
    return type === undefined ? refuse('--pkt-type is missing') : { type: type.value, invert: type.invert };
  },
  save: (data: PkttypeMatch) => printed('--pkt-type', [data.type], data.invert),
  listing: (cursor): PkttypeMatch | null => {
    const at = cursor.at;
    const invert = cursor.accept('PKTTYPE', '!=');
    if (invert || cursor.accept('PKTTYPE', '=')) {
      const type = names[cursor.take() ?? ''];
      if (type !== undefined) return { type, invert };
    }
    cursor.reset(at);
    return null;
  },
  test: (data, { skb }) => inverted(typeOf(skb) === data.type, data.invert),
});

/** A copy of our own packet that came back over the loopback is told apart by its address. */
function typeOf(skb: Skb): PacketType {
  if (skb.pktType === 'loopback') return isMulticast(skb.dst) ? 'multicast' : 'broadcast';
  return skb.pktType === 'host' ? 'unicast' : skb.pktType;
}
