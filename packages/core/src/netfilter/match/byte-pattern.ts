/** Bytes of a text, and the notation `GET |20 2f|` for bytes that no text holds. iptables: extensions/libxt_string.c `parse_hex_string`. */
import { hexDigit } from '../../inet/decimal.js';
import { type Refusal, refuse } from '../extension.js';

/** UTF-8; a lone surrogate becomes the replacement character, as it does wherever text is encoded. */
export function bytesOf(text: string): readonly number[] {
  const bytes: number[] = [];
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    const code = point >= 0xd800 && point < 0xe000 ? 0xfffd : point;
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), continuation(code));
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), continuation(code >> 6), continuation(code));
    else bytes.push(0xf0 | (code >> 18), continuation(code >> 12), continuation(code >> 6), continuation(code));
  }
  return bytes;
}

function continuation(code: number): number {
  return 0x80 | (code & 0x3f);
}

export function hexOf(bytes: readonly number[]): string {
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

const bar = 0x7c;
const backslash = 0x5c;
const blank = 0x20;

/** `|` opens and closes hexadecimal digits, `\` takes the next byte as it is. A `|` right behind a closing one is a byte, as in the tool. */
export function readHexPattern(text: string): readonly number[] | Refusal {
  const source = bytesOf(text);
  const bytes: number[] = [];
  let hex = false;
  for (let at = 0; at < source.length; ) {
    const byte = source[at] ?? 0;
    if (byte === backslash) {
      const literal = source[at + 1];
      if (hex) return refuse('a backslash stands among hexadecimal digits');
      if (literal === undefined) return refuse('nothing follows the backslash');
      bytes.push(literal);
      at += 2;
      continue;
    }
    if (byte === bar) {
      hex = !hex;
      while (hex && source[at + 1] === blank) at++;
      at++;
      if (at >= source.length) break;
    }
    if (!hex) {
      bytes.push(source[at] ?? 0);
      at++;
      continue;
    }
    const high = hexDigit(source[at] ?? 0);
    const low = hexDigit(source[at + 1] ?? 0);
    if (high < 0 || low < 0 || at + 2 >= source.length)
      return refuse('hexadecimal digits come in pairs up to the next |');
    bytes.push(high * 16 + low);
    at += source[at + 2] === blank ? 3 : 2;
  }
  return bytes;
}
