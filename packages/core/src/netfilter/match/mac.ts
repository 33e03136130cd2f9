/** `-m mac`: the hardware address of the sender. iptables-extensions(8); net/netfilter/xt_mac.c. */
import { formatMac, type Mac, parseMac, sameMac } from '../../inet/mac.js';
import { inverted, type Tri, unknown } from '../../tri.js';
import { defineMatch, negatable, type Refusal, refuse } from '../extension.js';
import { pick, printed, word } from '../value.js';

export interface MacMatch {
  readonly source: Mac;
  readonly invert: boolean;
}

const macAddress = word(
  'address',
  (value): Mac | Refusal => parseMac(value, { shortOctets: true }) ?? refuse(`"${value}" is not a hardware address`),
  (choose) => pick(choose, ['00:11:22:33:44:55', 'AA:bb:cc:DD:ee:ff', '0:1:2:3:4:5', 'ff:ff:ff:ff:ff:ff']),
);

export const mac = defineMatch({
  name: 'mac',
  families: [4, 6],
  hooks: ['PREROUTING', 'INPUT', 'FORWARD'],
  options: { 'mac-source': negatable(macAddress) },
  build: (given) => {
    const source = given['mac-source'];
    return source === undefined ? refuse('--mac-source is missing') : { source: source.value, invert: source.invert };
  },
  save: (data: MacMatch) => printed('--mac-source', [formatMac(data.source)], data.invert),
  listing: (cursor): MacMatch | null => {
    const at = cursor.at;
    if (cursor.accept('MAC')) {
      const invert = cursor.accept('!');
      // Older tools print upper case without a blank after `!`.
      const listed = cursor.take() ?? '';
      const glued = listed.startsWith('!');
      const source = parseMac(glued ? listed.slice(1) : listed);
      if (source !== null) return { source, invert: invert || glued };
    }
    cursor.reset(at);
    return null;
  },
  pins: (data) => (data.invert ? [] : [{ kind: 'mac', mac: data.source }]),
  /** A packet that came by no Ethernet device never matches, negated or not. */
  test: (data, { skb }): Tri => {
    if (skb.iif === null || skb.iif === 'lo') return false;
    return skb.srcMac === null
      ? unknown('the hardware address of the sender is not given')
      : inverted(sameMac(skb.srcMac, data.source), data.invert);
  },
});
