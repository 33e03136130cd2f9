/** Names and dates of certificates as OpenSSL prints them. */
import { describe, expect, it } from 'vitest';
import { commonName, distinguishedName, parseCertificateDate } from './names.js';

describe('names and times', () => {
  it.each([
    ['O = k3s, CN = k3s', 'O=k3s, CN=k3s', 'k3s'],
    ['/O=system:masters/CN=admin', 'O=system:masters, CN=admin', 'admin'],
    ['C = DE, O = "Example, Inc.", CN = x', 'C=DE, O=Example, Inc., CN=x', 'x'],
    ['O = "Firma \\"X\\", GmbH", CN = back\\\\slash', 'O=Firma "X", GmbH, CN=back\\slash', 'back\\slash'],
    ['O = a, CN = "\\C3\\BCn\\C3\\AF <x>;#y"', 'O=a, CN=ünï <x>;#y', 'ünï <x>;#y'],
    ['/O=a/CN=\\xC3\\xBCn', 'O=a, CN=ün', 'ün'],
    ['CN = a\\\\C3', 'CN=a\\C3', 'a\\C3'],
    ['CN=k3s-server-ca@1577836800', 'CN=k3s-server-ca@1577836800', 'k3s-server-ca@1577836800'],
    ['', '', null],
  ])('%s', (given, name, cn) => {
    expect(distinguishedName(given)).toBe(name);
    expect(commonName(given)).toBe(cn);
  });
  it.each([
    ['Nov  1 00:01:22 2026 GMT', '2026-11-01T00:01:22.000Z'],
    ['Nov 21 00:01:22 2026', null],
    ['Foo 21 00:01:22 2026 GMT', null],
  ])('%s', (given, expected) => {
    const at = parseCertificateDate(given);
    expect(at === null ? null : new Date(at).toISOString()).toBe(expected);
  });
});
