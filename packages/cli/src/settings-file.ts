/** `.coldtrace.yaml`: which findings are accepted, why, and until when. Mistakes in it are told with line and column. */
import { readFileSync } from 'node:fs';
import type { Suppression } from '@coldtrace/rules';
import { UsageError } from './exit-status.js';

const usualName = '.coldtrace.yaml';
const keys = ['rule', 'node', 'subject', 'reason', 'expires'] as const;
const largest = 1 << 20;

/** Entries of the file that was named, else of `.coldtrace.yaml` in the working directory; none when there is no such file. */
export async function readSuppressions(path: string | undefined): Promise<readonly Suppression[]> {
  const name = path ?? usualName;
  const text = textOf(name, path === undefined);
  return text === null ? [] : parseSuppressions(name, text);
}

function textOf(name: string, optional: boolean): string | null {
  try {
    const text = readFileSync(name, 'utf8');
    if (text.length > largest) throw new UsageError(`${name}: more than ${largest} characters`);
    return text;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    if (optional) return null;
    throw new UsageError(`${name} cannot be read`);
  }
}

async function parseSuppressions(name: string, text: string): Promise<readonly Suppression[]> {
  const { isMap, isScalar, isSeq, LineCounter, parseDocument } = await import('yaml');
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const placeOf = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${name}:${line}:${col}`;
  };
  const offsetOf = (node: unknown): number =>
    typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)
      ? Number(node.range[0])
      : 0;
  const refuse = (node: unknown, what: string): never => {
    throw new UsageError(`${placeOf(offsetOf(node))}: ${what}`);
  };
  const [wrong] = document.errors;
  if (wrong !== undefined)
    throw new UsageError(
      `${placeOf(wrong.pos[0])}: ${wrong.message.split('\n')[0]?.replace(/ at line \d+, column \d+:$/, '')}`,
    );
  if (document.contents === null) return [];
  if (!isMap(document.contents)) return refuse(document.contents, 'expected "suppress:" and a list');
  const stray = document.contents.items.find(({ key }) => String(key) !== 'suppress');
  if (stray !== undefined) refuse(stray.key, `unknown key "${String(stray.key)}"; "suppress" is the only one`);
  const list = document.contents.get('suppress', true);
  if (list === undefined || (isScalar(list) && list.value === null)) return [];
  if (!isSeq(list)) return refuse(list, '"suppress" takes a list');
  return list.items.map((item): Suppression => {
    if (!isMap(item)) return refuse(item, 'an entry has the keys rule, node, subject, reason, expires');
    const read = new Map<string, string>();
    for (const { key, value } of item.items) {
      const known = keys.find((one) => one === String(key));
      if (known === undefined) refuse(key, `unknown key "${String(key)}"; known: ${keys.join(', ')}`);
      if (!isScalar(value)) return refuse(value ?? key, `"${String(key)}" takes a text`);
      read.set(String(key), typeof value.source === 'string' ? value.source : String(value.value));
    }
    const rule = read.get('rule') ?? refuse(item, '"rule" is missing');
    const reason = read.get('reason')?.trim() ?? '';
    if (reason === '') refuse(item, '"reason" is missing: why may this finding be hidden?');
    const until = read.get('expires');
    const expires = until === undefined ? null : endOfDay(until);
    if (Number.isNaN(expires)) refuse(item, `"expires" takes a date such as 2027-01-31, not "${until}"`);
    const place = placeOf(offsetOf(item));
    return { rule, node: read.get('node') ?? null, subject: read.get('subject') ?? null, reason, expires, place };
  });
}

/** The last millisecond of the day, in UTC; NaN when it is no date. */
function endOfDay(text: string): number {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  const time = Date.UTC(Number(year), Number(month) - 1, Number(day), 23, 59, 59, 999);
  return new Date(time).getUTCDate() === Number(day) ? time : Number.NaN;
}
