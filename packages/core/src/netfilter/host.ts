/** Addresses with and without mask as extensions read them through getaddrinfo(3), less the names. iptables: libxtables/xtoptions.c. */
import { parseUint32 } from '../inet/decimal.js';
import { parseInetAton } from '../inet/inet-aton.js';
import type { Family, Ip } from '../inet/ip.js';
import { parseIp6 } from '../inet/ip-text.js';
import { applyMask, bitsOf, maskLength, maskOf } from '../inet/mask.js';
import { type Prefix, prefixOf } from '../inet/prefix.js';
import { refuse, type ValueType } from './extension.js';
import { pick, sampleAddress, word } from './value.js';

function parseHost(text: string, family: Family): Ip | null {
  return family === 4 ? parseInetAton(text) : parseIp6(text);
}

/** An address of the rule's family. */
export const host: ValueType<Ip> = word(
  'address',
  (text, cx) => parseHost(text, cx.family) ?? refuse(`"${text}" is not an IPv${cx.family} address`),
  sampleAddress,
);

/** Length of `24` or of a mask; a mask with holes is taken for one of all ones. Null when it is neither. */
function parseLength(text: string, family: Family): number | null {
  const length = parseUint32(text);
  if (length !== null && length <= bitsOf(family)) return length;
  const mask = parseHost(text, family);
  return mask === null ? null : (maskLength(mask) ?? bitsOf(family));
}

/** `24` or `255.255.255.0`, where the kernel takes a length only: a mask with holes is refused. */
export const prefixLength: ValueType<number> = word(
  'prefix',
  (text, cx) => {
    const number = parseUint32(text);
    const mask = number !== null && number <= bitsOf(cx.family) ? null : parseHost(text, cx.family);
    const length = mask === null ? number : maskLength(mask);
    return length !== null && length <= bitsOf(cx.family)
      ? length
      : refuse(`"${text}" is not up to ${bitsOf(cx.family)} bits`);
  },
  (choose, cx) => pick(choose, [`${choose(bitsOf(cx.family) + 1)}`, cx.family === 4 ? '255.255.0.0' : 'ffff::']),
);

/** `address[/length|/mask]`, the bits outside the mask as typed. */
export interface HostMask {
  readonly ip: Ip;
  readonly length: number;
}

export const hostMask: ValueType<HostMask> = word(
  'address[/mask]',
  (text, cx) => {
    const slash = text.indexOf('/');
    const ip = parseHost(slash < 0 ? text : text.slice(0, slash), cx.family);
    const length = slash < 0 ? bitsOf(cx.family) : parseLength(text.slice(slash + 1), cx.family);
    return ip === null || length === null
      ? refuse(`"${text}" is not an IPv${cx.family} address with mask`)
      : { ip, length };
  },
  (choose, cx) => {
    const length = choose(bitsOf(cx.family) + 1);
    const mask = pick(choose, ['', `/${length}`, `/${length}`, cx.family === 4 ? '/255.255.0.0' : '/ffff::']);
    return `${sampleAddress(choose, cx)}${mask}`;
  },
);

/** A length, or a mask that is taken for all ones where it has holes. */
export const maskBits: ValueType<number> = word(
  'prefix',
  (text, cx) => parseLength(text, cx.family) ?? refuse(`"${text}" is neither a length nor a mask`),
  (choose, cx) => pick(choose, [`${choose(bitsOf(cx.family) + 1)}`, cx.family === 4 ? '255.0.255.0' : 'ffff::']),
);

export function prefixOfHost({ ip, length }: HostMask): Prefix {
  return prefixOf(applyMask(ip, maskOf(ip.family, length)), length);
}

/** The address has bits beyond its length. */
export function hasHostBits({ ip, length }: HostMask): boolean {
  const cut = applyMask(ip, maskOf(ip.family, length));
  return cut.a !== ip.a || cut.b !== ip.b || cut.c !== ip.c || cut.d !== ip.d;
}
