/** Certificates that came as PEM, read once more by OpenSSL through `node:crypto`: its word counts where it has one. RFC 5280. */
import { X509Certificate } from 'node:crypto';
import { type Certificate, type Ip, type Node, parseIp, type Snapshot } from '@coldtrace/core';
import { certificateFromX509Fields, type X509Fields } from '@coldtrace/parsers';
import { signatureChecker } from './signatures.js';

/** The snapshot with the fields of its PEM certificates from OpenSSL. */
export function withX509Certificates(snapshot: Snapshot): Snapshot {
  if (!snapshot.nodes.some((node) => node.certificates.some(({ der }) => der !== null))) return snapshot;
  const nodes = snapshot.nodes.map(withCertificates);
  const check = signatureChecker(nodes.flatMap(({ certificates }) => certificates));
  return {
    ...snapshot,
    nodes: nodes.map((node) => ({ ...node, certificates: node.certificates.map(check) })),
  };
}

function withCertificates(node: Node): Node {
  return { ...node, certificates: node.certificates.map(reread) };
}

function reread(certificate: Certificate): Certificate {
  if (certificate.der === null) return certificate;
  const fields = x509Fields(certificate.der);
  if (fields === null) return certificate;
  const { span, trust, ...known } = certificate;
  const merged = certificateFromX509Fields({ ...known, ...fields }, span);
  return trust === undefined ? merged : { ...merged, trust };
}

/** What OpenSSL tells of a certificate in DER as base64; null when it refuses it. */
export function x509Fields(der: string): X509Fields | null {
  try {
    return fieldsOf(new X509Certificate(Buffer.from(der, 'base64')));
  } catch {
    return null;
  }
}

function fieldsOf(x509: X509Certificate): X509Fields {
  const notBefore = Date.parse(x509.validFrom);
  const notAfter = Date.parse(x509.validTo);
  return {
    subject: nameOf(x509.subject),
    subjectCn: commonName(x509.subject),
    issuer: nameOf(x509.issuer),
    issuerCn: commonName(x509.issuer),
    serial: x509.serialNumber,
    ...(Number.isNaN(notBefore) ? {} : { notBefore }),
    ...(Number.isNaN(notAfter) ? {} : { notAfter }),
    ...(x509.subjectAltName === undefined ? {} : alternativeNames(x509.subjectAltName)),
  };
}

/** One attribute a line, escaped as RFC 2253 section 2.4 says. */
function nameOf(lines: string | undefined): string {
  return (lines ?? '').split('\n').map(unescaped).join(', ');
}

function unescaped(text: string): string {
  return text.replace(/\\(?:([0-9A-F]{2})|(.))/g, (_, hex: string | undefined, char: string | undefined) =>
    hex === undefined ? (char ?? '') : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

function commonName(lines: string | undefined): string | null {
  const last = (lines ?? '').split('\n').findLast((line) => line.startsWith('CN='));
  return last === undefined ? null : unescaped(last.slice(3));
}

/** `DNS:a, IP Address:10.0.0.1`; a name that holds a comma or a quote stands as a JSON string. */
function alternativeNames(text: string): X509Fields {
  const dnsNames: string[] = [];
  const ips: Ip[] = [];
  const otherNames: string[] = [];
  for (const match of text.matchAll(/([A-Za-z ]{1,30}):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/g)) {
    const [, kind = '', written = ''] = match;
    const value = written.startsWith('"') ? unquoted(written) : written;
    const ip = kind === 'IP Address' ? parseIp(value) : null;
    if (ip !== null) ips.push(ip);
    else if (kind === 'DNS') dnsNames.push(value);
    else otherNames.push(`${kind}:${value}`);
  }
  return { dnsNames, ips, otherNames };
}

function unquoted(text: string): string {
  const value: unknown = JSON.parse(text);
  return typeof value === 'string' ? value : text;
}
