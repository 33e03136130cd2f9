/** Which option a word of a rule means: iptables' own, or one of a loaded extension. getopt_long(3); iptables: iptables/xshared.c, libxtables/xtables.c. */
import type { Family, MatchDef, TargetDef, XtablesVariant } from '@coldtrace/core';
import type { Extension } from './extension-words.js';
import { type FoundOption, findOption, optionsBeginning } from './options.js';

/** Options that a rule may hold without an extension, by the letter that they have. */
export type RuleOption = 's' | 'd' | 'i' | 'o' | 'p' | 'f' | 'c' | 'j' | 'g' | 'm' | 'v' | '4' | '6';

/** Long names; those of commands and of listings have no meaning in a rule, but make beginnings ambiguous. */
const longNames: ReadonlyMap<string, RuleOption | null> = new Map<string, RuleOption | null>([
  ['source', 's'],
  ['src', 's'],
  ['destination', 'd'],
  ['dst', 'd'],
  ['in-interface', 'i'],
  ['out-interface', 'o'],
  ['protocol', 'p'],
  ['fragments', 'f'],
  ['set-counters', 'c'],
  ['jump', 'j'],
  ['goto', 'g'],
  ['match', 'm'],
  ['verbose', 'v'],
  ['ipv4', '4'],
  ['ipv6', '6'],
  ...[
    'append',
    'delete',
    'check',
    'insert',
    'replace',
    'list',
    'list-rules',
    'flush',
    'zero',
    'new-chain',
    'delete-chain',
    'rename-chain',
    'policy',
    'table',
    'numeric',
    'wait',
    'wait-interval',
    'exact',
    'version',
    'help',
    'line-numbers',
    'modprobe',
  ].map((name) => [name, null] as const),
]);

/** ip6tables-legacy has no long name for what IPv6 has not. */
const namesOfIp6: typeof longNames = new Map([...longNames].filter(([name]) => name !== 'fragments'));

/** The names of options depend on whose tool it is. */
interface OptionContext {
  readonly family: Family;
  readonly variant?: XtablesVariant | null;
}

const letters: ReadonlySet<string> = new Set(['s', 'd', 'i', 'o', 'p', 'f', 'c', 'j', 'g', 'm', 'v', '4', '6']);
const flags: ReadonlySet<RuleOption> = new Set(['f', 'v', '4', '6']);

export type AnyExtension = Extension<MatchDef> | Extension<TargetDef>;

export type NamedOption =
  | { readonly kind: 'rule'; readonly option: RuleOption; readonly inline: string | null }
  | {
      readonly kind: 'extension';
      readonly extension: AnyExtension;
      readonly found: FoundOption;
      readonly inline: string | null;
    };

/**
 * The option that a word names; null when none does or several could. `loaded` holds every extension in the order in which the rule
 * loaded it: names of a later one go before those of an earlier one.
 */
export function namedOption(
  word: string,
  loaded: readonly AnyExtension[],
  { family, variant }: OptionContext,
): NamedOption | null {
  if (!word.startsWith('--')) return shortOption(word);
  const equals = word.indexOf('=');
  const name = equals < 0 ? word.slice(2) : word.slice(2, equals);
  const inline = equals < 0 ? null : word.slice(equals + 1);
  const names = family === 6 && variant !== 'nft' ? namesOfIp6 : longNames;
  const exact = names.get(name);
  if (exact) return { kind: 'rule', option: exact, inline };
  if (exact === null || name === '') return null;
  const order = inOrder(loaded);
  for (let index = order.length - 1; index >= 0; index--) {
    const extension = order[index];
    const found = !extension?.def ? undefined : findOption(extension.def, name);
    if (extension !== undefined && found !== undefined) return { kind: 'extension', extension, found, inline };
  }
  return abbreviated(name, inline, order, names);
}

function shortOption(word: string): NamedOption | null {
  const letter = word.charAt(1);
  if (word.charAt(0) !== '-' || !letters.has(letter)) return null;
  const option = letter as RuleOption;
  if (word.length === 2) return { kind: 'rule', option, inline: null };
  return flags.has(option) ? null : { kind: 'rule', option, inline: word.slice(2) };
}

/**
 * By first loading, the earliest first; each with the instance that takes options now, which is its last one. Mostly no extension is
 * loaded twice, and every option of a dump asks.
 */
function inOrder(loaded: readonly AnyExtension[]): readonly AnyExtension[] {
  if (!hasTwins(loaded)) return loaded;
  const byDef = new Map<AnyExtension['def'], AnyExtension>();
  for (const extension of loaded) if (extension.def !== null) byDef.set(extension.def, extension);
  return [...byDef.values()];
}

function hasTwins(loaded: readonly AnyExtension[]): boolean {
  for (let later = 1; later < loaded.length; later++) {
    for (let earlier = 0; earlier < later; earlier++) if (loaded[earlier]?.def === loaded[later]?.def) return true;
  }
  return false;
}

function abbreviated(
  name: string,
  inline: string | null,
  order: readonly AnyExtension[],
  names: typeof longNames,
): NamedOption | null {
  const own = new Set<RuleOption | null>();
  const unique: (RuleOption | null)[] = [];
  for (const [known, option] of names) {
    if (!known.startsWith(name) || (option !== null && own.has(option))) continue;
    own.add(option);
    unique.push(option);
  }
  const candidates: NamedOption[] = [];
  for (const extension of order) {
    for (const found of extension.def === null ? [] : optionsBeginning(extension.def, name)) {
      candidates.push({ kind: 'extension', extension, found, inline });
    }
  }
  if (unique.length + candidates.length !== 1) return null;
  const option = unique[0];
  if (option === undefined) return candidates[0] ?? null;
  return option === null ? null : { kind: 'rule', option, inline };
}
