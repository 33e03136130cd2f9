/** What nothing is wrong with stays without a finding where one of its files breaks off: what stood behind is never taken for missing. */
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sample } from '../cli/run.js';
import { faultsIn, filesIn, type NamedText } from './sample-files.js';

const names = readdirSync(sample('')).filter((name) => /^\d\d-/.test(name));

function faults(files: readonly NamedText[]): readonly string[] {
  return faultsIn(files).map(({ rule, certainty, message }) => `${rule}, ${certainty}: ${message}`);
}

/** Somewhere within a line, elsewhere for each file: a break between two lines cannot be seen. */
function placeIn(text: string, at: number): number {
  const place = 1 + ((at * 7919 + text.length * 104_729) % (text.length - 1));
  return text[place - 1] === '\n' || text[place] === '\n' ? place + 2 : place;
}

/** What shows nothing of its own when it is short: one word, or settings that stand each by itself. */
const isList = ([name, text]: NamedText) => text.length > 40 && !/(?:yaml|json|log|env|unit\.txt)$/.test(name);

describe.each(names)('%s', (name) => {
  const files = filesIn(sample(`${name}/healthy`));

  it('is found to be sound when any one of its files breaks off', () => {
    const lists = files.filter(isList);
    expect(lists.length).toBeGreaterThan(0);
    const found = lists.map(([cut, whole], at) => {
      const text = whole.slice(0, placeIn(whole, at));
      return [
        `${cut} up to ${JSON.stringify(text.slice(-30))}`,
        faults(files.map((one) => (one[0] === cut ? [cut, text] : one))),
      ];
    });
    expect(found.filter(([, some]) => some?.length !== 0)).toEqual([]);
  });
});
