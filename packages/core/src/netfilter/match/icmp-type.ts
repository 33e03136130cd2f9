/** Types and codes of ICMP and ICMPv6 as options, prints and tests; the two matches differ in their tables only. iptables: libxtables, extensions/libxt_icmp.h. */

import { parseUint32 } from '../../inet/decimal.js';
import type { IcmpHeader } from '../../packet/skb.js';
import { type Choose, type Refusal, refuse, type ValueType } from '../extension.js';
import type { ListingCursor } from '../listing-cursor.js';
import { pick, word } from '../value.js';

export interface IcmpTest {
  readonly type: number;
  /** null: any code. */
  readonly code: number | null;
  readonly invert: boolean;
}

/** Name, type and code (null: any). */
export type IcmpName = readonly [name: string, type: number, code: number | null];

type TypeAndCode = Omit<IcmpTest, 'invert'>;

/** `type`, `type/code` or a name, of which an unambiguous beginning is enough. */
export function icmpTypeValue(names: readonly IcmpName[]): ValueType<TypeAndCode> {
  return word(
    'type[/code]|typename',
    (text) => readType(text, names),
    (choose) => sampleType(choose, names),
  );
}

function sampleType(choose: Choose, names: readonly IcmpName[]): string {
  const [name] = names[choose(names.length)] ?? ['8'];
  return pick(choose, [name, String(choose(255)), `${choose(255)}/${choose(256)}`, '8/0', '0']);
}

function readType(text: string, names: readonly IcmpName[]): TypeAndCode | Refusal {
  const slash = text.indexOf('/');
  const type = parseUint32(text, 0, slash < 0 ? text.length : slash);
  const code = slash < 0 ? null : parseUint32(text, slash + 1);
  if (type === null) return readName(text, names);
  if (type > 255) return refuse(`there is no ICMP type ${type}`);
  if (slash >= 0 && (code === null || code > 255)) return refuse(`"${text.slice(slash + 1)}" is no ICMP code`);
  return { type, code };
}

function readName(text: string, names: readonly IcmpName[]): TypeAndCode | Refusal {
  const lower = text.toLowerCase();
  const found = names.filter(([name]) => name.toLowerCase().startsWith(lower));
  const [first, second] = found;
  if (first === undefined || text === '') return refuse(`"${text}" is no ICMP type`);
  if (second !== undefined) return refuse(`"${text}" may be ${first[0]} or ${second[0]}`);
  return { type: first[1], code: first[2] };
}

export function formatIcmpType({ type, code }: IcmpTest): string {
  return code === null ? `${type}` : `${type}/${code}`;
}

/** `icmptype 3 code 3`, `icmp !type 8`; `icmp port-unreachable`, `icmp !echo-request` without -n. */
export function readListedIcmp(cursor: ListingCursor, label: string, names: readonly IcmpName[]): IcmpTest | null {
  const at = cursor.at;
  const invert = cursor.accept(label, '!type');
  if (invert || cursor.accept(`${label}type`)) {
    const type = parseUint32(cursor.take() ?? '');
    const code = cursor.accept('code') ? parseUint32(cursor.take() ?? '') : null;
    if (type !== null) return { type, code, invert };
  } else if (cursor.accept(label)) {
    const text = cursor.take() ?? '';
    const found = names.find(([name]) => name === text || `!${name}` === text);
    if (found !== undefined) return { type: found[1], code: found[2], invert: text.startsWith('!') };
  }
  cursor.reset(at);
  return null;
}

/** Negation means another type of ICMP, not the absence of the header. */
export function icmpPasses(test: IcmpTest, header: IcmpHeader | null, any: boolean): boolean {
  if (header === null) return false;
  const same = any || (header.type === test.type && (test.code === null || header.code === test.code));
  return same !== test.invert;
}
