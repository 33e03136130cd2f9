/** What the command that printed rules says about them: their table, and whether all of it is here. iptables(8) -S. */
import { draftChain, type RulesetDraft } from './ruleset-draft.js';

export interface ListedCommand {
  readonly table: string;
  /** `-S CHAIN`: only this one. */
  readonly chain: string | null;
  /** Nothing (grep, head) took lines away. */
  readonly unfiltered: boolean;
}

/** What `iptables [-t T] -S [CHAIN]` or `iptables-save -t T` prints; null: the command prints no rules, or of every table. */
export function listedBy(command: string | null): ListedCommand | null {
  if (command === null) return null;
  const [typed = '', ...pipes] = command.split('|');
  const words = typed.trim().split(/\s+/);
  if (!/ip6?tables/.test(words[0] ?? '')) return null;
  const option = (...names: readonly string[]) => {
    const at = words.findIndex((word) => names.includes(word));
    return at < 0 ? null : (words[at + 1] ?? '');
  };
  const table = option('-t', '--table') ?? words.find((word) => word.startsWith('--table='))?.slice(8) ?? null;
  const listed = option('-S', '--list-rules');
  if (listed === null) return table === null ? null : { table, chain: null, unfiltered: false };
  const chain = listed === '' || listed.startsWith('-') || listed.startsWith('2>') ? null : listed;
  return { table: table ?? 'filter', chain, unfiltered: pipes.length === 0 };
}

export function markWhole(draft: RulesetDraft, { table, chain, unfiltered }: ListedCommand): void {
  const drafted = draft.tables.get(table);
  if (drafted === undefined || !unfiltered) return;
  if (chain === null) drafted.whole = true;
  else if (drafted.chains.has(chain)) draftChain(drafted, chain).whole = true;
}

/** Whole tables of a text that ends within a rule: chains are known from their first rule, but not to their end. */
export function markCutOff(draft: RulesetDraft): void {
  for (const table of draft.tables.values()) {
    for (const chain of table.chains.values()) {
      if (table.whole || chain.whole) chain.gap = null;
      chain.whole = false;
    }
    table.whole = false;
  }
}
