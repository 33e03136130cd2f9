/** Whether a node answers an echo request at all. net/ipv4/icmp.c icmp_echo, net/ipv6/icmp.c icmpv6_echo_reply; Documentation/networking/ip-sysctl.rst. */
import type { Skb } from '../packet/skb.js';
import { ending } from '../verdict/disposition.js';
import { anySwitch } from './parameter.js';
import type { Place } from './place.js';
import { finish, leaveOpen, note, type World } from './world.js';

const keys = { 4: 'net/ipv4/icmp_echo_ignore_all', 6: 'net/ipv6/icmp/echo_ignore_all' } as const;

/** `world` is that of the answer; it has ended where there is none. */
export function unlessSilent(place: Place, world: World, { icmp, family }: Skb): World {
  if (icmp?.type !== (family === 4 ? 8 : 128)) return world;
  const name = keys[family].replaceAll('/', '.');
  const { on, because, evidence } = anySwitch(place, name, [keys[family]]);
  if (because.length > 0) return finish(leaveOpen(world, because), ending('undetermined'));
  if (!on) return world;
  const what = `${place.name} answers no echo request: ${name} is set`;
  return finish(note(world, place.name, 'reply', what, evidence), ending('dropped'));
}
