/** Names and times in certificates: distinguished names, subject alternative names, dates (openssl-x509(1), openssl-namedisplay-options(1)). */
import { type Ip, parseIp } from '@coldtrace/core';

/** One spelling for all of openssl's: `O=k3s, CN=k3s` for `O = k3s, CN = k3s`, `/O=k3s/CN=k3s` and quoted values. */
export function distinguishedName(text: string): string {
  return partsOf(text)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ');
}

export function commonName(text: string): string | null {
  return partsOf(text).findLast(([key]) => key === 'CN')?.[1] ?? null;
}

function partsOf(text: string): readonly (readonly [string, string])[] {
  const given = text.trim().slice(0, 4096);
  const slashed = given.startsWith('/');
  const parts: (readonly [string, string])[] = [];
  for (const piece of slashed ? given.slice(1).split(/\/(?=[A-Za-z0-9.]{1,40}=)/) : splitCommas(given)) {
    const equals = piece.indexOf('=');
    if (equals < 0) continue;
    const value = piece.slice(equals + 1).trim();
    const bare = value.length > 1 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
    parts.push([piece.slice(0, equals).trim(), bare.includes('\\') ? unescaped(bare) : bare]);
  }
  return parts;
}

/** `\"`, `\\`, and bytes of UTF-8 as `\C3\BC` or, in the form with slashes, `\xC3\xBC`. */
function unescaped(value: string): string {
  return value.replace(/((?:\\x?[0-9A-F]{2})+)|\\(.)/g, (_, run: string | undefined, plain: string) =>
    run === undefined ? plain : fromBytes(run),
  );
}

/** Bytes that are no UTF-8 stay as they are written. */
function fromBytes(run: string): string {
  try {
    return decodeURIComponent(run.replace(/\\x?/g, '%'));
  } catch {
    return run;
  }
}

/** Splits at `, KEY=` and ` + KEY=` outside quotes; a comma inside an unquoted value (compat form) stays. */
function splitCommas(text: string): readonly string[] {
  const pieces: string[] = [];
  let from = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') quoted = !quoted;
    else if (
      !quoted &&
      // Before version 1.1 an address of electronic mail hangs on the name before it.
      (/^[,+]\s?[A-Za-z][A-Za-z0-9.]{0,39}\s?=/.test(text.slice(at, at + 45)) || text.startsWith('/emailAddress=', at))
    ) {
      pieces.push(text.slice(from, at));
      from = at + 1;
    }
  }
  pieces.push(text.slice(from));
  return pieces;
}

const months = 'JanFebMarAprMayJunJulAugSepOctNovDec';

/** `Nov 21 00:01:22 2026 GMT` in milliseconds since the epoch; null for anything else. */
export function parseCertificateDate(text: string): number | null {
  const match = /^([A-Z][a-z]{2})\s{1,2}(\d{1,2}) (\d{2}):(\d{2}):(\d{2})(?:\.\d{1,9})? (\d{4}) GMT$/.exec(
    text.trim().slice(0, 64),
  );
  const month = match === null ? -1 : months.indexOf(match[1] ?? '?');
  if (match === null || month < 0 || month % 3 !== 0) return null;
  const [day, hour, minute, second, year] = match.slice(2).map(Number);
  return Date.UTC(year ?? 0, month / 3, day, hour, minute, second);
}

export interface AlternativeNames {
  readonly dnsNames: readonly string[];
  readonly ips: readonly Ip[];
  readonly otherNames: readonly string[];
}

/** `DNS:kubernetes, IP Address:0:0:0:0:0:0:0:1, URI:spiffe://…`. */
export function parseAlternativeNames(text: string): AlternativeNames & { readonly bad: readonly string[] } {
  const names: { dnsNames: string[]; ips: Ip[]; otherNames: string[]; bad: string[] } = {
    dnsNames: [],
    ips: [],
    otherNames: [],
    bad: [],
  };
  for (const piece of text.split(',')) {
    const one = piece.trim();
    if (one === '') continue;
    if (one.startsWith('DNS:')) names.dnsNames.push(one.slice(4));
    else if (one.startsWith('IP Address:') || one.startsWith('IP:')) {
      const ip = parseIp(one.slice(one.indexOf(':') + 1).trim());
      if (ip === null) names.bad.push(one);
      else names.ips.push(ip);
    } else if (one.includes(':')) names.otherNames.push(one);
    else if (names.otherNames.at(-1)?.startsWith('DirName:')) {
      // A distinguished name with a comma in it.
      names.otherNames.push(`${names.otherNames.pop()}, ${one}`);
    } else names.bad.push(one);
  }
  return names;
}

/** Hexadecimal digits with colons between octets, upper case. */
export function colonHex(hex: string): string {
  return (hex.toUpperCase().match(/../g) ?? []).join(':');
}
