/** X.509 certificates as far as diagnoses need them: never keys. RFC 5280, openssl-x509(1). */
import type { Ip } from '../inet/ip.js';
import type { Row } from './dump.js';

/** Where a certificate was found. */
export type CertificatePlace =
  /** A file of the machine; null: the input does not name it. `index` 0 is the file's own certificate, what follows is its chain. */
  | { readonly kind: 'file'; readonly path: string | null; readonly index: number }
  /** What a server presented at an address, `192.168.3.123:10250`. */
  | { readonly kind: 'served'; readonly address: string; readonly index: number }
  /** An authority inside a kubeconfig, with the server that it is for. */
  | { readonly kind: 'kubeconfig'; readonly path: string | null; readonly server: string | null };

/** Whether the key of a candidate made the signature. */
export interface SignatureCheck {
  readonly publicKey: string;
  readonly valid: boolean;
}

/** One certificate. What its text does not show, or shows so that it cannot be read, is null or an empty list. */
export interface Certificate extends Row {
  readonly place: CertificatePlace;
  /** 1 to 3; null: not shown. */
  readonly version: number | null;
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
  /** Alternative names that are neither DNS names nor addresses, as printed (`URI:…`, `email:…`). */
  readonly otherNames: readonly string[];
  /** null: no basic constraints shown. */
  readonly ca: boolean | null;
  /** How many authorities may stand between this one and the last certificate; null: no limit shown. */
  readonly pathLength: number | null;
  /** Hexadecimal with colons, upper case. */
  readonly subjectKeyId: string | null;
  readonly authorityKeyId: string | null;
  /** As OpenSSL prints them: `Digital Signature`, `Key Encipherment`; empty: not shown. */
  readonly keyUsage: readonly string[];
  readonly extendedKeyUsage: readonly string[];
  readonly publicKeyAlgorithm: string | null;
  /** Lower-case hexadecimal: the modulus of RSA without leading zeros, the point or key octets of the others. */
  readonly publicKey: string | null;
  readonly signatureAlgorithm: string | null;
  /** Lower-case hexadecimal; with the issuer's key it can be verified (where the whole certificate is at hand). */
  readonly signature: string | null;
  /** DER of the whole certificate in base64, only when it came as PEM. */
  readonly der: string | null;
  /** Keys of the snapshot's authorities that were tried on the signature; null: none could be, since a certificate's text does not hold what was signed. */
  readonly signatureChecks: readonly SignatureCheck[] | null;
}

/** The public half of a private key, which itself is never kept. */
export interface KeyHalf extends Row {
  /** null: the input does not name the file. */
  readonly path: string | null;
  readonly publicKey: string;
}

/** What `openssl verify`, `openssl s_client` or a TLS error line said. */
export interface TlsObservation extends Row {
  readonly kind: 'verify' | 's_client' | 'x509-error';
  /** File, host:port or URL the statement is about. */
  readonly subject: string;
  /** The file of authorities that it was held against, where a command tells. */
  readonly against?: string;
  readonly verdict: string;
}
