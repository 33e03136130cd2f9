import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDecimal, parseUint32 } from './index.js';

test('parseDecimal reads every number up to its limit and none above', () => {
  expect(parseDecimal('9007199254740991', Number.MAX_SAFE_INTEGER)).toBe(Number.MAX_SAFE_INTEGER);
  expect(parseDecimal('9007199254740992', Number.MAX_SAFE_INTEGER)).toBeNull();
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.maxSafeNat(), (value, max) => {
      expect(parseDecimal(`${value}`, max)).toBe(value <= max ? value : null);
      expect(parseDecimal(`x${value}y`, value, 1, `${value}`.length + 1)).toBe(value);
    }),
  );
});

test('parseUint32 reads what strtoul reads in base 0', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffffffff }), (value) => {
      expect(parseUint32(`${value}`)).toBe(value);
      expect(parseUint32(`0x${value.toString(16)}`)).toBe(value);
      expect(parseUint32(`0X${value.toString(16).toUpperCase()}`)).toBe(value);
      expect(parseUint32(`0${value.toString(8)}`)).toBe(value);
    }),
  );
});

test.each(['', '0x', '08', '1a', '0xg', '+1', '-1', ' 1', '1 ', '4294967296', '0x100000000', '040000000000'])(
  'parseUint32 refuses "%s"',
  (text) => {
    expect(parseUint32(text)).toBeNull();
  },
);
