import { expect, it } from 'vitest';
import { kindOfBytes, unpackHint } from './magic.js';

it.each([
  ['RAR', 'Rar!\x1a\x07\x01\x00', 'unrar x b.rar'],
  ['lz4', '\x04\x22\x4d\x18\x64', 'lz4 -d'],
  ['lzip', 'LZIP\x01\x0c', 'lzip -d'],
  ['compress', '\x1f\x9d\x90', 'uncompress'],
  ['cpio', '0707010000', 'cpio -idm < b.rar'],
  ['ar', '!<arch>\ndebian-binary', 'ar x b.rar'],
] as const)('%s is named, with how to unpack it', (kind, text, hint) => {
  expect(kindOfBytes(Uint8Array.from(text, (unit) => unit.charCodeAt(0)))).toBe(kind);
  expect(unpackHint(kind, 'b.rar')).toContain(hint);
});

it.each(['# ip route\n', 'Rare words\n', '0707 is no archive\n', 'LZIP\n'])('text is text: %s', (text) => {
  expect(kindOfBytes(new TextEncoder().encode(text))).toBe('other');
});
