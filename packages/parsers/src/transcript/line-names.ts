/** The machine's name before each line, as pdsh(1) and clush(1) print it: `node1: default via 10.0.0.1 dev eth0`. */
import type { Format } from '../format.js';
import type { Stretch } from '../text/removal.js';
import { readCommands } from './command.js';
import { promptLine } from './prompt-line.js';

/** From this line on, the text is of this machine; null: of none in particular. */
export interface Speaker {
  readonly line: number;
  readonly node: string | null;
}

export interface NamedLines {
  readonly stretches: readonly Stretch[];
  readonly speakers: readonly Speaker[];
}

interface Row {
  readonly line: number;
  readonly start: number;
  readonly text: string;
  /** With what stands between the name and the output. */
  readonly head: string;
  readonly node: string;
}

const prefix = /^([A-Za-z0-9][\w.-]{0,80}): (?!\s*$)|^([A-Za-z0-9][\w.-]{0,80}): ?$/;
/** grep(1) puts names of files there, and with -n the numbers of lines. */
const noName = /\.(?:conf|txt|log|out|ya?ml|json|service|cfg|env)$|^\d+$/i;
/** Shorter runs are chance, unless the command above prints so. */
const fewest = 5;

/** Only where each machine's lines stand together: of two in turn, the lines of one command are not together anywhere. */
export function namedLines(text: string, formats: readonly Format[]): NamedLines {
  const stretches: Stretch[] = [];
  const speakers: Speaker[] = [];
  const lines = text.split('\n');
  let block: Row[] = [];
  let above = '';
  let start = 0;
  const close = (line: number) => {
    if (block.length > 0 && isNamed(block, above, formats)) {
      for (const [at, row] of block.entries()) {
        stretches.push({ start: row.start, end: row.start + row.head.length });
        if (row.node !== block[at - 1]?.node) speakers.push({ line: row.line, node: row.node });
      }
      speakers.push({ line, node: null });
    }
    block = [];
  };
  for (const [line, whole] of lines.entries()) {
    const found = prefix.exec(whole.slice(0, 200));
    const node = found?.[1] ?? found?.[2];
    if (found === null || node === undefined || noName.test(node)) {
      close(line);
      if (whole.trim() !== '') above = whole;
    } else block.push({ line, start, text: whole, head: found[0], node });
    start += whole.length + 1;
  }
  close(lines.length);
  return { stretches, speakers };
}

function isNamed(block: readonly Row[], above: string, formats: readonly Format[]): boolean {
  const runs = block.filter((row, at) => row.node !== block[at - 1]?.node);
  if (new Set(runs.map((row) => row.node)).size < runs.length) return false;
  if (block.length < fewest && !isFleetPrompt(above)) return false;
  const sample = block.slice(0, 60);
  const fits = (line: string) => promptLine(line) !== null || formats.some((format) => format.line(line) === 'opens');
  const dressed = sample.filter((row) => fits(row.text)).length;
  const bare = sample.filter((row) => fits(row.text.slice(row.head.length))).length;
  return bare > 2 * dressed;
}

function isFleetPrompt(line: string): boolean {
  const prompt = promptLine(line);
  return prompt !== null && readCommands(line.slice(prompt.end)).some((command) => command.place.many === true);
}
