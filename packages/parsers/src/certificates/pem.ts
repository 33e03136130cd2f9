/** PEM certificates (RFC 7468): the base64 between the boundary lines, and what its DER says. */
import type { Diagnostic, Span } from '@coldtrace/core';
import { decodeBase64 } from './base64.js';
import { certificateCode } from './codes.js';
import type { X509Fields } from './fields.js';
import { fieldsOfDer } from './x509-der.js';

export const pemBegin = /^-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----$/;
export const pemEnd = /^-----END (?:TRUSTED |X509 )?CERTIFICATE-----$/;

export interface ReadPem {
  readonly fields: X509Fields;
  readonly diagnostics: readonly Diagnostic[];
}

/** The certificate of a PEM block's body; damaged ones keep what was there, with a diagnostic. */
export function readPemBody(body: string, span: Span): ReadPem {
  const der = body.replace(/[^A-Za-z0-9+/=]/g, '');
  const octets = decodeBase64(body.trim());
  if (octets === null) return { fields: {}, diagnostics: [certificateCode('bad-pem', span, { reason: 'not base64' })] };
  const fields = fieldsOfDer(octets);
  if (fields === null)
    return { fields: {}, diagnostics: [certificateCode('bad-pem', span, { reason: 'not a certificate in DER' })] };
  return { fields: { ...fields, der }, diagnostics: [] };
}

/** Certificates in a text that is itself no line-based section (a value of a kubeconfig). */
export function pemCertificates(text: string, span: Span): readonly ReadPem[] {
  const found: ReadPem[] = [];
  for (
    let at = text.indexOf('-----BEGIN CERTIFICATE-----');
    at >= 0;
    at = text.indexOf('-----BEGIN CERTIFICATE-----', at + 1)
  ) {
    const end = text.indexOf('-----END', at);
    if (end < 0) break;
    found.push(readPemBody(text.slice(at + 27, end), span));
  }
  return found;
}
