import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { damages, soundRule, textOf } from './damage/testing.js';
import { isModelled, type Read, readText } from './testing.js';

/** What was read, where every part of it was understood and nothing says otherwise. */
function certain(text: string, table: string, freeForm = true): Read | null {
  const read = readText(`*${table}\n${text}\n`, freeForm);
  const open = read.codes.some((code) =>
    /^(?:ambiguous|open-quote|stray-word|unknown-|bad-value|missing-value|refused)/.test(code),
  );
  return isModelled(read) && !open ? read : null;
}

const harmless: ReadonlySet<string> = new Set(['a prompt', 'a backslash before a line feed']);

describe('a damaged rule reads as the rule that it was, or not at all', () => {
  for (const [kind, damage] of Object.entries(damages)) {
    it(kind, () => {
      fc.assert(
        fc.property(soundRule, fc.nat(1000), (rule, pick) => {
          const sound = readText(`*${rule.table}\n${textOf(rule)}\n`, false).rules;
          const damaged = damage(rule, pick);
          const read = certain(damaged, rule.table);
          if (read === null) return;
          expect(read.rules, damaged).toEqual(sound);
          const inDump = certain(damaged, rule.table, false);
          // What the tool itself takes is no repair, nor is a prompt or a line that goes on behind a backslash.
          const taken = inDump !== null && inDump.rules.join() === sound.join();
          if (!taken && !harmless.has(kind)) expect(read.trust, damaged).toEqual(['repaired']);
        }),
        { numRuns: 300 },
      );
    });
  }
});

describe('a sound rule', () => {
  it('reads alike in pasted text and in a dump, and nothing is said to be repaired', () => {
    fc.assert(
      fc.property(fc.array(soundRule, { minLength: 1, maxLength: 5 }), (rules) => {
        const text = rules.map(({ table, ...rule }) => `*${table}\n${textOf({ table, ...rule })}\nCOMMIT`).join('\n');
        const pasted = readText(text);
        expect(pasted.rules).toEqual(readText(text, false).rules);
        expect(pasted.codes).toEqual([]);
        expect(new Set(pasted.trust)).toEqual(new Set(['captured']));
      }),
    );
  });
});
