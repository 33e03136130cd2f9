/** Directories as they lie on a disk, with everything in them that is no plain file. */
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { complaint, read, scratch, sh, shown, write } from './testing.js';

const dump = 'default via 10.0.0.1 dev eth0\n';

describe('a directory', () => {
  it('gives its regular files in order, without times, and says what it leaves out', async () => {
    const folder = write(scratch(), { 'b/x.txt': dump, 'a.txt': dump, '.git/config': 'no', 'b/.hidden': dump });
    sh(
      folder,
      'mkfifo pipe; ln -s a.txt inside; ln -s / out; ln -s nowhere broken; ln -s loop loop; ln -s .. b/up; mknod null c 1 3 || mkfifo null',
    );
    const input = await read(folder);
    expect(input.files.map(({ path, modifiedAt }) => [path, modifiedAt])).toEqual([
      ['a.txt', null],
      ['b/.hidden', null],
      ['b/x.txt', null],
    ]);
    expect(shown(input).leftOut).toEqual([
      'b/up: it is a link to the top, which is read',
      'broken: the link leads out of the input, or nowhere',
      'inside: it is a link to a.txt, which is read',
      'loop: the link leads out of the input, or nowhere',
      'null: it is no regular file',
      'out: the link leads out of the input, or nowhere',
      'pipe: it is no regular file',
    ]);
  });

  it('keeps names with line feeds and control characters', async () => {
    const folder = write(scratch(), { 'a\nb': dump, 'c\u001b[2Jd': dump });
    expect((await read(folder)).files.map(({ path }) => path)).toEqual(['a\nb', 'c\u001b[2Jd']);
  });

  it('is bounded in files, bytes and levels', async () => {
    const folder = write(scratch(), { 'a.txt': dump, 'b.txt': dump, 'd/e/f/g.txt': dump });
    expect((await complaint(read(folder, { files: 1 }))).message).toMatch(/holds more than 1 files$/);
    expect((await complaint(read(folder, { totalBytes: 40 }))).message).toMatch(/holds more than 40 bytes$/);
    expect(shown(await read(folder, { depth: 2 })).leftOut).toEqual(['d/e/f: it lies deeper than 2 levels']);
    expect(shown(await read(folder, { fileBytes: 10 })).leftOut).toHaveLength(3);
  });

  it('may be empty', async () => {
    expect(shown(await read(scratch()))).toEqual({ files: [], leftOut: [] });
  });
});

/** Root may read everything, so the tool is asked as somebody else. */
describe('what may not be read', () => {
  it('is said, and the rest is read', async () => {
    const folder = write(scratch(), { 'a.txt': dump, 'secret.txt': dump, 'shut/x.txt': dump });
    chmodSync(join(folder, 'secret.txt'), 0o000);
    chmodSync(join(folder, 'shut'), 0o000);
    const asRoot = process.getuid?.() === 0;
    if (asRoot) {
      chmodSync(folder, 0o755);
      process.seteuid?.(65534);
    }
    try {
      const { files, leftOut } = shown(await read(folder));
      expect(files).toEqual([`a.txt: ${dump}`]);
      expect(leftOut).toEqual([
        'secret.txt: it cannot be read (EACCES: permission denied)',
        'shut: it cannot be read (EACCES: permission denied)',
      ]);
      expect((await complaint(read(join(folder, 'secret.txt')))).message).toMatch(/secret\.txt: permission denied$/);
      expect((await complaint(read(join(folder, 'shut')))).message).toMatch(/shut: .*permission denied/);
    } finally {
      if (asRoot) process.seteuid?.(0);
      chmodSync(join(folder, 'shut'), 0o755);
    }
  });
});
