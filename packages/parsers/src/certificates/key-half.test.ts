/** Keys as openssl writes them, held against the certificates that it makes of them. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseSnapshot } from '../parse-snapshot.js';

const openssl = (...args: readonly string[]) =>
  execFileSync('openssl', args, { encoding: 'utf8', stdio: ['pipe', 'pipe', 'ignore'] });

const scratch = mkdtempSync(join(tmpdir(), 'coldtrace-keys-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** What openssl makes of a key in a file. */
function made(key: string, command: string, ...args: readonly string[]): string {
  const path = join(scratch, 'key.pem');
  writeFileSync(path, key);
  return openssl(command, ...args, command === 'pkey' ? '-in' : '-key', path);
}

const kinds = [
  ['EC, PKCS #8', () => openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256')],
  ['EC, SEC 1', () => openssl('ecparam', '-name', 'secp384r1', '-genkey', '-noout')],
  ['RSA, PKCS #8', () => openssl('genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048')],
  ['RSA, PKCS #1', () => openssl('genrsa', '-traditional', '2048')],
] as const;

describe.each(kinds)('%s', (_name, make) => {
  const key = make();
  const snapshot = parseSnapshot({
    'n/hostname': 'n\n',
    'n/tls/a.key': key,
    'n/tls/a.pub': made(key, 'pkey', '-pubout'),
    'n/tls/a.crt': made(key, 'req', '-x509', '-new', '-subj', '/CN=a', '-days', '2'),
  });
  const [node] = snapshot.nodes;

  it('has the public half of its certificate, and of its public key', () => {
    const known = node?.certificates[0]?.publicKey;
    expect(known).toMatch(/^[0-9a-f]{64,}$/);
    expect(node?.keys.map(({ path, publicKey }) => [path, publicKey === known])).toEqual([
      ['n/tls/a.key', true],
      ['n/tls/a.pub', true],
    ]);
  });

  it('is not kept itself', () => {
    const secret = key.split('\n')[2] ?? 'nothing';
    expect(snapshot.files.some(({ text }) => text.includes(secret))).toBe(false);
  });
});

it('encrypted and damaged keys tell nothing', () => {
  const locked = openssl('genpkey', '-algorithm', 'RSA', '-aes256', '-pass', 'pass:x');
  const damaged = kinds[0][1]().replace(/A/g, 'B');
  const { nodes } = parseSnapshot({ 'n/hostname': 'n\n', 'n/a.key': locked, 'n/b.key': damaged });
  expect(nodes.flatMap(({ keys }) => keys).filter(({ path }) => path === 'n/a.key')).toEqual([]);
});
