/** The words that begin statements: the tools' names, their commands, chain and table lines. iptables(8), iptables-restore(8). */
import type { Words } from './words.js';

export function isTool(word: string): boolean {
  return /^(?:\/\S*\/)?ip6?tables(?:-legacy|-nft)?$/.test(word);
}

const commands = new Set([
  '-A',
  '-I',
  '-N',
  '-P',
  '-D',
  '-R',
  '-F',
  '-X',
  '-E',
  '-Z',
  '-S',
  '-L',
  '-C',
  '--append',
  '--insert',
  '--new-chain',
  '--new',
  '--policy',
  '--delete',
  '--replace',
  '--flush',
  '--delete-chain',
  '--rename-chain',
  '--zero',
  '--list-rules',
  '--list',
  '--check',
]);

export function isCommand(word: string): boolean {
  return commands.has(word);
}

/** Words that may begin a statement. */
export function opensStatement(words: Words, at: number): boolean {
  const word = words.text[at] ?? '';
  if (isTool(word) || word === 'COMMIT' || /^\*[a-z]+$/.test(word) || headingOf(words, at) !== null) return true;
  if (word.startsWith(':') && word.length > 1) return /^(ACCEPT|DROP|-)$/.test(words.text[at + 1] ?? '');
  if (/^(?:iptables|ip6tables)(?:-legacy|-nft)?-(?:restore|save)$/.test(word)) return true;
  return isCommand(word) || damagedCommand(words, at) !== null;
}

/** `-a PREROUTING`, `--APPEND INPUT`, `--A INPUT`, `A INPUT -s …`: the command that a word at the beginning of a statement was. */
export function damagedCommand({ text }: Words, at: number): string | null {
  const word = text[at] ?? '';
  const next = text[at + 1] ?? '';
  if (word.length > 16 || !/^[A-Za-z_]/.test(next)) return null;
  if (word === '-a' || /^-{2,3}[aA]$/.test(word)) return '-A';
  if (/^-{2,3}[INP]$/.test(word)) return word.slice(word.lastIndexOf('-'));
  if (word === 'A' && at === 0 && /^[A-Z-]{3,}/.test(next) && (text[at + 2] ?? '').startsWith('-')) return '-A';
  const lower = word.toLowerCase();
  const long = word.startsWith('--') ? lower : word.startsWith('-') && word.length > 4 ? `-${lower}` : '';
  return long !== word && long.length > 4 && commands.has(long) ? long : null;
}

/** `[KUBE-SVC-X]`, `KUBE-SVC-X:` and `Chain KUBE-SVC-X` on a line of their own head rules without `-A CHAIN`. */
export function headingOf({ text }: Words, at: number): string | null {
  const word = text[at] ?? '';
  if (word.length > 60 || at !== 0) return null;
  if (text.length === 2 && /^chain$/i.test(word)) return /^([\w.-]{2,30}):?$/.exec(text[1] ?? '')?.[1] ?? null;
  if (text.length !== 1) return null;
  const bracketed = /^\[([\w.-]{2,30})\]:?$/.exec(word)?.[1];
  if (bracketed !== undefined) return bracketed;
  return /^((?:[A-Z][A-Z0-9]+|cali)[\w.-]{0,28}):$/.exec(word)?.[1] ?? null;
}
