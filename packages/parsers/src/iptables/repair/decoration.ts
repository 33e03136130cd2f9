/** What people and their editors put around a rule: prompts, list bullets, line numbers, Markdown. */

export interface Undecorated {
  readonly start: number;
  readonly end: number;
  /** More than a prompt was taken off. */
  readonly mended: boolean;
}

const dash = '[-\u2010-\u2015\u2212\uff0d]';
const command = `${dash}{1,2}(?:[AINPDRFXEa]|append|insert|new-chain|policy|delete|flush)`;
const opening = String.raw`(?:sudo\s|doas\s|(?:\/[\w.\/-]{1,40}\/)?ip6?tables(?:-legacy|-nft)?\s|${command}[\s\u00a0\u3000][A-Za-z])`;
const prompt = new RegExp(String.raw`^\s{0,40}(?:[$%>]|❯|➜)\s{0,4}(?=${opening})`);
const rootPrompt = /^\s{0,40}#\s{0,4}(?=(?:sudo\s|ip6?tables(?:-legacy|-nft)?\s))/;
/** A `-` bullet needs its blank; so does a bare number. */
const bullet = new RegExp(
  String.raw`^\s{0,40}(?:[-+*•‣·◦–|]\s{1,4}|\(?\d{1,6}[.):|、]\s{0,4}|\d{1,6}\s{1,8})?(?:[$%>]\s{1,4})?(?:\`{1,3}|\*{2,3}|__|~~)?\s?(?=${opening})`,
);

/** `- A FORWARD -i cni0`: a blank has come between the dash and its letter. */
const parted = /^\s{0,40}[-\u2010-\u2015\u2212\uff0d]\s(?=A [A-Za-z][\w-]{2,28} (?:! )?-)/;

/** The stretch of source[start, end) that may be a rule, without what stands around it. */
export function undecorated(source: string, start: number, end: number): Undecorated {
  const head = source.slice(start, Math.min(end, start + 200));
  const prompted = prompt.exec(head) ?? rootPrompt.exec(head);
  if (prompted !== null) return { start: start + prompted[0].length, end, mended: false };
  const found = bullet.exec(head) ?? parted.exec(head);
  const taken = found?.[0] ?? '';
  if (taken.trim() === '') return { start, end, mended: false };
  const mark = /(`{1,3}|\*{2,3}|__|~~)\s?$/.exec(taken)?.[1];
  let stop = end;
  if (mark !== undefined) {
    const tail = source.slice(Math.max(start, end - 200), end).trimEnd();
    const from = Math.max(start, end - 200);
    if (tail.endsWith(mark)) stop = from + tail.length - mark.length;
  }
  // The other side of a cell in a table.
  if (taken.trim().startsWith('|')) stop = start + source.slice(start, stop).replace(/\s*\|\s*$/, '').length;
  return { start: start + taken.length, end: stop, mended: true };
}
