/** Option names of an extension, found by what stands in the rule. getopt_long(3): an unambiguous beginning of a name is enough. */
import type { MatchDef, Option, TargetDef } from '@coldtrace/core';

export interface FoundOption {
  /** Canonical name without dashes. */
  readonly key: string;
  readonly option: Option<unknown>;
}

const tables = new WeakMap<MatchDef | TargetDef, ReadonlyMap<string, FoundOption>>();

function optionsOf(def: MatchDef | TargetDef): ReadonlyMap<string, FoundOption> {
  const known = tables.get(def);
  if (known !== undefined) return known;
  const table = new Map<string, FoundOption>();
  for (const [key, option] of Object.entries(def.options)) {
    for (const name of [key, ...option.aliases]) table.set(name, { key, option });
  }
  tables.set(def, table);
  return table;
}

/** The option of that exact name (without dashes). */
export function findOption(def: MatchDef | TargetDef, name: string): FoundOption | undefined {
  return optionsOf(def).get(name);
}

/** The only option whose name begins so; undefined when there is none or several. */
export function findAbbreviated(
  defs: readonly (MatchDef | TargetDef)[],
  name: string,
): { def: MatchDef | TargetDef; found: FoundOption } | undefined {
  let only: { def: MatchDef | TargetDef; found: FoundOption } | undefined;
  for (const def of defs) {
    for (const [known, found] of optionsOf(def)) {
      if (!known.startsWith(name)) continue;
      if (only !== undefined && only.found.option !== found.option) return undefined;
      only = { def, found };
    }
  }
  return only;
}
