/** Output of `nft list ruleset` and `nft list tables`: what iptables-nft owns is read from its own dump, the rest is kept opaque. */
import type { Facts, ForeignFilter, Span } from '@coldtrace/core';
import type { Format, LineVerdict, Parsed, Section } from '../format.js';
import { isBlank, type Line, lineSpan } from '../text/lines.js';
import { claim, closeReading, openReading, type Reading, takeFailure } from '../text/reading.js';
import { foreignDiagnostic } from './codes.js';
import { showsParts } from './nft-command.js';
import { isIptablesTable, rulesElsewhere } from './nft-owner.js';
import { type NftTable, scanTables, tableHeader } from './nft-scan.js';

const warning = /^# Warning: table (ip|ip6|arp|bridge) (\S{1,64}) is managed by iptables-nft/;
const inside = /^\s*(?:chain \S+ \{|type (?:filter|nat|route) hook \w+ |(?:set|map|flowtable) \S+ \{)/;

export const nftFormat: Format = {
  id: 'nft',
  title: 'native nftables tables',
  commands: [/^(?:\S*\/)?nft\s+(?!.*(?:-j|--json))(?:-\S+\s+)*list\b/],
  fileNames: [/^nft[-_]?(?:-a_)?(?:list_)?ruleset.*$/i],
  line: judge,
  extent: (text, start) => {
    const [table] = scanTables(text, start, text.length, 1);
    if (table === undefined || !table.closed || table.start !== start) return null;
    const feed = text.indexOf('\n', table.end);
    return feed < 0 ? text.length : feed + 1;
  },
  parse,
};

function judge(text: string): LineVerdict {
  if (text.length > 4000) return null;
  const header = tableHeader(text);
  if (header !== null || warning.test(text)) return 'opens';
  return inside.test(text) ? 'continues' : null;
}

function parse(section: Section): Parsed<readonly Facts[]> {
  const reading = openReading(section);
  const warned = new Set<string>();
  for (const line of reading.lines) {
    const found = warning.exec(line.text.slice(0, 200));
    if (found !== null) warned.add(`${found[1]} ${found[2]}`);
  }
  const tables = scanTables(section.file.text, section.start, section.end);
  const rows: ForeignFilter[] = [];
  let next = 0;
  for (const line of reading.lines) {
    while (next < tables.length && (tables[next]?.end ?? 0) <= line.start) next++;
    const table = tables[next];
    if (table !== undefined && table.start < line.end) claimTable(reading, line, table, warned);
    else readOutside(reading, line, rows);
  }
  for (const table of tables) if (!isOwned(table, warned)) rows.push(keep(reading, table));
  const owned = tables
    .filter((table) => isOwned(table, warned))
    .map((table) => ({ ...table, span: { file: section.file.id, start: table.start, end: table.end } }));
  const known = rows.length > 0 || tables.length > 0;
  return closeReading(reading, [
    ...(known ? [{ kind: 'foreign-filters', rows, complete: isWhole(section) } as const] : []),
    ...rulesElsewhere(owned, nftFormat.id, section.command),
  ]);
}

function isOwned(table: NftTable, warned: ReadonlySet<string>): boolean {
  return isIptablesTable(table.family, table.name, table.baseChains) || warned.has(`${table.family} ${table.name}`);
}

function claimTable(reading: Reading, line: Line, table: NftTable, warned: ReadonlySet<string>): void {
  if (!isBlank(line.text)) claim(reading, line, isOwned(table, warned) ? 'inert' : 'opaque');
}

/** Between tables: warnings, failures, and the lines of `nft list tables`. */
function readOutside(reading: Reading, line: Line, rows: ForeignFilter[]): void {
  const header = tableHeader(line.text);
  if (warning.test(line.text)) claim(reading, line, 'inert');
  else if (header === null || header.block) takeFailure(reading, line);
  else if (isIptablesTable(header.family, header.name, [])) claim(reading, line, 'inert');
  else {
    const span = lineSpan(reading.section, line);
    rows.push({ span, kind: 'nft', subject: `${header.family} ${header.name}`, active: true, inPart: true });
    claim(reading, line, 'opaque');
  }
}

/** A table acts on packets only from a base chain; one that breaks off, or is shown in part, may have one. */
function keep(reading: Reading, table: NftTable): ForeignFilter {
  const span: Span = { file: reading.section.file.id, start: table.start, end: table.end };
  const subject = `${table.family} ${table.name}`;
  const hidden = showsParts(reading.section);
  const acts = hidden || (table.baseChains.length > 0 && table.acts);
  const active = !table.closed || (acts && !table.dormant);
  if (!table.closed) reading.diagnostics.push(foreignDiagnostic('table-cut', span, { subject }));
  if (active) reading.diagnostics.push(foreignDiagnostic('other-filter', span, { what: 'nftables table', subject }));
  return hidden ? { span, kind: 'nft', subject, active, inPart: true } : { span, kind: 'nft', subject, active };
}

function isWhole(section: Section): boolean {
  const { command } = section;
  if (command === null) return !section.freeForm;
  return /^(?:\S*\/)?nft\s+(?:-\S+\s+)*list\s+ruleset\s*(?:2>\S+)?$/.test(command);
}
