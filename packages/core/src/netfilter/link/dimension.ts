/**
 * One way to tell rules apart: a field of the packet, under one mask where there is one. A dimension reads a key off a packet and off a pin; rules and
 * packets of different keys never meet. Keys are small numbers or names that exist already, so that nothing is made per packet.
 */
import type { Ip } from '../../inet/ip.js';
import type { Skb } from '../../packet/skb.js';
import type { NumberField, Pin } from '../pin.js';

export type Key = number | string;

/** The packet does not tell: every rule of the dimension may apply. */
export const unreadable = -2;

/** The field is known to be absent: no pin holds. */
const absent = -1;

export type Dimension =
  | { readonly kind: 'address'; readonly field: 'src' | 'dst'; readonly mask: Ip }
  | { readonly kind: 'number'; readonly field: NumberField }
  | { readonly kind: 'mark'; readonly mask: number }
  | { readonly kind: 'device'; readonly field: 'iif' | 'oif' }
  | { readonly kind: 'mac' };

/** Two pins of one dimension have one name. */
export function nameOf(pin: Pin): string {
  switch (pin.kind) {
    case 'address': {
      const { family, a, b, c, d } = pin.masked.mask;
      return family === 4 ? `${pin.field} ${a}` : `${pin.field} ${a} ${b} ${c} ${d}`;
    }
    case 'number':
    case 'device':
      return pin.field;
    case 'mark':
      return `mark ${pin.mask}`;
    case 'mac':
      return 'mac';
  }
}

export function dimensionOf(pin: Pin): Dimension {
  switch (pin.kind) {
    case 'address':
      return { kind: 'address', field: pin.field, mask: pin.masked.mask };
    case 'number':
      return { kind: 'number', field: pin.field };
    case 'device':
      return { kind: 'device', field: pin.field };
    case 'mark':
      return { kind: 'mark', mask: pin.mask };
    case 'mac':
      return { kind: 'mac' };
  }
}

/** The key of a pin; null for one that is a set of ranges. */
export function keyOf(pin: Pin): Key | null {
  switch (pin.kind) {
    case 'address':
      return mixed(pin.masked.ip, pin.masked.mask);
    case 'device':
      return pin.name;
    case 'mark':
      return pin.value;
    case 'mac':
      return macKey(pin.mac.hi, pin.mac.lo);
    case 'number': {
      const [only, another] = pin.ranges;
      return only !== undefined && another === undefined && only.first === only.last ? only.first : null;
    }
  }
}

/** The key of a packet. */
export function readKey(dimension: Dimension, skb: Skb): Key {
  switch (dimension.kind) {
    case 'address':
      return mixed(dimension.field === 'dst' ? skb.dst : skb.src, dimension.mask);
    case 'number':
      return readNumber(dimension.field, skb);
    case 'mark':
      return (skb.mark & dimension.mask) >>> 0;
    case 'device':
      return (dimension.field === 'iif' ? skb.iif : skb.oif) ?? '';
    case 'mac':
      return skb.srcMac === null ? unreadable : macKey(skb.srcMac.hi, skb.srcMac.lo);
  }
}

function readNumber(field: NumberField, skb: Skb): number {
  if (field === 'proto') return skb.proto;
  if (skb.openPort === field) return unreadable;
  return (field === 'sport' ? skb.sport : skb.dport) ?? absent;
}

/** Of IPv6 a mix of the four words: rules whose addresses mix to one number share a key and are told apart by the rule itself. */
function mixed(ip: Ip, mask: Ip): number {
  if (ip.family === 4) return (ip.a & mask.a) >>> 0;
  let sum = Math.imul((ip.a & mask.a) ^ 0x9e3779b9, 0x85ebca6b);
  sum = Math.imul((ip.b & mask.b) ^ sum ^ (sum >>> 15), 0xc2b2ae35);
  sum = Math.imul((ip.c & mask.c) ^ sum ^ (sum >>> 13), 0x27d4eb2f);
  return ((ip.d & mask.d) ^ sum ^ (sum >>> 16)) >>> 0;
}

function macKey(hi: number, lo: number): number {
  return hi * 0x1000000 + lo;
}
