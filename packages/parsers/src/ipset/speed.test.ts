/** Big dumps and hostile lines cost linear time. */
import { describe, expect, it } from 'vitest';
import type { Format } from '../format.js';
import { leastMilliseconds, sectionOf } from '../testing.js';
import { ipsetFormats } from './index.js';
import { ipsetList } from './list.js';
import { ipsetSave } from './save.js';
import { setsOf } from './testing.js';
import { ipsetXml } from './xml.js';

const COUNT = 50_000;
const address = (at: number) => `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`;
const lines = (line: (ip: string) => string) => Array.from({ length: COUNT }, (_, at) => line(address(at))).join('');

const big: readonly (readonly [string, Format, string])[] = [
  [
    'list',
    ipsetList,
    `Name: a\nType: hash:ip,port\nHeader: family inet\nNumber of entries: ${COUNT}\nMembers:\n${lines((ip) => `${ip},tcp:80\n`)}`,
  ],
  ['save', ipsetSave, `create a hash:ip,port family inet\n${lines((ip) => `add a ${ip},tcp:80\n`)}`],
  [
    'XML',
    ipsetXml,
    `<ipsets>\n<ipset name="a">\n<type>hash:ip,port</type>\n<header></header>\n<members>\n${lines((ip) => `<member><elem>${ip},tcp:80</elem></member>\n`)}</members>\n</ipset>\n</ipsets>\n`,
  ],
];

describe('50,000 members', () => {
  it.each(big)('as %s are read within two seconds', (_, format, text) => {
    let found = 0;
    const time = leastMilliseconds(2000, () => {
      found = setsOf(format.parse(sectionOf(text)))[0]?.elements.length ?? 0;
    });
    expect(found).toBe(COUNT);
    expect(time).toBeLessThan(2000);
  });
});

const size = 1 << 20;
const long = (piece: string) => piece.repeat(Math.ceil(size / piece.length));
const header = 'Name: a\nType: hash:net\nHeader: family inet\nMembers:\n';
const hostile: readonly (readonly [string, string])[] = [
  ['one long word', long('x')],
  ['one long line of blanks', `${header}${long(' ')}x`],
  ['one long line of members', `${header}${long('10.0.0.0/8 ')}`],
  ['one long line of fields', long('Name: Members:')],
  ['one long line of colons', `Name${long(' :')}`],
  ['one long header', `Name: a\nType: hash:ip\nHeader: ${long('counters ')}`],
  ['lines with open comments', `${header}${long('10.0.0.0/8 comment "x\n')}`],
  ['add lines with open comments', `create a hash:net\n${long('add a 10.0.0.0/8 comment "x\n')}`],
  ['one long comment', `create a hash:net\nadd a 10.0.0.0/8 comment "${long('x')}`],
  ['create lines', long('create a hash:ip\n')],
  ['sets by the thousand', long('add a 1\nadd b 1\ncreate c hash:ip\n')],
  ['open tags', long('<member><elem>')],
  ['angle brackets', long('<')],
  ['open sets', long('<ipset name="')],
  ['sharps', long('# ')],
  ['a list by insertion', `create l list:set\nadd l a\n${long('add l b before a\n')}`],
];

describe.each(ipsetFormats.map((format) => [format.id, format] as const))('%s', (_, format) => {
  it.each(hostile)('bears %s', (_name, text) => {
    for (const freeForm of [false, true]) {
      expect(leastMilliseconds(4000, () => format.parse(sectionOf(text, { freeForm })))).toBeLessThan(4000);
    }
    expect(
      leastMilliseconds(2000, () => {
        for (const line of text.split('\n')) format.line(line);
        format.extent?.(text, 0);
      }),
    ).toBeLessThan(2000);
  });
});
