/**
 * The public half of private keys, read before the keys are taken out of the text, so that a certificate can be held against its key: RFC 5915 (EC),
 * RFC 8017 (RSA), RFC 5958 (PKCS #8), RFC 7468 (PEM).
 */
import type { KeyHalf } from '@coldtrace/core';
import { decodeBase64 } from './base64.js';
import { type DerNode, hexOf, readDer } from './der.js';
import { children, keyFields, withoutZeros } from './x509-der.js';

const boundary = /-----BEGIN (?:RSA |EC )?PRIVATE KEY-----\r?\n([A-Za-z0-9+/=\s]{40,12000})-----END /g;
const mostKeys = 1000;

/** Keys of a text with their blocks, whoever's they are; encrypted ones, and those that do not hold their public half, tell nothing. */
export function keyHalvesOf(text: string, file: number): readonly KeyHalf[] {
  const found: KeyHalf[] = [];
  if (!text.includes('-----BEGIN ')) return found;
  for (const match of text.matchAll(boundary)) {
    const [block, body = ''] = match;
    const outer = outermost(body);
    const publicKey = outer === null ? null : publicHalf(outer);
    if (publicKey === null) continue;
    const span = { file, start: match.index, end: match.index + block.length };
    found.push({ path: null, publicKey, span });
    if (found.length >= mostKeys) break;
  }
  return found;
}

function outermost(body: string): DerNode | null {
  const octets = decodeBase64(body);
  return octets === null ? null : (readDer(octets)?.[0] ?? null);
}

/** The key of a PEM block `PUBLIC KEY` (RFC 7468 section 13). */
export function publicKeyOf(body: string): string | null {
  const outer = outermost(body);
  return outer === null ? null : (keyFields(outer).publicKey ?? null);
}

function publicHalf(outer: DerNode): string | null {
  const [version, second, third, ...rest] = children(outer);
  if (version?.tag !== 2 || second === undefined) return null;
  if (second.tag === 2) return withoutZeros(hexOf(second.contents));
  if (second.tag === 0x30 && third?.tag === 4) {
    const [inner] = readDer(third.contents) ?? [];
    return inner === undefined || inner.tag !== 0x30 ? null : publicHalf(inner);
  }
  const point = [third, ...rest].find((part) => part?.tag === 0xa1);
  const [bits] = point === undefined ? [] : children(point);
  return bits?.tag === 3 ? hexOf(bits.contents.subarray(1)) : null;
}
