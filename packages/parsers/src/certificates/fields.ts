/** A certificate as far as it is known: text, single prints and DER all fill the same fields. */
import type { Certificate, Span } from '@coldtrace/core';

/** What a reader may learn; everything it does not say stays unknown. */
export type X509Fields = Partial<Omit<Certificate, 'span' | 'trust'>>;

/** The certificate of these fields at a place. Whoever reads certificates by other means (Node's crypto) makes them with this. */
export function certificateFromX509Fields(fields: X509Fields, span: Span): Certificate {
  return {
    place: { kind: 'file', path: null, index: 0 },
    version: null,
    subject: '',
    subjectCn: null,
    issuer: '',
    issuerCn: null,
    serial: null,
    notBefore: null,
    notAfter: null,
    dnsNames: [],
    ips: [],
    otherNames: [],
    ca: null,
    pathLength: null,
    subjectKeyId: null,
    authorityKeyId: null,
    keyUsage: [],
    extendedKeyUsage: [],
    publicKeyAlgorithm: null,
    publicKey: null,
    signatureAlgorithm: null,
    signature: null,
    der: null,
    signatureChecks: null,
    ...fields,
    span,
  };
}
