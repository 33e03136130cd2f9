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

/** An uncompressed point of P-256: what says so, and 64 octets. */
const pointOf = (octet: string) => ['04', ...Array.from({ length: 64 }, () => octet.toLowerCase())];

/** openssl prints fifteen octets in a row. */
function point(octet: string): string {
  const octets = pointOf(octet);
  const rows = Array.from({ length: Math.ceil(octets.length / 15) }, (_, row) => octets.slice(row * 15, row * 15 + 15));
  return rows.map((row) => row.join(':')).join(`:\n${' '.repeat(20)}`);
}

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

/** The key of such a certificate as `openssl pkey -pubout` prints it (RFC 5480). */
export function publicKeyText(octet: string): string {
  const point = pointOf(octet).join('');
  const bits = `03${hexByte(point.length / 2 + 1)}00${point}`;
  const algorithm = '301306072a8648ce3d020106082a8648ce3d030107';
  const hex = `30${hexByte((algorithm.length + bits.length) / 2)}${algorithm}${bits}`;
  return `-----BEGIN PUBLIC KEY-----\n${base64OfHex(hex)}\n-----END PUBLIC KEY-----\n`;
}

function hexByte(value: number): string {
  return value.toString(16).padStart(2, '0');
}

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function base64OfHex(hex: string): string {
  const bits = [...hex].map((digit) => Number.parseInt(digit, 16).toString(2).padStart(4, '0')).join('');
  const sextets = bits.match(/.{1,6}/g) ?? [];
  const text = sextets.map((sextet) => digits[Number.parseInt(sextet.padEnd(6, '0'), 2)]).join('');
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=');
}
