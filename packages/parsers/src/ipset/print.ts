/** Prints sets as `ipset save` does, byte for byte with ipset 7.17 on a system that has /etc/protocols. lib/session.c of ipset. */
import {
  formatAddressOrPrefix,
  formatIp,
  formatMac,
  formatPortRange,
  formatProto,
  formatRange,
  type IpSet,
  type SetElement,
  type SetPart,
} from '@coldtrace/core';
import { formatIcmp } from './icmp-names.js';

/** As `ipset save` prints them. */
export function printIpsetSave(sets: readonly IpSet[]): string {
  return sets.map(printSet).join('');
}

function printSet(set: IpSet): string {
  const options = set.options.map((option) => ` ${option.join(' ')}`).join('');
  const members = set.elements.map((element) => `add ${set.name} ${printMember(element, set)}\n`).join('');
  return `create ${set.name} ${set.type}${options}\n${members}`;
}

/** A member as `ipset save` writes it after the name of the set, and `ipset list` on a line of its own. */
export function printMember(element: SetElement, set: Pick<IpSet, 'timeout'>): string {
  let out = printElement(element);
  if (set.timeout !== null) out += ` timeout ${element.timeout ?? 0}`;
  if (element.nomatch) out += ' nomatch';
  if (element.parts.some((part) => part.kind === 'iface' && part.wildcard)) out += ' wildcard';
  if (element.packets !== null) out += ` packets ${element.packets}`;
  if (element.bytes !== null) out += ` bytes ${element.bytes}`;
  if (element.comment !== null) out += ` comment "${element.comment}"`;
  if (element.skbmark !== null) out += ` skbmark ${element.skbmark}`;
  if (element.skbprio !== null) out += ` skbprio ${element.skbprio}`;
  if (element.skbqueue !== null) out += ` skbqueue ${element.skbqueue}`;
  return out;
}

/** The element alone: `10.0.0.1,tcp:80`. */
export function printElement(element: Pick<SetElement, 'parts'>): string {
  return element.parts.map(printPart).join(',');
}

function printPart(part: SetPart): string {
  switch (part.kind) {
    case 'ip':
      return formatIp(part.ip);
    case 'net':
      return formatAddressOrPrefix(part.prefix);
    case 'range':
      return formatRange(part.range);
    case 'port':
      return printPort(part.proto, part.ports);
    case 'mac':
      return formatMac(part.mac).toUpperCase();
    case 'iface':
      return part.physdev ? `physdev:${part.name}` : part.name;
    case 'mark':
      return `0x${part.mark.toString(16).padStart(8, '0')}`;
    case 'set':
      return part.name;
  }
}

function printPort(proto: number | null, ports: { readonly first: number; readonly last: number }): string {
  if (proto === null) return formatPortRange(ports, '-');
  const number = proto === 1 || proto === 58 ? formatIcmp(proto, ports.first) : formatPortRange(ports, '-');
  return `${formatProto(proto)}:${number}`;
}
