/** A hostile text must be as big as it says, or the tests that use it prove nothing. */
import { describe, expect, it } from 'vitest';
import { badCharacters, HOSTILE, longLines, manyChains, manyMembers, nestedQuotes } from './hostile.js';

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

describe.each(HOSTILE)('$name', ({ full, text }) => {
  it('exists at full size and grows with its size', () => {
    expect(text(full).length).toBeGreaterThan(text(Math.floor(full / 4)).length);
  });
});

it('holds what it promises', () => {
  expect(count(manyChains(80_000), /^:C/gm)).toBe(80_000);
  expect(new Set(manyMembers(100_000).match(/^10\..*$/gm)).size).toBe(100_000);
  expect(badCharacters(11)).toContain('\0');
  expect(badCharacters(11)).toMatch(/\p{Surrogate}/u);
  expect(nestedQuotes(3)).toContain('\\\\\\"');
});

it('every long line has the asked length and is followed by an ordinary one', () => {
  for (const { name, text } of longLines(1000)) {
    const rows = text(1000).split('\n');
    expect(rows.at(-2), name).toBe('net.ipv4.ip_forward = 1');
    expect(rows.at(-3)?.length, name).toBeGreaterThanOrEqual(1000);
  }
});
