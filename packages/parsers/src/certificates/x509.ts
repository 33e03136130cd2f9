/** Files and outputs that hold certificates: `openssl x509` text and prints, PEM, `openssl s_client`. */
import type { Certificate, CertificatePlace } from '@coldtrace/core';
import type { Format, LineVerdict, Section } from '../format.js';
import { type Line, lineSpan } from '../text/lines.js';
import { claim, closeReading, openReading, type Reading, takeFailure } from '../text/reading.js';
import { certificateCode } from './codes.js';
import { certificateFromX509Fields, type X509Fields } from './fields.js';
import { fileShown, nameOnLine } from './file-name.js';
import { pemBegin, pemEnd, readPemBody } from './pem.js';
import { addressDialled, clientLine, readVerification } from './s-client.js';
import { isHexLine, isNameList, readTextLine, type TextState } from './x509-text.js';

const printLine = /^(?:subject|issuer|notBefore|notAfter)\s?=\s?\S/;

/** Lines of the text form that grep left of it. */
const filtered =
  /^\s{4,16}(?:(?:Issuer|Subject)\s?: ?(?:[A-Z]{1,3}|emailAddress)\s?=\s?\S|Not (?:Before|After)\s?: [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4} GMT$)/;

/** What `openssl pkcs12` says around certificates and keys. */
const bag = /^(?:Bag|Key) Attributes(?::|$)|^ {4}(?:localKeyID|friendlyName|Microsoft [\w ]{1,40}): /;

function verdictOf(text: string): LineVerdict {
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

export const x509Format: Format = {
  id: 'x509',
  title: 'certificates (openssl x509, PEM, openssl s_client)',
  commands: [
    /^(?:\S*\/)?openssl\s+(?:x509|s_client|crl2pkcs7|pkcs7)\b/,
    /\|\s*(?:\S*\/)?openssl\s+x509\b/,
    /\bcat\s+\S+\.(?:crt|pem|cer)\b/,
  ],
  fileNames: [/\.(?:crt|pem|cer)(?:\.txt)?$/, /x509/, /^certificates\.txt$/],
  line: verdictOf,
  extent: certificateEnd,
  whole: (text) => (/^-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----\r?$/m.test(text.slice(0, 4096)) ? 0.9 : 0),
  parse: parseX509,
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

interface Open {
  readonly first: Line;
  last: Line;
  fields: X509Fields;
  state: TextState;
  /** Text came by single prints, where a key that comes again begins another certificate. */
  readonly prints: boolean;
  /** It began with its heading, so that nothing but another heading ends it. */
  readonly headed: boolean;
}

function parseX509(section: Section) {
  const reading = openReading(section);
  const certificates: Certificate[] = [];
  const tls = readVerification(reading);
  const placeNext = placesIn(section);
  let open: Open | null = null;
  const close = () => {
    if (open === null) return;
    const span = { file: section.file.id, start: open.first.start, end: open.last.end };
    if (
      open.fields.subject !== undefined ||
      open.fields.issuer !== undefined ||
      open.fields.notAfter !== undefined ||
      open.fields.dnsNames !== undefined ||
      open.fields.ca !== undefined ||
      open.fields.authorityKeyId !== undefined ||
      open.fields.subjectKeyId !== undefined
    ) {
      const one = certificateFromX509Fields(open.fields, span);
      // s_client prints the names of the certificate above once more.
      const again = tls.length > 0 && certificates.some((known) => known.der !== null && sameNames(known, one));
      if (!again) certificates.push({ ...one, place: placeNext() });
    }
    open = null;
  };
  for (let at = 0; at < reading.lines.length; at++) {
    const line = reading.lines[at];
    if (line === undefined || line.text.trim() === '') continue;
    const text = line.text.trimEnd();
    if (pemBegin.test(text)) {
      const end = readPem(reading, at);
      const holder: Open | null = open;
      if (
        holder !== null &&
        holder.fields.signature !== undefined &&
        holder.fields.der === undefined &&
        !holder.prints
      ) {
        // `openssl x509 -text` without -noout prints the same certificate again in PEM.
        holder.fields = { ...holder.fields, ...(end.fields.der === undefined ? {} : { der: end.fields.der }) };
        holder.last = end.last;
        close();
      } else {
        // pkcs7 and pkcs12 print the two names above each block.
        const first: Line = holder !== null && namesOf(holder.fields, end.fields) ? holder.first : line;
        if (first !== line) open = null;
        close();
        const span = { file: section.file.id, start: first.start, end: end.last.end };
        certificates.push(certificateFromX509Fields({ ...end.fields, place: placeNext() }, span));
      }
      at = end.next - 1;
      continue;
    }
    if (text === 'Certificate:') {
      close();
      open = { first: line, last: line, fields: {}, state: 'top', prints: false, headed: true };
      claim(reading, line, 'modelled');
      continue;
    }
    const name = nameOnLine(text);
    if (name !== null) {
      close();
      placeNext(name);
      claim(reading, line, 'inert');
      continue;
    }
    const state: TextState = currentState(open);
    const known: X509Fields = currentFields(open);
    const step =
      /^[A-Za-z]/.test(text) ||
      open !== null ||
      /^\s+(?:X509v3 |DNS:|IP Address:|CA:)/.test(text) ||
      filtered.test(text)
        ? readTextLine(line.text, state, known)
        : null;
    if (
      step === null ||
      (open === null && Object.keys(step.fields).length === 0 && !text.trimStart().startsWith('X509v3'))
    ) {
      if (reading.ledger[line.index] === 0) otherLine(reading, line);
      continue;
    }
    const repeats = Object.keys(step.fields).some(
      (key) => key !== 'signature' && key !== 'signatureAlgorithm' && Object.hasOwn(known, key),
    );
    const alone = !/^\s/.test(line.text);
    if (open === null || (repeats && (alone || !isHeaded(open)))) {
      close();
      open = { first: line, last: line, fields: {}, state: 'top', prints: alone, headed: false };
    }
    const current: Open = open;
    current.fields = { ...current.fields, ...step.fields };
    current.state = step.state;
    current.last = line;
    claim(reading, line, 'modelled');
    if (step.bad !== undefined)
      reading.diagnostics.push(certificateCode(step.bad.what, lineSpan(section, line), { text: step.bad.text }));
  }
  close();
  return closeReading(reading, [
    {
      kind: 'certificates',
      rows: certificates,
      complete: isWhole(section) && !reading.diagnostics.some(({ code }) => code === cutOff),
    },
    ...(tls.length === 0 ? [] : [{ kind: 'tls', rows: tls, complete: false } as const]),
  ]);
}

const cutOff = 'certificate/cut-off';

/** The collector's listing of all of them, as it was written. */
function isWhole({ freeForm, file }: Section): boolean {
  return !freeForm && /(?:^|\/)certificates\.txt$/.test(file.name) && !/Permission denied/i.test(file.text);
}

/** Places of the certificates of a section, one after the other; a name begins another file. */
function placesIn(section: Section): (file?: string) => CertificatePlace {
  const address = addressDialled(section.command);
  let path = address === null ? fileShown(section) : null;
  let index = -1;
  return (file) => {
    if (file !== undefined) path = file;
    index = file === undefined ? index + 1 : -1;
    return address === null ? { kind: 'file', path, index } : { kind: 'served', address, index };
  };
}

function sameNames(left: Certificate, right: Certificate): boolean {
  return left.subject === right.subject && left.issuer === right.issuer;
}

/** Whether what was printed is about the certificate of the block below it. */
function namesOf(printed: X509Fields, { subject, issuer, der }: X509Fields): boolean {
  if (printed.subject === undefined || printed.der !== undefined || der === undefined) return false;
  return printed.subject === subject && (printed.issuer === undefined || printed.issuer === issuer);
}

function isHeaded(open: Open | null): boolean {
  return open?.headed === true;
}

function currentState(open: Open | null): TextState {
  return open?.state ?? 'top';
}

function currentFields(open: Open | null): X509Fields {
  return open?.fields ?? {};
}

/** Reads the block that begins at a line; the next line to read comes after it. */
function readPem(
  reading: Reading,
  from: number,
): { readonly fields: X509Fields; readonly last: Line; readonly next: number } {
  const { section, lines } = reading;
  let next = from + 1;
  const body: string[] = [];
  while (next < lines.length && !(lines[next]?.text ?? '').startsWith('-----')) {
    const text = lines[next]?.text.trim() ?? '';
    if (!/^[A-Za-z0-9+/=]*$/.test(text)) break;
    body.push(text);
    next++;
  }
  const ended = pemEnd.test(lines[next]?.text.trimEnd() ?? '');
  if (ended) next++;
  const first = lines[from];
  const last = lines[next - 1];
  if (first === undefined || last === undefined)
    return { fields: {}, last: { index: 0, text: '', start: 0, end: 0 }, next };
  const span = { file: section.file.id, start: first.start, end: last.end };
  const read = readPemBody(body.join('\n'), span);
  reading.diagnostics.push(...read.diagnostics);
  if (!ended) reading.diagnostics.push(certificateCode('cut-off', span));
  const state = read.fields.der === undefined ? 'unrecognized' : 'modelled';
  for (let at = from; at < next; at++)
    if (lines[at] !== undefined && lines[at]?.text.trim() !== '') claim(reading, lines[at] ?? first, state);
  return { fields: read.fields, last, next };
}

/** Lines of other PEM objects, redacted ones too, and whatever s_client prints beside its chain. */
function otherLine(reading: Reading, line: Line): void {
  if (bag.test(line.text) || /^-----(?:BEGIN|END) |^\*+$|^(?:SHA|sha|MD)\d{1,3} Fingerprint=/.test(line.text))
    claim(reading, line, 'inert');
  else takeFailure(reading, line);
}
