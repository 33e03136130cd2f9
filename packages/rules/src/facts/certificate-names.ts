/** For whom a certificate is valid: its alternative names as clients check them. RFC 5280 section 4.2.1.6, RFC 6125 section 6.4. */
import { type Certificate, fileOf, formatIp, parseIp, type Snapshot, type Span, sameIp } from '@coldtrace/core';

/** Whether the input shows all its names, so that what is not there is not in it. */
export function showsNames({ ips, dnsNames, otherNames, der, signature }: Certificate): boolean {
  return ips.length + dnsNames.length + otherNames.length > 0 || der !== null || signature !== null;
}

/** An address is compared as an address, a name by its labels; `*` stands for the first one. */
export function isValidFor({ ips, dnsNames }: Pick<Certificate, 'ips' | 'dnsNames'>, wanted: string): boolean {
  const ip = parseIp(wanted);
  if (ip !== null) return ips.some((one) => sameIp(one, ip));
  const name = wanted.toLowerCase().replace(/\.$/, '');
  const parent = name.slice(name.indexOf('.') + 1);
  return dnsNames.some((one) => {
    const given = one.toLowerCase();
    return given === name || (given.startsWith('*.') && name.includes('.') && given.slice(2) === parent);
  });
}

/** The names of the kind that the client looked for, as an error message lists them. */
export function namesLike({ ips, dnsNames }: Pick<Certificate, 'ips' | 'dnsNames'>, wanted: string): readonly string[] {
  return parseIp(wanted) === null ? dnsNames : ips.map(formatIp);
}

/** The line that lists the names; the whole certificate where it is not text. */
export function namesSpan(snapshot: Pick<Snapshot, 'files'>, { span }: Pick<Certificate, 'span'>): Span {
  const text = fileOf(snapshot, span.file)?.text.slice(span.start, span.end) ?? '';
  const found = /(?:DNS|IP Address):\S[^\n]*/.exec(text);
  if (found === null) return span;
  const start = span.start + found.index;
  return { file: span.file, start, end: start + found[0].trimEnd().length };
}
