/** A mail as it was saved: the texts of its parts and attachments, in the order in which they stand. RFC 5322 section 2.2, RFC 2045 section 6, RFC 2046 section 5.1. */
import { decodeBase64 } from '../certificates/base64.js';
import { decode } from './decode.js';

/** null: it is no mail, or one whose text stands there as it was written. */
export function mailText(text: string): string | null {
  if (!opening.test(text)) return null;
  const whole = entityOf(text);
  if (whole === null || (whole.encoding === 'plain' && whole.boundary === null)) return null;
  return textsOf(whole, 0).join('\n');
}

/** The first field of a header; mboxes put a line of their own before it. */
const opening = /^(?:From [^\n]{1,200}\n)?[A-Za-z][A-Za-z0-9-]{0,60}:/;

interface Entity {
  /** `text/plain`, in small letters. */
  readonly type: string;
  readonly charset: string | null;
  readonly boundary: string | null;
  readonly name: string | null;
  readonly encoding: 'plain' | 'base64' | 'quoted-printable';
  readonly body: string;
}

const mostFields = 400;
const deepest = 6;
const mostParts = 500;

/** null: no header stands there. */
function entityOf(text: string): Entity | null {
  const fields = new Map<string, string>();
  let at = text.startsWith('From ') ? text.indexOf('\n') + 1 : 0;
  let last = '';
  for (let count = 0; at < text.length; count++) {
    const feed = text.indexOf('\n', at);
    const line = text.slice(at, feed < 0 ? text.length : feed);
    at = feed < 0 ? text.length : feed + 1;
    if (line.trim() === '') break;
    const field = line.length > 4000 ? null : /^([A-Za-z][A-Za-z0-9-]{0,60}):(.*)$/.exec(line);
    if (field !== null) {
      last = (field[1] ?? '').toLowerCase();
      fields.set(last, field[2] ?? '');
    } else if (/^[ \t]/.test(line) && last !== '') fields.set(last, `${fields.get(last)} ${line.trim()}`);
    else return null;
    if (count > mostFields) return null;
  }
  return described(fields, text.slice(at));
}

function described(fields: ReadonlyMap<string, string>, body: string): Entity {
  const content = fields.get('content-type') ?? '';
  const type = /^\s*([a-z]+\/[a-z0-9.+-]+)/i.exec(content)?.[1]?.toLowerCase() ?? 'text/plain';
  const encoding = (fields.get('content-transfer-encoding') ?? '').trim().toLowerCase();
  return {
    type,
    charset: parameter(content, 'charset'),
    boundary: type.startsWith('multipart/') ? parameter(content, 'boundary') : null,
    name: parameter(fields.get('content-disposition') ?? '', 'filename') ?? parameter(content, 'name'),
    encoding: encoding === 'base64' || encoding === 'quoted-printable' ? encoding : 'plain',
    body,
  };
}

function parameter(field: string, name: string): string | null {
  const found = new RegExp(`[;\\s]${name}=(?:"([^"]{1,200})"|([^\\s;"]{1,200}))`, 'i').exec(field);
  return found?.[1] ?? found?.[2] ?? null;
}

function textsOf(entity: Entity, depth: number): readonly string[] {
  const { type, boundary, body } = entity;
  if (depth > deepest) return [];
  if (boundary !== null) {
    const parts = partsOf(body, boundary).flatMap((part) => entityOf(part) ?? described(new Map(), part));
    const [plain] = parts.filter((part) => part.type === 'text/plain' && part.body.trim() !== '');
    // The same text several times: as it was written is how dumps survive.
    const chosen = type === 'multipart/alternative' && plain !== undefined ? [plain] : parts;
    return chosen.flatMap((part) => textsOf(part, depth + 1));
  }
  if (type === 'message/rfc822') {
    const inner = entityOf(body);
    return inner === null ? [body] : textsOf(inner, depth + 1);
  }
  return leaf(entity);
}

function partsOf(body: string, boundary: string): readonly string[] {
  const parts: string[] = [];
  let from: number | null = null;
  for (let at = 0; at < body.length && parts.length < mostParts; ) {
    const feed = body.indexOf('\n', at);
    const end = feed < 0 ? body.length : feed;
    const rest = body.startsWith(`--${boundary}`, at) ? body.slice(at + 2 + boundary.length, end).trim() : null;
    if (rest === '' || rest === '--') {
      if (from !== null) parts.push(body.slice(from, at));
      if (rest === '--') return parts;
      from = end + 1;
    }
    at = end + 1;
  }
  // A mail that was cut off still has its last part.
  if (from !== null && parts.length < mostParts) parts.push(body.slice(from));
  return parts;
}

function leaf(entity: Entity): readonly string[] {
  const { type, name } = entity;
  const title = name === null ? [] : [`==> ${name} <==`];
  const isText = /^text\/|^application\/(?:octet-stream|json|x?-?yaml|x-sh|x-log|xml|x-pem-file|x-x509.*)$/.test(type);
  const text = isText ? decoded(entity) : null;
  if (text === null) return name === null ? [] : [`The attachment ${name} is no text.`];
  return [...title, text.endsWith('\n') ? text : `${text}\n`];
}

/** null: these are no characters. */
function decoded({ encoding, body, charset }: Entity): string | null {
  if (encoding === 'plain') return body;
  const octets = encoding === 'base64' ? decodeBase64(body) : printable(body);
  if (octets === null) return null;
  const own = charset === null || /^(?:utf-?8|us-ascii)$/i.test(charset) ? null : inCharset(octets, charset);
  if (own !== null) return decode(own).text;
  const { text, problem } = decode(octets);
  return problem === undefined && !text.includes('\0') ? text : null;
}

declare const TextDecoder: new (label: string) => { decode(bytes: Uint8Array): string };

/** null: a character set that nobody here knows. */
function inCharset(octets: Uint8Array, charset: string): string | null {
  try {
    return new TextDecoder(charset).decode(octets);
  } catch {
    return null;
  }
}

/** Quoted-printable: what is not ASCII already was written as octets, and what is stays. */
function printable(text: string): Uint8Array {
  const octets = new Uint8Array(text.length * 3);
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    const soft = unit === equals ? /^=[ \t]{0,40}(?:\n|$)/.exec(text.slice(at, at + 42)) : null;
    const code = unit === equals ? /^=([0-9A-Fa-f]{2})/.exec(text.slice(at, at + 3))?.[1] : undefined;
    if (soft !== null) at += soft[0].length - 1;
    else if (code !== undefined) {
      octets[length++] = Number.parseInt(code, 16);
      at += 2;
    } else if (unit < 0x80) octets[length++] = unit;
    else {
      const point = text.codePointAt(at) ?? unit;
      for (const octet of utf8(point)) octets[length++] = octet;
      if (point > 0xffff) at++;
    }
  }
  return octets.subarray(0, length);
}

const equals = 0x3d;

function utf8(point: number): readonly number[] {
  const tail = (shift: number) => 0x80 | ((point >> shift) & 0x3f);
  if (point < 0x800) return [0xc0 | (point >> 6), tail(0)];
  if (point < 0x10000) return [0xe0 | (point >> 12), tail(6), tail(0)];
  return [0xf0 | (point >> 18), tail(12), tail(6), tail(0)];
}
