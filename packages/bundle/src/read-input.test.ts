/** What one INPUT may be, and the one line that says why it is not read. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { complaint, read, readStdin, scratch, sh, shown, write } from './testing.js';

const folder = write(scratch(), { 'n/ip-route.txt': 'default via 10.0.0.1 dev eth0\n' });
const text = 'net.ipv4.ip_forward = 1\n';

describe('archives of other kinds get one line that says how to unpack them', () => {
  it.each([
    ['xz', 'tar -cJf a.xz n', 'xz -d FILE, or tar -xJf FILE'],
    ['zstd', 'tar --zstd -cf a.zstd n', 'zstd -d FILE, or tar --zstd -xf FILE'],
    ['bzip2', 'tar -cjf a.bzip2 n', 'bunzip2 FILE, or tar -xjf FILE'],
    ['zip', 'zip -q -r a.zip n', 'unzip FILE'],
    [
      'zip',
      'zip -q a.zip n/ip-route.txt && zip -q -d a.zip n/ip-route.txt; [ -s a.zip ] || printf "PK\\005\\006%018d" 0 > a.zip',
      'unzip FILE',
    ],
  ])('%s', async (kind, script, hint) => {
    sh(folder, script);
    const path = join(folder, `a.${kind}`);
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
    sh(folder, 'tar -cJf b.xz n && gzip -f b.xz');
    expect((await complaint(read(join(folder, 'b.xz.gz')))).message).toMatch(
      /b\.xz\.gz: xz files are not read directly$/,
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
