/** What one INPUT may be, and the one line that says why it is not read. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { complaint, read, readStdin, scratch, sh, shown, write } from './testing.js';

const folder = write(scratch(), { 'n/ip-route.txt': 'default via 10.0.0.1 dev eth0\n' });
const text = 'net.ipv4.ip_forward = 1\n';

describe('archives of other kinds get one line that says how to unpack them', () => {
  it.each([
    ['lz4', [0x04, 0x22, 0x4d, 0x18], 'lz4 -d FILE, or tar -I lz4 -xf FILE'],
    ['7-Zip', [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], '7z x FILE'],
  ])('%s', async (kind, magic, hint) => {
    const path = join(folder, `a.${kind}`);
    writeFileSync(path, Uint8Array.from(magic));
    expect(await complaint(read(path))).toEqual({
      message: `${path}: ${kind} files are not read directly`,
      hint: `unpack it first: ${hint.replaceAll('FILE', path)}`,
    });
    expect(await complaint(readStdin(readFileSync(path)))).toEqual({
      message: `standard input: ${kind} data are not read directly`,
      hint: `unpack it first: ${hint}`,
    });
  });

  it.each(['', '--armor '])('gpg %s', async (armor) => {
    const home = scratch();
    sh(
      folder,
      `rm -f a.gpg; chmod 700 ${home}; gpg --homedir ${home} --batch --quiet --pinentry-mode loopback --passphrase x ${armor}-o a.gpg -c n/ip-route.txt 2>/dev/null; made=$?; gpgconf --homedir ${home} --kill gpg-agent; exit $made`,
    );
    const path = join(folder, 'a.gpg');
    expect(await complaint(read(path))).toEqual({
      message: `${path}: gpg files are not read directly`,
      hint: `decrypt it first: gpg --decrypt ${path} > ${path}.decrypted`,
    });
  });

  it('also inside gzip', async () => {
    sh(folder, "printf '7z\\274\\257\\047\\034' | gzip > b.7z.gz");
    expect((await complaint(read(join(folder, 'b.7z.gz')))).message).toMatch(
      /b\.7z\.gz: 7-Zip files are not read directly$/,
    );
  });
});

describe('texts', () => {
  it.each([
    ['BZh is a word too', 'BZhello\n'],
    ['PK too', 'PKI notes\n'],
    ['Cyrillic begins like a gpg packet', 'Ёлка\nтекст\n'],
    ['nothing', ''],
    ['one byte', 'x'],
    ['NULs', '\0\0\0'],
  ])('%s', async (_, content) => {
    const path = join(folder, 'some.txt');
    writeFileSync(path, content);
    expect(shown(await read(path)).files).toEqual([`some.txt: ${content}`]);
    expect(shown(await readStdin(Buffer.from(content))).files).toEqual([`stdin: ${content}`]);
  });

  it('larger than the limit', async () => {
    const path = join(folder, 'some.txt');
    writeFileSync(path, text.repeat(1000));
    expect((await complaint(read(path, { fileBytes: 1000 }))).message).toBe(`${path}: larger than 1000 bytes`);
    expect((await complaint(readStdin(Buffer.from(text.repeat(1000)), { fileBytes: 1000 }))).message).toBe(
      'standard input: larger than 1000 bytes',
    );
  });

  it('from a pipe that the shell made', async () => {
    sh(folder, 'rm -f pipe; mkfifo pipe; (cat n/ip-route.txt > pipe) >/dev/null 2>&1 &');
    expect(shown(await read(join(folder, 'pipe'))).files).toEqual(['pipe: default via 10.0.0.1 dev eth0\n']);
  });
});

describe('what is not there', () => {
  it.each([
    ['nosuch', 'no such file or directory'],
    ['n/ip-route.txt/below', 'no such file or directory'],
    ['x'.repeat(300), 'no such file or directory (the name is too long)'],
    ['loop', 'the link leads in a circle'],
  ])('%s', async (name, why) => {
    sh(folder, 'ln -sf loop loop');
    const path = join(folder, name);
    expect(await complaint(read(path))).toEqual({ message: `${path}: ${why}`, hint: null });
  });
});
