/** Lines with which tools that run one command on many machines lead over to the output of each: ansible(1), pssh(1), clush(1), dshbak(1). */
import { isCommandWords, looksLikeMachine } from '../assemble/file-names.js';
import type { Format } from '../format.js';

export interface FleetHeading {
  /** Machines that all printed what follows; empty when the heading does not say which. */
  readonly nodes: readonly string[];
  /** Offset past its last line. */
  readonly end: number;
  /** The command ran there: where nothing follows, it printed nothing. */
  readonly ran: boolean;
}

const name = '[A-Za-z0-9][\\w.-]{0,120}';
/** `node1 | CHANGED | rc=0 >>`. */
const ansible = new RegExp(
  `^(${name}) \\| (?:CHANGED|SUCCESS|FAILED|UNREACHABLE)!?(?: \\| (?:\\(stdout\\) |rc=(-?\\d+) >>)| => \\{)?\\s*$`,
  'i',
);
/** `[1] 13:30:01 [SUCCESS] root@node1:22`; what it says behind a failure is not the machine's. */
const pssh = new RegExp(
  `^\\[\\d{1,5}\\] \\d\\d:\\d\\d:\\d\\d \\[(?:SUCCESS|FAILURE)\\] (?:[\\w.-]+@)?(${name})(?::\\d+)?(?: |$)`,
);
/** What clush and dshbak draw above and below the names. */
const rule = /^-{15,16}$/;
const gathered = /(?:^|\n)(-{15,16})\n([^\n]{1,2000})\n\1(?:\n|$)/g;

/** The heading that a line is or, of those that have three, begins. `known`: names that only a comparison tells to be machines' (`fleetNames`). */
export function readFleetHeading(
  text: string,
  line: string,
  next: number,
  known: (name: string) => boolean,
): FleetHeading | null {
  if (line.length > 400 || !/^[[-]| \| /.test(line)) return null;
  const [, played, code] = ansible.exec(line) ?? [];
  if (played !== undefined) return { nodes: [played], end: next, ran: code === '0' };
  const parallel = pssh.exec(line)?.[1];
  if (parallel !== undefined) return { nodes: [parallel], end: next, ran: false };
  if (!rule.test(line)) return null;
  const [names = '', below] = text.slice(next, next + 2100).split('\n', 2);
  const nodes = below === line ? machinesIn(names) : null;
  if (nodes === null || (nodes.length === 1 && !isMachine(names) && !known(names))) return null;
  return { nodes: nodes.length > most ? [] : nodes, end: nextLine(text, next + names.length + 1), ran: false };
}

function nextLine(text: string, at: number): number {
  const feed = text.indexOf('\n', at);
  return feed < 0 ? text.length : feed + 1;
}

/** Words between two such lines that could head a chapter as well: below machines' names stand outputs that are alike. */
export function fleetNames(text: string, formats: readonly Format[]): ReadonlySet<string> {
  const named = new Map<Format, Set<string>>();
  if (!text.includes('---------------\n')) return new Set();
  for (const found of text.matchAll(gathered)) {
    const [head, , title = ''] = found;
    const line = text.slice(found.index + head.length, nextLine(text, found.index + head.length)).trimEnd();
    const format = line.length > 2000 ? undefined : formats.find((one) => one.line(line) === 'opens');
    if (format !== undefined && machinesIn(title) !== null)
      named.set(format, (named.get(format) ?? new Set()).add(title));
  }
  return new Set([...named.values()].filter((titles) => titles.size > 1).flatMap((titles) => [...titles]));
}

function isMachine(title: string): boolean {
  return looksLikeMachine(title) || /^\d{1,3}(?:\.\d{1,3}){3}$/.test(title) || / \(\d+\)$|\[/.test(title);
}

/** More machines than that are not told apart. */
const most = 64;

/** `alpha,beta`, `node[01-03,7]`, both with how many these are behind; null for what names no machines. */
function machinesIn(title: string): readonly string[] | null {
  const list = title.replace(/ \(\d{1,5}\)$/, '');
  if (!/^[\w.,[\]-]+$/.test(list)) return null;
  const found: string[] = [];
  for (const part of list.match(/(?:[^,[\]]|\[[\d,-]*\])+/g) ?? []) {
    const folded = /^([^[\]]*)\[([\d,-]+)\]([^[\]]*)$/.exec(part);
    const [, head = '', ranges = '', tail = ''] = folded ?? [];
    const numbers = folded === null ? [part] : numbersOf(ranges).map((number) => head + number + tail);
    found.push(...numbers);
  }
  return found.length > 0 && found.every((one) => new RegExp(`^${name}$`).test(one) && !isCommandWords(one))
    ? found
    : null;
}

/** `01-03,7` as 01, 02, 03, 7; no further than to more than there may be. */
function numbersOf(ranges: string): readonly string[] {
  return ranges.split(',').flatMap((range) => {
    const [first = '', last = first] = range.split('-');
    const count = Math.min(Number(last) - Number(first), most) + 1;
    return Array.from({ length: Math.max(count, 0) }, (_, at) =>
      String(Number(first) + at).padStart(first.length, '0'),
    );
  });
}
