/** Data packed by the real gzip, xz, zstd and bzip2: whole, in several members, cut off, damaged, and bombs. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from './input-error.js';
import { complaint, read, readStdin, scratch, sh, shown, write } from './testing.js';

const folder = scratch();
const dump = 'default via 10.0.0.1 dev eth0\n';
const lines = (count: number, seed = 0) =>
  Array.from({ length: count }, (_, at) => `${Math.sqrt(at + seed)} of ${at}\n`).join('');

const kinds = [
  ['gzip', 'gz'],
  ['xz', 'xz'],
  ['zstd', 'zst'],
  ['bzip2', 'bz2'],
] as const;

type Kind = (typeof kinds)[number][0];

function packed(kind: Kind, data: string | Uint8Array, ...options: readonly string[]): Buffer {
  return execFileSync(kind, ['-q', '-c', ...options], { input: data, maxBuffer: 1 << 28 });
}

let made = 0;

/** A tar archive of such files. */
function tarOf(files: Readonly<Record<string, string | Uint8Array>>): Buffer {
  const work = write(join(folder, `tar-${made++}`), files);
  return execFileSync(
    'tar',
    ['--sort=name', '-cf', '-', ...new Set(Object.keys(files).map((name) => name.split('/')[0] ?? ''))],
    { cwd: work, maxBuffer: 1 << 28 },
  );
}

const textOf = async (bytes: Uint8Array) => Buffer.from((await readStdin(bytes)).files[0]?.bytes ?? []);

describe.each(kinds)('%s', (kind, ending) => {
  it('holds an archive, in a file and on standard input', async () => {
    const bytes = packed(kind, tarOf({ 'n/ip-route.txt': dump, 'n/empty.txt': '' }));
    const path = join(folder, `a.tar.${ending}`);
    writeFileSync(path, bytes);
    const wanted = { files: ['n/empty.txt: ', `n/ip-route.txt: ${dump}`], leftOut: [] };
    expect(shown(await read(path))).toEqual(wanted);
    expect(shown(await readStdin(bytes))).toEqual(wanted);
  });

  it('holds one text', async () => {
    const path = join(folder, `sysctl.txt.${ending}`);
    writeFileSync(path, packed(kind, 'net.ipv4.ip_forward = 1\n'));
    expect(shown(await read(path))).toEqual({ files: ['sysctl.txt: net.ipv4.ip_forward = 1\n'], leftOut: [] });
    expect(shown(await readStdin(packed(kind, ''))).files).toEqual(['stdin: ']);
  });

  it('is packed once more, but not for ever', async () => {
    const once = packed(kind, dump);
    const thrice = packed('gzip', packed('xz', once));
    expect(shown(await readStdin(thrice)).files).toEqual([`stdin: ${dump}`]);
    expect(await complaint(readStdin(packed('gzip', thrice)))).toMatchObject({
      message: `standard input: ${kind} data are not read directly`,
      hint: expect.stringContaining('unpack it first: '),
    });
  });

  it('gives what was packed, whatever it was', async () => {
    const piece = fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 200 }),
      fc.tuple(fc.nat(255), fc.nat(3000)).map(([byte, count]) => new Uint8Array(count).fill(byte)),
      fc.nat(400).map((count) => Buffer.from(lines(count))),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece, { maxLength: 12 }),
        fc.array(fc.nat(11), { maxLength: 12 }),
        fc.integer({ min: 1, max: 9 }),
        async (pieces, order, level) => {
          const data = Buffer.concat([
            Buffer.from('text '),
            ...pieces,
            ...order.map((at) => pieces[at] ?? new Uint8Array(0)),
          ]);
          expect((await textOf(packed(kind, data, `-${level}`))).equals(data)).toBe(true);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('in several members is one text, with padding or without', async () => {
    const members = Buffer.concat([
      packed(kind, 'one '),
      packed(kind, ''),
      packed(kind, 'two '),
      packed(kind, 'three\n'),
    ]);
    expect(shown(await readStdin(members))).toEqual({ files: ['stdin: one two three\n'], leftOut: [] });
    const padded = Buffer.concat([members, Buffer.alloc(512)]);
    expect(shown(await readStdin(padded))).toEqual({ files: ['stdin: one two three\n'], leftOut: [] });
  });

  it('with other data behind is read, and they are said', async () => {
    for (const garbage of ['x', 'xyz', 'x'.repeat(5000)])
      expect(shown(await readStdin(Buffer.concat([packed(kind, dump), Buffer.from(garbage)])))).toEqual({
        files: [`stdin: ${dump}`],
        leftOut: [`standard input: ${garbage.length} bytes behind the ${kind} data are none`],
      });
  });

  it('cut off: what came before is read, wherever it was cut', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 30 }, (_, at) => [`n/f${10 + at}.txt`, lines(1500, 7919 * at)]),
    );
    const bytes = packed(kind, tarOf(files), ...(kind === 'bzip2' ? ['-1'] : []));
    const counts: number[] = [];
    for (const share of [0.98, 0.6, 0.3]) {
      const input = await readStdin(bytes.subarray(0, bytes.length * share));
      counts.push(input.files.length);
      expect(input.leftOut.at(-1)?.why).toMatch(/cut off/);
      for (const file of input.files) expect(Buffer.from(file.bytes).toString()).toBe(files[file.path]);
    }
    expect(counts[0]).toBeGreaterThan(20);
    expect(counts[2]).toBeGreaterThan(2);
  });

  it('cut off at any byte says so, and never gives anything else', async () => {
    const text = lines(60);
    const bytes = packed(kind, text);
    for (let length = 12; length < bytes.length; length++) {
      const { files, leftOut } = await readStdin(bytes.subarray(0, length));
      const start = Buffer.from(files[0]?.bytes ?? []).toString();
      expect([text.startsWith(start), leftOut.map(({ why }) => why)]).toEqual([
        true,
        [`the ${kind} data are cut off: the end of the text is missing`],
      ]);
    }
  });

  it('with flipped bits is refused, or they change nothing', async () => {
    const bytes = packed(kind, lines(400));
    const wanted = (await textOf(bytes)).toString();
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 12, max: bytes.length - 1 }), fc.nat(7), async (at, bit) => {
        const flipped = Buffer.from(bytes);
        flipped[at] = (flipped[at] ?? 0) ^ (1 << bit);
        try {
          const { files, leftOut } = await readStdin(flipped);
          expect(leftOut.length > 0 || Buffer.from(files[0]?.bytes ?? []).toString() === wanted).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('with anything in its bytes never throws anything else, nor hangs', async () => {
    const bytes = packed(kind, lines(200));
    const flip = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(fc.array(flip, { minLength: 1, maxLength: 8 }), fc.nat(bytes.length), async (flips, length) => {
        const odd = Buffer.from(bytes);
        for (const [at, value] of flips) if (at > 3) odd[at] = value;
        await readStdin(odd.subarray(0, length)).catch((error) => expect(error).toBeInstanceOf(InputError));
      }),
      { numRuns: 200 },
    );
  });

  it('that unpacks to far too much is stopped', async () => {
    const bomb = packed(kind, Buffer.alloc(32 * 1024 * 1024));
    expect((await complaint(readStdin(bomb))).message).toMatch(/200 times its size; refused as a decompression bomb$/);
    const total = complaint(readStdin(bomb, { ratio: 1e9, totalBytes: 1024 * 1024, files: 1 }));
    expect((await total).message).toMatch(/unpacks to more than 1 MiB$/);
  });
});

describe('every way of packing', () => {
  const text = Buffer.from(lines(20_000));
  it.each([
    ['xz', '--check=none'],
    ['xz', '--check=crc32'],
    ['xz', '--check=sha256'],
    ['xz', '-9e'],
    ['xz', '-0'],
    ['xz', '--block-size=50000 -T2'],
    ['xz', '--lzma2=preset=6,lc=0,lp=2,pb=0'],
    ['xz', '--lzma2=preset=6,lc=1,lp=3,pb=4,dict=4KiB'],
    ['zstd', '-1'],
    ['zstd', '-19'],
    ['zstd', '--fast=9'],
    ['zstd', '--ultra -22 --long=27'],
    ['zstd', '--no-check'],
    ['bzip2', '-1'],
    ['bzip2', '-9'],
  ] as const)('%s %s', async (kind, options) => {
    const given = options.split(' ');
    expect((await textOf(packed(kind, text, ...given))).equals(text)).toBe(true);
    const random = sh(folder, 'head -c 300000 /dev/urandom | base64');
    expect((await textOf(packed(kind, random, ...given))).toString()).toBe(random);
  });

  it('zstd of a file whose size is known', async () => {
    writeFileSync(join(folder, 'known'), text);
    sh(folder, 'zstd -q -f known -o known.zst');
    expect(shown(await read(join(folder, 'known.zst'))).files).toEqual([`known: ${text}`]);
  });

  it('zstd with a frame that is to be skipped', async () => {
    const skipped = Buffer.from([0x53, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4]);
    const frames = Buffer.concat([packed('zstd', 'one '), skipped, packed('zstd', 'two')]);
    expect(shown(await readStdin(frames))).toEqual({ files: ['stdin: one two'], leftOut: [] });
  });
});

describe('what is not unpacked here', () => {
  /** The header of a frame that wants a window of 2^41 bytes. */
  const wide = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0xf8, 1, 0, 0]);
  const named = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x21, 7, 0, 1, 0, 0]);

  /** The only block wants 4 GiB of memory. */
  function vast(): Buffer {
    const bytes = packed('xz', dump);
    const end = 12 + (bytes[12] ?? 0) * 4;
    bytes[bytes.indexOf(Buffer.from([0x21, 1]), 12) + 2] = 40;
    bytes.writeUInt32LE(crc32(bytes.subarray(12, end)), end);
    return bytes;
  }

  it.each([
    ['xz data with a filter for programs (BCJ) or delta', () => packed('xz', dump, '--x86', '--lzma2'), 'xz -d FILE'],
    ['xz data with a filter for programs (BCJ) or delta', () => packed('xz', dump, '--delta', '--lzma2'), 'xz -d FILE'],
    ['xz data with a dictionary of 4096 MiB', vast, 'xz -d FILE'],
    ['zstd data with a window of 2097152 MiB', () => wide, 'zstd -d FILE'],
    ['zstd data with a dictionary', () => named, 'zstd -d FILE'],
  ])('%s', async (what, bytes, how) => {
    const { message, hint } = await complaint(readStdin(bytes()));
    expect([message, hint]).toEqual([
      `standard input: ${what} are not read directly`,
      expect.stringContaining(`unpack it first: ${how}`),
    ]);
  });
});

it.each([
  ['gzip', 'its checksum is wrong', -8],
  ['xz', 'its end is wrong', -1],
  ['zstd', 'its checksum is wrong', -1],
  ['bzip2', 'its checksum is wrong', -2],
] as const)('%s: what is damaged is said, and what to do', async (kind, why, at) => {
  const bytes = packed(kind, lines(10));
  bytes[bytes.length + at] = (bytes[bytes.length + at] ?? 0) ^ 0x10;
  expect(await complaint(readStdin(bytes))).toEqual({
    message: `standard input: the ${kind} data is damaged (${why})`,
    hint: 'capture or copy it again',
  });
});
