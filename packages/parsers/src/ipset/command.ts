/** What the command line says about a dump: whether it speaks for all sets of its namespace. ipset(8). */
import type { Section } from '../format.js';

const valued = new Set(['-o', '-output', '--output', '-f', '-file', '--file']);
const verbs = new Set(['list', 'save', 'restore', '-L', '-S', '--list', '--save', '-list', '-save']);

/** Errors that shells and ipset print in the place of sets. */
const errors = [
  'command not found',
  'ipset: not found',
  'Operation not permitted',
  'Permission denied',
  'executable file not found',
];

/** Pasted text without its command may be any part of a dump, and a pipe or the name of a set picks a part. */
export function speaksForAll(section: Section): boolean {
  const { command } = section;
  if (command === null) return !section.freeForm;
  if (/[|;&]/.test(command)) return false;
  const words = command.split(/[ \t]+/);
  const from = words.findIndex((word) => word === 'ipset' || word.endsWith('/ipset'));
  if (from < 0) return !section.freeForm;
  for (let at = from + 1; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word.startsWith('>') || word.startsWith('2>')) break;
    if (valued.has(word)) at++;
    else if (!verbs.has(word) && !word.startsWith('-')) return false;
  }
  return true;
}

/** The only set whose members the command lists; null for any other command. */
export function setListed({ command }: Section): string | null {
  const words =
    (command ?? '')
      .split('|', 1)[0]
      ?.trim()
      .split(/[ \t]+/) ?? [];
  const from = words.findIndex((word) => word === 'ipset' || word.endsWith('/ipset'));
  const plain = words
    .slice(from + 1)
    .filter((word, at, all) => !word.startsWith('-') && !valued.has(all[at - 1] ?? ''));
  const named = plain[0] === 'list' ? plain.slice(1) : words[from + 1] === '-L' ? plain : [];
  const [name = ''] = named;
  return from >= 0 && named.length === 1 && /^[\w.:@-]{1,31}$/.test(name) ? name : null;
}

/** `ipset list -n` prints names and nothing else. */
export function listsNames({ command }: Section): boolean {
  return command !== null && /\sipset\b.*\s-{1,2}n(?:ame)?(?:\s|$)/.test(` ${command}`);
}

/** Whether the line is what ipset or the shell says instead of printing sets. */
export function isErrorLine(line: string): boolean {
  if (!line.includes(' ')) return false;
  if (line.startsWith('ipset v')) return line.includes(': ') && !line.includes('protocol version');
  return line.includes(':') && errors.some((error) => line.includes(error));
}
