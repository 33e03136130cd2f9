import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  formatFwmark,
  formatMark,
  formatShortMark,
  fwmarkMatches,
  type Mark,
  markMatches,
  parseMark,
  setMark,
  setXmark,
} from './index.js';

const none: Mark = { value: 0xbad, mask: 0xbad };

// What iptables-save 1.8.9, legacy and nft alike, prints after `-m mark --mark TEXT`.
test.each([
  ['1', '0x1'],
  ['0x1/0xff', '0x1/0xff'],
  ['010', '0x8'],
  ['0x1/0', '0x1/0x0'],
  ['0x4000/0x4000', '0x4000/0x4000'],
  ['0xffffffff', '0xffffffff'],
  ['0x12/0x1', '0x12/0x1'],
  ['1/0xffffffff', '0x1'],
  ['0XFF', '0xff'],
  ['4294967295', '0xffffffff'],
])('iptables loads the mark %s and saves %s', (text, saved) => {
  expect(formatShortMark(parseMark(text) ?? none)).toBe(saved);
});

test.each(['', '/', '1/', '/1', '0x', '08', '0x100000000', '4294967296', '-1', '1/-1', '0xg', '1 ', '1/2/3', 'mark'])(
  '"%s" is no mark',
  (text) => {
    expect(parseMark(text)).toBeNull();
  },
);

// What `ip rule` of iproute2 6.1 prints after `ip rule add fwmark TEXT`.
test.each([
  ['0x1/0xff', '0x1/0xff'],
  ['010', '0x8'],
  ['1/0xffffffff', '0x1'],
  ['0/0xf', '0/0xf'],
  ['1/0', '0x1/0'],
])('ip rule takes the fwmark %s and prints %s', (text, printed) => {
  expect(formatFwmark(parseMark(text) ?? none)).toBe(printed);
});

test('a value with bits outside the mask never satisfies -m mark, yet may satisfy ip rule', () => {
  const mark = { value: 0x12, mask: 0x0f };
  expect(markMatches(0x02, mark)).toBe(false);
  expect(markMatches(0x12, mark)).toBe(false);
  expect(fwmarkMatches(0xf2, mark)).toBe(true);
  expect(fwmarkMatches(0xf3, mark)).toBe(false);
});

test.each([
  ['the top bit', 0x80000001, { value: 0x80000000, mask: 0x80000000 }, true],
  ['kube-proxy asks for its bit', 0x4001, { value: 0x4000, mask: 0x4000 }, true],
  ['the bit is clear', 0x8001, { value: 0x4000, mask: 0x4000 }, false],
  ['an empty mask asks for nothing', 0x1234, { value: 0, mask: 0 }, true],
])('%s: 0x%d against %o gives %s', (_what, mark, asked, answer) => {
  expect(markMatches(mark, asked)).toBe(answer);
});

test.each([
  ['set-xmark 0x4000/0x0 sets one bit', setXmark(0x1, { value: 0x4000, mask: 0 }), 0x4001],
  ['set-xmark 0x4000/0x0 again clears it', setXmark(0x4001, { value: 0x4000, mask: 0 }), 0x1],
  ['set-xmark 0x0/0x4000 clears one bit', setXmark(0x4001, { value: 0, mask: 0x4000 }), 0x1],
  [
    'set-xmark over the whole word replaces it',
    setXmark(0xffffffff, { value: 0x80000000, mask: 0xffffffff }),
    0x80000000,
  ],
  ['set-mark clears the bits of its value too', setMark(0xff, { value: 0x10, mask: 0x0f }), 0xf0],
])('%s', (_what, result, expected) => {
  expect(result).toBe(expected);
});

test('a mark reads back as printed in each way, and no operation leaves uint32', () => {
  const uint32 = fc.integer({ min: 0, max: 0xffffffff });
  fc.assert(
    fc.property(uint32, uint32, uint32, (value, mask, packet) => {
      const mark = { value, mask };
      expect(parseMark(formatMark(mark))).toEqual(mark);
      expect(parseMark(formatShortMark(mark))).toEqual(mark);
      expect(parseMark(formatFwmark(mark))).toEqual(mark);
      for (const result of [setXmark(packet, mark), setMark(packet, mark)]) expect(result).toBe(result >>> 0);
      expect(fwmarkMatches(setMark(packet, mark), { value, mask: (mask | value) >>> 0 })).toBe(true);
      expect(markMatches(packet, { value: (packet & mask) >>> 0, mask })).toBe(true);
    }),
  );
});
