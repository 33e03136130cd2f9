/** Carries out what NAT targets ask for: which address and port the connection really gets. net/netfilter/nf_nat_core.c. */
import { restoreDst, restoreSrc, translateDst, translateSrc, withOpenSourcePort } from '../conntrack/connection.js';
import { isTaken } from '../conntrack/entries.js';
import { type Family, type Ip, ip4, ip6, sameIp } from '../inet/ip.js';
import { formatIp } from '../inet/ip-text.js';
import type { NatSpec, TargetAction } from '../netfilter/action.js';
import type { Hook } from '../netfilter/hook.js';
import { selectMasquerade } from '../route/source.js';
import { isCompleteFor } from '../snapshot/dump.js';
import type { Reason } from '../tri.js';
import { ending } from '../verdict/disposition.js';
import type { Evidence } from '../verdict/step.js';
import { missing, type Place } from './place.js';
import { assume, finish, leaveOpen, note, type World } from './world.js';

export function translateWorld(
  place: Place,
  hook: Hook,
  world: World,
  action: TargetAction,
  evidence: Evidence,
): readonly World[] {
  switch (action.kind) {
    case 'nat':
      return [byRange(place, hook, world, action.spec, evidence)];
    case 'masquerade':
      return [masquerade(place, hook, world, action, evidence)];
    case 'redirect':
      return [redirect(place, hook, world, action.ports, evidence)];
    default:
      return [world];
  }
}

function byRange(place: Place, hook: Hook, world: World, spec: NatSpec, evidence: Evidence): World {
  const { addresses } = spec;
  const several = addresses !== null && !sameIp(addresses.first, addresses.last);
  if (several) return undetermined(world, 'the kernel chooses among several addresses');
  const { skb } = world;
  const old = spec.kind === 'dst' ? skb.dst : skb.src;
  const ip = spec.netmap === null ? (addresses?.first ?? old) : netmapped(old, spec.netmap);
  if (spec.kind === 'src') return fromSource(place, hook, world, ip, spec, evidence);
  const port = destinationPort(skb.dport, spec);
  if (port === 'open') return undetermined(world, 'the kernel chooses among several ports');
  return translated(place, hook, { ...world, skb: translateDst(skb, ip, port) }, 'dst', evidence);
}

/** A port within the range stays; otherwise the first of the range is tried first. net/netfilter/nf_nat_core.c nf_nat_l4proto_unique_tuple. */
function destinationPort(
  dport: number | null,
  spec: Pick<NatSpec, 'ports' | 'portBase' | 'random'>,
): number | null | 'open' {
  const { ports, portBase, random } = spec;
  if (dport === null || ports === null) return null;
  const { first, last } = ports;
  if (first === last) return first;
  if (portBase !== null) return first + (((dport - portBase) & 0xffff) % (last - first + 1));
  if (random) return 'open';
  return first <= dport && dport <= last ? dport : first;
}

/** The source port stays where it can; where the kernel draws one, nothing tells which. */
function fromSource(
  place: Place,
  hook: Hook,
  world: World,
  ip: Ip,
  { ports, random }: Pick<NatSpec, 'ports' | 'random'>,
  evidence: Evidence,
): World {
  const { skb } = world;
  const only = ports !== null && ports.first === ports.last ? ports.first : null;
  const kept = ports === null || (skb.sport !== null && ports.first <= skb.sport && skb.sport <= ports.last);
  const changed = translateSrc(skb, ip, skb.sport === null ? null : only);
  const answer = changed.ct?.reply;
  const taken = answer !== undefined && isTaken(place.ns, skb.proto, answer);
  const drawn = (only === null && (random || !kept)) || taken;
  return translated(place, hook, { ...world, skb: drawn ? withOpenSourcePort(changed) : changed }, 'src', evidence);
}

function netmapped(ip: Ip, to: { readonly ip: Ip; readonly mask: Ip }): Ip {
  const mix = (host: number, net: number, mask: number) => ((host & ~mask) | (net & mask)) >>> 0;
  if (ip.family === 4) return ip4(mix(ip.a, to.ip.a, to.mask.a));
  return ip6(
    mix(ip.a, to.ip.a, to.mask.a),
    mix(ip.b, to.ip.b, to.mask.b),
    mix(ip.c, to.ip.c, to.mask.c),
    mix(ip.d, to.ip.d, to.mask.d),
  );
}

function masquerade(
  place: Place,
  hook: Hook,
  world: World,
  ports: Pick<NatSpec, 'ports' | 'random'>,
  evidence: Evidence,
): World {
  const { skb, exit } = world;
  const chosen = selectMasquerade(place, skb.oif, exit?.towards ?? skb.dst, skb.dst);
  if (chosen.kind === 'none') return finish(world, ending('dropped'));
  if (chosen.kind === 'open') return finish(leaveOpen(world, chosen.because), ending('undetermined'));
  return fromSource(place, hook, assume(world, chosen.assumptions), chosen.ip, ports, evidence);
}

/** To 127.0.0.1 or ::1 for the node's own packets, else to the first address of the device they came in by. net/netfilter/nf_nat_redirect.c. */
function redirect(place: Place, hook: Hook, world: World, ports: NatSpec['ports'], evidence: Evidence): World {
  const { skb } = world;
  const loopback = skb.family === 4 ? ip4(0x7f000001) : ip6(0, 0, 0, 1);
  const ip = hook === 'OUTPUT' ? loopback : firstAddress(place, skb.family, skb.iif);
  if (ip === null && !isCompleteFor(place.ns.addresses, skb.family))
    return undetermined(world, missing(place, 'ip-addr', `which address REDIRECT takes on ${skb.iif} is not known`));
  if (ip === null) return finish(world, ending('dropped'));
  const port = destinationPort(skb.dport, { ports, portBase: null, random: false });
  if (port === 'open') return undetermined(world, 'the kernel chooses among several ports');
  return translated(place, hook, { ...world, skb: translateDst(skb, ip, port) }, 'dst', evidence);
}

function firstAddress(place: Place, family: Family, dev: string | null): Ip | null {
  const unusable = family === 4 ? ['secondary'] : ['tentative', 'dadfailed', 'deprecated'];
  const row = place.ns.addresses.rows.find(
    (address) =>
      address.dev === dev &&
      address.ip.family === family &&
      address.trust !== 'claimed' &&
      !unusable.some((flag) => address.flags.includes(flag)),
  );
  return row?.ip ?? null;
}

function translated(place: Place, hook: Hook, world: World, kind: 'src' | 'dst', evidence: Evidence): World {
  const { skb } = world;
  const what =
    kind === 'dst'
      ? `destination becomes ${endpoint(skb.dst, skb.dport)}`
      : `source becomes ${endpoint(skb.src, skb.sport)}${skb.openPort === 'sport' ? " with a port of the kernel's choice" : ''}`;
  const state = kind === 'dst' ? { ...world.translated, dst: true } : { ...world.translated, src: true };
  return note({ ...world, translated: state }, place.name, `nat/${hook}`, what, [{ ...evidence, why: 'translates' }]);
}

export function endpoint(ip: Ip, port: number | null): string {
  if (port === null) return formatIp(ip);
  return ip.family === 6 ? `[${formatIp(ip)}]:${port}` : `${formatIp(ip)}:${port}`;
}

function undetermined(world: World, why: string | Reason): World {
  const reason = typeof why === 'string' ? { dump: null, text: why } : why;
  return finish(leaveOpen(world, [reason]), ending('undetermined'));
}

/** What conntrack does at the nat hooks to a packet of a known connection: no rule is asked. */
export function translateKnown(place: Place, hook: Hook, world: World): World {
  const destination = hook === 'PREROUTING' || hook === 'OUTPUT';
  const { skb } = world;
  if (skb.ct === null || skb.ct.direction !== 'reply') return world;
  const changed = destination ? restoreDst(skb) : restoreSrc(skb);
  if (
    changed === skb ||
    (sameIp(changed.dst, skb.dst) &&
      sameIp(changed.src, skb.src) &&
      changed.sport === skb.sport &&
      changed.dport === skb.dport)
  ) {
    return world;
  }
  const what = destination
    ? `the connection is known: destination becomes ${endpoint(changed.dst, changed.dport)} again`
    : `the connection is known: source becomes ${endpoint(changed.src, changed.sport)} again`;
  return note({ ...world, skb: changed }, place.name, `nat/${hook}`, what);
}
