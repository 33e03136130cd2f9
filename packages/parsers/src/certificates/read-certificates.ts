/** The certificates of a section: text forms, single prints and PEM blocks in any order, with their places. */
import type { Certificate, CertificatePlace, Span, TlsObservation } from '@coldtrace/core';
import type { Section } from '../format.js';
import { type Line, lineSpan } from '../text/lines.js';
import { claim, closeReading, openReading, type Reading, takeFailure } from '../text/reading.js';
import { certificateCode } from './codes.js';
import { certificateFromX509Fields, type X509Fields } from './fields.js';
import { fileShown, nameOnLine } from './file-name.js';
import { pemBegin } from './pem.js';
import { type PemBlock, readPem } from './pem-block.js';
import { addressDialled, readVerification } from './s-client.js';
import { isWholeKey, keyBits } from './text-key.js';
import { bag, filtered } from './x509-lines.js';
import { readTextLine, type TextState } from './x509-text.js';

interface Open {
  readonly first: Line;
  last: Line;
  fields: X509Fields;
  state: TextState;
  /** The length of the key that the text tells. */
  keyBits: number | null;
  /** Text came by single prints, where a key that comes again begins another certificate. */
  readonly prints: boolean;
  /** It began with its heading, so that nothing but another heading ends it. */
  readonly headed: boolean;
}

interface Reader {
  readonly reading: Reading;
  readonly certificates: Certificate[];
  readonly tls: readonly TlsObservation[];
  readonly placeNext: (file?: string) => CertificatePlace;
  open: Open | null;
}

export function readCertificates(section: Section) {
  const reading = openReading(section);
  const tls = readVerification(reading);
  const reader: Reader = { reading, certificates: [], tls, placeNext: placesIn(section), open: null };
  for (let at = 0; at < reading.lines.length; ) at = readLine(reader, at);
  close(reader);
  return closeReading(reading, [
    {
      kind: 'certificates',
      rows: reader.certificates,
      complete: isWhole(section) && !reading.diagnostics.some(({ code }) => code === cutOff),
    },
    ...(tls.length === 0 ? [] : [{ kind: 'tls', rows: tls, complete: false } as const]),
  ]);
}

/** Which line comes next. */
function readLine(reader: Reader, at: number): number {
  const { reading } = reader;
  const line = reading.lines[at];
  const text = line?.text.trimEnd() ?? '';
  if (line === undefined || text === '') return at + 1;
  if (pemBegin.test(text)) {
    const block = readPem(reading, at);
    takeBlock(reader, line, block);
    return block.next;
  }
  if (text === 'Certificate:') {
    close(reader);
    reader.open = opened(line, { prints: false, headed: true });
    claim(reading, line, 'modelled');
    return at + 1;
  }
  const name = nameOnLine(text);
  if (name === null) readText(reader, line);
  else {
    close(reader);
    reader.placeNext(name);
    claim(reading, line, 'inert');
  }
  return at + 1;
}

/** A PEM block is a certificate of its own, or the one that was just printed as text. */
function takeBlock(reader: Reader, begin: Line, { fields, last }: PemBlock): void {
  const { open, reading } = reader;
  if (open !== null && open.fields.signature !== undefined && open.fields.der === undefined && !open.prints) {
    // `openssl x509 -text` without -noout prints the same certificate again in PEM.
    open.fields = { ...open.fields, ...(fields.der === undefined ? {} : { der: fields.der }) };
    open.last = last;
    close(reader);
    return;
  }
  // pkcs7 and pkcs12 print the two names above each block.
  const printed = open !== null && namesOf(open.fields, fields);
  if (printed) reader.open = null;
  close(reader);
  const span = { file: reading.section.file.id, start: (printed ? open.first : begin).start, end: last.end };
  reader.certificates.push(certificateFromX509Fields({ ...fields, place: reader.placeNext() }, span));
}

/** A line of the text form, or what openssl was asked to print. */
function readText(reader: Reader, line: Line): void {
  const { reading } = reader;
  const step = stepOf(reader.open, line.text);
  if (step === null) {
    if (reading.ledger[line.index] === 0) otherLine(reading, line);
    return;
  }
  const alone = !/^\s/.test(line.text);
  if (reader.open === null || (repeats(reader.open, step.fields) && (alone || !reader.open.headed))) {
    close(reader);
    reader.open = opened(line, { prints: alone, headed: false });
  }
  const { open } = reader;
  open.fields = { ...open.fields, ...step.fields };
  open.state = step.state;
  open.keyBits ??= keyBits(line.text);
  open.last = line;
  claim(reading, line, 'modelled');
  if (step.bad !== undefined)
    reading.diagnostics.push(certificateCode(step.bad.what, lineSpan(reading.section, line), { text: step.bad.text }));
}

/** What a line says of the certificate that is open; null where it is none of its lines. */
function stepOf(open: Open | null, text: string) {
  if (open !== null) return readTextLine(text, open.state, open.fields);
  const begins = /^[A-Za-z]/.test(text) || /^\s+(?:X509v3 |DNS:|IP Address:|CA:)/.test(text);
  if (!begins && !filtered.test(text.trimEnd())) return null;
  const step = readTextLine(text, 'top', {});
  if (step === null) return null;
  return Object.keys(step.fields).length > 0 || text.trimStart().startsWith('X509v3') ? step : null;
}

/** Both prints of a text name how it is signed: above the names, and before the signature. */
function repeats(open: Open, fields: X509Fields): boolean {
  return Object.keys(fields).some(
    (key) => key !== 'signature' && key !== 'signatureAlgorithm' && Object.hasOwn(open.fields, key),
  );
}

function opened(line: Line, { prints, headed }: Pick<Open, 'prints' | 'headed'>): Open {
  return { first: line, last: line, fields: {}, state: 'top', keyBits: null, prints, headed };
}

function close(reader: Reader): void {
  const { open, reading, certificates, tls } = reader;
  reader.open = null;
  if (open === null || !tellsAny(open.fields)) return;
  const span = { file: reading.section.file.id, start: open.first.start, end: open.last.end };
  const one = certificateFromX509Fields(unlessTorn(reading, open, span), span);
  // s_client prints the names of the certificate above once more.
  const again = tls.length > 0 && certificates.some((known) => known.der !== null && sameNames(known, one));
  if (!again) certificates.push({ ...one, place: reader.placeNext() });
}

/** A key that lost rows is none: it would be another one. */
function unlessTorn({ diagnostics }: Reading, { fields, keyBits }: Open, span: Span): X509Fields {
  if (isWholeKey(fields, keyBits)) return fields;
  const { publicKeyAlgorithm, publicKey, ...rest } = fields;
  diagnostics.push(certificateCode('torn-key', span, { subject: rest.subject ?? '' }));
  return { ...rest, ...(publicKeyAlgorithm === undefined ? {} : { publicKeyAlgorithm }) };
}

/** Without one of these nothing would be known of the certificate. */
const telling = ['subject', 'issuer', 'notAfter', 'dnsNames', 'ca', 'authorityKeyId', 'subjectKeyId'] as const;

function tellsAny(fields: X509Fields): boolean {
  return telling.some((key) => fields[key] !== undefined);
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

/** Lines of other PEM objects, redacted ones too, and whatever s_client prints beside its chain. */
function otherLine(reading: Reading, line: Line): void {
  if (bag.test(line.text) || /^-----(?:BEGIN|END) |^\*+$|^(?:SHA|sha|MD)\d{1,3} Fingerprint=/.test(line.text))
    claim(reading, line, 'inert');
  else takeFailure(reading, line);
}
