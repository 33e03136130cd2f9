/** nf_conntrack_in as a step of a hook: which connection a packet belongs to, and in what state. net/netfilter/nf_conntrack_core.c. */
import { answers, newConnection } from '../conntrack/connection.js';
import { entryOf } from '../conntrack/entries.js';
import { trackingOf } from '../conntrack/tracking.js';
import { ending } from '../verdict/disposition.js';
import { missing, type Place } from './place.js';
import { finish, forkOpen, leaveOpen, note, type World } from './world.js';

export function track(place: Place, world: World): readonly World[] {
  const { skb } = world;
  if (skb.ctState === 'UNTRACKED' || skb.ct !== null) return [world];
  switch (trackingOf(place.ns, skb.family)) {
    case 'on':
      return [classify(place, world)];
    case 'off':
      return [untracked(place, world)];
    case 'unknown':
      return eitherWay(place, world);
  }
}

/** Without any rule that needs it there is no conntrack, and nat tables are never asked. */
function untracked(place: Place, world: World): World {
  const skb = { ...world.skb, ctState: 'INVALID', ct: null } as const;
  return note({ ...world, skb }, place.name, 'conntrack', 'no rule needs connection tracking: it is off');
}

/** No captured rule needs tracking, and some may be missing: what depends on it is open. */
function eitherWay(place: Place, world: World): readonly World[] {
  if (place.assume === 'defaults') return [classify(place, world)];
  const dump = world.skb.family === 4 ? 'iptables-save' : 'ip6tables-save';
  const reason = missing(place, dump, 'whether connections are tracked is not known');
  const [on, off] = forkOpen(world, [reason]);
  return [classify(place, on), untracked(place, off)];
}

function classify(place: Place, world: World): World {
  const { skb } = world;
  const known = world.hops.findLast(
    (hop) => hop.place === place.name && hop.connection !== null && answers(skb, hop.connection),
  );
  if (known?.connection !== null && known !== undefined) {
    const ct = { ...known.connection, direction: 'reply', confirmed: true, seenReply: true } as const;
    const tracked: World = { ...world, skb: { ...skb, ctState: 'ESTABLISHED', ct } };
    return note(tracked, place.name, 'conntrack', 'ESTABLISHED: the answer of a known connection');
  }
  const entry = entryOf(place.ns, skb);
  if (entry !== undefined) {
    const what = 'the flow is tracked already';
    const evidence = [{ span: entry.span, why: 'connection of this very flow' }];
    const reason = { dump: null, text: `${what} on ${place.name}: packets of known connections are not modelled` };
    const told = note(world, place.name, 'conntrack', what, evidence);
    return finish(leaveOpen(told, [reason]), ending('undetermined'));
  }
  if (isLateReply(world)) {
    const invalid: World = { ...world, skb: { ...skb, ctState: 'INVALID', ct: null } };
    return note(invalid, place.name, 'conntrack', 'INVALID: an answer whose first packet never came this way');
  }
  const fresh: World = { ...world, skb: { ...skb, ctState: 'NEW', ct: newConnection(skb) } };
  return note(fresh, place.name, 'conntrack', 'NEW');
}

/** SYN,ACK without its SYN. Answers of UDP start a connection of their own. */
function isLateReply({ skb }: World): boolean {
  const flags = skb.tcp?.flags ?? 0;
  return (flags & 0x12) === 0x12 || skb.icmp?.type === 0 || skb.icmp?.type === 129;
}
