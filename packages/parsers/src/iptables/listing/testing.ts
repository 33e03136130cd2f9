/** What the tests of listings share: text read with its ledger checked, and rules printed as `-save` prints them. */
import { readFileSync } from 'node:fs';
import { printTable, type Rule, type Ruleset } from '@coldtrace/core';
import { expect } from 'vitest';
import type { Section } from '../../format.js';
import { ledgerIsComplete, sectionOf } from '../../testing.js';
import { parseIptablesList } from './list.js';

export const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');

export function read(text: string, given: Partial<Section> = {}) {
  const section = sectionOf(text, given);
  const parsed = parseIptablesList(section);
  expect(ledgerIsComplete(section, parsed)).toBe(true);
  const rulesets = parsed.value.flatMap((fact): readonly Ruleset[] => (fact.kind === 'ruleset' ? [fact.ruleset] : []));
  const codes = [...new Set(parsed.diagnostics.map(({ code }) => code.replace(/^iptables(?:-list)?\//, '')))];
  return { rulesets, tables: rulesets.flatMap(({ tables }) => tables), codes, ledger: [...parsed.ledger] };
}

export function printed({ rulesets: [ruleset] }: ReturnType<typeof read>): string {
  const table = ruleset?.tables[0];
  return ruleset === undefined || table === undefined ? '' : printTable(table, ruleset, ruleset.variant ?? 'legacy');
}

export const withoutCounters = (dump: string) => dump.replace(/\[\d+:\d+\]/g, '[0:0]');

export const heading = ' pkts bytes target     prot opt in     out     source               destination         ';

/** One rule of a chain, as a listing with these columns shows it. */
export function rule(row: string, given: Partial<Section> = {}, columns = heading): Rule | undefined {
  const { tables } = read(`Chain FORWARD (policy ACCEPT 0 packets, 0 bytes)\n${columns}\n${row}\n`, given);
  return tables[0]?.chains[0]?.rules.at(0);
}

export function print(row: string, given: Partial<Section> = {}, columns = heading): string {
  const text = `Chain FORWARD (policy ACCEPT 0 packets, 0 bytes)\n${columns}\n${row}\n`;
  return (
    printed(read(text, given))
      .split('\n')
      .find((line) => line.startsWith('-A ')) ?? ''
  );
}
