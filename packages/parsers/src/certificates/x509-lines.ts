/** How single lines of certificates look: `openssl x509` text and prints, PEM, `openssl s_client`, `openssl pkcs12`. */
import type { LineVerdict } from '../format.js';
import { pemBegin, pemEnd } from './pem.js';
import { clientLine } from './s-client.js';
import { isHexLine, isNameList } from './x509-text.js';

const printLine = /^(?:subject|issuer|notBefore|notAfter)\s?=\s?\S/;

/** Lines of the text form that grep left of it. */
export const filtered =
  /^\s{4,16}(?:(?:Issuer|Subject)\s?: ?(?:[A-Z]{1,3}|emailAddress)\s?=\s?\S|Not (?:Before|After)\s?: [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4} GMT$)/;

/** What `openssl pkcs12` says around certificates and keys. */
export const bag = /^(?:Bag|Key) Attributes(?::|$)|^ {4}(?:localKeyID|friendlyName|Microsoft [\w ]{1,40}): /;

export function certificateLine(text: string): LineVerdict {
  if (text.length > 4000) return null;
  const line = text.trimEnd();
  if (
    line === 'Certificate:' ||
    pemBegin.test(line) ||
    (printLine.test(line) && /=\s?(?:\/|[A-Z]{1,3}\s?=|[A-Z][a-z]{2}\s|emailAddress\s?=)/.test(line)) ||
    isNameList(line.trim()) ||
    /^\s{0,16}X509v3 (?:Subject Alternative Name|Basic Constraints|Authority Key Identifier|Subject Key Identifier|Extended Key Usage|Key Usage):/.test(
      line,
    )
  )
    return 'opens';
  if (filtered.test(line) || line === 'Bag Attributes') return 'opens';
  if (clientLine.test(line)) return 'opens';
  if (
    pemEnd.test(line) ||
    bag.test(line) ||
    /^\s+X509v3 |^X509v3 |^\s+(?:Data:$|Version: \d|Serial Number:|Signature Algorithm:|Issuer:|Subject:|Validity$|Not (?:Before|After)\s?:)/.test(
      line,
    )
  )
    return 'continues';
  if (
    /^\s{4,20}(?:DNS|IP Address|URI|email|DirName|keyid|serial|CA|Registered ID):\S|^sha\d{1,3} Fingerprint=/i.test(
      line,
    )
  )
    return 'continues';
  if (/^\s{4,20}(?:Digital Signature|Key Encipherment|Certificate Sign|TLS Web |CRL Sign)/.test(line))
    return 'continues';
  if (/^(?:serial=[0-9A-F]+| \d s:| {3}[iav]:|---)$/.test(line.slice(0, 200))) return 'continues';
  return line.startsWith('        ') && isHexLine(line) ? 'continues' : null;
}
