/** What a search in one set yields. */
import type { SetElement } from '../snapshot/ipset.js';

export interface Found {
  /** The element that answers; null: none does. */
  readonly element: SetElement | null;
  /** No element that is not in the dump could answer before this one: the prefixes are as long as they can be. */
  readonly decided: boolean;
}
