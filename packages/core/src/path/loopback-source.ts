/** A source of 127.0.0.0/8 stays on the node. net/ipv4/route.c __mkroute_output. */
import { isLoopback } from '../inet/ip-kind.js';
import { formatIp } from '../inet/ip-text.js';
import { ending } from '../verdict/disposition.js';
import { eitherSwitch } from './parameter.js';
import type { Place } from './place.js';
import type { Routed } from './routing.js';
import { assume, finish, leaveOpen, note, type World } from './world.js';

export function mayLeave(place: Place, routed: Routed): Routed | World {
  const { world, route, hop } = routed;
  const { src, family } = world.skb;
  const dev = hop?.dev ?? null;
  if (family === 6 || !isLoopback(src) || route.type === 'local' || dev === 'lo') return routed;
  const localnet = eitherSwitch(place, 'route_localnet', dev);
  if (localnet.on) return routed;
  if (localnet.because.length > 0) return finish(leaveOpen(world, localnet.because), ending('undetermined'));
  const what = `the source ${formatIp(src)} may not leave by ${dev}`;
  const told = note(assume(world, localnet.assumed), place.name, 'routing', what, localnet.evidence);
  return finish(told, ending('unreachable', 'EINVAL'));
}
