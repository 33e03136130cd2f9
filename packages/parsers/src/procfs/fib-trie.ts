/** /proc/net/fib_trie: which tables IPv4 keeps as one (net/ipv4/fib_trie.c, fib_trie_seq_show). Its routes have no devices, and are not read. */
import type { FibTrie } from '@coldtrace/core';
import type { Format, Section } from '../format.js';
import { type Line, lineSpan, linesOf } from '../text/lines.js';
import { plainListing } from '../text/plain-listing.js';
import { isWholeFile, procNet } from './whole.js';

const listing = plainListing({
  id: 'proc-net-fib-trie',
  title: 'routes without their devices, as /proc/net/fib_trie shows them',
  ...procNet('fib_trie|fib_triestat'),
  fileNames: [/^fib[-_]trie(?:stat)?(?:\.txt)?$/],
  opens:
    /^(?:Main|Local|Id \d+):$|^\s+(?:\+-- \d{1,3}(?:\.\d{1,3}){3}\/\d|\|-- \d{1,3}(?:\.\d{1,3}){3}$)|^Basic info: size of leaf: /,
  fits: /^(?:Main|Local|Id \d+):$|^\s+\/\d{1,2} (?:host|link|universe|site|nowhere|scope=\d+) [A-Z]+|^\s+(?:Aver depth|Max depth|Leaves|Prefixes|Internal nodes|Pointers):|^\s+\d+: \d+|^(?:Null ptrs|Total size|Counters|---------|gets|backtracks|semantic|skipped|null)\b/,
  whole: true,
});

export const procFibTrieFormat: Format = {
  ...listing,
  parse: (section) => {
    const parsed = listing.parse(section);
    const trie = trieOf(section);
    return trie === null
      ? parsed
      : { ...parsed, value: [...parsed.value, { kind: 'fib-trie', rows: [trie], complete: true }] };
  },
};

/** Equal as a whole, or main without any local route: whatever is in between was cut off, or is somebody's doing. */
function trieOf(section: Section): FibTrie | null {
  if (!isWholeFile(section)) return null;
  const lines = linesOf(section);
  const [local, main] = [tableOf(lines, 'Local:'), tableOf(lines, 'Main:')];
  const [first] = main;
  if (first === undefined || !local.some(isLocalRoute)) return null;
  const shared = main.length === local.length && main.every(({ text }, at) => at === 0 || text === local[at]?.text);
  if (!shared && main.some(isLocalRoute)) return null;
  return { span: lineSpan(section, first), shared };
}

const isLocalRoute = ({ text }: Line): boolean => / host LOCAL\s*$/.test(text);

/** From its title to the next one. */
function tableOf(lines: readonly Line[], title: string): readonly Line[] {
  const start = lines.findIndex(({ text }) => text.trimEnd() === title);
  if (start < 0) return [];
  const end = lines.findIndex(({ text }, at) => at > start && !/^\s/.test(text));
  return lines.slice(start, end < 0 ? lines.length : end);
}
