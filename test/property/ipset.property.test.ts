/** Properties of the IP set readers and of the membership test, on random sets of every type. */
import { type IpSet, setTypeNamed, setTypes } from '@coldtrace/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { testSet, testSetWith } from '../../packages/core/src/ipset/test-set.js';
import { findSlowly } from '../../packages/core/src/ipset/test-slow.js';
import { ipsetFormats, printIpsetSave } from '../../packages/parsers/src/ipset/index.js';
import { ipsetSave } from '../../packages/parsers/src/ipset/save.js';
import { asSave, setsOf } from '../../packages/parsers/src/ipset/testing.js';
import { hostileTexts, ledgerIsComplete, sectionOf } from '../../packages/parsers/src/testing.js';
import { randomSet, restoreText } from './ipset-arbitrary.js';
import { randomKey } from './ipset-key-arbitrary.js';

const types = [...setTypes.keys()].filter((name) => name !== 'list:set');
const read = (text: string) => setsOf(ipsetSave.parse(sectionOf(text)));
const someSets = fc.array(randomSet(types), { minLength: 1, maxLength: 4 });

it('reads every member of what restore takes', () => {
  fc.assert(
    fc.property(someSets, (sets) => {
      const parsed = ipsetSave.parse(sectionOf(restoreText(sets)));
      expect(parsed.diagnostics).toEqual([]);
      expect(setsOf(parsed).map((set) => set.elements.length)).toEqual([
        ...sets.map((set) => set.members.length),
        Math.ceil(sets.length / 2),
      ]);
    }),
  );
});

it('reads back what it prints, and prints that the same', () => {
  fc.assert(
    fc.property(someSets, (sets) => {
      const once = read(restoreText(sets));
      const text = printIpsetSave(once);
      const twice = read(text);
      expect(twice.map(asSave)).toEqual(once.map(asSave));
      expect(printIpsetSave(twice)).toBe(text);
    }),
  );
});

it('finds by hash what a look at every element finds', () => {
  fc.assert(
    fc.property(
      someSets,
      fc.array(randomKey(), { minLength: 20, maxLength: 40 }),
      fc.boolean(),
      (sets, keys, complete) => {
        const rows = read(restoreText(sets)).map((set): IpSet => ({ ...set, complete }));
        const byName = new Map(rows.map((set) => [set.name, set]));
        for (const set of rows) {
          expect(setTypeNamed(set.type)).toBeDefined();
          for (const key of keys) {
            expect(testSet(set, byName, key)).toEqual(testSetWith(findSlowly, set, byName, key));
          }
        }
      },
    ),
    { numRuns: 300 },
  );
});

it.each(ipsetFormats)('$id survives any text, with a state for every line', (format) => {
  const line = fc.oneof(
    fc.string(),
    fc.constantFrom(...hostileTexts),
    fc.constantFrom(
      'Name: a',
      'Type: hash: net',
      'Header: family inet',
      'Number of entries: 1Members:',
      'Members：1.1.1.1 2.2.2.2',
    ),
    fc.constantFrom(
      '10.0.0.0/8 comment "x',
      'y"',
      '1.1.1.1,tcp:80',
      '***HIDDEN***',
      'create a hash:net',
      'add a 10.0.0.1',
    ),
    fc.constantFrom(
      '<ipset name="a">',
      '<type>hash:ip</type>',
      '<members><member><elem>1.1.1.1</elem>',
      '</member>',
      '<header>',
    ),
  );
  const text = fc.array(line, { maxLength: 30 }).map((lines) => lines.join('\n'));
  fc.assert(
    fc.property(text, fc.boolean(), (given, freeForm) => {
      const section = sectionOf(given, { freeForm });
      expect(ledgerIsComplete(section, format.parse(section))).toBe(true);
      for (const one of given.split('\n')) format.line(one);
      format.extent?.(given, 0);
    }),
    { numRuns: 500 },
  );
});
