/** Files and outputs that hold certificates: `openssl x509` text and prints, PEM, `openssl s_client`. */
import type { Format } from '../format.js';
import { readCertificates } from './read-certificates.js';
import { certificateLine } from './x509-lines.js';

export const x509Format: Format = {
  id: 'x509',
  title: 'certificates (openssl x509, PEM, openssl s_client)',
  commands: [
    /^(?:\S*\/)?openssl\s+(?:x509|s_client|crl2pkcs7|pkcs7)\b/,
    /\|\s*(?:\S*\/)?openssl\s+x509\b/,
    /\bcat\s+\S+\.(?:crt|pem|cer)\b/,
  ],
  fileNames: [/\.(?:crt|pem|cer)(?:\.txt)?$/, /x509/, /^certificates\.txt$/],
  line: certificateLine,
  extent: certificateEnd,
  whole: (text) => (/^-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----\r?$/m.test(text.slice(0, 4096)) ? 0.9 : 0),
  parse: readCertificates,
};

/** A text form runs as long as its lines are indented, a PEM block to its end line. */
function certificateEnd(text: string, start: number): number | null {
  if (text.startsWith('-----BEGIN ', start)) {
    const end = text.indexOf('-----END ', start);
    const feed = end < 0 ? -1 : text.indexOf('\n', end);
    return end < 0 || end - start > 100_000 ? null : feed < 0 ? text.length : feed + 1;
  }
  if (!text.startsWith('Certificate:', start)) return null;
  let end = text.indexOf('\n', start) + 1;
  for (let at = end; at > 0 && at < text.length; ) {
    const feed = text.indexOf('\n', at);
    const next = feed < 0 ? text.length : feed + 1;
    const blank = text.slice(at, Math.min(next, at + 400)).trim() === '';
    if (!blank && text[at] !== ' ' && text[at] !== '\t') break;
    if (!blank) end = next;
    at = next;
  }
  return end === 0 ? text.length : end;
}
