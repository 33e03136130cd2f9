/** The public key as `openssl x509 -text` prints it: its length, then its octets in rows of fifteen. openssl-x509(1), crypto/asn1/t_pkey.c. */
import type { X509Fields } from './fields.js';
import { isRsa, withoutZeros } from './x509-der.js';

/** The next octets of the key; algorithms of several numbers are not put together. */
export function keyOctets(text: string, known: X509Fields): X509Fields {
  const algorithm = known.publicKeyAlgorithm ?? '';
  const hex = (known.publicKey ?? '') + text.replace(/:/g, '').toLowerCase();
  if (isRsa(algorithm)) return { publicKey: withoutZeros(hex) };
  return /^(?:id-ecPublicKey|ED|X)/.test(algorithm) ? { publicKey: hex } : {};
}

/** `RSA Public-Key: (2048 bit)`; null: another line. */
export function keyBits(text: string): number | null {
  const bits = /^\s*(?:[A-Z]{1,8} )?Public[- ]Key: \((\d{1,5}) bit\b/.exec(text)?.[1];
  return bits === undefined ? null : Number(bits);
}

/** Whether no row of its octets is lost, by the length that was printed (null: it was not) or that every key of its kind has. */
export function isWholeKey({ publicKeyAlgorithm, publicKey }: X509Fields, bits: number | null): boolean {
  if (publicKey == null || publicKeyAlgorithm == null) return true;
  const octets = publicKey.length / 2;
  const fixed = octetsOf[publicKeyAlgorithm.toUpperCase()];
  if (fixed !== undefined) return octets === fixed;
  if (bits === null) return true;
  const number = Math.ceil(bits / 8);
  if (isRsa(publicKeyAlgorithm)) return octets === number;
  return octets === 1 + (publicKey.startsWith('04') ? 2 * number : number);
}

/** RFC 7748, RFC 8032. */
const octetsOf: Readonly<Record<string, number>> = { ED25519: 32, X25519: 32, ED448: 57, X448: 56 };
