/** What JSON says stays the same, and no character of it moves a cursor or turns the order of text around. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeUnsafe } from './run.js';

describe('JSON that is printed', () => {
  it.each([
    ['plain text as it is', '"a b"', '"a b"'],
    ['letters of other scripts as they are', '"é 漢 😀"', '"é 漢 😀"'],
    ['DEL, the one of ASCII', '"a\u007fb"', '"a\\u007fb"'],
    ['a control character of Latin 1', '"\u009b31m"', '"\\u009b31m"'],
    ['an override of the direction', '"\u202egnp"', '"\\u202egnp"'],
    ['DEL beside letters of other scripts', '"é\u007f"', '"é\\u007f"'],
  ])('has %s', (_, json, printed) => {
    expect(escapeUnsafe(json)).toBe(printed);
  });

  it('means the same, and keeps what is left free of control characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.constantFrom('', '\u007f', '\u0085', '\u2029'), (text, more) => {
        const printed = escapeUnsafe(JSON.stringify(text + more));
        expect(JSON.parse(printed)).toBe(text + more);
        expect(printed).not.toMatch(/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/u);
      }),
    );
  });
});
