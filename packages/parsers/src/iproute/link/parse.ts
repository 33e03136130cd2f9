/** `ip addr` and `ip link` in every form: `-d`, `-s`, `-o`, `-br` (ip-address(8), ip-link(8)). One reader serves both. */
import type { Address, Facts, Link, Observation } from '@coldtrace/core';
import { type Parsed, type Section, spanOf } from '../../format.js';
import { lineSpan, mark, unendedLine } from '../../text/lines.js';
import type { Word } from '../../text/words.js';
import { report } from '../codes.js';
import { familyAsked, type IpCommand } from '../command.js';
import { isClean } from '../cursor.js';
import { type Entry, type EntryGrammar, entriesOf, entrySpan, trusted, trustOf } from '../entry.js';
import { settleLines } from '../problems.js';
import { finish, onlyFailed, openReader, type Reader } from '../reader.js';
import { type LinkDraft, linkOf } from './draft.js';
import { isFurther, labelledDevice, openingOf, readEntry } from './stanza.js';

export function parseLinks(section: Section): Parsed<readonly Facts[]> {
  const reader = openReader(section);
  const makeSpan = (start: number, end: number) => spanOf(section, start, end);
  let headed = false;
  let broken: Entry | null = null;
  const grammar: EntryGrammar = {
    command: 'ip addr',
    opens: (words) => {
      const opens = openingOf(words) !== null;
      headed ||= opens;
      // A pipe may have taken the lines of the devices away.
      return opens || (!headed && reader.command?.piped === true && labelledDevice(words) !== null);
    },
    // Without the line of its device an IPv6 address may be of the next one.
    continues: (words, entry) => {
      if (isSecondHardware(words, entry) || isLifetimeOfNone(words, entry)) broken = entry;
      // The line of the next device is lost, and what follows is of that one.
      if (broken === entry) return false;
      return (
        !(words[0]?.text === 'inet6' && openingOf(entry.parts[0]?.words ?? []) === null) &&
        (isFurther(words, entry) || (isIndented(section, words[0]?.start) && !startsNumber(words[0]?.text)))
      );
    },
    fits: (parts) => {
      const draft = readEntry({ parts: [], lines: [], repaired: false }, parts, makeSpan);
      return draft?.cursors.every(isClean) === true && !draft.lost;
    },
  };
  return finish(reader, linksFrom(reader, entriesOf(reader, grammar)));
}

export function linksFrom(reader: Reader, entries: readonly Entry[]): Facts[] {
  const makeSpan = (start: number, end: number) => spanOf(reader.section, start, end);
  const drafts: LinkDraft[] = [];
  for (const entry of entries) {
    const draft = readEntry(entry, entry.parts, makeSpan);
    if (draft === null) continue;
    settleLines(reader, entry, draft.cursors, 'link', draft.brief ? 'conditional' : 'modelled');
    if (draft.lost) reader.complete = false;
    drafts.push(draft);
  }
  takeCutOff(reader, drafts.at(-1));
  return onlyFailed(reader, drafts.length) ? [] : factsOf(reader, drafts);
}

/** A last line that no line feed ends, without the scope that every address has or within the flags: an address in part is none. */
function takeCutOff(reader: Reader, draft: LinkDraft | undefined): void {
  const line = unendedLine(reader.section, reader.lines);
  if (line === null || draft === undefined || entrySpan(reader, draft.entry).end < line.start) return;
  const inAddress = /(?:^|\s)inet6?\s+\S/.test(line.text) && !/\sscope\s+\S/.test(line.text);
  const inFlags = /^\d+:\s/.test(line.text) && line.text.lastIndexOf('<') > line.text.lastIndexOf('>');
  if (!inAddress && !inFlags) return;
  if (inAddress && (draft.addresses.at(-1)?.span.start ?? -1) >= line.start) draft.addresses.pop();
  draft.lost ||= inAddress;
  reader.complete = false;
  reader.diagnostics.push(report('cut-off', lineSpan(reader.section, line)));
  mark(reader.ledger, line, 'opaque');
}

/** Each device has one `link/` line. */
function isSecondHardware(words: readonly Word[], { parts }: Entry): boolean {
  const isHardware = (word: Word | undefined) => word?.text.startsWith('link/') === true;
  return isHardware(words[0]) && parts.some((part) => isHardware(part.words[0]));
}

/** What an address is valid for stands right below it: here the lines between are lost, and perhaps that of the next device. */
function isLifetimeOfNone(words: readonly Word[], { parts }: Entry): boolean {
  return words[0]?.text === 'valid_lft' && parts.at(-1)?.words.some(({ text }) => isAddress.has(text)) === false;
}

const isAddress: ReadonlySet<string> = new Set(['inet', 'inet6']);

function isIndented(section: Section, start: number | undefined): boolean {
  if (start === undefined || start <= section.start) return false;
  const before = section.file.text.charCodeAt(start - 1);
  return before === 32 || before === 9;
}

const startsNumber = (text: string | undefined): boolean => /^\d+:?$/.test(text ?? '');

function factsOf(reader: Reader, drafts: readonly LinkDraft[]): Facts[] {
  const facts: Facts[] = [];
  const { command } = reader;
  const whole = reader.complete && !isFiltered(command) && (command?.typed === true || speaksForAll(drafts));
  const shown = drafts.filter((draft) => draft.shown);
  const rows = drafts.flatMap((draft) => addressRows(draft));
  const family = familyAsked(command, rows);
  // Asked for one family, the tool leaves out devices without an address of it.
  const complete = whole && family === null;
  if (shown.length > 0 || drafts.length === 0) {
    facts.push({ kind: 'links', rows: shown.map((draft) => linkRow(reader, draft)), complete });
  }
  if (showsAddresses(command, drafts)) {
    facts.push({ kind: 'addresses', rows, complete: whole, ...(family === null ? {} : { family }) });
  }
  const traffic = shown.flatMap((draft) => trafficOf(reader, draft));
  if (traffic.length > 0) facts.push({ kind: 'observations', rows: traffic, complete: false });
  return facts;
}

function linkRow(reader: Reader, draft: LinkDraft): Link {
  return trusted(linkOf(draft, entrySpan(reader, draft.entry)), draft.entry);
}

function addressRows(draft: LinkDraft): Address[] {
  return draft.addresses.map((address) => trusted(address, draft.entry));
}

/** `ip link` prints `mode …` on each header line, `ip addr` never: without it, no address means that there is none. */
function showsAddresses(command: IpCommand | null, drafts: readonly LinkDraft[]): boolean {
  if (drafts.some((draft) => draft.addresses.length > 0 || draft.lost)) return true;
  if (drafts.some((draft) => draft.mode)) return false;
  if (command?.typed) return 'address'.startsWith(command.object);
  return drafts.length > 0 && drafts.every((draft) => !draft.brief && draft.qdisc !== null);
}

/** A device or a state: what is not shown may still be there. */
function isFiltered(command: IpCommand | null): boolean {
  return command?.typed === true && command.args.length > 0;
}

/** Every namespace has its loopback device from the start and lists it first: a list without it is rather one of some devices (`ip addr show eth0`). */
function speaksForAll(drafts: readonly LinkDraft[]): boolean {
  return drafts.length === 0 || drafts.some(({ name, flags }) => name === 'lo' || flags.includes('LOOPBACK'));
}

function trafficOf(reader: Reader, draft: LinkDraft): Observation[] {
  const { counters, name: dev } = draft;
  if (counters === null) return [];
  const span = entrySpan(reader, draft.entry);
  const text = `${counters.rxBytes} bytes received, ${counters.txBytes} bytes sent`;
  return [
    { kind: 'traffic', dev, rxBytes: counters.rxBytes, txBytes: counters.txBytes, text, span, ...trustOf(draft.entry) },
  ];
}
