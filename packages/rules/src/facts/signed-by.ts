/** Whether an authority signed a certificate, as far as both were captured: the signature itself, else names, key identifiers, dates. RFC 5280 section 6.1. */
import type { Certificate } from '@coldtrace/core';

export interface Signed {
  readonly verdict: 'yes' | 'no' | 'open';
  /** What tells. */
  readonly by: 'signature' | 'issuer' | 'key identifier' | 'date' | null;
}

const open: Signed = { verdict: 'open', by: null };

export function signedBy(leaf: Certificate, authority: Certificate): Signed {
  // A chain is built by names first: a signature under another name does not help.
  if (leaf.issuer !== '' && authority.subject !== '' && leaf.issuer !== authority.subject)
    return { verdict: 'no', by: 'issuer' };
  const check = leaf.signatureChecks?.find(({ publicKey }) => publicKey === authority.publicKey);
  if (check !== undefined) return { verdict: check.valid ? 'yes' : 'no', by: 'signature' };
  if (leaf.authorityKeyId !== null && authority.subjectKeyId !== null)
    return { verdict: leaf.authorityKeyId === authority.subjectKeyId ? 'yes' : 'no', by: 'key identifier' };
  if (leaf.notBefore !== null && authority.notBefore !== null && leaf.notBefore < authority.notBefore)
    return { verdict: 'no', by: 'date' };
  return open;
}

/** Whether two captures show one certificate's key: a renewed certificate may keep it. */
export function sameKey(left: Certificate, right: Certificate): 'yes' | 'no' | 'open' {
  const pairs = [
    [left.publicKey, right.publicKey],
    [left.subjectKeyId, right.subjectKeyId],
    [left.subject || null, right.subject || null],
    [left.notBefore, right.notBefore],
  ] as const;
  const [keys, ids, names, dates] = pairs.map(([x, y]) => (x === null || y === null ? null : x === y));
  const told = keys ?? ids;
  if (told !== null && told !== undefined) return told ? 'yes' : 'no';
  return names === false || dates === false ? 'no' : 'open';
}
