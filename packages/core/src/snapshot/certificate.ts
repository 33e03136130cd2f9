/** X.509 certificates as far as diagnoses need them: never keys. RFC 5280, openssl-x509(1). */
import type { Ip } from '../inet/ip.js';
import type { Row } from './dump.js';

export interface Certificate extends Row {
  /** Distinguished names as printed, and their common names. */
  readonly subject: string;
  readonly subjectCn: string | null;
  readonly issuer: string;
  readonly issuerCn: string | null;
  readonly serial: string | null;
  /** Milliseconds since the epoch. */
  readonly notBefore: number | null;
  readonly notAfter: number | null;
  readonly dnsNames: readonly string[];
  readonly ips: readonly Ip[];
  readonly otherNames: readonly string[];
  /** null: no basic constraints shown. */
  readonly ca: boolean | null;
  readonly pathLength: number | null;
  /** Hexadecimal with colons, upper case. */
  readonly subjectKeyId: string | null;
  readonly authorityKeyId: string | null;
  readonly keyUsage: readonly string[];
  readonly extendedKeyUsage: readonly string[];
  readonly publicKeyAlgorithm: string | null;
  readonly signatureAlgorithm: string | null;
  /** Lower-case hexadecimal; with the issuer's key it can be verified (where the whole certificate is at hand). */
  readonly signature: string | null;
  /** DER of the whole certificate in base64, only when it came as PEM. */
  readonly der: string | null;
}

/** What `openssl verify`, `openssl s_client` or a TLS error line said. */
export interface TlsObservation extends Row {
  readonly kind: 'verify' | 's_client' | 'x509-error';
  /** File, host:port or URL the statement is about. */
  readonly subject: string;
  readonly verdict: string;
}
