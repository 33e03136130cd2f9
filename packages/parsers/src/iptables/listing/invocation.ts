/** What the command, or the name of the file that holds its output, says about a listing. iptables(8). */
import { tableNames } from '@coldtrace/core';
import type { Section } from '../../format.js';

export interface Invocation {
  /** null: nothing says which. */
  readonly table: string | null;
  /** `-L CHAIN`: this one alone. */
  readonly chain: string | null;
  /** `-L CHAIN NUMBER`: one rule, without the lines above it. */
  readonly ruleNumber: boolean;
  /** `-n`; null: not known. */
  readonly numeric: boolean | null;
  /** The command is known. */
  readonly known: boolean;
  /** A pipe may have taken lines away. */
  readonly filtered: boolean;
}

const nothing: Invocation = {
  table: null,
  chain: null,
  ruleNumber: false,
  numeric: null,
  known: false,
  filtered: false,
};

const keepsLines = /^\s*(?:cat|less|more|tee)\b/;

export function invocationOf(section: Section): Invocation {
  const name = section.path.slice(section.path.lastIndexOf('/') + 1);
  const typed = section.command ?? commandOfName(name);
  const [tool = '', ...pipes] = (typed ?? '').split('|');
  const words = tool
    .split(/\s+/)
    .slice(0, 64)
    .filter((word) => word !== '');
  if (typed === null || !/ip6?tables/.test(words[0] ?? '')) return { ...nothing, table: tableOfName(name) };
  return { ...optionsOf(words), known: true, filtered: !pipes.every((pipe) => keepsLines.test(pipe)) };
}

/** sosreport writes the command as a name: `iptables_-t_nat_-nvL`. */
function commandOfName(name: string): string | null {
  return /^ip6?tables[a-z-]*_-/.test(name) ? name.replace(/\.txt$/, '').replaceAll('_', ' ') : null;
}

/** `iptablesnat`, `iptables-nat.txt`, `ip6tables_mangle`. */
function tableOfName(name: string): string | null {
  const after = /ip6?tables(?:-legacy|-nft)?[-_. ]?(?:t[-_])?([a-z]+)/.exec(name.toLowerCase())?.[1];
  return tableNames.find((table) => table === after) ?? null;
}

function optionsOf(words: readonly string[]): Omit<Invocation, 'known' | 'filtered'> {
  let table = 'filter';
  let chain: string | null = null;
  let ruleNumber = false;
  let numeric = false;
  for (let at = 1; at < words.length; at++) {
    const word = words[at] ?? '';
    const letters = /^-[a-zA-Z]/.test(word) ? word.slice(1) : '';
    if (word === '-t' || word === '--table') table = words[++at] ?? table;
    else if (word.startsWith('--table=')) table = word.slice(8);
    else if (letters.startsWith('t')) table = word.slice(2);
    else if (letters.endsWith('t')) table = words[++at] ?? table;
    if (word === '--numeric' || (letters !== '' && !letters.startsWith('t') && letters.includes('n'))) numeric = true;
    if (word !== '--list' && (!letters.endsWith('L') || letters.startsWith('t'))) continue;
    const next = words[at + 1] ?? '-';
    if (/^[-0-9&>!]/.test(next)) continue;
    chain = next;
    ruleNumber = /^\d+$/.test(words[at + 2] ?? '');
  }
  return { table, chain, ruleNumber, numeric };
}
