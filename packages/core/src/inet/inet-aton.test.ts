import { describe, expect, it } from 'vitest';
import { parseInetAton } from './inet-aton.js';
import { formatIp } from './ip-text.js';

describe('inet_aton', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['10.1', '10.0.0.1'],
    ['1.2.65535', '1.2.255.255'],
    ['256', '0.0.1.0'],
    ['0x1000000', '1.0.0.0'],
    ['010.0.0.1', '8.0.0.1'],
    ['4294967295', '255.255.255.255'],
    ['10.0.0.256', null],
    ['300.1', null],
    ['4294967296', null],
    ['1.08', null],
    ['1.2.3.4.5', null],
    ['1..2', null],
    ['', null],
  ])('%j is %s', (text, address) => {
    const ip = parseInetAton(text);
    expect(ip === null ? null : formatIp(ip)).toBe(address);
  });
});
