/** Which of a namespace's rulesets a command changes: legacy and nft are two worlds, and `iptables` may be either. iptables(8). */
import type { Family, Rows, Ruleset, XtablesVariant } from '@coldtrace/core';
import { type NetNs, open } from '@coldtrace/core';
import type { Call, Result } from '../call.js';

export interface Tables {
  /** Place in `ns.rulesets`; its length for one that was not captured. */
  readonly at: number;
  readonly ruleset: Ruleset;
}

export function chooseRuleset(ns: NetNs, { tool, files }: Pick<Call, 'tool' | 'files'>): Result<Tables> {
  const family: Family = tool.startsWith('ip6') ? 6 : 4;
  const named: XtablesVariant | null = tool.includes('-nft') ? 'nft' : tool.includes('-legacy') ? 'legacy' : null;
  const all = ns.rulesets.map((ruleset, at) => ({ at, ruleset })).filter(({ ruleset }) => ruleset.family === family);
  const fitting = all.filter(({ ruleset }) => named === null || ruleset.variant === null || ruleset.variant === named);
  const chosen =
    fitting.length < 2
      ? fitting[0]
      : (plainly(fitting, files) ?? sole(fitting.filter(({ ruleset }) => holdsRules(ruleset))));
  if (chosen !== undefined) return { kind: 'done', value: chosen };
  if (fitting.length > 1) return open('rules of both variants were captured: write iptables-legacy or iptables-nft');
  const ruleset: Ruleset = { family, variant: named, tables: [], complete: false, sources: [] };
  return { kind: 'done', value: { at: ns.rulesets.length, ruleset } };
}

/** The one that a tool without `-legacy` or `-nft` in its name printed: the same name means the same variant. */
function plainly(all: readonly Tables[], files: Call['files']): Tables | undefined {
  return sole(
    all.filter(({ ruleset }) =>
      ruleset.sources.some(({ command, span }) =>
        /(?:^|[\s/])ip6?tables(?:-save|\s|$|[.])/.test(
          `${command ?? files[span.file]?.name.replace(/^.*\//, '') ?? ''}`,
        ),
      ),
    ),
  );
}

function sole(all: readonly Tables[]): Tables | undefined {
  return all.length === 1 ? all[0] : undefined;
}

function holdsRules({ tables }: Ruleset): boolean {
  const some = (rules: Rows<unknown>) => rules.length > 0;
  return tables.some(({ chains }) =>
    chains.some(({ rules, policy, builtin }) => some(rules) || policy === 'DROP' || !builtin),
  );
}

/** The namespace with the changed ruleset in the place of the old one. */
export function withRuleset(ns: NetNs, at: number, ruleset: Ruleset): NetNs {
  const rulesets = [...ns.rulesets];
  rulesets[at] = ruleset;
  return { ...ns, rulesets };
}
