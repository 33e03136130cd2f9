/** Whether a node answers an echo request at all. net/ipv4/icmp.c icmp_rcv, icmp_echo, net/ipv6/icmp.c icmpv6_echo_reply; Documentation/networking/ip-sysctl.rst. */
import { ending } from '../verdict/disposition.js';
import { calledBy } from './answer-source.js';
import { parameterSet } from './parameter.js';
import type { Place } from './place.js';
import { assume, finish, leaveOpen, note, type World } from './world.js';

/** A parameter that silences a node, and what it is where nobody has set it. */
interface Silence {
  readonly key: string;
  readonly usual: '0' | '1';
}

const off = (key: string): Silence => ({ key, usual: '0' });

/** `world` is that of the answer; it has ended where there is none. `there`: that of the request, which has arrived. */
export function unlessSilent(place: Place, world: World, there: World): World {
  const { icmp, family } = there.skb;
  if (icmp?.type !== (family === 4 ? 8 : 128)) return world;
  let live = world;
  for (const silence of family === 4 ? silences4(place, there) : silences6(place, there))
    if (live.end === null) live = unless(place, live, silence);
  return live;
}

function silences4(place: Place, there: World): readonly Silence[] {
  const all = off('net/ipv4/icmp_echo_ignore_all');
  if (calledBy(place, there) === 'one') return [all];
  return [{ key: 'net/ipv4/icmp_echo_ignore_broadcasts', usual: '1' }, all];
}

function silences6(place: Place, there: World): readonly Silence[] {
  const all = off('net/ipv6/icmp/echo_ignore_all');
  const called = calledBy(place, there);
  if (called === 'all') return [all, off('net/ipv6/icmp/echo_ignore_multicast')];
  return called === 'nearest' ? [all, off('net/ipv6/icmp/echo_ignore_anycast')] : [all];
}

function unless(place: Place, world: World, { key, usual }: Silence): World {
  const name = key.replaceAll('/', '.');
  const { on, assumed, because, evidence } = parameterSet(place, key, usual);
  if (because.length > 0) return finish(leaveOpen(world, because), ending('undetermined'));
  // That it answers as nodes do goes without saying.
  if (!on) return world;
  const what = `${place.name} answers no echo request: ${name} is set`;
  return finish(note(assume(world, assumed), place.name, 'reply', what, evidence), ending('dropped'));
}
