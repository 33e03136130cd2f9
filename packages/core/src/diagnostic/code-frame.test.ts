import { describe, expect, it } from 'vitest';
import { codeFrame, locate, noPaint } from './code-frame.js';
import { printable } from './printable.js';
import { fit, textWidth, wrap } from './width.js';

const options = { columns: 80, paint: noPaint };
const fileOf = (text: string) => ({ id: 0, name: 'node-1/dump.txt', text });
const frame = (text: string, part: string, remark = '') => {
  const start = text.indexOf(part);
  return codeFrame(fileOf(text), { file: 0, start, end: start + part.length }, remark, options);
};

describe('a code frame', () => {
  it('marks the part of the line that is meant and says why', () => {
    expect(frame('a\n10.0.0.0/8 dev eth0\n', 'dev eth0', 'the device')).toEqual([
      '   2 | 10.0.0.0/8 dev eth0',
      '     |            ^^^^^^^^ the device',
    ]);
  });

  it('counts wide characters as two columns, so that the carets stand under them', () => {
    expect(frame('网卡 ens192 抓包', 'ens192')).toEqual(['   1 | 网卡 ens192 抓包', '     |      ^^^^^^']);
  });

  it.each([0, 100, 5000])(
    'keeps a long line within the columns and the marked part in sight, %i units before it',
    (before) => {
      const lines = frame(`${'x'.repeat(before)}NEEDLE${'y'.repeat(9000)}`, 'NEEDLE', 'here');
      expect(lines.every((line) => textWidth(line) <= 80)).toBe(true);
      expect(lines[0]).toContain('NEEDLE');
      expect(lines[0]?.indexOf('NEEDLE')).toBe(lines[1]?.indexOf('^'));
    },
  );

  it('wraps a remark that fits neither beside the carets nor on one line', () => {
    const remark = 'an address that nothing on this node answers for, although two of its routes say that it does';
    const lines = frame(`${'x'.repeat(40)} 10.0.0.1/24`, '10.0.0.1/24', remark);
    expect(lines.every((line) => textWidth(line) <= 80)).toBe(true);
    expect(
      lines
        .slice(2)
        .map((line) => line.replace('     | ', ''))
        .join(' '),
    ).toBe(remark);
  });

  it('shows terminal escapes and direction marks instead of obeying them', () => {
    expect(printable('a\u001b[31mb\u202ec\u0000\tz')).toBe('a\\u{1b}[31mb\\u{202e}c\\u{0} z');
  });

  it('counts columns from 1 in code points', () => {
    const text = 'x\n𝒳𝒳 here';
    const start = text.indexOf('here');
    expect(locate(fileOf(text), { file: 0, start, end: start + 4 })).toBe('node-1/dump.txt:2:4');
  });
});

describe('text on a terminal', () => {
  it('is cut and wrapped by columns, not characters', () => {
    expect(fit('网卡网卡', 5)).toBe('网卡…');
    expect(wrap('aa bb cc', 5)).toEqual(['aa bb', 'cc']);
  });
});
