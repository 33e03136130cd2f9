/** Carries out what NAT targets ask for: which address and port the connection really gets. net/netfilter/nf_nat_core.c. */
import { restoreDst, restoreSrc, translateDst, translateSrc } from '../conntrack/connection.js';
import { type Family, type Ip, ip4, ip6, sameIp } from '../inet/ip.js';
import { formatIp } from '../inet/ip-text.js';
import type { NatSpec, TargetAction } from '../netfilter/action.js';
import type { Hook } from '../netfilter/hook.js';
import { selectMasquerade } from '../route/source.js';
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
      return [masquerade(place, hook, world, action.ports !== null, evidence)];
    case 'redirect':
      return [redirect(place, hook, world, action.ports?.first ?? null, evidence)];
    default:
      return [world];
  }
}

function byRange(place: Place, hook: Hook, world: World, spec: NatSpec, evidence: Evidence): World {
  const { addresses, ports } = spec;
  const several = addresses !== null && !sameIp(addresses.first, addresses.last);
  if (several || spec.portBase !== null)
    return undetermined(world, 'the kernel chooses among several addresses or ports');
  const ip =
    spec.netmap === null
      ? (addresses?.first ?? null)
      : netmapped(spec.kind === 'dst' ? world.skb.dst : world.skb.src, spec.netmap);
  const port = ports === null ? null : ports.first;
  const skb =
    spec.kind === 'dst' ? translateDst(world.skb, ip, port) : translateSrc(world.skb, ip ?? world.skb.src, port);
  return translated(place, hook, { ...world, skb }, spec.kind, evidence);
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

function masquerade(place: Place, hook: Hook, world: World, ports: boolean, evidence: Evidence): World {
  const { skb, exit } = world;
  const chosen = selectMasquerade(place, skb.oif, exit?.towards ?? skb.dst, skb.dst);
  if (chosen.kind === 'none') return finish(world, ending('dropped'));
  if (chosen.kind === 'open') return finish(leaveOpen(world, chosen.because), ending('undetermined'));
  if (ports) return undetermined(world, 'the kernel chooses among several ports');
  const told = assume(world, chosen.assumptions);
  return translated(place, hook, { ...told, skb: translateSrc(skb, chosen.ip, null) }, 'src', evidence);
}

/** To 127.0.0.1 or ::1 for the node's own packets, else to the first address of the device they came in by. net/netfilter/nf_nat_redirect.c. */
function redirect(place: Place, hook: Hook, world: World, port: number | null, evidence: Evidence): World {
  const { skb } = world;
  const loopback = skb.family === 4 ? ip4(0x7f000001) : ip6(0, 0, 0, 1);
  const ip = hook === 'OUTPUT' ? loopback : firstAddress(place, skb.family, skb.iif);
  if (ip === null && place.ns.addresses.state !== 'complete')
    return undetermined(world, missing(place, 'ip-addr', `which address REDIRECT takes on ${skb.iif} is not known`));
  if (ip === null) return finish(world, ending('dropped'));
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
      : `source becomes ${endpoint(skb.src, skb.sport)}`;
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
