/** Option names of an extension, by whole name and by beginning. getopt_long(3): a beginning that only one option has is enough. */
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
    const found = { key, option };
    for (const name of [key, ...option.aliases]) table.set(name, found);
  }
  tables.set(def, table);
  return table;
}

/** The option of that exact name (without dashes). */
export function findOption(def: MatchDef | TargetDef, name: string): FoundOption | undefined {
  return optionsOf(def).get(name);
}

/** Every option whose name or alias begins so, each once. */
export function optionsBeginning(def: MatchDef | TargetDef, name: string): readonly FoundOption[] {
  const found = new Set<FoundOption>();
  for (const [known, option] of optionsOf(def)) if (known.startsWith(name)) found.add(option);
  return [...found];
}
