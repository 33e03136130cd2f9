/** One transformation of `-m policy`: what is asked of it, as built, as printed and as listed. iptables: extensions/libxt_policy.c. */
import { parseUint32 } from '../../inet/decimal.js';
import { type CidrAddress, formatAddressOrPrefix } from '../../inet/prefix.js';
import { formatProto, parseProto } from '../../inet/proto.js';
import { type Given, isRefusal, type ReadContext, type Refusal, refuse, type ValueType } from '../extension.js';
import { hostMask } from '../host.js';
import type { ListingCursor } from '../listing-cursor.js';
import { integer, oneOf, pick, printed, word } from '../value.js';

/** The value of each option in one form, so that all are kept and printed alike. */
export type PolicyPart =
  | { readonly kind: 'reqid' | 'spi' | 'proto'; readonly value: number; readonly invert: boolean }
  | { readonly kind: 'mode'; readonly value: 'transport' | 'tunnel'; readonly invert: boolean }
  | { readonly kind: 'tunnel-dst' | 'tunnel-src'; readonly value: CidrAddress; readonly invert: boolean };

/** In the order of printing, each kind at most once. */
export type PolicyElement = readonly PolicyPart[];

const partKinds = ['reqid', 'spi', 'proto', 'mode', 'tunnel-dst', 'tunnel-src'] as const;
type PartKind = (typeof partKinds)[number];

export const policyNumber = integer('number', 0, 0xffffffff);
export const policyMode = oneOf(['transport', 'tunnel']);

export const ipsecProto = word(
  'ah|esp|ipcomp',
  (value): number | Refusal => {
    const number = value === value.toLowerCase() ? parseProto(value) : null;
    return number === 50 || number === 51 || number === 108 ? number : refuse(`"${value}" is none of ah, esp, ipcomp`);
  },
  (choose) => pick(choose, ['ah', 'esp', 'ipcomp', '50', '0x33']),
);

/** An address with the length of its mask; host bits are kept. */
export const endpoint: ValueType<CidrAddress> = {
  ...hostMask,
  sample: (choose, cx) => [
    cx.family === 4
      ? pick(choose, ['10.1.2.3/8', '10.0.0.1', '0.0.0.0/0', '192.168.0.0/255.255.0.0', '10.0.0.1/32'])
      : pick(choose, ['fd00::1/8', 'fd00::1', '::/0', '2001:db8::/ffff:ffff::', 'fd00::1/128']),
  ],
};

interface Placed {
  readonly part: PolicyPart;
  readonly at: number;
}

export interface GivenParts {
  readonly reqid?: Given<number>;
  readonly spi?: Given<number>;
  readonly proto?: Given<number>;
  readonly mode?: Given<'transport' | 'tunnel'>;
  readonly 'tunnel-dst'?: Given<CidrAddress>;
  readonly 'tunnel-src'?: Given<CidrAddress>;
}

/** The elements between the places of `--next`. */
export function elementsOf(given: GivenParts, next: readonly number[]): readonly PolicyElement[] | Refusal {
  const placed = placedParts(given);
  const elements: PolicyElement[] = [];
  for (let index = 0; index <= next.length; index++) {
    const from = next[index - 1] ?? -1;
    const to = next[index] ?? Number.POSITIVE_INFINITY;
    const element = placed.filter(({ at }) => at > from && at < to).map(({ part }) => part);
    const twice = element.find((part, place) => element[place + 1]?.kind === part.kind);
    if (twice !== undefined) return refuse(`--${twice.kind} stands twice in one element`);
    elements.push(element);
  }
  return elements;
}

function placedParts(given: GivenParts): readonly Placed[] {
  const placed: Placed[] = [];
  for (const kind of ['reqid', 'spi', 'proto'] as const) {
    for (const { at, value, invert } of given[kind]?.all ?? []) placed.push({ at, part: { kind, value, invert } });
  }
  for (const { at, value, invert } of given.mode?.all ?? []) placed.push({ at, part: { kind: 'mode', value, invert } });
  for (const kind of ['tunnel-dst', 'tunnel-src'] as const) {
    for (const { at, value, invert } of given[kind]?.all ?? []) placed.push({ at, part: { kind, value, invert } });
  }
  return placed;
}

/** The mode that tunnel addresses need: `--mode tunnel` or `! --mode transport`. */
export function isTunnel(element: PolicyElement): boolean {
  return element.some((part) => part.kind === 'mode' && (part.value === 'tunnel') !== part.invert);
}

export function saveElement(element: PolicyElement): readonly string[] {
  return element.flatMap((part) => printed(`--${part.kind}`, [formatPart(part)], part.invert));
}

function formatPart(part: PolicyPart): string {
  switch (part.kind) {
    case 'reqid':
      return String(part.value);
    case 'spi':
      return `0x${part.value.toString(16)}`;
    case 'proto':
      return formatProto(part.value);
    case 'mode':
      return part.value;
    default:
      return formatAddressOrPrefix(part.value);
  }
}

/** `reqid 5 ! spi 0x10 proto 50 mode tunnel tunnel-dst 10.0.0.1`, as far as the words go. */
export function readListedElement(cursor: ListingCursor, cx: ReadContext): PolicyElement {
  const element: PolicyPart[] = [];
  for (const kind of partKinds) {
    const at = cursor.at;
    const invert = cursor.accept('!');
    const part = cursor.accept(kind) ? readPart(kind, cursor.take() ?? '', invert, cx) : null;
    if (part === null) cursor.reset(at);
    else element.push(part);
  }
  return element;
}

function readPart(kind: PartKind, text: string, invert: boolean, cx: ReadContext): PolicyPart | null {
  if (kind === 'mode') {
    const value = policyMode.read([text], cx);
    return isRefusal(value) ? null : { kind, value, invert };
  }
  if (kind === 'tunnel-dst' || kind === 'tunnel-src') {
    const value = endpoint.read([text], cx);
    return isRefusal(value) ? null : { kind, value, invert };
  }
  const value = kind === 'proto' ? parseProto(text) : parseUint32(text);
  return value === null ? null : { kind, value, invert };
}
