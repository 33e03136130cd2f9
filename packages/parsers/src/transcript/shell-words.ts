/** Cutting command lines at separators, pipes and blanks, quotes respected. POSIX Shell Command Language, 2.2. */

/** `a; b && c || d` as its commands, trimmed. */
export function splitCommands(line: string): readonly string[] {
  return splitAt(line, (text, at) => {
    const two = text.slice(at, at + 2);
    if (two === '&&' || two === '||') return 2;
    return text[at] === ';' ? 1 : 0;
  });
}

/** `a | b |& c` as its parts, trimmed. */
export function splitPipes(command: string): readonly string[] {
  return splitAt(command, (text, at) => (text[at] === '|' ? (text[at + 1] === '&' ? 2 : 1) : 0));
}

function splitAt(text: string, separator: (text: string, at: number) => number): readonly string[] {
  const parts: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text[at];
    if (unit === '\\') at++;
    else if (unit === '"' || unit === "'") at = closing(text, at);
    else {
      const width = separator(text, at);
      if (width === 0) continue;
      parts.push(text.slice(start, at).trim());
      start = at + width;
      at = start - 1;
    }
  }
  parts.push(text.slice(start).trim());
  return parts.filter((part) => part !== '');
}

/** Place of the quote that closes the one at `at`; a quote that never closes is a plain character. */
function closing(text: string, at: number): number {
  const end = text.indexOf(text[at] ?? '', at + 1);
  return end < 0 ? at : end;
}

/** Words with their quotes taken off. */
export function wordsOfShell(text: string): readonly string[] {
  const words: string[] = [];
  let word = '';
  let open = false;
  for (let at = 0; at < text.length; at++) {
    const unit = text[at] ?? '';
    if (unit === '"' || unit === "'") {
      const end = closing(text, at);
      word += end === at ? unit : text.slice(at + 1, end);
      open = true;
      at = end;
    } else if (unit === ' ' || unit === '\t') {
      if (open) words.push(word);
      word = '';
      open = false;
    } else {
      word += unit;
      open = true;
    }
  }
  if (open) words.push(word);
  return words;
}
