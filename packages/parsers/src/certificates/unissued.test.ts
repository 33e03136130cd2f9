/** Requests and revocation lists. openssl-req(1), openssl-crl(1). */
import { readFileSync } from 'node:fs';
import { countLines } from '@coldtrace/core';
import { expect, test } from 'vitest';
import { parseSnapshot } from '../parse-snapshot.js';
import { hostileTexts, ledgerIsComplete, sectionOf } from '../testing.js';
import { unissued } from './unissued.js';

const fixture = (name: string) => readFileSync(new URL(`./fixtures/${name}`, import.meta.url), 'utf8');

test.each(['request.txt', 'revocation-list.txt'])('%s is no certificate, and no line of it is unread', (name) => {
  const text = fixture(name);
  const snapshot = parseSnapshot({ [name]: `${text}Certificate:\n    Data:\n        Subject: CN = node-7\n` });
  const subjects = snapshot.nodes.flatMap((node) => node.certificates.map((one) => one.subject));
  expect(subjects).toEqual(['CN=node-7']);
  const section = sectionOf(text);
  expect(countLines(unissued.parse(section).ledger).unrecognized).toBe(0);
});

test('a request in base64 is known as one, with the text above it or alone', () => {
  const block =
    '-----BEGIN CERTIFICATE REQUEST-----\nMIICVDCCATwCAQAwDzENMAsGA1UE\nAwwEdGVzdA==\n-----END CERTIFICATE REQUEST-----\n';
  for (const text of [block, `${fixture('request.txt')}${block}`, `$ cat node.csr\n${block}$ exit\n`]) {
    expect(parseSnapshot({ 'ticket.txt': text }).read[0]?.counts.unrecognized).toBe(0);
  }
});

test('any text is accounted for', () => {
  for (const text of hostileTexts) {
    const section = sectionOf(text);
    expect(ledgerIsComplete(section, unissued.parse(section))).toBe(true);
  }
});
