/** The fields of a certificate from its DER (RFC 5280 section 4.1). */
import { type Ip, ip4, ip6 } from '@coldtrace/core';
import { type DerNode, hexOf, oidOf, readDer, textOfDer, timeOfDer } from './der.js';
import type { X509Fields } from './fields.js';
import { colonHex } from './names.js';
import { algorithms, extendedUsages, nameAttributes, named, usageBits } from './oids.js';

type Mutable = { -readonly [Key in keyof X509Fields]: X509Fields[Key] };

/** null when the octets are no certificate. */
export function fieldsOfDer(octets: Uint8Array): X509Fields | null {
  const [outer] = children({ tag: 0x30, contents: octets });
  if (outer?.tag !== 0x30) return null;
  const [body, algorithm, signature] = children(outer);
  if (body?.tag !== 0x30 || algorithm === undefined || signature?.tag !== 3) return null;
  const parts = children(body);
  const at = parts[0]?.tag === 0xa0 ? 1 : 0;
  const [serial, , issuer, validity, subject, key] = parts.slice(at);
  if (serial?.tag !== 2 || issuer === undefined || validity === undefined || subject === undefined || key === undefined)
    return null;
  const [notBefore, notAfter] = children(validity);
  const known = keyFields(key);
  const fields: Mutable = {
    version: at === 0 ? 1 : 1 + (children(parts[0] ?? body)[0]?.contents[0] ?? 0),
    ...nameFields('subject', subject),
    ...nameFields('issuer', issuer),
    serial: withoutZeros(hexOf(serial.contents)).toUpperCase(),
    notBefore: notBefore === undefined ? null : timeOfDer(notBefore),
    notAfter: notAfter === undefined ? null : timeOfDer(notAfter),
    signatureAlgorithm: algorithmOf(algorithm),
    ...known,
    signature: hexOf(signature.contents.subarray(1)),
  };
  const extensions = parts.find((part) => part.tag === 0xa3);
  const listed = extensions === undefined ? undefined : children(extensions)[0];
  for (const extension of listed === undefined ? [] : children(listed)) readExtension(extension, fields);
  return fields;
}

/** SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7); of RSA the modulus stands for the key (RFC 8017 appendix A.1.1). */
export function keyFields(info: DerNode): Pick<X509Fields, 'publicKeyAlgorithm' | 'publicKey'> {
  const [algorithm, bits] = children(info);
  const oid = algorithm === undefined ? undefined : children(algorithm)[0];
  if (oid === undefined || bits?.tag !== 3) return { publicKeyAlgorithm: null, publicKey: null };
  const octets = bits.contents.subarray(1);
  const publicKeyAlgorithm = named(algorithms, oidOf(oid.contents));
  if (!isRsa(publicKeyAlgorithm)) return { publicKeyAlgorithm, publicKey: hexOf(octets) };
  const [numbers] = readDer(octets) ?? [];
  const modulus = numbers === undefined ? undefined : children(numbers)[0];
  return { publicKeyAlgorithm, publicKey: modulus === undefined ? null : withoutZeros(hexOf(modulus.contents)) };
}

export function isRsa(algorithm: string): boolean {
  return algorithm === 'rsaEncryption' || algorithm === 'rsassaPss';
}

/** The octet that keeps an ASN.1 integer positive says nothing. */
export function withoutZeros(hex: string): string {
  return hex.replace(/^(?:00)+(?=..)/, '');
}

export function children(node: DerNode): readonly DerNode[] {
  return readDer(node.contents) ?? [];
}

function algorithmOf(node: DerNode): string | null {
  const oid = children(node)[0];
  return oid === undefined ? null : named(algorithms, oidOf(oid.contents));
}

function nameFields(which: 'subject' | 'issuer', name: DerNode): X509Fields {
  const parts = children(name).flatMap((set) =>
    children(set).flatMap((pair) => {
      const [type, value] = children(pair);
      return type === undefined || value === undefined
        ? []
        : [[named(nameAttributes, oidOf(type.contents)), textOfDer(value)] as const];
    }),
  );
  const text = parts.map(([key, value]) => `${key}=${value}`).join(', ');
  const cn = parts.findLast(([key]) => key === 'CN')?.[1] ?? null;
  return which === 'subject' ? { subject: text, subjectCn: cn } : { issuer: text, issuerCn: cn };
}

function readExtension(extension: DerNode, fields: Mutable): void {
  const [type, ...rest] = children(extension);
  const octets = rest.at(-1);
  const [value] = octets === undefined ? [] : children(octets);
  if (type === undefined || value === undefined) return;
  switch (oidOf(type.contents)) {
    case '2.5.29.14':
      fields.subjectKeyId = colonHex(hexOf(value.contents));
      break;
    case '2.5.29.15':
      fields.keyUsage = usageBits.filter((_, bit) => ((value.contents[1 + (bit >> 3)] ?? 0) << (bit & 7)) & 128);
      break;
    case '2.5.29.17':
      readNames(value, fields);
      break;
    case '2.5.29.19': {
      const [flag, length] = children(value);
      fields.ca = flag?.tag === 1 && (flag.contents[0] ?? 0) !== 0;
      const path = length ?? (flag?.tag === 2 ? flag : undefined);
      if (path?.tag === 2) fields.pathLength = path.contents[0] ?? null;
      break;
    }
    case '2.5.29.35': {
      const id = children(value).find((part) => part.tag === 0x80);
      if (id !== undefined) fields.authorityKeyId = colonHex(hexOf(id.contents));
      break;
    }
    case '2.5.29.37':
      fields.extendedKeyUsage = children(value).map((one) => named(extendedUsages, oidOf(one.contents)));
      break;
  }
}

function readNames(value: DerNode, fields: Mutable): void {
  const dnsNames: string[] = [];
  const ips: Ip[] = [];
  const otherNames: string[] = [];
  for (const name of children(value)) {
    if (name.tag === 0x82) dnsNames.push(textOfDer(name));
    else if (name.tag === 0x87) ips.push(...addressOf(name.contents));
    else if (name.tag === 0x86) otherNames.push(`URI:${textOfDer(name)}`);
    else if (name.tag === 0x81) otherNames.push(`email:${textOfDer(name)}`);
    else otherNames.push('othername:<unsupported>');
  }
  fields.dnsNames = dnsNames;
  fields.ips = ips;
  fields.otherNames = otherNames;
}

function addressOf(octets: Uint8Array): readonly Ip[] {
  const word = (at: number) => new DataView(octets.buffer, octets.byteOffset, octets.byteLength).getUint32(at);
  if (octets.length === 4) return [ip4(word(0))];
  return octets.length === 16 ? [ip6(word(0), word(4), word(8), word(12))] : [];
}
