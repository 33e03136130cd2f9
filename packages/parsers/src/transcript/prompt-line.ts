/** Whether a line begins with a prompt: a weak one counts only when a command follows. */
import { isCommandLine } from './command-line.js';
import { type Prompt, readPrompt } from './prompt.js';
import { isTool } from './tools.js';

export function promptLine(line: string): Prompt | null {
  const prompt = readPrompt(line);
  if (prompt === null) return null;
  // oh-my-zsh puts two blanks and a folder there: behind one blank may stand the command at once.
  const bare =
    /^➜ (?! )/.test(line) &&
    isTool(line.slice(2).split(/\s/, 1)[0] ?? '') &&
    isCommandLine(line.slice(2).trim(), 'marked');
  if (bare) return { end: 2, host: null, strength: 'weak' };
  if (prompt.strength === 'strong') return prompt;
  return isCommandLine(line.slice(prompt.end).trim(), 'marked') ? prompt : null;
}

export function isPromptLine(line: string): boolean {
  return promptLine(line) !== null;
}
