/** Bytes as captured to text as the model has it: encodings, line ends, terminal sequences. Unicode 3.10, ECMA-48, file(1) magic. */
import { binaryKind } from './magic.js';
import { redrawnLines } from './redraw.js';
import { type Reduced, type Stretch, takeOut } from './removal.js';

export interface Decoded extends Reduced {
  /** Why it is no text; `text` is empty then. */
  readonly problem?: string;
}

declare const TextDecoder: new (
  label: string,
  options?: { readonly ignoreBOM?: boolean },
) => { decode(bytes: Uint8Array): string };

/** Never throws; malformed sequences become U+FFFD. */
export function decode(input: string | Uint8Array): Decoded {
  if (typeof input === 'string') return tidy(input);
  const kind = binaryKind(input);
  if (kind !== null) return { text: '', problem: kind };
  return tidy(new TextDecoder(encodingOf(input), { ignoreBOM: true }).decode(input));
}

function encodingOf(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  const sample = Math.min(bytes.length, 4096) & ~1;
  if (!bytes.subarray(0, sample).includes(0)) return 'utf-8';
  let even = 0;
  let odd = 0;
  let feeds = 0;
  for (let at = 0; at < sample; at += 2) {
    if (bytes[at] === 0) even++;
    if (bytes[at + 1] === 0) odd++;
    if (bytes[at] === 0x0a) feeds++;
    else if (bytes[at + 1] === 0x0a) feeds--;
  }
  // ASCII in UTF-16 has a NUL in every unit; other scripts still have many, in blanks and line ends. A line feed stands in the half that holds no NULs.
  const units = sample / 2;
  if (units > 1 && odd > units * 0.3 && even < units * 0.05 && feeds >= 0) return 'utf-16le';
  if (units > 1 && even > units * 0.3 && odd < units * 0.05 && feeds <= 0) return 'utf-16be';
  return 'utf-8';
}

function tidy(raw: string): Reduced {
  let text = raw.startsWith('\ufeff') ? raw.slice(1) : raw;
  if (text.includes('\r')) text = plainLineEnds(text);
  let reduced: Reduced = /[\b\x1b]/.test(text) ? takeOut({ text }, redrawnLines(text)) : { text };
  text = reduced.text;
  if (text.includes('\x1b') || text.includes('\x9b')) reduced = takeOut(reduced, sequences(text));
  if (reduced.text.includes('\r')) reduced = takeOut(reduced, returns(reduced.text));
  if (reduced.text.includes('\b')) reduced = takeOut(reduced, overstrikes(reduced.text));
  return reduced;
}

function plainLineEnds(text: string): string {
  if (!text.includes('\n')) return text.replaceAll('\r', '\n');
  return text.replaceAll('\r\r\n', '\n').replaceAll('\r\n', '\n');
}

/** CSI, OSC and the other escape sequences; each is bounded by the next escape, so the search is linear. */
const sequence =
  /\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b\n]*(?:\x07|\x1b\\)?|\x1b[ -/]+[0-~]|\x1b[0-Z\\^_`a-z=>]|\x9b[0-?]*[ -/]*[@-~]/g;

function sequences(text: string): readonly Stretch[] {
  const found: Stretch[] = [];
  for (const match of text.matchAll(sequence)) found.push({ start: match.index, end: match.index + match[0].length });
  return found;
}

/** A terminal goes back to the margin before it draws the prompt anew. */
function returns(text: string): readonly Stretch[] {
  return [...text.matchAll(/^\r+/gm)].map(({ 0: run, index }) => ({ start: index, end: index + run.length }));
}

/** `N\bN` and `_\bN`, as man(1) and nroff print bold and underlined: the later character stays. */
function overstrikes(text: string): readonly Stretch[] {
  const found: Stretch[] = [];
  for (const match of text.matchAll(/[^\n\b]\x08/g)) found.push({ start: match.index, end: match.index + 2 });
  return found;
}
