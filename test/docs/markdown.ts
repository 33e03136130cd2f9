/** What the generated documents share: their first lines and their tables. */

/** `title` and what the document is, with the note that nobody edits it by hand. */
export function page(title: string, introduction: string, sections: readonly string[]): string {
  return `# ${title}\n\n<!-- Written by \`pnpm run docs\` from the sources; test/docs holds it to them. -->\n\n${introduction}\n\n${sections.join('\n\n')}\n`;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function cell(text: string): string {
  return text.replace(/\n/g, ' ').replaceAll('|', '\\|');
}

export function code(text: string): string {
  return text === '' ? '' : text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;
}

export function codes(texts: readonly string[]): string {
  return texts.map(code).join(', ');
}
