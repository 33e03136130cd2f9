/** Keys that `openssl x509 -text` prints in rows of octets, whole and with a row lost. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sectionOf } from '../testing.js';
import { readCertificates } from './read-certificates.js';
import { isWholeKey, keyBits } from './text-key.js';
import { isHexLine } from './x509-text.js';

const fixture = (name: string) => readFileSync(new URL(`./fixtures/${name}`, import.meta.url), 'utf8');

function read(text: string) {
  const { value, diagnostics } = readCertificates(sectionOf(text));
  const rows = value.flatMap((facts) => (facts.kind === 'certificates' ? facts.rows : []));
  return { keys: rows.map(({ publicKey }) => publicKey), codes: diagnostics.map(({ code }) => code) };
}

describe.each(['x509-text.txt', 'x509-compat.txt'])('%s', (name) => {
  const lines = fixture(name).split('\n');
  const whole = read(fixture(name));
  const heading = (at: number) =>
    lines
      .slice(0, at)
      .findLast((line) => /^ {12,16}\S/.test(line))
      ?.trim() ?? '';
  const rows = lines.flatMap((line, at) =>
    /^ {20}[0-9a-f]{2}:/.test(line) && /^(?:pub|Modulus)/.test(heading(at)) ? [at] : [],
  );

  it('has whole keys', () => {
    expect(whole.codes).toEqual([]);
    expect(whole.keys.every((key) => key !== null)).toBe(true);
    expect(rows.length).toBeGreaterThan(4);
  });

  it.each(rows)('without its line %d one key is not known', (row) => {
    const { keys, codes } = read(lines.toSpliced(row, 1).join('\n'));
    const lost = keys.filter((key, at) => key !== whole.keys[at]);
    expect(lost).toEqual([null]);
    expect(codes).toEqual(['certificate/torn-key']);
  });
});

it.each([
  ['rsaEncryption', 2048, 256, true],
  ['rsaEncryption', 2047, 256, true],
  ['rsaEncryption', 2048, 241, false],
  ['rsaEncryption', null, 241, true],
  ['id-ecPublicKey', 521, 133, true],
  ['id-ecPublicKey', 521, 118, false],
  ['ED25519', null, 32, true],
  ['ED25519', null, 17, false],
  ['ED448', null, 57, true],
] as const)('%s of %s bits in %i octets: %s', (publicKeyAlgorithm, bits, octets, expected) => {
  const publicKey = publicKeyAlgorithm === 'id-ecPublicKey' ? `04${'ab'.repeat(octets - 1)}` : 'ab'.repeat(octets);
  expect(isWholeKey({ publicKeyAlgorithm, publicKey }, bits)).toBe(expected);
});

it.each([
  ['                Public-Key: (256 bit)', 256],
  ['                RSA Public-Key: (2048 bit)', 2048],
  ['                RSA Public Key: (1024 bit)\r', 1024],
  ['                Public-Key: (2048 bit, 2 primes)', 2048],
  ['            Public Key Algorithm: rsaEncryption', null],
])('%j tells a length of %s', (line, bits) => {
  expect(keyBits(line)).toBe(bits);
});

it.each([
  ['12:ab:00:', true],
  ['12:ab', true],
  ['9b', true],
  ['9', false],
  ['9bc', false],
  ['Modulus:', false],
])('a row of octets, the last of which may be one alone: %s %s', (text, expected) => {
  expect(isHexLine(text)).toBe(expected);
});
