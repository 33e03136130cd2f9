/** Archives made by the real tar(1), packed once more. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { complaint, read, scratch, sh, shown, write } from './testing.js';

const folder = scratch();
const dump = 'default via 10.0.0.1 dev eth0\n';

function made(name: string, script: string): string {
  const work = join(folder, `${name}.d`);
  write(work, { 'a/ip-route.txt': dump, 'b/ip-route.txt': dump });
  sh(work, script);
  return work;
}

describe('an archive within an input', () => {
  it.each([
    ['gzipped in a directory', 'tar -czf a.tar.gz a; tar -czf b.tgz b; rm -r a b'],
    ['plain in a directory', 'tar -cf a.tar a; tar -cf b.tar b; rm -r a b'],
    ['of another name', 'mkdir t; for n in a b; do tar -C $n -czf t/$n .; done; rm -r a b; mv t/* .; rmdir t'],
  ])('is read: %s', async (name, script) => {
    const { files, leftOut } = shown(await read(made(name.replaceAll(' ', '-'), script)));
    expect(files.map((file) => file.replace(/^(\w)\/\1\//, '$1/'))).toEqual([
      `a/ip-route.txt: ${dump}`,
      `b/ip-route.txt: ${dump}`,
    ]);
    expect(leftOut).toEqual([]);
  });

  it('is read out of an archive, and out of one within that', async () => {
    const work = made('thrice', 'tar -czf a.tgz a; tar -cf in.tar a.tgz b; tar -czf out.tar.gz in.tar');
    expect(shown(await read(join(work, 'out.tar.gz'))).files).toEqual([
      `in/a/a/ip-route.txt: ${dump}`,
      `in/b/ip-route.txt: ${dump}`,
    ]);
  });

  it('stays packed deeper than that', async () => {
    const work = made(
      'deep',
      'tar -cf 1.tar a; tar -cf 2.tar 1.tar; tar -cf 3.tar 2.tar; tar -cf 4.tar 3.tar; tar -cf 5.tar 4.tar',
    );
    const { files } = await read(join(work, '5.tar'));
    expect(files.map(({ path }) => path)).toEqual(['4/3/2/1.tar']);
  });

  it('is not read twice where it lies beside what it holds', async () => {
    const work = made('beside', 'tar -czf a.tar.gz a');
    expect(shown(await read(work))).toEqual({
      files: [`a/ip-route.txt: ${dump}`, `b/ip-route.txt: ${dump}`],
      leftOut: ['a.tar.gz: it is unpacked already in a, which is read'],
    });
  });

  it('that is cut off gives what came before, and one that is damaged is left out with the reason', async () => {
    const work = made(
      'cut',
      'head -c 3000 /dev/urandom > b/z; tar -cf a.tar b/ip-route.txt b/z; head -c 3000 a.tar > c.tar; tar -czf d.tgz b; printf XXXX | dd of=d.tgz bs=1 seek=$(($(stat -c %s d.tgz) - 8)) conv=notrunc status=none; rm -r a b a.tar',
    );
    const { files, leftOut } = shown(await read(work));
    expect(files).toEqual([`c/b/ip-route.txt: ${dump}`]);
    expect(leftOut).toEqual([
      'c/b/z: the archive is cut off inside it',
      'd.tgz: the gzip data is damaged (its checksum is wrong)',
    ]);
  });

  it.each([
    ['tar -cJf a.tar.xz a; tar --zstd -cf b.tzst b'],
    ['tar -cjf a.tbz2 a; zip -q -r b.zip b'],
    ['tar -cf - a | zip -q a.zip -; zip -q -0 -r b.zip b', 'a/-/a/'],
  ])('is read, however it is packed: %s', async (script, first = 'a/a/') => {
    const work = made(script.replaceAll(/\W+/g, '-'), `${script}; rm -r a b`);
    const wanted = { files: [`${first}ip-route.txt: ${dump}`, `b/b/ip-route.txt: ${dump}`], leftOut: [] };
    expect(shown(await read(work))).toEqual(wanted);
    sh(work, 'tar -czf ../all.tar.gz *');
    expect(shown(await read(join(folder, 'all.tar.gz')))).toEqual(wanted);
    sh(work, 'rm -f ../all.zip; zip -q -r ../all.zip *');
    expect(shown(await read(join(folder, 'all.zip')))).toEqual(wanted);
  });

  it('of office documents and programs stays as it is', async () => {
    const work = made(
      'office',
      'mkdir META-INF; echo x > META-INF/MANIFEST.MF; zip -q -r p.jar META-INF; rm -r META-INF a',
    );
    expect((await read(work)).files.map(({ path }) => path)).toEqual(['b/ip-route.txt', 'p.jar']);
  });

  it('leaves files of NULs as they are', async () => {
    const work = made('zeros', 'head -c 1024 /dev/zero > b/zeros; head -c 1024 /dev/zero | gzip > a/zeros.gz');
    const { files } = await read(work);
    expect(files.map(({ path }) => path)).toEqual(['a/ip-route.txt', 'a/zeros.gz', 'b/ip-route.txt', 'b/zeros']);
  });
});

describe('a packed text within an input', () => {
  it.each([
    ['gzip', 'gz'],
    ['xz', 'xz'],
    ['zstd -q --rm', 'zst'],
    ['bzip2', 'bz2'],
  ])('is read: %s', async (tool, ending) => {
    const work = made(`text-${ending}`, `${tool} a/ip-route.txt`);
    const wanted = { files: [`a/ip-route.txt: ${dump}`, `b/ip-route.txt: ${dump}`], leftOut: [] };
    expect(shown(await read(work))).toEqual(wanted);
    sh(work, 'tar -czf ../texts.tar.gz *');
    expect(shown(await read(join(folder, 'texts.tar.gz')))).toEqual(wanted);
  });

  it.each(['syslog.1', 'kern.log', 'messages-20260102', 'audit.log.12', 'maillog-20260102-1767312000'])(
    'stays packed where it is a log of other days: %s',
    async (name) => {
      const work = made(`log-${name}`, `mv a/ip-route.txt a/${name}; gzip a/${name}; xz b/ip-route.txt`);
      expect((await read(work)).files.map(({ path }) => path)).toEqual([`a/${name}.gz`, 'b/ip-route.txt']);
    },
  );

  it('is not read twice where it lies beside what it holds', async () => {
    const work = made('kept', 'xz -k a/ip-route.txt');
    expect(shown(await read(work))).toEqual({
      files: [`a/ip-route.txt: ${dump}`, `b/ip-route.txt: ${dump}`],
      leftOut: ['a/ip-route.txt.xz: it is unpacked already in a/ip-route.txt, which is read'],
    });
  });

  it('that is cut off is read as far as it goes, and it is said', async () => {
    const work = made('cut-text', 'xz a/ip-route.txt; truncate -s -9 a/ip-route.txt.xz; gzip b/ip-route.txt');
    expect(shown(await read(work))).toEqual({
      files: [`a/ip-route.txt: ${dump}`, `b/ip-route.txt: ${dump}`],
      leftOut: ['a/ip-route.txt.xz: the xz data are cut off: the end of the text is missing'],
    });
  });
});

describe('limits', () => {
  it('hold for all archives together', async () => {
    const work = made(
      'many',
      'for n in 1 2 3; do head -c 40000 /dev/zero | tr "\\0" x > x; tar -czf $n.tgz x; done; rm -r a b x',
    );
    const { files, leftOut } = await read(work, { totalBytes: 130_000 });
    expect(files.map(({ path }) => path)).toEqual(['1/x', '2/x']);
    expect(leftOut).toEqual([{ path: '3.tgz', why: expect.stringMatching(/^holds more than \d{5} bytes$/) }]);
  });

  it('count what was unpacked in vain, too: many bombs cost no more than one', async () => {
    const work = made(
      'bombs',
      'rm -r a b; truncate -s 24M x; tar -czf 00.tgz x; rm x; for n in $(seq 10 39); do cp 00.tgz $n.tgz; done',
    );
    const { files, leftOut } = await read(work, { totalBytes: 30_000_000 });
    expect(files).toEqual([]);
    const bombs = leftOut.filter(({ why }) => why.includes('decompression bomb'));
    expect([bombs.length, leftOut.length]).toEqual([1, 31]);
  });

  it('hold for all ways of packing together', async () => {
    const work = made(
      'mixed',
      'head -c 40000 /dev/zero | tr "\\0" x > x; tar -cJf 1.txz x; tar --zstd -cf 2.tzst x; zip -q 3.zip x; tar -cjf 4.tbz x; rm -r a b x',
    );
    const { files, leftOut } = await read(work, { totalBytes: 130_000 });
    expect(files.map(({ path }) => path)).toEqual(['1/x', '2/x']);
    expect(leftOut).toEqual([
      { path: '3.zip', why: expect.stringMatching(/^holds more than \d{5} bytes$/) },
      { path: '4.tbz', why: expect.stringMatching(/^holds more than \d{5} bytes$/) },
    ]);
  });

  it('keep paths inside, and links', async () => {
    const work = made(
      'escape',
      'tar -cf e.tar -P --transform "s,^a,../../a," a; ln -s ../../../etc/passwd b/l; ln -s /etc/passwd b/m; tar -cf l.tar b; rm -r a b',
    );
    const { files, leftOut } = shown(await read(work));
    expect(files).toEqual([`l/b/ip-route.txt: ${dump}`]);
    expect(leftOut).toEqual([
      'e/../../a/ip-route.txt: its path leads out of the archive',
      'l/b/m: the link leads to /etc/passwd, which is not in the archive',
      'l/b/l: the link leads to ../../../etc/passwd, which is not in the archive',
    ]);
  });

  it('of the input itself are still said as its own', async () => {
    const work = made('own', 'true');
    expect((await complaint(read(work, { files: 1 }))).message).toContain('holds more than 1 files');
  });
});
