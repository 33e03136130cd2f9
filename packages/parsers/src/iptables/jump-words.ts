/** `-j` and `-g`: a verdict, a chain or a target extension. iptables(8); iptables: iptables/xshared.c `command_jump`. */
import { findTarget, type Target, type TargetDef } from '@coldtrace/core';
import { type Extension, newExtension, opaqueText } from './extension-words.js';
import type { Scope } from './rule-spec.js';

const longestName = 28;

export interface Jump {
  /** Null while the words of an extension are still to come. */
  readonly target: Target | null;
  readonly extension: Extension<TargetDef> | null;
  readonly next: number;
}

/** Reads the name at `at` and what belongs to it. */
export function readJump(scope: Scope, name: string, at: number, goto: boolean): Jump {
  const next = at + 1;
  const flag = goto ? '-g' : '-j';
  const why = refusedName(name);
  if (why !== null) scope.report('refused', at, { what: `${flag} ${name}`, why });
  if (!goto && (name === 'ACCEPT' || name === 'DROP' || name === 'RETURN' || name === 'QUEUE')) {
    return { target: { kind: 'standard', verdict: name }, extension: null, next };
  }
  const known = scope.cx.hasChain(name);
  const def = goto || known === true ? undefined : findTarget(name, scope.cx.family);
  if (def !== undefined) return { target: null, extension: newExtension(name, def, next), next };
  if (goto || known !== false) return { target: { kind: 'jump', chain: name, goto }, extension: null, next };
  return keepUnknown(scope, name, at);
}

function refusedName(name: string): string | null {
  if (name === '') return 'the name is empty';
  return name.length > longestName ? `the name is longer than ${longestName} characters` : null;
}

/** Why the verdict is refused when the whole rule has been read; null when it is not. */
export function refusedVerdict(scope: Scope, target: Target | null): string | null {
  const { table, variant } = scope.cx;
  const name = target?.kind === 'standard' ? target.verdict : target?.kind === 'jump' ? target.chain : null;
  if (name === 'DROP' && table === 'nat') return 'table nat is not for filtering';
  return name === 'QUEUE' && variant === 'nft' ? 'nft has no target QUEUE' : null;
}

/** An unknown target owns every word up to the next one that certainly is not its own. */
function keepUnknown(scope: Scope, name: string, at: number): Jump {
  scope.report('unknown-target', at, { name });
  const next = endOfUnknown(scope.words.text, at + 1);
  const own = Array.from({ length: next - at - 1 }, (_, index) => at + 1 + index);
  const text = opaqueText(scope.cx.source, scope.words, own);
  return { target: { kind: 'opaque', name, text }, extension: null, next };
}

const partStarts: ReadonlySet<string> = new Set(['-m', '--match', '-j', '--jump', '-g', '--goto']);

/** Index of the next word that certainly begins another part of the rule. */
export function endOfUnknown(words: readonly string[], from: number): number {
  let at = from;
  while (at < words.length && !partStarts.has(words[at] ?? '')) at++;
  return at;
}
