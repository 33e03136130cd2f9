/** What `openssl req -text` and `openssl crl -text` print: known for what they are, and no certificate. openssl-req(1), openssl-crl(1). */
import { INERT } from '@coldtrace/core';
import type { Format } from '../format.js';
import { closeReading, openReading } from '../text/reading.js';

const heading = /^Certificate (?:Request|Revocation List \(CRL\)):\s*$/;

/** From the heading as long as lines are indented; a list says at the margin whether it has entries. */
const body =
  /Certificate (?:Request|Revocation List \(CRL\)):[^\S\n]*(?:\n(?:[ \t].*|(?:No )?Revoked Certificates[.:].*|(?=\n)))*\n?/y;

function extentOf(text: string, start: number): number | null {
  body.lastIndex = start;
  return body.test(text) ? body.lastIndex : null;
}

export const unissued: Format = {
  id: 'x509-unissued',
  title: 'certificate requests and revocation lists (openssl req, openssl crl)',
  commands: [/^(?:\S*\/)?openssl\s+(?:req|crl)\b/],
  fileNames: [],
  line: (text) => (heading.test(text) ? 'opens' : null),
  extent: extentOf,
  parse: (section) => {
    const reading = openReading(section);
    reading.ledger.fill(INERT);
    return closeReading(reading, []);
  },
};
