/** What nothing is wrong with stays without a finding where one of its files, or the ticket, breaks off: what stood behind is never taken for missing. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { parseSnapshot } from '@coldtrace/parsers';
import { analyze } from '@coldtrace/rules';
import { describe, expect, it } from 'vitest';
import { sample } from '../cli/run.js';

const names = readdirSync(sample('')).filter((name) => /^\d\d-/.test(name));

function filesIn(dir: string, base = ''): readonly (readonly [string, string])[] {
  return readdirSync(dir)
    .sort()
    .flatMap((name) =>
      statSync(`${dir}/${name}`).isDirectory()
        ? filesIn(`${dir}/${name}`, `${base}${name}/`)
        : [[`${base}${name}`, readFileSync(`${dir}/${name}`, 'utf8')] as const],
    );
}

function faults(files: Iterable<readonly [string, string]>): readonly string[] {
  return analyze(parseSnapshot(new Map(files)))
    .findings.filter(({ severity }) => severity !== 'info')
    .map(({ rule, certainty, message }) => `${rule}, ${certainty}: ${message}`);
}

/** Somewhere within a line, elsewhere for each file: a break between two lines cannot be seen. */
function placeIn(text: string, at: number): number {
  const place = 1 + ((at * 7919 + text.length * 104_729) % (text.length - 1));
  return text[place - 1] === '\n' || text[place] === '\n' ? place + 2 : place;
}

/** What shows nothing of its own when it is short: one word, or settings that stand each by itself. */
const isList = ([name, text]: readonly [string, string]) =>
  text.length > 40 && !/(?:yaml|json|log|env|unit\.txt)$/.test(name);

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
