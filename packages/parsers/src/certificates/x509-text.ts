/** The text form of certificates: `openssl x509 -text` and the single prints (`-subject -issuer -dates -serial -ext …`), line by line. */
import type { X509Fields } from './fields.js';
import { commonName, distinguishedName, parseAlternativeNames, parseCertificateDate } from './names.js';
import { keyOctets } from './text-key.js';

/** Where in a certificate's text the next line stands: some values come on the line after their heading. */
export type TextState =
  | 'top'
  | 'serial'
  | 'key'
  | 'signature'
  | 'issuer'
  | 'subject'
  | 'other'
  | keyof typeof extensions;

export interface TextStep {
  readonly state: TextState;
  readonly fields: X509Fields;
  /** A value that is not what its heading says. */
  readonly bad?: { readonly what: 'bad-date' | 'bad-name'; readonly text: string };
}

const extensions = {
  'Subject Alternative Name': alternativeNames,
  'Key Usage': (text: string): X509Fields => ({ keyUsage: list(text) }),
  'Extended Key Usage': (text: string): X509Fields => ({ extendedKeyUsage: list(text) }),
  'Basic Constraints': basicConstraints,
  'Subject Key Identifier': (text: string): X509Fields => (isKeyId(text) ? { subjectKeyId: text.toUpperCase() } : {}),
  'Authority Key Identifier': authorityKey,
} as const;

/** Alternative names without their heading, as `grep DNS` leaves them. */
export function isNameList(text: string): boolean {
  return (
    text.length < 4000 &&
    /^(?:DNS|IP Address):[^\s,]/.test(text) &&
    text.split(/,\s?/).every((one) => /^(?:DNS|IP Address|IP|URI|email):[^\s,]+$/.test(one))
  );
}

function list(text: string): readonly string[] {
  return text.split(',').map((one) => one.trim());
}

function alternativeNames(text: string): X509Fields {
  const { dnsNames, ips, otherNames } = parseAlternativeNames(text);
  return { dnsNames, ips, otherNames };
}

function basicConstraints(text: string): X509Fields {
  const length = /pathlen:(\d{1,3})/.exec(text)?.[1];
  return { ca: text.includes('CA:TRUE'), ...(length === undefined ? {} : { pathLength: Number(length) }) };
}

function authorityKey(text: string): X509Fields {
  const id = text.startsWith('keyid:') ? text.slice(6) : text;
  return isKeyId(id) ? { authorityKeyId: id.toUpperCase() } : {};
}

function isKeyId(text: string): boolean {
  return text.length < 400 && /^[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2})+$/.test(text);
}

/** The last row may be one octet alone. */
const hexLine = /^(?:(?:[0-9a-f]{2}:){1,}[0-9a-f]{0,2}:?|[0-9a-f]{2})$/;

/** True for a line of colon-separated octets. */
export function isHexLine(text: string): boolean {
  return text.length < 200 && hexLine.test(text.trim());
}

/** What one line says, given what came before; null for a line that belongs to no certificate. */
export function readTextLine(line: string, state: TextState, known: X509Fields): TextStep | null {
  const text = line.trim();
  if (state === 'signature' && isHexLine(text)) {
    return { state, fields: { signature: (known.signature ?? '') + text.replace(/:/g, '') } };
  }
  if (state === 'key' && isHexLine(text)) return { state, fields: keyOctets(text, known) };
  if (state === 'serial' && isHexLine(text))
    return { state: 'top', fields: { serial: text.replace(/:/g, '').toUpperCase() } };
  const extension = /^X509v3 ([A-Za-z ]{1,60}):/.exec(text)?.[1];
  if (extension !== undefined) return { state: isExtension(extension) ? extension : 'other', fields: {} };
  if (state === 'issuer' || state === 'subject') {
    const part = namePart(text);
    if (part !== null) return { state, fields: withPart(known, state, part) };
  }
  const field = readField(text, known);
  if (field !== null) return field;
  // Other extensions hold names too (of authorities, of what may be named): those of the certificate have no heading, or their own.
  if (state !== 'other' && !isExtension(state) && isNameList(text)) return { state, fields: alternativeNames(text) };
  if (isExtension(state)) {
    const bad = state === 'Subject Alternative Name' ? parseAlternativeNames(text).bad[0] : undefined;
    // Only the first line under the heading is its value; `DirName:` and `serial:` of the authority key follow.
    const next: TextState =
      state === 'Authority Key Identifier' && !/^keyid:/.test(text) && !isKeyId(text) ? state : 'other';
    return {
      state: next,
      fields: extensions[state](text),
      ...(bad === undefined ? {} : { bad: { what: 'bad-name', text: bad } }),
    };
  }
  if (/^CA:(?:TRUE|FALSE)\b/.test(text)) return { state, fields: basicConstraints(text) };
  return /^\s/.test(line) ? { state, fields: {} } : null;
}

/** What `-nameopt multiline` calls the parts of a name; `sep_multiline` has the short words. */
const shortNames: Readonly<Record<string, string | undefined>> = {
  commonName: 'CN',
  countryName: 'C',
  domainComponent: 'DC',
  localityName: 'L',
  organizationName: 'O',
  organizationalUnitName: 'OU',
  stateOrProvinceName: 'ST',
  userId: 'UID',
};

/** One line of a name that stands over several, in the spelling of one line; parts of one set are joined by ` + `. */
function namePart(text: string): string | null {
  if (!/^[A-Za-z]{1,40}\s*=\s?\S/.test(text) || text.length > 2000) return null;
  return text
    .split(' + ')
    .map((one) => one.replace(/^([A-Za-z]{1,40})\s*=\s?/, (_, name: string) => `${shortNames[name] ?? name}=`))
    .join(', ');
}

function withPart(known: X509Fields, which: 'issuer' | 'subject', part: string): X509Fields {
  const before = known[which];
  const name = before === undefined ? part : `${before}, ${part}`;
  return which === 'issuer'
    ? { issuer: name, issuerCn: commonName(name) }
    : { subject: name, subjectCn: commonName(name) };
}

function isExtension(name: string): name is keyof typeof extensions {
  return Object.hasOwn(extensions, name);
}

/** `Key: value` and `key=value` lines. */
function readField(text: string, known: X509Fields): TextStep | null {
  const top = (fields: X509Fields): TextStep => ({ state: 'top', fields });
  const dated = (key: 'notBefore' | 'notAfter', value: string): TextStep => {
    const at = parseCertificateDate(value);
    return at === null ? { ...top({}), bad: { what: 'bad-date', text: value.trim() } } : top({ [key]: at });
  };
  const match =
    /^(Version|Issuer|Subject|Not Before|Not After|Serial Number|Signature Algorithm|Public Key Algorithm|Signature Value|subject|issuer|notBefore|notAfter|serial(?==))\s?[:=](.*)$/.exec(
      text,
    );
  const value = match?.[2]?.trim() ?? '';
  switch (match?.[1]) {
    case 'Version': {
      const version = /^(\d) \(0x/.exec(value)?.[1];
      return version === undefined ? top({}) : top({ version: Number(version) });
    }
    case 'Issuer':
    case 'issuer':
      if (value === '') return { state: 'issuer', fields: {} };
      return top({ issuer: distinguishedName(value), issuerCn: commonName(value) });
    case 'Subject':
    case 'subject':
      if (value === '') return { state: 'subject', fields: {} };
      return top({ subject: distinguishedName(value), subjectCn: commonName(value) });
    case 'Not Before':
    case 'notBefore':
      return dated('notBefore', value);
    case 'Not After':
    case 'notAfter':
      return dated('notAfter', value);
    case 'serial':
      return top({ serial: value.toUpperCase() });
    case 'Serial Number': {
      const short = /\(0x([0-9a-f]{1,16})\)/.exec(value)?.[1];
      if (short === undefined) return { state: 'serial', fields: {} };
      return top({ serial: (short.length % 2 === 1 ? `0${short}` : short).toUpperCase() });
    }
    case 'Public Key Algorithm':
      return { state: 'key', fields: { publicKeyAlgorithm: value } };
    case 'Signature Algorithm':
      // It stands twice; after the second one comes the signature.
      return {
        state: known.signatureAlgorithm === undefined ? 'top' : 'signature',
        fields: { signatureAlgorithm: value },
      };
    case 'Signature Value':
      return { state: 'signature', fields: {} };
    default:
      return null;
  }
}
