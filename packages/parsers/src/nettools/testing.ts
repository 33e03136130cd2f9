/** What the tests of net-tools share. */
import type { Facts } from '@coldtrace/core';
import type { Format } from '../format.js';
import { ledgerIsComplete, sectionOf } from '../testing.js';

/** Throws where a line of the text is in no state. */
export function read<Kind extends Facts['kind']>(
  format: Format,
  kind: Kind,
  text: string,
  given: Parameters<typeof sectionOf>[1] = {},
) {
  const section = sectionOf(text, given);
  const parsed = format.parse(section);
  if (!ledgerIsComplete(section, parsed)) throw new Error('a line is in no state');
  const all = parsed.value.filter((one): one is Extract<Facts, { readonly kind: Kind }> => one.kind === kind);
  return { section, parsed, all, codes: parsed.diagnostics.map((one) => one.code) };
}
