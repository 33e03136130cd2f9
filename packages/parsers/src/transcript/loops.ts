/** Words of the shell around commands: `for … do … done`, `if`, braces. POSIX Shell Command Language, 2.9.4. */

const most = 200;
const head = /^for\s+(\w+)\s+in\s+(\S.*)$/;
const opening = /^(?:do|then|else|if|while|until|!|\{)\s+/;
const closing = /^(?:done|fi|\}|do|then|else)$/;

/** The commands that run, in order, where the words of a loop say which: any other loop goes round twice, which stands for any number. */
export function unrolled(commands: readonly string[]): readonly string[] {
  if (!commands.some((command) => opening.test(command) || command.startsWith('for ') || command.startsWith('(')))
    return commands;
  const flat: string[] = [];
  for (let at = 0; at < commands.length; at++) {
    const command = commands[at] ?? '';
    const end = /^(?:for|while|until)\s/.test(command) ? doneOf(commands, at) : -1;
    if (end < 0) {
      const plain = withoutKeywords(command);
      if (plain !== '') flat.push(plain);
      continue;
    }
    // What is behind the loop's end is done to all that it prints.
    const behind = (commands[end] ?? '').replace(/^done/, '');
    for (const one of rounds(command, unrolled(commands.slice(at + 1, end)))) flat.push(one + behind);
    at = end;
  }
  return flat.slice(0, most);
}

function rounds(command: string, body: readonly string[]): readonly string[] {
  const [, name = '', list = ''] = head.exec(command) ?? [];
  const words = list.split(/\s+/);
  if (name === '' || /[$`*?[{(]/.test(list) || words.length * body.length > most) return [...body, ...body];
  const variable = new RegExp(`\\$\\{${name}\\}|\\$${name}(?!\\w)`, 'g');
  return words.flatMap((word) => body.map((line) => line.replace(variable, () => word)));
}

/** Index of the `done` that ends the loop which begins there, or -1. */
function doneOf(commands: readonly string[], start: number): number {
  let depth = 0;
  for (let at = start; at < commands.length; at++) {
    const command = (commands[at] ?? '').replace(/^(?:do|then|else)\s+/, '');
    if (/^(?:for|while|until)\s/.test(command)) depth++;
    else if (/^done\b/.test(command) && --depth === 0) return at;
  }
  return -1;
}

function withoutKeywords(command: string): string {
  let text = command;
  while (opening.test(text)) text = text.replace(opening, '');
  if (text.startsWith('(')) text = text.slice(1).trim();
  else if (text.endsWith(')') && !text.includes('(')) text = text.slice(0, -1).trim();
  return closing.test(text) ? '' : text;
}
