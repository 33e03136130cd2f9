import fc from 'fast-check';
import { expect, it } from 'vitest';
import { literalGate } from './literal-gate.js';

const literals = ['L3 miss', 'unknown field', ' Proxier', 'missing ō', 'i/o timeout'];
const gate = literalGate(literals);

it('says what a search for each literal says', () => {
  const piece = fc.oneof(
    fc.constantFrom(...literals, 'L3', ' mis', 's', 'unknown', ' field', '\u0433'),
    fc.string({ unit: 'binary' }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const text = pieces.join('');
      expect(gate(text)).toBe(literals.some((literal) => text.includes(literal)));
    }),
  );
});
