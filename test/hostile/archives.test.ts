/** Archives on the command line: each is read, or refused in one line with exit status 3; what is missing of it is said. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { coldtrace } from '../cli/run.js';
import { folderWith, sample } from './bundle.js';
import { steering } from './orderly.js';

const folder = folderWith([...sample].map(([name, text]) => [`bad/${name}`, text] as const));
const sh = (script: string) => execFileSync('sh', ['-e', '-c', script], { cwd: folder });
const at = (name: string) => join(folder, name);
sh(
  'tar -cf bad.tar bad; gzip -k bad.tar; tar -czf bad.tgz bad; tar -cJf bad.tar.xz bad; tar --zstd -cf bad.tar.zst bad; tar -cjf bad.tbz2 bad; zip -qr bad.zip bad; cd bad && for n in *-1; do tar -czf ../$n.tar.gz $n; done',
);

async function analyzed(inputs: readonly string[], stdin: string | Uint8Array = ''): Promise<unknown> {
  const { status, stdout, stderr } = await coldtrace(['analyze', ...inputs, '--json'], { stdin });
  const { findings, nodes } = JSON.parse(stdout);
  return {
    status,
    stderr,
    nodes,
    rules: findings.map((one: { rule: string; node: string }) => `${one.rule} ${one.node}`),
  };
}

describe('the same capture, however it is given, has the same findings', () => {
  const wanted = {
    status: 1,
    stderr: '',
    nodes: ['master-1', 'node-1'],
    rules: ['ippool-overlaps-host-network node-1'],
  };

  it.each(['bad', 'bad.tar', 'bad.tar.gz', 'bad.tgz', 'bad.tar.xz', 'bad.tar.zst', 'bad.tbz2', 'bad.zip'])(
    '%s',
    async (name) => {
      expect(await analyzed([at(name)])).toMatchObject(wanted);
    },
  );

  it.each(['bad.tar', 'bad.tgz', 'bad.tar.xz', 'bad.tar.zst', 'bad.tbz2', 'bad.zip'])(
    '%s on standard input',
    async (name) => {
      expect(await analyzed(['-'], readFileSync(at(name)))).toMatchObject(wanted);
    },
  );

  it('two nodes as two archives', async () => {
    expect(await analyzed([at('master-1.tar.gz'), at('node-1.tar.gz')])).toMatchObject(wanted);
  });

  it('two nodes with names of their own', async () => {
    const { nodes, rules } = (await analyzed([
      `left=${at('node-1.tar.gz')}`,
      `right=${at('bad/master-1')}`,
    ])) as typeof wanted;
    expect([nodes, rules]).toEqual([['left', 'right'], ['ippool-overlaps-host-network left']]);
  });

  it('the dumps of one node one by one', async () => {
    const files = [...sample.keys()].filter((name) => name.startsWith('node-1/')).map((name) => at(`bad/${name}`));
    expect(await analyzed(files)).toMatchObject({ rules: ['ippool-overlaps-host-network node-1'] });
  });
});

describe('what is not read', () => {
  it('.7z gets one line that says how to unpack it', async () => {
    writeFileSync(at('x.7z'), Uint8Array.of(0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c));
    for (const command of ['inspect', 'analyze', 'normalize']) {
      const { status, stdout, stderr } = await coldtrace([command, at('x.7z')]);
      expect({ status, stdout, lines: stderr.split('\n').length }).toEqual({ status: 3, stdout: '', lines: 2 });
      expect(stderr).toMatch(/^coldtrace: \S+: 7-Zip files are not read directly; unpack it first: 7z x /);
    }
  });

  it('a bomb is refused', async () => {
    writeFileSync(at('bomb.gz'), gzipSync(Buffer.alloc(24 * 1024 * 1024)));
    const { status, stderr } = await coldtrace(['inspect', at('bomb.gz')]);
    expect([status, stderr]).toEqual([3, expect.stringContaining('refused as a decompression bomb\n')]);
  });

  it('a damaged archive is refused with its place', async () => {
    const bytes = readFileSync(at('bad.tar'));
    bytes.fill(0x41, 1024, 1100);
    const { status, stderr } = await coldtrace(['inspect', '-'], { stdin: bytes });
    expect([status, stderr]).toEqual([
      3,
      expect.stringMatching(/^coldtrace: standard input: the archive is damaged at byte 1024; capture/),
    ]);
  });

  it('an archive that was cut off is read as far as it goes, and it is said', async () => {
    const bytes = readFileSync(at('bad.tgz'));
    const { status, stdout, stderr } = await coldtrace(['inspect', '-', '--json'], {
      stdin: bytes.subarray(0, bytes.length * 0.8),
    });
    expect([status, stderr]).toEqual([0, expect.stringMatching(/^coldtrace: left out .*cut off/)]);
    expect(JSON.parse(stdout).leftOut).toHaveLength(1);
  });

  it('names in archives are made safe', async () => {
    sh(
      `mkdir -p odd/n; printf 'default via 10.0.0.1 dev eth0\\n' > "odd/n/$(printf 'a\\033[2J\\nb')"; mkfifo "odd/n/$(printf 'c\\033]0;x\\007')"; tar -C odd -cf odd.tar n`,
    );
    for (const input of ['odd', 'odd.tar']) {
      const { stdout, stderr } = await coldtrace(['inspect', at(input)], { isTTY: true });
      expect([...steering(stdout), ...steering(stderr)]).toEqual([]);
      expect(stderr).toContain('left out n/c\\u{1b}]0;x\\u{7}: it is no regular file');
    }
  });
});
