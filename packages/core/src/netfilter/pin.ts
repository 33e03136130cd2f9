/**
 * What a packet must have for a rule to apply at all, read off the rule alone: what an index may key on. A pin is sound when every packet whose
 * field is known and does not fulfil it certainly fails the rule, whatever else is known or open.
 */
import type { Mac } from '../inet/mac.js';
import type { Masked } from '../inet/masked.js';

/** Fields that are whole numbers of a packet. */
export type NumberField = 'proto' | 'sport' | 'dport';

export interface NumberRange {
  readonly first: number;
  readonly last: number;
}

export type Pin =
  | { readonly kind: 'address'; readonly field: 'src' | 'dst'; readonly masked: Masked }
  /** Any of the ranges holds the number. */
  | { readonly kind: 'number'; readonly field: NumberField; readonly ranges: readonly NumberRange[] }
  /** The bits under the mask are these. */
  | { readonly kind: 'mark'; readonly value: number; readonly mask: number }
  | { readonly kind: 'device'; readonly field: 'iif' | 'oif'; readonly name: string }
  | { readonly kind: 'mac'; readonly mac: Mac };

export function pinNumber(field: NumberField, ranges: readonly NumberRange[]): Pin {
  return { kind: 'number', field, ranges };
}

/** A test with a negation pins nothing. */
export function pinTest(
  field: NumberField,
  test: { readonly range: NumberRange; readonly invert: boolean } | null,
): readonly Pin[] {
  return test === null || test.invert ? [] : [pinNumber(field, [test.range])];
}
