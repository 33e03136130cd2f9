/** nf_defrag as the first step of a hook: fragments wait for the rest of their packet. net/ipv4/netfilter/nf_defrag_ipv4.c. */
import { defragOf } from '../conntrack/tracking.js';
import { alter, type Skb } from '../packet/skb.js';
import { ending } from '../verdict/disposition.js';
import { missing, type Place } from './place.js';
import { assume, finish, forkOpen, note, type World, withPacket } from './world.js';

export function defrag(place: Place, world: World): readonly World[] {
  const { skb } = world;
  if (skb.fragment === null || skb.ct !== null) return [world];
  switch (defragOf(place.ns, skb.family)) {
    case 'on':
      return [gathered(place, world)];
    case 'off':
      return [world];
    case 'unknown': {
      const dump = skb.family === 4 ? 'iptables-save' : 'ip6tables-save';
      const reason = missing(place, dump, 'whether fragments are put together is not known');
      if (place.assume === 'defaults') {
        const assumed = [{ ...reason, text: `${reason.text}; they are taken to be` }];
        return [gathered(place, assume(world, assumed))];
      }
      const [on, off] = forkOpen(world, [reason]);
      return [gathered(place, on), off];
    }
  }
}

/** All fragments of IPv6 but the last have a multiple of 8 bytes. One that has not is left alone; IPv4 cuts it off. net/ipv6/netfilter/nf_conntrack_reasm.c. */
function isMalformed({ family, fragment, length }: Skb): boolean {
  return family === 6 && fragment?.more === true && length !== null && length % 8 !== 0;
}

/** A fragment that is the whole packet goes on without its header. */
function gathered(place: Place, world: World): World {
  const { fragment, length } = world.skb;
  if (fragment !== null && fragment.offset === 0 && !fragment.more) {
    const skb: Skb = alter(world.skb, { fragment: null, length: length === null ? null : length - 8 });
    return withPacket(world, skb);
  }
  if (isMalformed(world.skb)) return world;
  const what = 'connection tracking holds the fragment until the rest of its packet has come';
  return finish(note(world, place.name, 'defrag', what), ending('dropped'));
}
