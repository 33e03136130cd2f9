/** Output of ifconfig(8). */
import { type Address, bareLink, type Facts, type Link, type Span, type Trust } from '@coldtrace/core';
import type { Format, LineVerdict, Parsed, Section } from '../format.js';
import { isBlank, type Line, lineSpan } from '../text/lines.js';
import { claim, closeReading, openReading, type Reading, takeFailure } from '../text/reading.js';
import { nettoolsDiagnostic } from './codes.js';
import { readBlock } from './ifconfig-block.js';
import { translatedLine } from './ifconfig-translations.js';
import { type BlockHead, headsOf, type IfconfigWord, ifconfigWords, readHead } from './ifconfig-words.js';

const inner =
  /^\s*(?:inet6? (?:addr: ?)?[0-9a-f.:]+|ether [0-9a-f]{2}:|loop +txqueuelen|unspec [0-9A-F-]{5,}|tunnel +txqueuelen|[RT]X (?:packets|errors|bytes)[ :]|UP .*MTU:\d|collisions:\d|Interrupt:\d|device (?:interrupt|memory))/;
/** `ifconfig -s` and `netstat -i`: counters only. */
const short =
  /^(?:Kernel Interface table|Iface +MTU +(?:Met +)?RX-OK |\S{1,16} +\d{2,6} +(?:\d+ +){3}.{1,80} [A-Zms]{2,10}\s*$|\S{1,16} +\d{2,6} +- no statistics available - )/;
const missing = /^(\S{1,32}): error fetching interface information: /;

interface Block {
  readonly head: BlockHead;
  /** The command names it, the output does not: nothing is said of the device itself. */
  readonly asked?: true;
  readonly span: Span;
  readonly words: IfconfigWord[];
  readonly lines: Set<Line>;
  readonly trust: Trust | null;
}

export const ifconfigFormat: Format = {
  id: 'ifconfig',
  title: 'interfaces and addresses, as ifconfig shows them',
  commands: [/^(?:\S*\/)?ifconfig\b/, /^(?:\S*\/)?netstat\s.*-\w*i/],
  fileNames: [/^ifconfig(?:[-_.]?a)?(?:\.(?:txt|md|log))?$/i],
  line: judge,
  parse,
};

function judge(text: string): LineVerdict {
  if (text.length > 4000) return null;
  if (readHead(text) !== null) return 'opens';
  if (/^(?:Kernel Interface table|Iface +MTU +(?:Met +)?RX-OK )/.test(text)) return 'opens';
  const fits = inner.test(text) || translatedLine.test(text) || missing.test(text) || short.test(text);
  return fits ? 'continues' : null;
}

function parse(section: Section): Parsed<readonly Facts[]> {
  const reading = openReading(section);
  const asked = askedBlock(section, reading.lines);
  const blocks: Block[] = asked === null ? [] : [asked];
  for (const line of reading.lines) readLine(reading, line, blocks);
  const links: Link[] = [];
  const addresses: Address[] = [];
  const unread = new Map<number, string[]>();
  for (const block of blocks) settle(reading, block, links, addresses, unread);
  for (const line of reading.lines) {
    const words = unread.get(line.index);
    if (words === undefined) continue;
    claim(reading, line, 'unrecognized');
    const data = { words: words.slice(0, 8).join(' ') };
    reading.diagnostics.push(nettoolsDiagnostic('unread-words', lineSpan(section, line), data));
  }
  if (blocks.length === 0) return closeReading(reading, []);
  // One IPv4 address per label is all that its ioctl can tell, so addresses are never complete.
  const complete = /^(?:\S*\/)?ifconfig\s+-a\s*$/.test(section.command ?? '');
  return closeReading(reading, [
    { kind: 'links', rows: links, complete },
    { kind: 'addresses', rows: addresses, complete: false },
  ]);
}

/** `ifconfig eth0 | grep inet` leaves the device's name to the command, and out of what is known of it. */
function askedBlock(section: Section, lines: readonly Line[]): Block | null {
  const name = /^(?:\S*\/)?ifconfig\s+([^\s|<>&;-][^\s|<>&;]{0,31})\s*\|/.exec(section.command ?? '')?.[1];
  const first = lines.find((line) => !isBlank(line.text));
  if (
    name === undefined ||
    first === undefined ||
    headsOf(first.text).length > 0 ||
    !inner.test(first.text.slice(0, 400))
  )
    return null;
  const head: BlockHead = { name, old: false, flags: [], rest: 0 };
  return { head, asked: true, span: lineSpan(section, first), words: [], lines: new Set(), trust: null };
}

function readLine(reading: Reading, line: Line, blocks: Block[]): void {
  const { section } = reading;
  const found = section.freeForm ? headsOf(line.text) : readHead(line.text) === null ? [] : [0];
  if (found.length > 1) {
    const data = { count: found.length };
    reading.diagnostics.push(nettoolsDiagnostic('lost-line-breaks', lineSpan(section, line), data));
  }
  const first = found[0] ?? line.text.length;
  const current = blocks.at(-1);
  if (current === undefined && short.test(line.text.slice(0, 400))) claim(reading, line, 'inert');
  else if (first > 0 && !isBlank(line.text) && !takeFailure(reading, line) && current !== undefined) {
    current.words.push(...ifconfigWords(line, 0, first));
    current.lines.add(line);
  }
  for (const [index, at] of found.entries()) {
    const head = readHead(line.text, at);
    if (head === null) continue;
    const end = found[index + 1] ?? line.text.length;
    const span: Span = { file: section.file.id, start: line.start + at, end: line.start + end };
    const trust = found.length > 1 || at > 0 ? 'repaired' : null;
    blocks.push({ head, span, words: [...ifconfigWords(line, head.rest, end)], lines: new Set([line]), trust });
  }
}

function settle(
  reading: Reading,
  block: Block,
  links: Link[],
  addresses: Address[],
  unread: Map<number, string[]>,
): void {
  const { head, span } = block;
  const read = readBlock(head, block.words);
  const trusted = block.trust === null ? {} : { trust: block.trust };
  const [dev = head.name, alias] = head.name.split(':', 2);
  // `eth0:1` is a label of an address, not a device.
  if (alias === undefined && block.asked !== true)
    links.push({ ...bareLink, ...trusted, span, name: head.name, ...read.link });
  for (const { word, ...address } of read.addresses) {
    const at: Span = { file: span.file, start: word.start, end: word.end };
    addresses.push({ span: at, ...trusted, dev, label: address.ip.family === 4 ? head.name : null, ...address });
  }
  for (const word of read.unread) unread.set(word.line, [...(unread.get(word.line) ?? []), word.text]);
  for (const line of block.lines) claim(reading, line, 'modelled');
  if (head.old && head.name.length === 9 && !/^flannel\.\d$/.test(head.name)) {
    reading.diagnostics.push(nettoolsDiagnostic('name-may-be-cut', span, { name: head.name }));
  }
}
