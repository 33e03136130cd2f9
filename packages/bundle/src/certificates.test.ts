/** Certificates made by the real openssl: what OpenSSL says of their PEM, what the DER reader says of it, and their printed text agree. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Certificate, formatIp } from '@coldtrace/core';
import { parseSnapshot } from '@coldtrace/parsers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withX509Certificates, x509Fields } from './certificates.js';
import { readSnapshot } from './read-snapshot.js';
import { scratch, sh, write } from './testing.js';

const folder = write(scratch(), {
  'sans.cnf':
    'subjectAltName=DNS:kubernetes,DNS:kubernetes.default.svc,IP:10.96.0.1,IP:::1,IP:2001:db8::5,URI:spiffe://x/y,email:a@b.c\nkeyUsage=critical,digitalSignature,keyEncipherment\nextendedKeyUsage=serverAuth,clientAuth\nbasicConstraints=critical,CA:FALSE\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n',
});

/** name, key arguments, subject, more arguments */
const made: readonly (readonly [name: string, key: string, subject: string, more: string])[] = [
  ['rsa', 'rsa:2048', '/CN=kube-apiserver', '-days 365 -addext subjectAltName=DNS:a.b,IP:10.0.0.1'],
  ['ec', 'ec -pkeyopt ec_paramgen_curve:P-256', '/O=k3s/CN=k3s', '-days 30'],
  ['ed25519', 'ed25519', '/C=DE/O=Example, Inc./CN=ed', '-days 30 -addext "subjectAltName=DNS:*.example.com"'],
  [
    'ca',
    'rsa:2048',
    '/CN=ca@1577836800',
    '-days 3650 -addext basicConstraints=critical,CA:TRUE,pathlen:1 -addext keyUsage=keyCertSign,cRLSign',
  ],
  ['umlaut', 'ed25519', '/O=Größe/CN=näme', '-utf8 -days 3'],
  ['serial', 'ed25519', '/CN=s', '-days 3 -set_serial 0x0abc'],
];

for (const [name, key, subject, more] of made) {
  sh(
    folder,
    `openssl req -x509 -nodes -newkey ${key} -keyout ${name}.key -out ${name}.crt -subj '${subject}' ${more} 2>/dev/null`,
  );
}
sh(
  folder,
  `openssl req -new -nodes -newkey ed25519 -keyout leaf.key -out leaf.csr -subj /CN=leaf 2>/dev/null
   openssl x509 -req -in leaf.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 9 -extfile sans.cnf -out leaf.crt 2>/dev/null
   mkdir -p old/new && touch index.txt && printf 01 > serial.txt
   printf '[ca]\\ndefault_ca=d\\n[d]\\ndatabase=index.txt\\nserial=serial.txt\\nnew_certs_dir=old/new\\ndefault_md=sha256\\npolicy=p\\n[p]\\ncommonName=supplied\\n' > ca.cnf
   openssl req -new -nodes -newkey ed25519 -keyout expired.key -out expired.csr -subj /CN=expired 2>/dev/null
   openssl ca -batch -notext -config ca.cnf -cert ca.crt -keyfile ca.key -in expired.csr -out expired.crt -startdate 20180101000000Z -enddate 20190101000000Z 2>/dev/null`,
);

const all = [...made.map(([name]) => name), 'leaf', 'expired'];

function rows(texts: Readonly<Record<string, string>>): readonly Certificate[] {
  return withX509Certificates(parseSnapshot(texts)).nodes.flatMap((node) => node.certificates);
}

/** What a certificate says, without where it stood. */
function said({ span, der, ips, place, signatureChecks, ...rest }: Certificate) {
  return { ...rest, ips: ips.map(formatIp) };
}

describe.each(all)('%s', (name) => {
  const pem = readFileSync(join(folder, `${name}.crt`), 'utf8');
  const [fromPem] = rows({ 'a.crt': pem });
  if (fromPem === undefined) throw new Error('no certificate');

  it('OpenSSL says the same as the printed text', () => {
    const [fromText] = rows({
      'a.txt': sh(folder, `openssl x509 -in ${name}.crt -noout -text -nameopt oneline,utf8,-esc_msb`),
    });
    if (fromText === undefined) throw new Error('no certificate');
    expect(said(fromPem)).toEqual(said(fromText));
  });

  it('and as the DER reader, field by field', () => {
    const [plain] = parseSnapshot({ 'a.crt': pem }).nodes.flatMap((node) => node.certificates);
    const fields = x509Fields(fromPem.der ?? '');
    expect(fields).not.toBeNull();
    expect(plain).toMatchObject(fields ?? {});
  });
});

it('an expired certificate has its dates', () => {
  const [row] = rows({ 'a.crt': readFileSync(join(folder, 'expired.crt'), 'utf8') });
  expect([row?.notBefore, row?.notAfter]).toEqual([Date.UTC(2018, 0, 1), Date.UTC(2019, 0, 1)]);
});

it('a certificate that OpenSSL refuses keeps what the DER reader found', () => {
  expect(x509Fields('MIIB')).toBeNull();
  expect(x509Fields('not base64 at all')).toBeNull();
});

it('says whose key made a signature, where both are PEM', () => {
  sh(
    folder,
    "openssl req -x509 -nodes -newkey rsa:2048 -keyout other.key -out other.crt -subj '/CN=ca@1577836800' 2>/dev/null",
  );
  const file = (name: string) => readFileSync(join(folder, `${name}.crt`), 'utf8');
  const checked = rows({ 'n/leaf.crt': file('leaf'), 'n/ca.crt': file('ca'), 'n/other.crt': file('other') });
  const [leaf, ca, other] = checked;
  expect(leaf?.signatureChecks).toEqual([
    { publicKey: ca?.publicKey, valid: true },
    { publicKey: other?.publicKey, valid: false },
  ]);
  const [alone] = rows({ 'n/leaf.crt': file('leaf'), 'n/ca.txt': sh(folder, 'openssl x509 -in ca.crt -noout -text') });
  expect(alone?.signatureChecks).toBeNull();
});

it('no damage to a certificate makes it throw', () => {
  const der = Buffer.from(readFileSync(join(folder, 'leaf.crt'), 'utf8').replace(/-----.*-----|\n/g, ''), 'base64');
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(der.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }),
      fc.nat(der.length),
      (flips, length) => {
        const bytes = Buffer.from(der);
        for (const [at, value] of flips) bytes[at] = value;
        const text = bytes.subarray(0, length).toString('base64');
        x509Fields(bytes.toString('base64'));
        x509Fields(text);
        rows({ 'a.crt': `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n` });
      },
    ),
    { numRuns: 300 },
  );
});

it('an alternative name with a comma or a quote is one name', () => {
  write(folder, {
    'odd.cnf':
      '[req]\ndistinguished_name=dn\nprompt=no\nx509_extensions=e\n[dn]\nCN=odd\n[e]\nsubjectAltName=@s\n[s]\nDNS.1="a, DNS:evil"\nDNS.2=b\n',
  });
  sh(folder, 'openssl req -x509 -nodes -newkey ed25519 -config odd.cnf -keyout odd.key -out odd.crt 2>/dev/null');
  const [row] = rows({ 'a.crt': readFileSync(join(folder, 'odd.crt'), 'utf8') });
  expect(row?.dnsNames).toEqual(['a, DNS:evil', 'b']);
});

it('keys beside certificates are not kept', async () => {
  const snapshot = await readSnapshot(folder);
  const secret = readFileSync(join(folder, 'rsa.key'), 'utf8').split('\n')[3] ?? 'nothing';
  expect(secret.length).toBeGreaterThan(40);
  expect(snapshot.files.some((file) => file.text.includes(secret))).toBe(false);
  expect(snapshot.nodes.flatMap((node) => node.certificates).length).toBeGreaterThanOrEqual(all.length);
});
