/** Secrets planted anywhere in any kind of file appear in no output of any command. packages/parsers/src/secrets finds them; this proves it end to end. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSnapshot } from '@coldtrace/bundle';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { coldtrace } from '../cli/run.js';
import { commandsOn, type Files, fill, folderWith, sample, ticket } from './bundle.js';
import { orderly } from './orderly.js';

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const body = (length: number) => fc.string({ unit: fc.constantFrom(...letters), minLength: length, maxLength: length });

/** What tells of a planted secret: any of its pieces of this length. */
const pieceLength = 12;

interface Planted {
  /** Lines to put into a file. */
  readonly text: string;
  /** The secret parts of it. */
  readonly secrets: readonly string[];
}

const base64 = (text: string) => Buffer.from(text).toString('base64');
const lines = (text: string) => text.match(/.{1,64}/g)?.join('\n') ?? '';

const shapes: Readonly<Record<string, (secret: string) => Planted>> = {
  'private key': (s) => ({
    text: `-----BEGIN RSA PRIVATE KEY-----\n${lines(s.repeat(3))}\n-----END RSA PRIVATE KEY-----\n`,
    secrets: [s],
  }),
  'private key without an end': (s) => ({ text: `-----BEGIN EC PRIVATE KEY-----\n${lines(s)}\n`, secrets: [s] }),
  'private key in JSON': (s) => ({
    text: `{"key":"-----BEGIN PRIVATE KEY-----\\n${s}\\n-----END PRIVATE KEY-----\\n"}\n`,
    secrets: [s],
  }),
  'bearer token': (s) => ({ text: `Authorization: Bearer ${s}\n`, secrets: [s] }),
  'curl with a token': (s) => ({ text: `curl -H "Authorization: Bearer ${s}" https://10.0.0.1:6443/\n`, secrets: [s] }),
  JWT: (s) => ({ text: `found eyJhbGciOiJSUzI1NiJ9.eyJ${s}.${s}\n`, secrets: [s] }),
  'kubeconfig client data': (s) => ({
    text: `apiVersion: v1\nkind: Config\nusers:\n- name: admin\n  user:\n    client-certificate-data: ${base64(s)}\n    client-key-data: ${base64(`${s}k`)}\n`,
    secrets: [base64(s), base64(`${s}k`)],
  }),
  'kubeconfig token': (s) => ({ text: `users:\n- name: admin\n  user:\n    token: ${s}\n`, secrets: [s] }),
  'Secret in YAML': (s) => ({
    text: `apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\ntype: Opaque\ndata:\n  tls.key: ${base64(s)}\n  other: |\n    ${base64(`${s}b`)}\n`,
    secrets: [base64(s), base64(`${s}b`)],
  }),
  'Secret in JSON': (s) => ({
    text: `{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},"data":{"k":"${base64(s)}"}}\n`,
    secrets: [base64(s)],
  }),
  'Secret in a list': (s) => ({
    text: `apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Secret\n  metadata:\n    name: s\n  stringData:\n    password: ${s}\n    plain: ${s}x\n`,
    secrets: [s],
  }),
  'flag of a daemon': (s) => ({ text: `root 1 0 0 10:00 ? 00:00:00 kubelet --token ${s} --v=2\n`, secrets: [s] }),
  'environment variable': (s) => ({ text: `MYSQL_ROOT_PASSWORD=${s}\n`, secrets: [s] }),
  'password in a URL': (s) => ({ text: `proxy https://user:${s}@10.0.0.9:3128/\n`, secrets: [s] }),
  'k3s token': (s) => ({ text: `K10${'a1'.repeat(32)}::server:${s}\n`, secrets: [s] }),
  'SNMP community': (s) => ({ text: `rocommunity ${s} 10.0.0.0/8\nsnmpwalk -v2c -c ${s} 10.0.0.1\n`, secrets: [s] }),
  'preshared key of IPsec': (s) => ({ text: `10.0.0.1 10.0.0.2 : PSK "${s}"\n`, secrets: [s] }),
  'numbered lines': (s) => ({
    text: `11 apiVersion: v1\n12 kind: Secret\n13 data:\n14   k: ${base64(s)}\n15 password:\n16   ${s}\n`,
    secrets: [s, base64(s)],
  }),
  'settings in XML': (s) => ({ text: `<password>${s}</password>\n`, secrets: [s] }),
  'WireGuard key': (s) => ({ text: `PrivateKey = ${s.slice(0, 43)}=\n`, secrets: [s.slice(0, 43)] }),
};

function leaks(output: string, secrets: readonly string[]): readonly string[] {
  return secrets.flatMap((secret) => {
    for (let at = 0; at + pieceLength <= secret.length; at++) {
      const piece = secret.slice(at, at + pieceLength);
      if (output.includes(piece))
        return [
          `${piece} in ${JSON.stringify(output.slice(Math.max(0, output.indexOf(piece) - 80), output.indexOf(piece) + 30))}`,
        ];
    }
    return [];
  });
}

/** Puts lines between two lines of a text. */
function plant(text: string, share: number, planted: string): string {
  const at = text.indexOf('\n', Math.floor(share * text.length)) + 1;
  return at === 0
    ? `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${planted}`
    : text.slice(0, at) + planted + text.slice(at);
}

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function spoiled(files: Files): string {
  const folder = mkdtempSync(join(tmpdir(), 'coldtrace-secret-'));
  folders.push(folder);
  fill(folder, files);
  return folder;
}

async function expectNoLeak(args: readonly string[], secrets: readonly string[], stdin = ''): Promise<void> {
  const { status, stdout, stderr } = await coldtrace(args, { stdin });
  expect({ args, leaks: [...leaks(stdout, secrets), ...leaks(stderr, secrets)] }).toEqual({ args, leaks: [] });
  expect(orderly).toContain(status);
}

describe.each(Object.entries(shapes))('%s', (_, shape) => {
  it('in a file of its own, and in every file of a bundle', async () => {
    const { text, secrets } = shape('Zq7'.repeat(20));
    const alone = spoiled(new Map([...sample, ['node-1/found.txt', text]]));
    const everywhere = spoiled(new Map([...sample].map(([name, old]) => [name, plant(old, 0.5, text)])));
    for (const folder of [alone, everywhere])
      expect(leaks(JSON.stringify(await readSnapshot(folder)), secrets)).toEqual([]);
    for (const args of commandsOn(everywhere)) await expectNoLeak(args, secrets);
    await expectNoLeak(['inspect', alone], secrets);
  });

  it('at any place of any file, or of a ticket', async () => {
    const names = [...sample.keys()];
    await fc.assert(
      fc.asyncProperty(
        body(60),
        fc.constantFrom(...names),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat(8),
        async (secret, name, share, command) => {
          const { text, secrets } = shape(secret);
          const folder = spoiled(new Map([...sample, [name, plant(sample.get(name) ?? '', share, text)]]));
          await expectNoLeak(commandsOn(folder)[command] ?? [], secrets);
          const pasted = plant(ticket, share, text);
          await expectNoLeak(['inspect', '-'], secrets, pasted);
          await expectNoLeak(['analyze', '-', '--json'], secrets, pasted);
        },
      ),
      { numRuns: 4 },
    );
  });
});

it('a key and a certificate made by openssl: the certificate is read, the key is nowhere', async () => {
  const folder = folderWith([['n/ip-route.txt', 'default via 10.0.0.1 dev eth0\n']]);
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-nodes',
      '-newkey',
      'rsa:2048',
      '-keyout',
      'n/tls.key',
      '-out',
      'n/tls.crt',
      '-subj',
      '/CN=x',
      '-days',
      '9',
    ],
    { cwd: folder, stdio: 'ignore' },
  );
  const key = execFileSync('cat', ['n/tls.key'], { cwd: folder, encoding: 'utf8' }).split('\n').slice(1, -2);
  for (const args of commandsOn(folder)) await expectNoLeak(args, key);
});
