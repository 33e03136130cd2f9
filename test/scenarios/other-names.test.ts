/** What is found rests on how addresses and names stand to each other, never on which they are. */
import { readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseSnapshot } from '@coldtrace/parsers';
import { analyze } from '@coldtrace/rules';
import { describe, expect, it } from 'vitest';
import { filesIn, type NamedText } from './sample-files.js';

const samples = fileURLToPath(new URL('../../samples/', import.meta.url));

const variants = readdirSync(samples)
  .filter((name) => statSync(`${samples}${name}`).isDirectory())
  .flatMap((name) => [`${name}/bad`, `${name}/healthy`]);

/** As many findings of each kind, wherever they are and whatever they name. */
function kindsIn(files: readonly NamedText[]): readonly string[] {
  return analyze(parseSnapshot(new Map(files)))
    .findings.map(({ rule, severity, certainty, evidence, fix }) =>
      [rule, severity, certainty, `${evidence.length} lines`, `verified: ${fix?.verified ?? 'no fix'}`].join(' '),
    )
    .sort();
}

/** Of tcpdump a port may follow. */
const dotted = /(?<![\d.])(\d{1,3}(?:\.\d{1,3}){3})(?:\/(\d{1,2}))?(?!\d)/g;

/** What no file of a cluster names, for it is what k3s takes when it is told nothing: another network would have to be told. */
const ownDefault = /^10\.43\./;

/** Private addresses elsewhere, so that those with a prefix in common have it in common again: some bits of it are turned over. */
function movedBy(bits: number): (text: string) => string {
  return (text) =>
    text.replace(dotted, (all, address: string, length: string | undefined) => {
      if (ownDefault.test(address)) return all;
      const value = address.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0) >>> 0;
      const room = address.startsWith('10.') ? 0x00f00000 : address.startsWith('192.168.') ? 0x0000ff00 : 0;
      const mask = length === undefined ? 0xffffffff : Number(length) === 0 ? 0 : (~0 << (32 - Number(length))) >>> 0;
      const isNetwork = (value & ~mask) === 0;
      const moved = (value ^ (bits & room & (isNetwork ? mask : 0xffffffff))) >>> 0;
      const text = [24, 16, 8, 0].map((shift) => (moved >>> shift) & 255).join('.');
      return length === undefined ? text : `${text}/${length}`;
    });
}

/** The machines' folders and what is said of them, in the order in which the folders stand. */
function calledBy(files: readonly NamedText[], names: readonly string[]): (text: string) => string {
  const folders = [...new Set(files.map(([name]) => name.split('/')[0] ?? ''))].filter((name) => name !== 'kubernetes');
  return (text) =>
    folders.reduce(
      (told, folder, index) =>
        told.replace(new RegExp(`(?<![A-Za-z0-9_-])${folder}(?![A-Za-z0-9_-])`, 'g'), names[index] ?? folder),
      text,
    );
}

describe.each(variants)('%s', (path) => {
  const files = filesIn(`${samples}${path}`);
  const usual = kindsIn(files);

  it.each([[0x00500f00], [0x00a0f000]])('is found the same with other private addresses (bits %i)', (bits) => {
    const move = movedBy(bits);
    expect(move('10.96.0.1 192.168.21.0/24')).not.toMatch(/10\.96|168\.21\./);
    expect(kindsIn(files.map(([name, text]) => [name, move(text)]))).toEqual(usual);
  });

  it.each([[['Zulu9', 'alpha', 'kube-m']], [['ip-10-9-8-7', 'n', 'rack_b']]])('is found the same of %j', (names) => {
    const call = calledBy(files, names);
    expect(kindsIn(files.map(([name, text]) => [call(name), call(text)]))).toEqual(usual);
  });
});
