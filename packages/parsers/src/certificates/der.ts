/** ASN.1 in DER (X.690): tag, length, contents; only what certificates need. */

export interface DerNode {
  /** The identifier octet: 0x30 SEQUENCE, 0x31 SET, 0x02 INTEGER, 0xa0 [0], … */
  readonly tag: number;
  readonly contents: Uint8Array;
}

/** The values that stand one after the other; null when the octets are not DER. */
export function readDer(octets: Uint8Array): readonly DerNode[] | null {
  const nodes: DerNode[] = [];
  for (let at = 0; at < octets.length; ) {
    const tag = octets[at] ?? 0;
    let length = octets[at + 1];
    if ((tag & 31) === 31 || length === undefined) return null;
    at += 2;
    if (length >= 128) {
      const count: number = length - 128;
      if (count === 0 || count > 4) return null;
      length = 0;
      for (let more = 0; more < count; more++) length = length * 256 + (octets[at++] ?? 0);
    }
    if (at + length > octets.length) return null;
    nodes.push({ tag, contents: octets.subarray(at, at + length) });
    at += length;
  }
  return nodes;
}

export function hexOf(octets: Uint8Array): string {
  let text = '';
  for (const octet of octets) text += octet.toString(16).padStart(2, '0');
  return text;
}

/** `1.2.840.10045.4.3.2` */
export function oidOf(octets: Uint8Array): string {
  const numbers: number[] = [];
  let value = 0;
  for (const octet of octets) {
    value = value * 128 + (octet & 127);
    if (octet & 128) continue;
    if (numbers.length === 0)
      numbers.push(Math.min(Math.floor(value / 40), 2), value - 40 * Math.min(Math.floor(value / 40), 2));
    else numbers.push(value);
    value = 0;
  }
  return numbers.join('.');
}

/** Text of a string type; UTF-8 where the tag says so, else one character per octet. */
export function textOfDer(node: DerNode): string {
  if (node.tag !== 12) return String.fromCharCode(...node.contents.subarray(0, 4096));
  let text = '';
  const { contents } = node;
  for (let at = 0; at < contents.length && text.length < 4096; ) {
    const lead = contents[at++] ?? 0;
    const extra = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc0 ? 1 : 0;
    let point = extra === 0 ? lead : lead & (0x3f >> extra);
    for (let more = 0; more < extra; more++) point = point * 64 + ((contents[at++] ?? 0) & 63);
    text += String.fromCodePoint(Math.min(point, 0x10ffff));
  }
  return text;
}

/** UTCTime (two-digit years, RFC 5280 4.1.2.5.1) or GeneralizedTime in milliseconds since the epoch. */
export function timeOfDer(node: DerNode): number | null {
  const match = /^(\d{2}|\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/.exec(textOfDer(node));
  if (match === null || (match[1]?.length === 4) !== (node.tag === 24)) return null;
  const [given, month, day, hour, minute, second] = match.slice(1).map(Number);
  const year = node.tag === 24 ? (given ?? 0) : (given ?? 0) + ((given ?? 0) < 50 ? 2000 : 1900);
  return Date.UTC(year, (month ?? 1) - 1, day, hour, minute, second);
}
