/** Dumps of the real tool: the three forms agree, print back, and every line is accounted for. */
import { readFileSync } from 'node:fs';
import { countLines, setTypes } from '@coldtrace/core';
import { describe, expect, it } from 'vitest';
import type { Format } from '../format.js';
import { ledgerIsComplete, sectionOf, textAt } from '../testing.js';
import { ipsetList } from './list.js';
import { printElement, printIpsetSave } from './print.js';
import { ipsetSave } from './save.js';
import { asSave, setsOf } from './testing.js';
import { ipsetXml } from './xml.js';

const fixture = (name: string) => readFileSync(new URL(`./fixtures/${name}`, import.meta.url), 'utf8');

const captures = ['', 'second-kernel-'];
const forms: readonly (readonly [string, Format])[] = [
  ['list.txt', ipsetList],
  ['save.txt', ipsetSave],
  ['list.xml', ipsetXml],
];

describe.each(captures)('capture "%s"', (capture) => {
  it.each(forms)('%s leaves no line unread and says nothing', (name, format) => {
    const section = sectionOf(fixture(capture + name));
    const parsed = format.parse(section);
    expect(parsed.diagnostics).toEqual([]);
    expect(ledgerIsComplete(section, parsed)).toBe(true);
    const counts = countLines(parsed.ledger);
    expect(counts.unrecognized + counts.opaque + counts.conditional).toBe(0);
    for (const set of setsOf(parsed)) expect(set.complete).toBe(true);
  });

  it('prints back what ipset save printed', () => {
    const text = fixture(`${capture}save.txt`);
    expect(printIpsetSave(setsOf(ipsetSave.parse(sectionOf(text))))).toBe(text);
  });

  it('reads the same sets from all three forms', () => {
    const [list, save, xml] = forms.map(([name, format]) => setsOf(format.parse(sectionOf(fixture(capture + name)))));
    expect(list?.map(asSave)).toEqual(save?.map(asSave));
    expect(xml?.map(asSave)).toEqual(save?.map(asSave));
    expect(xml?.map((set) => [set.revision, set.references])).toEqual(
      list?.map((set) => [set.revision, set.references]),
    );
  });

  it.each(forms)('%s: each line opens or continues the format', (name, format) => {
    const lines = fixture(capture + name).split('\n');
    expect(lines.filter((line) => format.line(line) === null)).toEqual([]);
    expect(format.line(lines[0] ?? '')).toBe('opens');
  });

  it('keeps the place of each member', () => {
    const section = sectionOf(fixture(`${capture}list.txt`));
    const wrong = setsOf(ipsetList.parse(section)).flatMap((set) =>
      set.elements.filter((element) => !textAt(section, element.span).startsWith(printElement(element))),
    );
    expect(wrong).toEqual([]);
  });
});

it('holds every type of set', () => {
  const seen = captures.flatMap((capture) => setsOf(ipsetSave.parse(sectionOf(fixture(`${capture}save.txt`)))));
  expect(new Set(seen.map((set) => set.type))).toEqual(new Set(setTypes.keys()));
});

it('knows that a terse listing shows no members', () => {
  const parsed = ipsetList.parse(sectionOf(fixture('list-terse.txt')));
  const sets = setsOf(parsed);
  expect(sets.length).toBeGreaterThan(15);
  for (const set of sets) expect(set.complete).toBe(set.name === 'empty');
  expect(new Set(parsed.diagnostics.map((one) => one.code))).toEqual(new Set(['ipset/members-not-shown']));
});
