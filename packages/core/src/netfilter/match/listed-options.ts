/** Options as `-L` prints those of matches that have many: their names without dashes, each with a value and maybe a `!` before it. */
import { type Given, isRefusal, type OptionTable, type ReadContext } from '../extension.js';
import type { ListingCursor } from '../listing-cursor.js';

/** Takes what comes next of these options, which are printed in the given order. */
export function takeListedOptions<Name extends string>(
  cursor: ListingCursor,
  cx: ReadContext,
  options: OptionTable & Readonly<Record<Name, unknown>>,
  printOrder: readonly Name[],
): { readonly [Option in Name]?: Given<unknown> } {
  const given: { [Option in Name]?: Given<unknown> } = {};
  let last = -1;
  for (;;) {
    const at = cursor.at;
    const invert = cursor.accept('!');
    const word = cursor.take();
    const name = printOrder.find((known) => known === word);
    const index = name === undefined ? -1 : printOrder.indexOf(name);
    // What stands before it in the order of printing, or the same once more, belongs to the next match of this name.
    const value = name === undefined || index <= last ? null : options[name]?.value.read([cursor.take() ?? ''], cx);
    // Names of addresses, as printed without -n, are ambiguous: `anywhere` may be 0.0.0.0 under any mask.
    if (name === undefined || value == null || isRefusal(value)) {
      cursor.reset(at);
      return given;
    }
    given[name] = { value, invert, all: [] };
    last = index;
  }
}
