import fc from 'fast-check';
import { expect, it } from 'vitest';
import { literalsOf, scanLiterals } from './scan.js';

const words = ['token', 'passw', '://x', '.eyj', 'on psk'];
const literals = literalsOf(words.map((word) => [word, word] as const));

function hitsOf(text: string): readonly string[] {
  const hits: string[] = [];
  scanLiterals(text, literals, (at, word) => hits.push(`${at} ${word}`));
  return hits;
}

function slowHitsOf(text: string): readonly string[] {
  const hits: string[] = [];
  for (let at = 0; at < text.length; at++) {
    for (const word of words)
      if (text.slice(at, at + word.length).replace(/[A-Z]/g, (one) => one.toLowerCase()) === word)
        hits.push(`${at} ${word}`);
  }
  return hits;
}

it('finds what a search for each literal finds', () => {
  const piece = fc.constantFrom(
    ...words,
    'TOKEN',
    'tok',
    'en',
    'PassW',
    'p',
    ' ',
    'K',
    '\u212a',
    'é',
    '\ud800',
    '𝟘',
    '\n',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const text = pieces.join('');
      expect(hitsOf(text)).toEqual(slowHitsOf(text));
    }),
  );
});

it('finds what stands where one block ends', () => {
  for (let shift = 0; shift < 12; shift++) {
    for (const filler of ['x', 'é']) {
      const text = `${filler.repeat(65536 - shift)}token${filler.repeat(65536 - shift)}on psk`;
      expect(hitsOf(text)).toEqual([`${65536 - shift} token`, `${131072 + 5 - 2 * shift} on psk`]);
    }
  }
});
