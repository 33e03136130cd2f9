/** Base64 (RFC 4648) to octets without a platform's help, so that it works wherever the parsers run. */

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const sextets = new Int8Array(128).fill(-1);
for (let at = 0; at < digits.length; at++) sextets[digits.charCodeAt(at)] = at;

/** The octets of base64 text, blanks ignored; null when it has other characters. */
export function decodeBase64(text: string): Uint8Array | null {
  const octets = new Uint8Array(Math.floor((text.length * 3) / 4) + 3);
  let length = 0;
  let bits = 0;
  let held = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === 10 || unit === 13 || unit === 32 || unit === 9) continue;
    if (unit === 61) break;
    const value = unit < 128 ? (sextets[unit] ?? -1) : -1;
    if (value < 0) return null;
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      octets[length++] = (held >> bits) & 255;
    }
  }
  return octets.subarray(0, length);
}

/** Octets as text, one character each: enough for PEM inside base64. */
export function latin1(octets: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < octets.length; at += 4096) parts.push(String.fromCharCode(...octets.subarray(at, at + 4096)));
  return parts.join('');
}
