/** Archives made by the real tar(1) and gzip(1), whole and damaged. */
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from './input-error.js';
import { complaint, read, readStdin, scratch, sh, shown, write } from './testing.js';

const folder = scratch();
const dump = 'default via 10.0.0.1 dev eth0\n';
const long = `${'d'.repeat(90)}/${'e'.repeat(90)}/${'f'.repeat(120)}.txt`;

function archive(name: string, script: string, files: Readonly<Record<string, string>> = {}): string {
  const work = join(folder, `${name}.d`);
  write(work, { 'n/keep.txt': dump, ...files });
  const made = sh(work, script.replaceAll('OUT', join(folder, name)));
  expect(made).toBeDefined();
  return join(folder, name);
}

describe.each(['v7', 'ustar', 'gnu', 'oldgnu', 'pax'])('tar --format=%s', (format) => {
  it('is read, plain and gzipped, from a file and from standard input', async () => {
    const files = { 'n/ip-route.txt': dump, 'n/empty.txt': '' };
    const plain = archive(`${format}.tar`, `tar --format=${format} -cf OUT n && gzip -k OUT`, files);
    const wanted = { files: ['n/empty.txt: ', `n/ip-route.txt: ${dump}`, `n/keep.txt: ${dump}`], leftOut: [] };
    const sorted = (input: Awaited<ReturnType<typeof read>>) => {
      const { files: texts, leftOut } = shown(input);
      return { files: [...texts].sort(), leftOut };
    };
    for (const path of [plain, `${plain}.gz`]) {
      expect(sorted(await read(path))).toEqual(wanted);
      expect(sorted(await readStdin(readFileSync(path)))).toEqual(wanted);
    }
  });
});

describe.each(['ustar', 'gnu', 'pax'])('long names in --format=%s', (format) => {
  it('come whole', async () => {
    const name = format === 'ustar' ? `${'d'.repeat(90)}/${'e'.repeat(90)}.txt` : long;
    const path = archive(`long-${format}.tar`, `tar --format=${format} -cf OUT ${name}`, { [name]: dump });
    expect(shown(await read(path))).toEqual({ files: [`${name}: ${dump}`], leftOut: [] });
  });
});

describe('names', () => {
  it.each([
    ['a line feed', 'a\nb.txt'],
    ['an escape', 'a\u001b[31mb.txt'],
    ['another script', 'Größe-网.txt'],
    ['blanks and quotes', ` a "b' .txt`],
  ])('with %s stay as they are', async (_, name) => {
    const path = archive(`name-${_.length}.tar`, 'tar --format=pax -cf OUT n', { [`n/${name}`]: dump });
    expect((await read(path)).files.map((file) => file.path).sort()).toEqual([`n/${name}`, 'n/keep.txt'].sort());
  });

  it('that are no UTF-8 stay different, in an archive and in a directory', async () => {
    const script = `printf x > "n/$(printf 'caf\\351')"; printf y > "n/$(printf 'caf\\350')"; tar -cf OUT n`;
    const path = archive('latin1.tar', script);
    const wanted = ['n/caf\\xe8: y', 'n/caf\\xe9: x', `n/keep.txt: ${dump}`];
    expect([...shown(await read(path)).files].sort()).toEqual(wanted);
    expect([...shown(await read(`${path}.d`)).files].sort()).toEqual(wanted);
  });
});

describe('paths', () => {
  it.each([
    ['../evil', 's,^n/keep.txt,../evil,', [], ['../evil: its path leads out of the archive']],
    ['a/../../evil', 's,^n/keep.txt,a/../../evil,', [], ['a/../../evil: its path leads out of the archive']],
    ['an absolute one', 's,^n/keep.txt,/etc/evil,', ['etc/evil'], []],
    ['.. that stays inside', 's,^n/keep.txt,a/../b,', ['b'], []],
    ['./', 's,^n/keep.txt,./././b,', ['b'], []],
  ] as const)('%s', async (name, transform, files, leftOut) => {
    const path = archive(`path-${name.length}.tar`, `tar -P --transform '${transform}' -cf OUT n/keep.txt`);
    const input = await read(path);
    expect(input.files.map((file) => file.path)).toEqual(files);
    expect(shown(input).leftOut).toEqual(leftOut);
  });

  it('with a NUL, from a pax record', async () => {
    const path = archive('nul.tar', "tar --format=pax --pax-option='path:=aZb.txt' -cf OUT n/keep.txt");
    const bytes = readFileSync(path);
    bytes[bytes.indexOf('path=aZb') + 6] = 0;
    expect(shown(await readStdin(bytes)).leftOut).toEqual(['a\0b.txt: its path leads out of the archive']);
  });

  it('beyond 32 levels or 4096 characters are left out', async () => {
    const deep = `${'d/'.repeat(40)}x.txt`;
    const wide = `${`${'w'.repeat(200)}/`.repeat(19)}${'w'.repeat(200)}`;
    const path = archive('deep.tar', 'tar -cf OUT d', { [deep]: dump });
    expect(shown(await read(path)).leftOut).toEqual([`${deep}: it lies deeper than 32 levels`]);
    const option = `--pax-option='path:=${`${wide}/${wide}`}'`;
    const longest = archive('longest.tar', `tar --format=pax ${option} -cf OUT n/keep.txt`);
    expect(shown(await read(longest)).leftOut[0]).toMatch(/: its path is longer than 4096 characters$/);
  });

  it('that come twice: the first is kept, and said', async () => {
    const path = archive('twice.tar', 'tar -cf OUT n/keep.txt; printf second > n/keep.txt; tar -rf OUT n/keep.txt');
    expect(shown(await read(path))).toEqual({
      files: [`n/keep.txt: ${dump}`],
      leftOut: ['n/keep.txt: a file of this path came before'],
    });
  });
});

describe('links', () => {
  const left = async (name: string, script: string) => shown(await read(archive(name, `${script}; tar -cf OUT n`)));

  it('hard links are copies', async () => {
    const { files, leftOut } = await left('hard.tar', 'ln n/keep.txt n/other.txt');
    expect([files.length, leftOut]).toEqual([2, []]);
  });

  it('symlinks inside one tree add nothing, also those to a folder and in a chain', async () => {
    const { files, leftOut } = await left('soft.tar', 'ln -s keep.txt n/b; ln -s b n/c; ln -s . n/d; ln -s ../n n/e');
    expect(files).toHaveLength(1);
    expect([...leftOut].sort()).toEqual([
      'n/b: it is a link to n/keep.txt, which is read',
      'n/c: it is a link to n/keep.txt, which is read',
      'n/d: it is a link to n, which is read',
      'n/e: it is a link to n, which is read',
    ]);
  });

  it('symlinks out, to nowhere and in circles are said', async () => {
    const { leftOut } = await left(
      'out.tar',
      'ln -s ../../etc/passwd n/a; ln -s /etc/passwd n/b; ln -s d n/c; ln -s c n/d; ln -s self n/self',
    );
    expect([...leftOut].sort()).toEqual([
      'n/a: the link leads to ../../etc/passwd, which is not in the archive',
      'n/b: the link leads to /etc/passwd, which is not in the archive',
      'n/c: the link leads to d, which is not in the archive',
      'n/d: the link leads to c, which is not in the archive',
      'n/self: the link leads to self, which is not in the archive',
    ]);
  });

  it('many links to one file are counted as what they lead to', async () => {
    const path = archive('many.tar', 'for i in 1 2 3 4 5 6; do ln n/keep.txt n/l$i; done; tar -cf OUT n');
    expect((await complaint(read(path, { totalBytes: 100 }))).message).toMatch(/many\.tar: holds more than 100 bytes$/);
    expect((await complaint(read(path, { files: 3 }))).message).toMatch(/many\.tar: holds more than 3 files$/);
  });
});

describe('what is no plain file', () => {
  it('devices and pipes are said', async () => {
    const path = archive('fifo.tar', 'mkfifo n/pipe; tar -cf OUT n');
    expect(shown(await read(path)).leftOut).toEqual(['n/pipe: it is no regular file (fifo)']);
  });

  it.each(['gnu', 'oldgnu', 'pax'])(
    'sparse files in --format=%s are said, and what follows is read',
    async (format) => {
      const holes = `i=0; while [ $i -lt 60 ]; do printf data | dd of=n/a-sparse bs=1 seek=$((i * 65536)) conv=notrunc status=none; i=$((i + 1)); done; truncate -s 8M n/a-sparse`;
      const path = archive(`sparse-${format}.tar`, `${holes}; tar --format=${format} -S -cf OUT n/a-sparse n/keep.txt`);
      expect(shown(await read(path))).toEqual({
        files: [`n/keep.txt: ${dump}`],
        leftOut: ['n/a-sparse: it is stored as a sparse file; pack the archive without --sparse'],
      });
    },
  );
});

describe('limits', () => {
  const big = () => archive('big.tar', 'head -c 300000 /dev/zero > n/big; tar -cf OUT n', { 'n/small.txt': dump });

  it('of one file: it is left out and said', async () => {
    const { files, leftOut } = shown(await read(big(), { fileBytes: 100_000 }));
    expect([files.length, leftOut]).toEqual([2, ['n/big: it is larger than 100000 bytes']]);
  });

  it('of all files, and of their number', async () => {
    expect((await complaint(read(big(), { totalBytes: 200_000 }))).message).toMatch(/holds more than 200000 bytes$/);
    expect((await complaint(read(big(), { files: 2 }))).message).toMatch(/holds more than 2 files$/);
  });

  it('of unpacking: a bomb is stopped by its ratio, or by its total', async () => {
    const zeros = gzipSync(Buffer.alloc(32 * 1024 * 1024));
    const bomb = join(folder, 'bomb.gz');
    writeFileSync(bomb, zeros);
    expect((await complaint(read(bomb))).message).toMatch(
      /more than 200 times its size; refused as a decompression bomb$/,
    );
    expect((await complaint(readStdin(zeros))).message).toMatch(/^standard input: .* bomb$/);
    const total = complaint(read(bomb, { ratio: 10_000, totalBytes: 1024 * 1024, files: 1 }));
    expect((await total).message).toMatch(/unpacks to more than 1 MiB$/);
  });
});

describe('the end of an archive', () => {
  const whole = () =>
    archive('whole.tar', 'tar -cf OUT n/a.txt n/b.txt', { 'n/a.txt': 'a'.repeat(2000), 'n/b.txt': 'b'.repeat(2000) });

  it.each([
    [700, [], 'cut off before the end of its first file'],
    [2560 + 100, ['n/a.txt'], null],
    [2560 + 512 + 100, ['n/a.txt'], 'n/b.txt: the archive is cut off inside it'],
    [2560, ['n/a.txt'], 'the archive has no end mark: it may be cut off'],
  ])('cut at byte %s: complete files are read, and it is said', async (length, files, said) => {
    const bytes = readFileSync(whole()).subarray(0, length);
    if (files.length === 0) expect((await complaint(readStdin(bytes))).message).toContain(said);
    else {
      const input = await readStdin(bytes);
      expect(input.files.map((file) => file.path)).toEqual(files);
      expect(shown(input).leftOut.join()).toContain(said ?? 'cut off');
    }
  });

  it('garbage behind it is said; a second archive behind it is read', async () => {
    const bytes = readFileSync(whole());
    const garbage = Buffer.concat([bytes, Buffer.from('x'.repeat(700))]);
    expect(shown(await readStdin(garbage)).leftOut).toEqual([
      'standard input: other data follow the end of the archive',
    ]);
    const second = readFileSync(archive('second.tar', 'tar -cf OUT n/keep.txt'));
    expect((await readStdin(Buffer.concat([bytes, second]))).files.map((file) => file.path)).toEqual([
      'n/a.txt',
      'n/b.txt',
      'n/keep.txt',
    ]);
  });

  it('an empty archive has no files', async () => {
    const path = archive('none.tar', 'tar -cf OUT -T /dev/null; gzip -k OUT');
    expect(shown(await read(path))).toEqual({ files: [], leftOut: [] });
    expect(shown(await read(`${path}.gz`))).toEqual({ files: [], leftOut: [] });
  });
});

describe('gzip', () => {
  it('several members make one stream', async () => {
    const path = archive('members.tar', 'tar -cf OUT n');
    const bytes = readFileSync(path);
    const members = Buffer.concat([gzipSync(bytes.subarray(0, 700)), gzipSync(bytes.subarray(700))]);
    expect(shown(await readStdin(members))).toEqual({ files: [`n/keep.txt: ${dump}`], leftOut: [] });
  });

  it('garbage behind it is said, padding is not', async () => {
    const bytes = gzipSync(readFileSync(archive('tail.tar', 'tar -cf OUT n')));
    const padded = Buffer.concat([bytes, Buffer.alloc(4096)]);
    expect(shown(await readStdin(padded)).leftOut).toEqual([]);
    const garbage = Buffer.concat([bytes, Buffer.from('x'.repeat(5000))]);
    expect(shown(await readStdin(garbage)).leftOut[0]).toMatch(
      /^standard input: \d+ bytes behind the gzip data are none$/,
    );
  });

  it('cut off: complete files are read, wherever it was cut', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 40 }, (_, at) => [`n/f${10 + at}.txt`, `${Math.sqrt(at)}\n`.repeat(2000)]),
    );
    const path = archive('cut.tar', 'tar -czf OUT n', files);
    const size = readFileSync(path).length;
    const counts: number[] = [];
    for (const share of [0.95, 0.6, 0.3]) {
      truncateSync(path, Math.floor(size * share));
      const input = await read(path);
      counts.push(input.files.length);
      expect(input.leftOut.at(-1)?.why).toMatch(/cut off/);
      for (const { path: name, bytes } of input.files) {
        if (name !== 'n/keep.txt') expect(Buffer.from(bytes).toString()).toBe(files[name]);
      }
    }
    expect(counts[0]).toBeGreaterThan(30);
    expect(counts[2]).toBeGreaterThan(5);
  });

  it('one text', async () => {
    const packed = gzipSync('net.ipv4.ip_forward = 1\n');
    const path = join(folder, 'sysctl.txt.gz');
    writeFileSync(path, packed);
    expect(shown(await read(path))).toEqual({ files: ['sysctl.txt: net.ipv4.ip_forward = 1\n'], leftOut: [] });
    expect(shown(await readStdin(packed)).files).toEqual(['stdin: net.ipv4.ip_forward = 1\n']);
    expect(shown(await readStdin(packed.subarray(0, packed.length - 5))).leftOut).toEqual([
      'standard input: the gzip data are cut off: the end of the text is missing',
    ]);
  });

  it('a plain text that is only called so is read as text', async () => {
    const path = join(folder, 'liar.gz');
    writeFileSync(path, dump);
    expect(shown(await read(path))).toEqual({ files: [`liar: ${dump}`], leftOut: [] });
  });
});

describe('flipped bytes', () => {
  it('in gzip data are an error, or change nothing', async () => {
    const packed = gzipSync(readFileSync(archive('flip.tar', 'tar -cf OUT n', { 'n/a.txt': 'x y z\n'.repeat(500) })));
    const wanted = shown(await readStdin(packed)).files;
    await fc.assert(
      fc.asyncProperty(fc.nat(packed.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const bytes = Buffer.from(packed);
        bytes[at] = (bytes[at] ?? 0) ^ flip;
        try {
          const { files, leftOut } = shown(await readStdin(bytes));
          // Without its magic it is no gzip file but one text; the header's name and time mean nothing.
          if (at >= 2) expect(leftOut.length > 0 || files.join() === wanted.join()).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('in a tar header are an error that says where', async () => {
    const bytes = readFileSync(archive('header.tar', 'tar -cf OUT n/keep.txt n/z.txt', { 'n/z.txt': dump }));
    bytes[1024 + 130] = 0x41;
    const { message, hint } = await complaint(readStdin(bytes));
    expect([message, hint]).toEqual([
      'standard input: the archive is damaged at byte 1024',
      'capture or copy it again',
    ]);
  });

  it('anywhere in a tar archive never throw anything else, nor hang', async () => {
    const whole = readFileSync(archive('any.tar', 'tar --format=pax -S -cf OUT n', { [`n/${'l'.repeat(150)}`]: dump }));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 6 }),
        fc.nat(whole.length),
        async (flips, length) => {
          const bytes = Buffer.from(whole);
          for (const [at, value] of flips) bytes[at] = value;
          await readStdin(bytes.subarray(0, length)).catch((error) => expect(error).toBeInstanceOf(InputError));
        },
      ),
      { numRuns: 300 },
    );
  });
});

it('the youngest file dates an archive, whatever the others say', async () => {
  const path = archive(
    'dated.tar',
    'touch -d 2019-01-01T00:00:00Z n/keep.txt; touch -d 2026-03-04T05:06:07Z n/young.txt; tar -cf OUT n',
    { 'n/young.txt': dump },
  );
  const times = (await read(path)).files.map((file) => file.modifiedAt);
  expect(times).toEqual([Date.UTC(2026, 2, 4, 5, 6, 7), Date.UTC(2026, 2, 4, 5, 6, 7)]);
});
