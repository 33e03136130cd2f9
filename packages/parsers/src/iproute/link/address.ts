/** `inet …` and `inet6 …` lines and the line of lifetimes below (ip-address(8); iproute2 ip/ipaddress.c print_addrinfo). */
import { bareAddress, type Ip, parseCidrAddress, parseDecimal, type Span } from '@coldtrace/core';
import type { Word } from '../../text/words.js';
import { type Cursor, cursorOf, next, readValue, textValue, valueWord } from '../cursor.js';
import { scopeName } from '../route/names.js';
import type { AddressDraft } from './draft.js';

/** Words that iproute2 prints after the scope. */
export const addressFlags: ReadonlySet<string> = new Set([
  'secondary',
  'temporary',
  'tentative',
  'deprecated',
  'home',
  'nodad',
  'optimistic',
  'dadfailed',
  'mngtmpaddr',
  'noprefixroute',
  'autojoin',
  'dynamic',
  'stable-privacy',
]);

const addressAlone = (text: string): { readonly ip: Ip; readonly length: number } | null => parseCidrAddress(text);

/** Reads the line; the address is null when its text is none. */
export function readAddress(
  words: readonly Word[],
  dev: string,
  span: Span,
): { address: AddressDraft | null; cursor: Cursor } {
  const cursor = cursorOf(words, 1);
  const own = readValue(cursor, 'an address', addressAlone);
  const address: AddressDraft = {
    ...bareAddress,
    dev,
    ip: own?.ip ?? { family: 4, a: 0, b: 0, c: 0, d: 0 },
    prefixLength: own?.length ?? 0,
    span,
  };
  for (let word = next(cursor); word !== null; word = next(cursor)) readWord(cursor, address, word);
  return { address: own === null ? null : address, cursor };
}

function readWord(cursor: Cursor, address: AddressDraft, word: Word): void {
  switch (word.text) {
    case 'peer': {
      const peer = readValue(cursor, 'an address', addressAlone);
      address.peer = peer?.ip ?? null;
      // The length is printed once, after the peer: it is that of the on-link prefix.
      if (peer !== null) address.prefixLength = peer.length;
      return;
    }
    case 'brd':
      address.broadcast = readValue(cursor, 'an address', addressAlone)?.ip ?? null;
      return;
    case 'scope':
      address.scope = scopeName(textValue(cursor) ?? 'global');
      return;
    case 'any':
    case 'metric':
    case 'proto':
    case 'rto_min':
      valueWord(cursor);
      return;
    case 'flags':
      address.flags = [...address.flags, `flags ${textValue(cursor) ?? ''}`];
      return;
    case 'valid_lft':
      address.validLifetime = lifetime(cursor);
      return;
    case 'preferred_lft':
      address.preferredLifetime = lifetime(cursor);
      return;
    default:
      if (addressFlags.has(word.text)) address.flags = [...address.flags, word.text];
      else if (address.ip.family === 4 && address.label === null && cursor.at >= cursor.words.length)
        address.label = word.text;
      else cursor.unknown.push(word);
  }
}

/** `forever`, `86399sec` or `0sec`. */
function lifetime(cursor: Cursor): number | null {
  const seconds = readValue(cursor, 'a lifetime', (text) => {
    if (text === 'forever') return Number.POSITIVE_INFINITY;
    return text.endsWith('sec') ? parseDecimal(text, 0xffffffff, 0, text.length - 3) : null;
  });
  return seconds === Number.POSITIVE_INFINITY ? null : seconds;
}

export function readLifetimes(words: readonly Word[], address: AddressDraft): Cursor {
  const cursor = cursorOf(words);
  for (let word = next(cursor); word !== null; word = next(cursor)) readWord(cursor, address, word);
  return cursor;
}
