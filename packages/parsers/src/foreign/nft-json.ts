/** Output of `nft -j list ruleset` (libnftables-json(5)). */
import type { Facts, ForeignFilter, YamlValue } from '@coldtrace/core';
import type { Format, Parsed, Section } from '../format.js';
import { readJson } from '../text/json.js';
import { isBlank } from '../text/lines.js';
import { claim, closeReading, openReading, takeFailure } from '../text/reading.js';
import { foreignDiagnostic } from './codes.js';
import { showsParts } from './nft-command.js';
import { isIptablesTable, rulesElsewhere } from './nft-owner.js';

const opening = /^\s*\{\s*"nftables"\s*:\s*\[/;

export const nftJsonFormat: Format = {
  id: 'nft-json',
  title: 'native nftables tables, as JSON',
  commands: [/^(?:\S*\/)?nft\s+.*(?:-j|--json)\b/],
  fileNames: [],
  line: (text) => (opening.test(text.slice(0, 200)) ? 'opens' : null),
  extent: (text, start) => {
    const read = readJson(text, 0, start);
    if (read.value === null || read.problem !== null) return null;
    const feed = text.indexOf('\n', read.end);
    return feed < 0 ? text.length : feed + 1;
  },
  whole: (text) => (opening.test(text.slice(0, 200)) ? 0.95 : 0),
  parse,
};

interface Draft {
  readonly row: Omit<ForeignFilter, 'active'>;
  readonly family: string;
  readonly name: string;
  readonly baseChains: string[];
  acts: boolean;
}

function parse(section: Section): Parsed<readonly Facts[]> {
  const reading = openReading(section);
  const { value, problem } = readJson(section.file.text, section.file.id, section.start, section.end);
  const items = value === null ? null : entryOf(value, 'nftables');
  if (items === null || items.kind !== 'list') {
    for (const line of reading.lines) takeFailure(reading, line);
    return closeReading(reading, []);
  }
  const tables = new Map<string, Draft>();
  for (const item of items.items) takeItem(item, tables);
  const isOwned = (one: Draft) => isIptablesTable(one.family, one.name, one.baseChains);
  const foreign = [...tables.values()].filter((one) => !isOwned(one));
  const owned = [...tables.values()].filter(isOwned).map((one) => ({ ...one, span: one.row.span }));
  const inPart = problem !== null || showsParts(section);
  const rows: readonly ForeignFilter[] = foreign.map(({ row, baseChains, acts }) =>
    inPart ? { ...row, active: true, inPart } : { ...row, active: baseChains.length > 0 && acts },
  );
  for (const { span, subject, active } of rows) {
    if (active) reading.diagnostics.push(foreignDiagnostic('other-filter', span, { what: 'nftables table', subject }));
  }
  const state = rows.length > 0 ? 'opaque' : 'inert';
  for (const line of reading.lines) if (!isBlank(line.text)) claim(reading, line, state);
  return closeReading(reading, [
    { kind: 'foreign-filters', rows, complete: problem === null },
    ...rulesElsewhere(owned, nftJsonFormat.id, section.command),
  ]);
}

function takeItem(item: YamlValue, tables: Map<string, Draft>): void {
  if (item.kind !== 'map') return;
  for (const { key, value } of item.entries) {
    const family = textOf(value, 'family');
    const table = textOf(value, key === 'table' ? 'name' : 'table');
    const subject = `${family} ${table}`;
    // `list chain` prints no table.
    if (key === 'table' || (table !== '' && !tables.has(subject))) {
      const row = { span: value.span, kind: 'nft', subject } as const;
      tables.set(subject, { row, family, name: table, baseChains: [], acts: false });
    }
    const draft = tables.get(subject);
    if (key === 'chain' && entryOf(value, 'hook') !== null) {
      draft?.baseChains.push(textOf(value, 'name'));
      if (draft !== undefined && textOf(value, 'policy') === 'drop') draft.acts = true;
    }
    if (key === 'rule' && draft !== undefined) draft.acts = true;
  }
}

function entryOf(value: YamlValue, key: string): YamlValue | null {
  if (value.kind !== 'map') return null;
  return value.entries.find((entry) => entry.key === key)?.value ?? null;
}

function textOf(value: YamlValue, key: string): string {
  const entry = entryOf(value, key);
  return entry?.kind === 'scalar' ? String(entry.value) : '';
}
