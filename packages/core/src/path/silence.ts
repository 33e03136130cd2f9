/** The lines that show who heard a question for an address, and that it is nobody's: both ends of the wire, and the addresses behind it. */
import type { Family, Ip } from '../inet/ip.js';
import { formatIp } from '../inet/ip-text.js';
import type { Evidence } from '../verdict/step.js';
import { linkOf } from './frame.js';
import type { Place } from './place.js';
import type { Member, Wire } from './segment.js';

const mostMembers = 4;

export function silence(
  place: Place,
  { dev, far }: Wire,
  members: readonly Member[],
  { family }: Ip,
): readonly Evidence[] {
  const near = linkOf(place, dev);
  const ends = [
    ...(near === undefined ? [] : [{ span: near.span, why: `${dev} of ${place.name}` }]),
    { span: far.link.span, why: `its other end, ${far.link.name} of ${far.place.name}` },
  ];
  return [...ends, ...members.slice(0, mostMembers).flatMap((member) => addressesOf(member, family))];
}

function addressesOf({ place, dev }: Member, family: Family): readonly Evidence[] {
  return place.ns.addresses.rows
    .filter((row) => row.dev === dev && row.ip.family === family)
    .map(({ span, ip }) => ({ span, why: `${place.name} has ${formatIp(ip)} there` }));
}

/** Addresses of the place itself, for which nobody else answers. */
export function ownAddress({ name, ns }: Place, text: string): readonly Evidence[] {
  return ns.addresses.rows
    .filter(({ ip }) => formatIp(ip) === text)
    .map(({ span, dev }) => ({ span, why: `an address of ${name}, on ${dev}` }));
}
