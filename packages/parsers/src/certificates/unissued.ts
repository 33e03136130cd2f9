/** What `openssl req -text` and `openssl crl -text` print: known for what they are, and no certificate. openssl-req(1), openssl-crl(1). */
import { INERT } from '@coldtrace/core';
import type { Format } from '../format.js';
import { closeReading, openReading } from '../text/reading.js';

const heading =
  /^(?:Certificate (?:Request|Revocation List \(CRL\)):|-----BEGIN (?:(?:NEW )?CERTIFICATE REQUEST|X509 CRL|DH PARAMETERS|EC PARAMETERS|PKCS7)-----)\s*$/;

/** From the heading as long as lines are indented; a list says at the margin whether it has entries. */
const body =
  /Certificate (?:Request|Revocation List \(CRL\)):[^\S\n]*(?:\n(?:[ \t].*|(?:No )?Revoked Certificates[.:].*|(?=\n)))*\n?/y;

/** RFC 7468, 3: base64 between boundaries. */
const block =
  /-----BEGIN ([A-Z0-9 ]{2,30})-----[^\S\n]*\n(?:[A-Za-z0-9+/=]{1,76}[^\S\n]*\n)*-----END \1-----[^\S\n]*\n?/y;

function extentOf(text: string, start: number): number | null {
  block.lastIndex = start;
  if (block.test(text)) return block.lastIndex;
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
