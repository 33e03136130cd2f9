/** Tables of `nft list ruleset` by their braces (nft(8)): which hooks they have and whether they do anything there. */

export interface NftTable {
  readonly family: string;
  readonly name: string;
  /** Offset of the word `table`. */
  readonly start: number;
  /** Offset past the closing brace, or where the text breaks off. */
  readonly end: number;
  readonly closed: boolean;
  readonly dormant: boolean;
  readonly baseChains: readonly string[];
  /** Whether a chain has a rule, or a base chain drops by policy. */
  readonly acts: boolean;
}

const header = /^table (?:(ip|ip6|inet|arp|bridge|netdev) )?(\S{1,128})$/;
const handle = /\s*# handle \d+$/;

interface Draft {
  family: string;
  name: string;
  start: number;
  dormant: boolean;
  baseChains: string[];
  acts: boolean;
  chain: string | null;
}

/** The tables between two offsets. Statements end at braces, semicolons and line feeds; quoted text hides all of these. */
export function scanTables(
  text: string,
  from: number,
  to: number,
  most = Number.POSITIVE_INFINITY,
): readonly NftTable[] {
  const tables: NftTable[] = [];
  let lineEnd = -1;
  let draft: Draft | null = null;
  let depth = 0;
  let begin = from;
  for (let at = from; at < to; at++) {
    const char = text[at];
    if (char === '"') {
      // An unpaired quote counts for nothing, so that it cannot hide more than its line.
      if (lineEnd < at) lineEnd = endOfLine(text, at, to);
      const close = text.indexOf('"', at + 1);
      at = close >= 0 && close < lineEnd ? close : at;
      continue;
    }
    if (char === '#') {
      const line = endOfLine(text, at, to);
      const statement = text.slice(begin, at).trim();
      if (draft !== null && statement !== '') takeStatement(draft, depth, statement);
      at = line;
      begin = at + 1;
      continue;
    }
    if (char !== '{' && char !== '}' && char !== ';' && char !== '\n') continue;
    const statement = text.slice(begin, at).trim();
    const start = begin + (text.slice(begin, at).length - text.slice(begin, at).trimStart().length);
    begin = at + 1;
    if (char === '{') {
      if (depth === 0) draft = openTable(statement, start);
      if (draft === null) continue;
      if (depth === 1) draft.chain = /^chain (\S+)$/.exec(statement)?.[1] ?? null;
      else if (depth > 1) takeStatement(draft, 2, statement);
      depth++;
      continue;
    }
    if (draft === null) continue;
    if (statement !== '') takeStatement(draft, depth, statement);
    if (char !== '}') continue;
    depth--;
    if (depth === 1) draft.chain = null;
    if (depth > 0) continue;
    tables.push(closeTable(draft, at + 1, true));
    draft = null;
    if (tables.length >= most) return tables;
  }
  if (draft !== null) tables.push(closeTable(draft, to, false));
  return tables;
}

function endOfLine(text: string, at: number, to: number): number {
  const feed = text.indexOf('\n', at);
  return feed < 0 || feed > to ? to : feed;
}

/** Whether a line begins a table's block, or names a table (`nft list tables`). */
export function tableHeader(
  line: string,
): { readonly family: string; readonly name: string; readonly block: boolean } | null {
  if (line.length > 400 || !line.startsWith('table ')) return null;
  const bare = line.replace(handle, '').trimEnd();
  const brace = bare.indexOf('{');
  const found = header.exec((brace < 0 ? bare : bare.slice(0, brace)).trimEnd());
  // Without a brace the family must be there: `table x` is prose.
  if (found === null || (brace < 0 && found[1] === undefined)) return null;
  return { family: found[1] ?? 'ip', name: found[2] ?? '', block: brace >= 0 };
}

function openTable(statement: string, start: number): Draft | null {
  const found = header.exec(statement);
  if (found === null) return null;
  const family = found[1] ?? 'ip';
  return { family, name: found[2] ?? '', start, dormant: false, baseChains: [], acts: false, chain: null };
}

function takeStatement(draft: Draft, depth: number, statement: string): void {
  if (depth === 1) {
    if (/^flags\b.*\bdormant\b/.test(statement)) draft.dormant = true;
    return;
  }
  if (draft.chain === null || depth < 2) return;
  if (/^type \w+ hook \w+/.test(statement)) draft.baseChains.push(draft.chain);
  else if (/^policy \w+$/.test(statement)) draft.acts ||= statement === 'policy drop';
  else if (!/^(?:comment|devices?)\b/.test(statement)) draft.acts = true;
}

function closeTable(draft: Draft, end: number, closed: boolean): NftTable {
  const { family, name, start, dormant, baseChains, acts } = draft;
  return { family, name, start, end, closed, dormant, baseChains, acts };
}
