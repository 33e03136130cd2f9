/** A command that goes on in the next lines: behind a backslash, or until the loop or condition that it began has its end. POSIX Shell Command Language, 2.2.1, 2.9.4. */
import { splitCommands } from './shell-words.js';

interface Continued {
  readonly text: string;
  /** Offset past its last line. */
  readonly end: number;
}

const most = 50;

/** `typed` is what stands behind the prompt; its line ends at `next`. */
export function continued(text: string, typed: string, next: number): Continued {
  const joined = backslashes(text, { text: typed, end: next });
  return depthOf(joined.text) > 0 ? (compound(text, joined) ?? joined) : joined;
}

function backslashes(text: string, from: Continued): Continued {
  let { text: command, end } = from;
  for (let count = 0; count < most && command.trimEnd().endsWith('\\') && end < text.length; count++) {
    const line = lineAt(text, end);
    command = `${command.trimEnd().slice(0, -1)} ${line.text}`;
    end = line.end;
  }
  return { text: command, end };
}

/** Null where the end of the loop does not come: then it is no loop. */
function compound(text: string, from: Continued): Continued | null {
  let { text: command, end } = from;
  for (let count = 0; count < most && end < text.length; count++) {
    const line = lineAt(text, end);
    const joined = backslashes(text, { text: line.text.replace(/^> ?/, ''), end: line.end });
    const before = command.trimEnd();
    command = `${before}${/(?:;|\bdo|\bthen|\belse|\{|&&|\|\|?)$/.test(before) ? ' ' : '; '}${joined.text.trim()}`;
    end = joined.end;
    if (command.length > 8000) return null;
    if (depthOf(command) === 0) return { text: command, end };
  }
  return null;
}

function lineAt(text: string, start: number): Continued {
  const feed = text.indexOf('\n', start);
  const stop = feed < 0 ? text.length : feed;
  return { text: text.slice(start, stop), end: feed < 0 ? text.length : feed + 1 };
}

/** How many loops and conditions are open; 0 for a command that begins none. */
function depthOf(command: string): number {
  if (!/^\s*(?:for|while|until|if)\s/.test(command)) return 0;
  let depth = 0;
  for (const one of splitCommands(command)) {
    const plain = one.replace(/^(?:(?:do|then|else)\s+)+/, '');
    if (/^(?:for|while|until|if)\s/.test(plain)) depth++;
    else if (/^(?:done|fi)\b/.test(plain)) depth--;
  }
  return Math.max(depth, 0);
}
