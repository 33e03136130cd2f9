/** Pasted text read, for the tests of repairs: the rules as iptables-save prints them, what was said, how far they can be trusted. */
import { printRule, type Rule, type Ruleset } from '@coldtrace/core';
import { expect, it } from 'vitest';
import { sectionOf } from '../../testing.js';
import { parseIptablesRules } from '../rules.js';

export interface Read {
  /** `-t TABLE -A CHAIN …` */
  readonly rules: readonly string[];
  readonly trust: readonly string[];
  /** Without `iptables/`, and without what is said of the table. */
  readonly codes: readonly string[];
  readonly messages: readonly string[];
  /** The text under each diagnostic. */
  readonly places: readonly string[];
  readonly rulesets: readonly Ruleset[];
}

export function readText(text: string, freeForm = true, command: string | null = null): Read {
  const section = sectionOf(text, { freeForm, command });
  const parsed = parseIptablesRules(section);
  const rulesets = parsed.value.flatMap((facts) => (facts.kind === 'ruleset' ? [facts.ruleset] : []));
  const rows: { readonly print: string; readonly rule: Rule }[] = [];
  for (const { tables, family, variant } of rulesets) {
    for (const table of tables) {
      for (const chain of table.chains) {
        for (let at = 0; at < chain.rules.length; at++) {
          const rule = chain.rules.at(at);
          if (rule === undefined) continue;
          rows.push({ print: `-t ${table.name} ${printRule(rule, chain.name, family, variant ?? 'legacy')}`, rule });
        }
      }
    }
  }
  const said = parsed.diagnostics.filter(({ code }) => code !== 'iptables/table-inferred');
  return {
    rules: rows.map(({ print }) => print),
    trust: rows.map(({ rule }) => rule.trust ?? 'captured'),
    codes: said.map(({ code }) => code.replace('iptables/', '')),
    messages: said.map(({ message }) => message),
    places: said.map(({ span }) => text.slice(span.start, span.end)),
    rulesets,
  };
}

/** Every match and target of it was understood. */
export function isModelled({ rulesets }: Read): boolean {
  return rulesets.every(({ tables }) =>
    tables.every(({ chains }) =>
      chains.every(({ rules }) =>
        Array.from({ length: rules.length }, (_, at) => rules.at(at)).every(
          (rule) => rule?.target?.kind !== 'opaque' && rule?.matches.every(({ kind }) => kind === 'known') === true,
        ),
      ),
    ),
  );
}

export type MendedRow = readonly [damaged: string, rule: string, codes: string];

/** Damaged text, the rule that it is, and what is said of it. */
export function describeMended(mended: Readonly<Record<string, readonly MendedRow[]>>): void {
  for (const [what, rows] of Object.entries(mended)) {
    it.each(rows)(`${what}: %s`, (damaged, rule, codes) => {
      const read = readText(damaged);
      expect(read.rules.join('\n')).toBe(rule);
      expect(read.codes.filter((code) => code !== 'no-table').join(' ')).toBe(codes);
      expect(isModelled(read)).toBe(true);
      const repaired = codes.includes('repaired') && rule !== '';
      expect(read.trust).toEqual(rule === '' ? [] : [repaired ? 'repaired' : 'captured']);
    });

    it.each(rows.filter(([, rule, codes]) => rule !== '' && codes.includes('repaired')))(
      `${what} is not mended in a dump that a tool wrote: %s`,
      (damaged, rule, _) => {
        const read = readText(damaged, false);
        expect(read.codes.filter((code) => code.startsWith('repaired'))).toEqual([]);
        expect(read.trust.every((trust) => trust === 'captured')).toBe(true);
        expect(read.rules.join('\n') === rule && isModelled(read)).toBe(false);
      },
    );
  }
}
