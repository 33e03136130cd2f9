/** Whether a line begins with a prompt: a weak one counts only when a command follows. */
import { isCommandLine } from './command-line.js';
import { type Prompt, readPrompt } from './prompt.js';

export function promptLine(line: string): Prompt | null {
  const prompt = readPrompt(line);
  if (prompt === null || prompt.strength === 'strong') return prompt;
  return isCommandLine(line.slice(prompt.end).trim(), 'marked') ? prompt : null;
}

export function isPromptLine(line: string): boolean {
  return promptLine(line) !== null;
}
