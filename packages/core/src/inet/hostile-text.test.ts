import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  parseCidrAddress,
  parseDecimal,
  parseIp,
  parseIp4,
  parseIp6,
  parseMac,
  parseMark,
  parseMasked,
  parsePort,
  parsePortRange,
  parsePrefix,
  parseProto,
  parseRange,
  parseTypedIp,
  parseTypedMasked,
  parseUint32,
  parseZonedIp,
} from './index.js';

const readers: ReadonlyArray<readonly [string, (text: string) => unknown]> = [
  ['parseCidrAddress', parseCidrAddress],
  ['parseDecimal', (text) => parseDecimal(text, 0xffffffff)],
  ['parseIp', (text) => parseIp(text)],
  ['parseIp4', (text) => parseIp4(text)],
  ['parseIp6', (text) => parseIp6(text)],
  ['parseMac', (text) => parseMac(text, { shortOctets: true })],
  ['parseMark', parseMark],
  ['parseMasked', parseMasked],
  ['parsePort', (text) => parsePort(text)],
  ['parsePortRange', (text) => parsePortRange(text, ':')],
  ['parsePrefix', (text) => parsePrefix(text)],
  ['parseProto', parseProto],
  ['parseRange', (text) => parseRange(text, { lastOctet: true, reversed: 'keep' })],
  ['parseTypedIp', (text) => parseTypedIp(text)],
  ['parseTypedMasked', parseTypedMasked],
  ['parseUint32', (text) => parseUint32(text)],
  ['parseZonedIp', parseZonedIp],
];

/** Every number within a value, at any depth; family and length are small ones too. */
function numbersOf(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersOf) : [];
}

const alphabet = fc.constantFrom(
  '0',
  '1',
  '9',
  '255',
  '32',
  '128',
  'f',
  'FFFF',
  '0x',
  ':',
  '::',
  '.',
  '/',
  '-',
  '%',
  ' ',
  'x',
  '\0',
  '\ud800',
  '٣',
);
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.array(alphabet, { maxLength: 20 }).map((parts) => parts.join('')),
);

test.each(readers)('%s never throws, and all numbers of what it returns are uint32', (_name, read) => {
  fc.assert(
    fc.property(text, (input) => {
      for (const number of numbersOf(read(input))) expect(number).toBe(number >>> 0);
    }),
    { numRuns: 500 },
  );
});

test.each(readers)('%s is done with a mebibyte of anything in an instant', (_name, read) => {
  for (const unit of ['0', '1', 'f', ':', '::', '.', '1.', '1:', '/', '-', '%', ' ', '0x', 'a%']) {
    const before = process.cpuUsage();
    read(unit.repeat(1 << 20));
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(2000);
  }
});
