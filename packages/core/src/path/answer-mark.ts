/** The mark of what answers a packet of this node's: that of the packet where a parameter says so, else none. Documentation/networking/ip-sysctl.rst. */
import { proto } from '../inet/proto.js';
import { type Skb, tcpFlag } from '../packet/skb.js';
import { anySwitch } from './parameter.js';
import type { Place } from './place.js';
import { assume, forkOpen, type World } from './world.js';

export interface Marked {
  readonly world: World;
  readonly mark: number;
}

/** Errors, resets and echo replies, which the kernel sends without a socket (`fwmark_reflect`). `about`: the packet that is answered. */
export function reflected(place: Place, world: World, about: Skb): readonly Marked[] {
  return taken(place, world, about, `net/ipv${about.family}/fwmark_reflect`);
}

/** What answers a packet that has arrived: a listening socket of TCP takes the mark of the SYN (`tcp_fwmark_accept`, for IPv6 too). */
export function answered(place: Place, world: World, about: Skb): readonly Marked[] {
  if (about.icmp !== null) return reflected(place, world, about);
  if (about.proto !== proto.tcp) return [{ world, mark: 0 }];
  const marked = taken(place, world, about, 'net/ipv4/tcp_fwmark_accept');
  const begins = ((about.tcp?.flags ?? 0) & tcpFlag.SYN) !== 0;
  return begins ? marked : marked.flatMap((one) => (one.mark === 0 ? [one] : asItBegan(place, one)));
}

function asItBegan(place: Place, { world, mark }: Marked): readonly Marked[] {
  const text = `whether the connection began with a mark, which its socket on ${place.name} then has, is not known`;
  const [same, none] = forkOpen(world, [{ dump: null, text }]);
  return [
    { world: same, mark },
    { world: none, mark: 0 },
  ];
}

function taken(place: Place, world: World, { mark }: Skb, key: string): readonly Marked[] {
  if (mark === 0) return [{ world, mark: 0 }];
  const name = key.replaceAll('/', '.');
  const { on, assumed, because } = anySwitch(place, name, [key]);
  if (because.length === 0) return [{ world: assume(world, assumed), mark: on ? mark : 0 }];
  const [same, none] = forkOpen(world, because);
  return [
    { world: same, mark },
    { world: none, mark: 0 },
  ];
}
