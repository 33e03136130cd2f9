/** Certificates as `openssl x509 -noout -text` prints them, of any contents; for tests only. */

export interface CertificateText {
  readonly cn: string;
  readonly issuer?: string;
  /** `DNS:a, IP Address:10.0.0.1`; null: no names. */
  readonly names?: string | null;
  /** null: no basic constraints. */
  readonly ca?: boolean | null;
  /** As openssl prints times; by default a year around November 2026. */
  readonly from?: string;
  readonly to?: string;
  /** Two hexadecimal digits stand for the whole key. */
  readonly key?: string;
  readonly issuerKey?: string | null;
  readonly keyUsage?: string;
}

/** `ab` as a key identifier: twenty octets. */
export const keyId = (octet: string) => Array.from({ length: 20 }, () => octet.toUpperCase()).join(':');

const point = (octet: string) => `04:${Array.from({ length: 13 }, () => octet.toLowerCase()).join(':')}:`;

export function certificateText(given: CertificateText): string {
  const { cn, issuer = 'k3s-server-ca@1790000000', names = null, ca = null, key = '11', issuerKey = null } = given;
  const extensions = [
    ['Key Usage: critical', given.keyUsage ?? null],
    ['Basic Constraints: critical', ca === null ? null : ca ? 'CA:TRUE' : 'CA:FALSE'],
    ['Subject Key Identifier', ca === true ? keyId(key) : null],
    ['Authority Key Identifier', issuerKey === null ? null : keyId(issuerKey)],
    ['Subject Alternative Name', names],
  ] as const;
  return `Certificate:
    Data:
        Version: 3 (0x2)
        Serial Number: 7 (0x7)
        Signature Algorithm: ecdsa-with-SHA256
        Issuer: CN = ${issuer}
        Validity
            Not Before: ${given.from ?? 'Jan 10 08:00:00 2026 GMT'}
            Not After : ${given.to ?? 'Jan 10 08:00:00 2028 GMT'}
        Subject: CN = ${cn}
        Subject Public Key Info:
            Public Key Algorithm: id-ecPublicKey
                Public-Key: (256 bit)
                pub:
                    ${point(key)}
                ASN1 OID: prime256v1
        X509v3 extensions:
${extensions.map(([name, value]) => (value === null ? '' : `            X509v3 ${name}${name.endsWith('critical') ? '' : ': '}\n                ${value}\n`)).join('')}    Signature Algorithm: ecdsa-with-SHA256
    Signature Value:
        30:45:02:20:${key}:02
`;
}
