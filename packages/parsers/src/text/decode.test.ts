import { positionAt } from '@coldtrace/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decode } from './decode.js';
import { takeOut } from './removal.js';

const bytes = (...values: readonly number[]) => Uint8Array.from(values);
const utf16 = (text: string, bigEndian: boolean, mark: boolean) => {
  const units = [...(mark ? '\ufeff' : ''), ...text].map((unit) => unit.charCodeAt(0));
  return Uint8Array.from(units.flatMap((unit) => (bigEndian ? [unit >> 8, unit & 255] : [unit & 255, unit >> 8])));
};
const column = (decoded: ReturnType<typeof decode>, offset: number) =>
  positionAt({ id: 0, name: 'x', ...decoded }, offset).column;

describe('a text is read whatever its bytes', () => {
  const plain = 'net.ipv4.ip_forward = 1\nnet.ipv4.conf.all.rp_filter = 2\n';
  test.each<[string, string | Uint8Array, string]>([
    ['ASCII', new TextEncoder().encode(plain), plain],
    ['UTF-8 with other letters', new TextEncoder().encode('工单 é\n'), '工单 é\n'],
    ['a byte order mark', bytes(0xef, 0xbb, 0xbf, 0x61), 'a'],
    ['UTF-16LE with a mark', utf16(plain, false, true), plain],
    ['UTF-16BE with a mark', utf16(plain, true, true), plain],
    ['UTF-16LE without a mark', utf16(plain, false, false), plain],
    ['UTF-16BE without a mark', utf16(plain, true, false), plain],
    ['line ends of Windows', 'a\r\nb\r\n', 'a\nb\n'],
    ['line ends of a terminal that doubled the return', 'a\r\r\nb', 'a\nb'],
    ['line ends of old Macs', 'a\rb\r', 'a\nb\n'],
    ['colours', '\x1b[01;31m\x1b[KDROP\x1b[m\x1b[K all', 'DROP all'],
    ['a window title and a character set', '\x1b]0;root@n: ~\x07ip \x1b(Ba', 'ip a'],
    ['bold by overstrike', 'N\bNA\bAME _\bx', 'NAME x'],
    ['letters that were typed and taken back', 'n# ip roX\b\x1b[Kute\nn# ip aa\b\br \n', 'n# ip route\nn# ip r\n'],
    ['a letter put in where the cursor had gone', 'n# p route\r\x1b[C\x1b[C\x1b[C\x1b[1@i\x1b[C\n', 'n# ip route\n'],
    ['a letter taken out, and the line drawn anew', 'n# iip r\b\b\b\b\x1b[1P\nx', 'n# ip r\nx'],
    ['a prompt behind the marks of a pasting terminal', '\x1b[?2004l\r\x1b[?2004hn# ip r\r\n', 'n# ip r\n'],
    ['a command that reached the edge', 'n# ip \rXroute\b\b\b\b\b\b\x1b[1P\nx', 'n# iproute\nx'],
    ['a NUL in the middle', 'a\0b', 'a\0b'],
    ['a NUL in a short text of several lines', new TextEncoder().encode('x\0y\nz\n'), 'x\0y\nz\n'],
    ['bytes that are no UTF-8', bytes(0x61, 0xff, 0x62), 'a\ufffdb'],
    ['nothing', '', ''],
  ])('%s', (_, input, text) => {
    expect(decode(input).text).toBe(text);
    expect(decode(input).problem).toBeUndefined();
  });

  test.each<[string, Uint8Array, RegExp]>([
    ['gzip', bytes(0x1f, 0x8b, 8, 0), /gunzip/],
    ['xz', bytes(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0), /xz/],
    ['zip', bytes(0x50, 0x4b, 3, 4), /unzip/],
    ['ELF', bytes(0x7f, 0x45, 0x4c, 0x46), /ELF/],
    ['pcap', bytes(0xd4, 0xc3, 0xb2, 0xa1), /tcpdump/],
    ['tar', Uint8Array.from({ length: 300 }, (_, at) => 'ustar'.charCodeAt(at - 257) || 0), /tar/],
    ['noise', Uint8Array.from({ length: 256 }, (_, at) => (at % 6) + 1), /binary/],
  ])('%s is no text, and the reason says what to do', (_, input, problem) => {
    expect(decode(input)).toEqual({ text: '', problem: expect.stringMatching(problem) });
  });
});

describe('columns stay those of the file', () => {
  test.each<[string, string, string, number]>([
    ['after a colour', '\x1b[31mDROP\x1b[0m all', 'all', 15],
    ['before any', 'ab \x1b[31mDROP', 'ab', 1],
    ['on a later line', '\x1b[1mx\x1b[0m\nsecond DROP', 'DROP', 8],
    ['after overstrike', 'N\bNA\bA DROP', 'DROP', 8],
    ['after both', '\x1b[1mN\bN DROP', 'DROP', 9],
    ['after letters of two code units', '😀 \x1b[1mDROP', 'DROP', 7],
  ])('%s', (_, input, word, expected) => {
    const decoded = decode(input);
    expect(column(decoded, decoded.text.indexOf(word))).toBe(expected);
  });

  test('stretches taken out in two rounds are counted once each, wherever they stand', () => {
    const letters = fc.array(fc.constantFrom('a', 'b', 'c', 'd', '\n', '😀'), { maxLength: 60 });
    fc.assert(
      fc.property(letters, (units) => {
        const text = units.join('');
        const rounds = ['b', 'c'].reduce(
          (reduced, letter) => {
            const found = [...reduced.text.matchAll(new RegExp(letter, 'g'))];
            return takeOut(
              reduced,
              found.map(({ index }) => ({ start: index, end: index + 1 })),
            );
          },
          { text } as ReturnType<typeof takeOut>,
        );
        const file = { id: 0, name: 'x', ...rounds };
        const original = { id: 0, name: 'x', text };
        const kept = [...text.matchAll(/[ad]|😀/g)].map(({ index }) => index);
        const now = [...rounds.text.matchAll(/[ad]|😀/g)].map(({ index }) => index);
        expect(now.map((at) => positionAt(file, at))).toEqual(kept.map((at) => positionAt(original, at)));
      }),
    );
  });
});

test('no bytes make decoding throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (input) => {
      expect(typeof decode(input).text).toBe('string');
    }),
  );
});
