/** Tunnels kept by a program behind a tun device, which the kernel knows nothing of: flannel's udp backend. flannel: pkg/backend/udp/proxy_amd64.c. */
import type { Ip } from '../inet/ip.js';
import { formatIp } from '../inet/ip-text.js';
import { prefixContains } from '../inet/prefix.js';
import type { Link } from '../snapshot/link.js';
import type { Reason } from '../tri.js';
import { ending } from '../verdict/disposition.js';
import { linkOf } from './frame.js';
import { outerOf } from './outer-packet.js';
import type { Place } from './place.js';
import { launch } from './tunnel.js';
import { assume, finish, leaveOpen, note, type World } from './world.js';

interface Program {
  readonly name: string;
  readonly port: number;
}

const programs: ReadonlyMap<string, Program> = new Map([['flannel0', { name: 'flanneld', port: 8285 }]]);

/** null: no program that is known stands behind the device. */
export function handToProgram(
  places: readonly Place[],
  place: Place,
  world: World,
  link: Link,
): readonly World[] | null {
  const program = programs.get(link.name);
  if (program === undefined || !isTun(link)) return null;
  const { dst } = world.skb;
  const far = farEnd(places, place, link.name, dst);
  if (far === null) {
    const text = `to which node ${program.name} sends ${formatIp(dst)} from ${link.name} of ${place.name} is not known`;
    return [finish(leaveOpen(world, [{ dump: null, text }]), ending('undetermined'))];
  }
  const who = `${far.place.name} (${formatIp(far.ip)})`;
  const text = `${program.name} is taken to send what it reads from ${link.name} of ${place.name} to ${who}, UDP ${program.port}`;
  const reason: Reason = { dump: null, text };
  if (place.assume === 'none') return [finish(leaveOpen(world, [reason]), ending('undetermined'))];
  const what = `${link.name} hands the packet to ${program.name}, which sends it in UDP to ${formatIp(far.ip)}`;
  const told = note(assume(world, [reason]), place.name, 'tun', what, [
    { span: link.span, why: `device ${link.name}` },
  ]);
  const { openPort: _drawn, ...outer } = outerOf(world.skb, {
    proto: 17,
    src: null,
    dst: far.ip,
    dport: program.port,
    ttl: 64,
  });
  const packet = { ...outer, sport: program.port, mark: 0 };
  return launch(place, told, { kind: 'udp', dev: link.name, inner: world.skb }, packet, {
    bound: false,
    dev: null,
    mark: 0,
  });
}

function isTun({ details, type }: Link): boolean {
  return details === null ? type === 'none' || type === null : details.kind === 'other' && details.type === 'tun';
}

/** The one captured node that has the same device and the destination right behind another. */
function farEnd(places: readonly Place[], place: Place, dev: string, dst: Ip): { place: Place; ip: Ip } | null {
  const holders = places.filter(
    (other) =>
      other !== place && other.ns.name === null && linkOf(other, dev) !== undefined && isBehind(other, dev, dst),
  );
  const [only, another] = holders;
  if (only === undefined || another !== undefined) return null;
  const ip = wireAddress(only, dev, dst.family);
  return ip === null ? null : { place: only, ip };
}

function isBehind({ ns }: Place, tun: string, dst: Ip): boolean {
  return ns.routes.rows.some(
    (route) =>
      route.dst.length > 0 &&
      prefixContains(route.dst, dst) &&
      route.nexthops.some(({ via, dev }) => via === null && dev !== null && dev !== tun && dev !== 'lo'),
  );
}

/** Where the program listens, else the address of the device that leads out. */
function wireAddress({ ns }: Place, tun: string, family: Ip['family']): Ip | null {
  const { port } = programs.get(tun) ?? { port: 0 };
  const bound = ns.sockets.rows.find((row) => row.protocol === 'udp' && row.localPort === port && row.localIp !== null);
  if (bound?.localIp != null) return bound.localIp;
  const out = ns.routes.rows.find((route) => route.family === family && route.dst.length === 0)?.nexthops[0]?.dev;
  const row = ns.addresses.rows.find(({ dev, ip, scope }) => dev === out && ip.family === family && scope === 'global');
  return row?.ip ?? null;
}
