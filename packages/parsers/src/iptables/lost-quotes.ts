/** Texts of several words whose quotes are lost, as where a dump went through a shell: `--comment kubernetes forwarding rules`. iptables itself refuses them. */
import { type Family, findTarget } from '@coldtrace/core';
import { isOptionName, isVerdict, letters, matchesWith } from './repair/vocabulary.js';

/** Options whose value is a text that no packet is asked about. */
const texts: ReadonlySet<string> = new Set(['comment', 'log-prefix', 'nflog-prefix']);

/** Where the text that begins at `from`, behind the name of its option, ends: none of its words can be anything else. */
export function endOfText(words: readonly string[], option: string, from: number, family: Family): number {
  let end = from + 1;
  // What nearly every text is followed by.
  if (/^[-!]/.test(words[end] ?? '-') || !texts.has(option) || quoted.test(words[from] ?? '')) return end;
  const jumps = words.some((word) => /^(?:-[jg]|--jump|--goto)$/.test(word));
  for (let word = words[end]; word !== undefined && isLoose(word, jumps, family); word = words[end]) end++;
  return end;
}

/** Marks of word processors and of web pages stand for quotes: those are not lost. */
const quoted = /[“”„‘’«»]|&(?:quot|#\d+);/;

function isLoose(word: string, jumps: boolean, family: Family): boolean {
  const name = word.toLowerCase();
  if (word === '!' || /^--?[a-z]/i.test(word) || quoted.test(word) || isAddress.test(word)) return false;
  if (letters.has(name) || isOptionName(name, []) || matchesWith(name, family).length > 0) return false;
  return jumps || !(isVerdict(word) || findTarget(word, family) !== undefined);
}

const isAddress = /^!?(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-f]*:[\da-f]*:[\da-f:.]*)(?:\/\S+)?$/i;
