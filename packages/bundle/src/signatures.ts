/** Which authority's key made a certificate's signature: OpenSSL checks it, where both came as PEM. RFC 5280 section 6.1.3 (a)(1). */
import { type KeyObject, X509Certificate } from 'node:crypto';
import type { Certificate, SignatureCheck } from '@coldtrace/core';

/** More than any cluster has; beyond it nothing is tried, and names and key identifiers have to do. */
const mostTries = 20_000;

interface Candidate {
  readonly publicKey: string;
  readonly key: KeyObject;
}

/** Adds to a certificate what came of trying the keys of all authorities among these. */
export function signatureChecker(all: readonly Certificate[]): (certificate: Certificate) => Certificate {
  const candidates = candidatesOf(all);
  const signed = all.filter(({ der }) => der !== null).length;
  if (candidates.length === 0 || candidates.length * signed > mostTries) return (certificate) => certificate;
  const known = new Map<string, readonly SignatureCheck[] | null>();
  return (certificate) => {
    const { der } = certificate;
    if (der === null) return certificate;
    const checks = known.get(der) ?? checksOf(der, candidates);
    known.set(der, checks);
    return checks === null ? certificate : { ...certificate, signatureChecks: checks };
  };
}

/** Authorities, and whatever signed itself: an authority that somebody made may lack the mark of one. */
function candidatesOf(all: readonly Certificate[]): readonly Candidate[] {
  const byKey = new Map<string, Candidate>();
  for (const { ca, subject, issuer, der, publicKey } of all) {
    if ((ca === false && subject !== issuer) || der === null || publicKey === null || byKey.has(publicKey)) continue;
    const key = read(der)?.publicKey;
    if (key !== undefined) byKey.set(publicKey, { publicKey, key });
  }
  return [...byKey.values()];
}

function checksOf(der: string, candidates: readonly Candidate[]): readonly SignatureCheck[] | null {
  const x509 = read(der);
  return x509 === null ? null : candidates.map(({ publicKey, key }) => ({ publicKey, valid: verifies(x509, key) }));
}

/** A key of another algorithm than the signature's makes OpenSSL throw. */
function verifies(x509: X509Certificate, key: KeyObject): boolean {
  try {
    return x509.verify(key);
  } catch {
    return false;
  }
}

function read(der: string): X509Certificate | null {
  try {
    return new X509Certificate(Buffer.from(der, 'base64'));
  } catch {
    return null;
  }
}
