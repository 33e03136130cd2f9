/** Archives made by the real zip(1), whole and damaged, and what nobody's zip makes. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from './input-error.js';
import { complaint, read, readStdin, scratch, sh, shown, write } from './testing.js';

const folder = scratch();
const dump = 'default via 10.0.0.1 dev eth0\n';
const lines = (count: number) => Array.from({ length: count }, (_, at) => `${Math.sqrt(at)} of ${at}\n`).join('');

/** What a script makes of files in `n` and leaves as OUT. */
function zipped(
  name: string,
  script: string,
  files: Readonly<Record<string, string>> = { 'n/keep.txt': dump },
): Buffer {
  const work = write(join(folder, `${name}.d`), files);
  sh(work, script.replaceAll('OUT', join(folder, `${name}.zip`)));
  return readFileSync(join(folder, `${name}.zip`));
}

/** The same bytes with all of one text in place of another that is as long. */
function patched(bytes: Buffer, from: string, to: string): Buffer {
  return Buffer.from(bytes.toString('latin1').replaceAll(from, to), 'latin1');
}

const directoryMark = Buffer.from('PK\x01\x02');
const endMark = Buffer.from('PK\x05\x06');

/** Where the entries of the directory begin. */
function entriesOf(bytes: Buffer): readonly number[] {
  const found: number[] = [];
  for (let at = bytes.indexOf(directoryMark); at >= 0; at = bytes.indexOf(directoryMark, at + 1)) found.push(at);
  return found;
}

describe.each([
  ['deflated', '-r'],
  ['stored', '-0 -r'],
  ['with sizes behind the data', '-fd -r'],
  ['zip64', '-fz -r'],
])('a zip archive, %s', (name, options) => {
  const files = { 'n/a.txt': lines(300), 'n/empty.txt': '', 'n/sub/z.txt': dump };
  const make = () => zipped(name.replaceAll(' ', '-'), `zip -q ${options} OUT n`, files);
  const wanted = Object.entries(files).map(([path, text]) => `${path}: ${text}`);

  it('is read, from a file and from standard input', async () => {
    const bytes = make();
    expect(shown(await read(join(folder, `${name.replaceAll(' ', '-')}.zip`)))).toEqual({ files: wanted, leftOut: [] });
    expect(shown(await readStdin(bytes))).toEqual({ files: wanted, leftOut: [] });
  });

  it('cut off anywhere is refused, and what to do is said', async () => {
    const bytes = make();
    for (let length = 40; length < bytes.length; length += 7)
      expect(await complaint(readStdin(bytes.subarray(0, length)))).toEqual({
        message: 'standard input: the zip archive is cut off: its directory, which is at the end, is missing',
        hint: expect.stringContaining('zip -FF '),
      });
  });
});

it('written to a pipe, in zip64 with sizes behind the data', async () => {
  const bytes = zipped('pipe', 'zip -q -r - n | cat > OUT');
  expect(shown(await readStdin(bytes))).toEqual({ files: [`n/keep.txt: ${dump}`], leftOut: [] });
});

it('links are as in tar', async () => {
  const bytes = zipped('links', 'ln -s keep.txt n/same; ln -s ../../etc/passwd n/out; zip -q -y -r OUT n');
  expect(shown(await readStdin(bytes))).toEqual({
    files: [`n/keep.txt: ${dump}`],
    leftOut: [
      'n/same: it is a link to n/keep.txt, which is read',
      'n/out: the link leads to ../../etc/passwd, which is not in the archive',
    ].sort((one, other) => (bytes.indexOf(one.slice(0, 5)) < bytes.indexOf(other.slice(0, 5)) ? -1 : 1)),
  });
});

describe('names', () => {
  it.each([
    ['up', 'up/evil', '../evil', [], ['../evil: its path leads out of the archive']],
    ['absolute', 'etc0evil', '//etc0ev', ['etc0ev'], []],
    ['windows', 'up_evil', '..\\evil', ['..\\evil'], []],
  ] as const)('%s', async (name, from, to, paths, leftOut) => {
    const bytes = patched(zipped(name, `mkdir -p up; echo x > ${from}; zip -q -D OUT ${from}`), from, to);
    const input = await readStdin(bytes);
    expect([input.files.map(({ path }) => path), shown(input).leftOut]).toEqual([paths, leftOut]);
  });

  it('with backslashes are paths where a Windows tool wrote them', async () => {
    const bytes = patched(zipped('dos', 'zip -q -k OUT n/keep.txt'), 'N/KEEP.TXT', '..\\EEP.TXT');
    expect(shown(await readStdin(bytes)).leftOut).toEqual(['../EEP.TXT: its path leads out of the archive']);
  });

  it('that are no UTF-8 stay different, others come as they are', async () => {
    const script = `printf x > "n/$(printf 'caf\\351')"; printf y > "n/$(printf 'caf\\350')"; printf z > n/Größe-网; zip -q -r OUT n`;
    const files = [...shown(await readStdin(zipped('latin', script))).files].sort();
    expect(files).toEqual([`n/Größe-网: z`, 'n/caf\\xe8: y', 'n/caf\\xe9: x', `n/keep.txt: ${dump}`].sort());
  });

  it('that come twice: the first is kept, and said', async () => {
    const twice = patched(zipped('twice', 'printf 1 > n/1; printf 2 > n/2; zip -q -X OUT n/1 n/2'), 'n/2', 'n/1');
    expect(shown(await readStdin(twice))).toEqual({
      files: ['n/1: 1'],
      leftOut: ['n/1: a file of this path came before'],
    });
  });
});

describe('what is left out, while the others are read', () => {
  it('encrypted files', async () => {
    const bytes = zipped('secret', 'echo x > n/s; zip -q -e -P x OUT n/s; zip -q OUT n/keep.txt');
    expect(shown(await readStdin(bytes))).toEqual({
      files: [`n/keep.txt: ${dump}`],
      leftOut: ['n/s: it is encrypted'],
    });
  });

  it('files packed in another way', async () => {
    const bytes = zipped('bz', 'zip -q -Z bzip2 OUT n/big; zip -q OUT n/keep.txt', {
      'n/big': lines(100),
      'n/keep.txt': dump,
    });
    expect(shown(await readStdin(bytes)).leftOut).toEqual([
      'n/big: it is packed by a method that is not read here (12)',
    ]);
  });

  it.each([
    ['whose size is not so', 24, 'its data are damaged (their length is wrong)'],
    ['whose checksum is not so', 16, 'its data are damaged (their checksum is wrong)'],
    ['whose place is not so', 42, 'its data are not where the directory says'],
  ])('files %s', async (name, field, why) => {
    const bytes = zipped(`lie-${field}`, 'zip -q -X OUT n/a n/keep.txt', { 'n/a': lines(9), 'n/keep.txt': dump });
    const at = (entriesOf(bytes)[0] ?? 0) + field;
    bytes.writeUInt32LE(bytes.readUInt32LE(at) + 1, at);
    expect([name, shown(await readStdin(bytes))]).toEqual([
      name,
      { files: [`n/keep.txt: ${dump}`], leftOut: [`n/a: ${why}`] },
    ]);
  });

  it('files that share their data with another', async () => {
    const bytes = zipped('shared', 'for n in 1 2 3; do echo x > n/$n; done; zip -q -X OUT n/1 n/2 n/3');
    for (const at of entriesOf(bytes)) bytes.writeUInt32LE(0, at + 42);
    expect(shown(await readStdin(bytes))).toEqual({
      files: ['n/1: x\n'],
      leftOut: ['n/2: its data are those of another file, too', 'n/3: its data are those of another file, too'],
    });
  });
});

describe('limits', () => {
  const big = () => zipped('big', 'head -c 300000 /dev/urandom > n/big; zip -q OUT n/big n/keep.txt');

  it('of one file, of all, and of their number', async () => {
    expect(shown(await readStdin(big(), { fileBytes: 100_000 })).leftOut).toEqual([
      'n/big: it is larger than 100000 bytes',
    ]);
    expect((await complaint(readStdin(big(), { totalBytes: 200_000 }))).message).toMatch(/larger than 200000 bytes$/);
    expect((await complaint(readStdin(big(), { files: 1 }))).message).toMatch(/holds more than 1 files$/);
    const zeros = zipped('zeros', 'truncate -s 300000 n/zeros; zip -q OUT n/zeros');
    expect((await complaint(readStdin(zeros, { totalBytes: 200_000 }))).message).toMatch(
      /holds more than 200000 bytes$/,
    );
  });

  it('of unpacking, with a size in the headers or without', async () => {
    for (const options of ['', '-fd']) {
      const bomb = zipped(`bomb${options}`, `truncate -s 32M n/zeros; zip -q ${options} OUT n/zeros`);
      const why = /200 times its size; refused as a decompression bomb$/;
      expect((await complaint(readStdin(bomb))).message).toMatch(why);
    }
  });
});

describe('the archive as a whole', () => {
  it('other data behind it are said, a comment is not', async () => {
    const bytes = zipped('comment', 'zip -q OUT n/keep.txt; echo hello | zip -q -z OUT >/dev/null');
    expect(shown(await readStdin(bytes))).toEqual({ files: [`n/keep.txt: ${dump}`], leftOut: [] });
    const garbage = Buffer.concat([bytes, Buffer.from('x'.repeat(700))]);
    expect(shown(await readStdin(garbage)).leftOut).toEqual([
      'standard input: other data follow the end of the archive',
    ]);
  });

  it('one of several parts is refused', async () => {
    const bytes = zipped('part', 'zip -q OUT n/keep.txt');
    bytes.writeUInt16LE(1, bytes.lastIndexOf(endMark) + 4);
    expect((await complaint(readStdin(bytes))).message).toBe(
      'standard input: is one of several parts of a zip archive',
    );
  });

  it('a directory that is damaged is said', async () => {
    const bytes = zipped('broken', 'zip -q OUT n/keep.txt');
    bytes[entriesOf(bytes)[0] ?? 0] = 0;
    expect((await complaint(readStdin(bytes))).message).toBe(
      'standard input: the directory of the zip archive is damaged',
    );
  });

  it('a directory with more files than its end says is damaged', async () => {
    const bytes = zipped('more', 'echo x > n/x; zip -q OUT n/keep.txt n/x');
    bytes.fill(Buffer.from([1, 0, 1, 0]), bytes.lastIndexOf(endMark) + 8, bytes.lastIndexOf(endMark) + 12);
    expect((await complaint(readStdin(bytes))).message).toMatch(/directory of the zip archive is damaged$/);
  });

  it('without files is no error', async () => {
    expect(shown(await readStdin(Buffer.concat([endMark, Buffer.alloc(18)])))).toEqual({ files: [], leftOut: [] });
  });

  it('is dated by its youngest file', async () => {
    const bytes = zipped('dated', 'touch -d 2026-03-04T05:06:07Z n/keep.txt; zip -q OUT n/keep.txt');
    expect((await readStdin(bytes)).files[0]?.modifiedAt).toBe(Date.UTC(2026, 2, 4, 5, 6, 7));
    const local = zipped('local', 'zip -q -X OUT n/keep.txt');
    expect((await readStdin(local)).files[0]?.modifiedAt).toBeNull();
  });

  it('with anything in its bytes never throws anything else, nor gives files that differ', async () => {
    const bytes = zipped('any', 'ln -s keep.txt n/l; zip -q -y -fz -r OUT n', { 'n/keep.txt': lines(30), 'n/b': dump });
    const flip = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(fc.array(flip, { minLength: 1, maxLength: 6 }), fc.nat(bytes.length), async (flips, length) => {
        const odd = Buffer.from(bytes);
        for (const [at, value] of flips) if (at > 3) odd[at] = value;
        await readStdin(odd.subarray(0, length)).catch((error) => expect(error).toBeInstanceOf(InputError));
      }),
      { numRuns: 400 },
    );
  });
});

it('an archive that somebody else wrote', async () => {
  const script = `
import zipfile
with zipfile.ZipFile('OUT', 'w') as z:
    z.writestr('n/a.txt', ${JSON.stringify(dump)})
    z.writestr(zipfile.ZipInfo('n/ä.txt'), 'b', zipfile.ZIP_DEFLATED)
`;
  writeFileSync(join(folder, 'make.py'), script.replace('OUT', join(folder, 'python.zip')));
  sh(folder, 'python3 make.py');
  expect(shown(await read(join(folder, 'python.zip')))).toEqual({
    files: [`n/a.txt: ${dump}`, 'n/ä.txt: b'],
    leftOut: [],
  });
});
