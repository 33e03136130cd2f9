/** Command-line arguments as settings: `--iface=eth1`, `--iface eth1`, `--ip-masq`. */
import type { Setting, Span } from '@coldtrace/core';

export interface Argument {
  readonly text: string;
  readonly span: Span;
}

/** The options among the arguments; an option without a value is `true`. */
export function settingsOfArguments(source: string, words: readonly Argument[]): readonly Setting[] {
  const settings: Setting[] = [];
  for (let at = 0; at < words.length; at++) {
    // The installer of k3s quotes every argument of its unit.
    const word = bare(words[at]);
    if (word === undefined || !/^--?[A-Za-z][\w.-]*(?:=|$)/.test(word.text)) continue;
    const dashes = word.text.startsWith('--') ? 2 : 1;
    const equals = word.text.indexOf('=');
    if (equals >= 0) {
      const value = unquote(word.text.slice(equals + 1));
      settings.push({ source, key: word.text.slice(dashes, equals), value, span: word.span });
      continue;
    }
    const next = words[at + 1]?.text === '\\' ? words[at + 2] : words[at + 1];
    const valued = next !== undefined && next.text !== '' && !next.text.startsWith('-') && next.text !== '\\';
    const value = valued ? unquote(next.text) : 'true';
    const span = valued ? { ...word.span, end: Math.max(word.span.end, next.span.end) } : word.span;
    settings.push({ source, key: word.text.slice(dashes), value, span });
    if (valued) at++;
  }
  return settings;
}

function bare(word: Argument | undefined): Argument | undefined {
  return word === undefined ? undefined : { ...word, text: unquote(word.text) };
}

export function unquote(text: string): string {
  const quote = text[0];
  return text.length > 1 && (quote === '"' || quote === "'") && text.endsWith(quote) ? text.slice(1, -1) : text;
}
