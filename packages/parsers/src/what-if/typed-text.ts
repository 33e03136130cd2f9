/** What `echo` and `printf` print. Plain words only: the formats of `printf` and the escapes of `echo -e` are not carried out. */
import type { ShellWord, Stretch } from './shell/syntax.js';

/** null: not known. */
export function echoed(tool: string, args: readonly ShellWord[]): string | null {
  const texts = args.map(({ text }) => text);
  if (tool === 'echo') return spoken(texts);
  const [format = '', more] = texts;
  return more !== undefined || format.includes('%') ? null : format.replaceAll('\\n', '\n').replaceAll('\\t', '\t');
}

function spoken(texts: readonly string[]): string | null {
  const at = texts.findIndex((text) => !/^-[neE]+$/.test(text));
  const options = texts.slice(0, at < 0 ? texts.length : at).join('');
  const text = texts.slice(at < 0 ? texts.length : at).join(' ');
  if (options.includes('e') && text.includes('\\')) return null;
  return options.includes('n') ? text : `${text}\n`;
}

/** Where what is printed stands word by word; null: it stands nowhere in that form. */
export function typedStretch(tool: string, [word, more]: readonly ShellWord[]): Stretch | null {
  if (word === undefined || more !== undefined || word.content === null) return null;
  if (tool === 'echo') return word.text.startsWith('-') ? null : word.content;
  const plain = word.text.replace(/\\n$/, '');
  if (/[\\%]/.test(plain)) return null;
  return { start: word.content.start, end: word.content.end - (word.text.length - plain.length) };
}
