/** Reads the parts of one link entry, whatever form it was printed in, into a draft. */
import { bareAddress, type Ip, isLinkLocal, isLoopback, parseCidrAddress, parseMac, type Span } from '@coldtrace/core';
import type { Word } from '../../text/words.js';
import { cursorOf } from '../cursor.js';
import type { Entry, Part } from '../entry.js';
import { addressFlags, readAddress, readLifetimes } from './address.js';
import { isNumbers, readHeadings, readNumbers } from './counters.js';
import { detailsOf, isKind, isSlaveKind, portOf } from './details.js';
import { type AddressDraft, type LinkDraft, newLink } from './draft.js';
import { readHardware } from './hardware.js';
import { indexOf, readFlags, readHeaderRest, readName } from './header.js';

type SpanMaker = (start: number, end: number) => Span;

const operStates = new Set(['UP', 'DOWN', 'UNKNOWN', 'LOWERLAYERDOWN', 'DORMANT', 'NOTPRESENT', 'TESTING']);

type Opening = 'header' | 'oneline-address' | 'brief';

export const isOperState = (word: string | undefined): boolean => word !== undefined && operStates.has(word);

/** How an entry begins, or null when the words begin none. */
export function openingOf(words: readonly { readonly text: string }[]): Opening | null {
  const [first, second, third, fourth] = words;
  if (first === undefined || second === undefined) return null;
  if (indexOf(first.text) !== null) {
    if (second.text.endsWith(':')) return third?.text.startsWith('<') ? 'header' : null;
    // `ip -o maddr` ends the name with the backslash that joins its lines.
    if (second.text.endsWith('\\')) return null;
    const inet = third?.text === 'inet' || third?.text === 'inet6';
    return inet && fourth !== undefined ? 'oneline-address' : null;
  }
  if (!operStates.has(second.text) || first.text.endsWith(':') || first.text.length > 40) return null;
  return third === undefined || isBriefTail(words) ? 'brief' : null;
}

function isBriefTail(words: readonly { readonly text: string }[]): boolean {
  const third = words[2]?.text ?? '';
  if (words.length === 4 && words[3]?.text.startsWith('<')) return /^[0-9a-fA-F:.]+$/.test(third);
  if (words.length === 3 && third.startsWith('<')) return true;
  return /^[0-9a-fA-F:]/.test(third) && parseCidrAddress(third) !== null;
}

const further = new Set([
  'inet',
  'inet6',
  'altname',
  'alias',
  'vf',
  'prog/xdp',
  'valid_lft',
  'RX:',
  'TX:',
  'RX',
  'TX',
  'link-netns',
]);

/** Words that begin a further line of a link, indentation or not. */
export function isFurther(words: readonly { readonly text: string }[], entry: Entry): boolean {
  const first = words[0]?.text ?? '';
  if (first.startsWith('link/') || further.has(first)) return true;
  if (words.length > 0 && (isKind(first) || isSlaveKind(first))) return first.length < 20;
  const before = entry.parts.at(-1)?.words[0]?.text;
  return (
    (before === 'RX:' || before === 'TX:' || before === 'RX' || before === 'TX') &&
    isNumbers(words.map((word) => word.text))
  );
}

/** `ip addr | grep inet`: the label at the end of an IPv4 address is its device's name, or begins with it. */
export function labelledDevice(words: readonly { readonly text: string }[]): string | null {
  if (words[0]?.text !== 'inet' || !words.some(({ text }) => text === 'scope')) return null;
  const label = words.at(-1)?.text ?? '';
  const before = words.at(-2)?.text;
  return before === 'scope' || addressFlags.has(label) ? null : (label.split(':')[0] ?? null);
}

export function readEntry(entry: Entry, parts: readonly Part[], spanOf: SpanMaker): LinkDraft | null {
  const words = parts[0]?.words ?? [];
  const [first, second] = words;
  const opening = openingOf(words);
  if (first === undefined || second === undefined) return null;
  if (opening === null) return readLabelled(entry, words, spanOf);
  if (opening === 'brief') return readBrief(entry, words, spanOf);
  const draft = newLink(entry, indexOf(first.text), '');
  if (opening === 'oneline-address') {
    draft.shown = false;
    readName(draft, second.text);
    readPart(draft, words.slice(2), spanOf);
  } else {
    readName(draft, second.text.slice(0, -1));
    draft.flags = readFlags(words[2]?.text ?? '') ?? [];
    readHeaderRest(draft, words, 3);
  }
  for (const part of parts.slice(1)) readPart(draft, part.words, spanOf);
  return draft;
}

function readLabelled(entry: Entry, words: readonly Word[], spanOf: SpanMaker): LinkDraft | null {
  const dev = labelledDevice(words);
  if (dev === null) return null;
  const draft = newLink(entry, null, dev);
  draft.shown = false;
  readPart(draft, words, spanOf);
  return draft;
}

function readPart(draft: LinkDraft, words: readonly Word[], spanOf: SpanMaker): void {
  const first = words[0];
  if (first === undefined) return;
  const { text } = first;
  const texts = words.map((word) => word.text);
  if (text.startsWith('link/')) readHardware(draft, words);
  else if (text === 'inet' || text === 'inet6') addAddress(draft, words, spanOf);
  else if (text === 'valid_lft') addLifetimes(draft, words);
  else if (text === 'altname') draft.altnames.push(texts[1] ?? '');
  else if (readHeadings(draft, texts) || readNumbers(draft, texts) || text === 'alias' || text === 'vf') return;
  else if (text === 'prog/xdp') return;
  else if (isSlaveKind(text)) draft.port = text === 'bridge_slave' ? portOf(texts) : draft.port;
  else if (isKind(text)) draft.details = detailsOf(text, texts);
  else unknownPart(draft, words);
}

/** The details of a kind that is not known here are kept like those of the others. */
function unknownPart(draft: LinkDraft, words: readonly Word[]): void {
  const texts = words.map((word) => word.text);
  const kind = texts[0] ?? '';
  if (draft.details === null && /^[a-z][a-z0-9_]*$/.test(kind) && texts.includes('numtxqueues')) {
    draft.details = detailsOf(kind, texts);
    return;
  }
  const cursor = cursorOf(words);
  const [first] = words;
  if (first !== undefined) cursor.unknown.push(first);
  draft.cursors.push(cursor);
}

function addAddress(draft: LinkDraft, words: readonly Word[], spanOf: SpanMaker): void {
  const start = words[0]?.start ?? 0;
  const read = readAddress(words, draft.name, spanOf(start, words.at(-1)?.end ?? start));
  draft.cursors.push(read.cursor);
  if (read.address !== null) draft.addresses.push(read.address);
  draft.lostAddress = read.address === null;
  draft.lost ||= draft.lostAddress;
}

function addLifetimes(draft: LinkDraft, words: readonly Word[]): void {
  const address = draft.addresses.at(-1);
  if (address !== undefined && !draft.lostAddress) draft.cursors.push(readLifetimes(words, address));
}

/** `eth0@if7  UP  10.0.0.5/24 fe80::1/64` or `eth0  UP  02:…:01 <FLAGS>`: no scopes, flags or order of what is not shown. */
function readBrief(entry: Entry, words: readonly Word[], spanOf: SpanMaker): LinkDraft {
  const draft = newLink(entry, null, '');
  readName(draft, words[0]?.text ?? '');
  draft.brief = true;
  draft.state = words[1]?.text ?? null;
  const cursor = cursorOf(words, 2);
  draft.cursors.push(cursor);
  for (let at = 2; at < words.length; at++) {
    const word = words[at];
    if (word === undefined) continue;
    const flags = readFlags(word.text);
    const address = flags === null ? parseCidrAddress(word.text) : null;
    if (flags !== null) {
      draft.flags = flags;
      draft.mode = true;
    } else if (address !== null && words[at + 1]?.text.startsWith('<')) {
      // An IP address in the place of the MAC: a tunnel device.
      draft.mac = null;
    } else if (address !== null) {
      draft.addresses.push(briefAddress(draft.name, address.ip, address.length, spanOf(word.start, word.end)));
    } else if (word.text === 'peer') {
      const peer = parseCidrAddress(words[++at]?.text ?? '');
      const own = draft.addresses.at(-1);
      if (peer !== null && own !== undefined) Object.assign(own, { peer: peer.ip, prefixLength: peer.length });
    } else if (word.text === 'metric') at++;
    else if (at === 2 && /^[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2})+$/.test(word.text)) draft.mac = parseMac(word.text);
    else cursor.unknown.push(word);
  }
  return draft;
}

function briefAddress(dev: string, ip: Ip, prefixLength: number, span: Span): AddressDraft {
  return { ...bareAddress, dev, ip, prefixLength, scope: briefScope(ip), span };
}

/** The scope the kernel gives by itself to such an address. */
function briefScope(ip: Ip): string {
  if (isLoopback(ip)) return 'host';
  return ip.family === 6 && isLinkLocal(ip) ? 'link' : 'global';
}
