import { describe, expect, it } from 'vitest';
import { sectionOf } from '../testing.js';
import { printMember } from './print.js';
import { ipsetSave } from './save.js';
import { setsOf } from './testing.js';

function read(text: string, command = 'ipset restore') {
  const parsed = ipsetSave.parse(sectionOf(text, { command }));
  return {
    sets: setsOf(parsed).map((set) =>
      `${set.name}${set.complete ? '' : '?'} ${set.elements.map((one) => printMember(one, set)).join(' ')}`.trim(),
    ),
    codes: parsed.diagnostics.map((one) => one.code),
  };
}

describe('commands that change sets', () => {
  it.each<[string, string, readonly string[]]>([
    ['del', 'create a hash:ip\nadd a 10.0.0.1\nadd a 10.0.0.2\ndel a 10.0.0.1\n', ['a 10.0.0.2']],
    ['del of the last', 'create a hash:ip\nadd a 10.0.0.1\nadd a 10.0.0.2\ndel a 10.0.0.2\n', ['a 10.0.0.1']],
    ['del and add again', 'create a hash:ip\nadd a 10.0.0.1\ndel a 10.0.0.1\nadd a 10.0.0.1\n', ['a 10.0.0.1']],
    [
      'swap',
      'create a hash:ip\ncreate b hash:ip\nadd a 10.0.0.1\nswap a b\nadd a 10.0.0.9\n',
      ['b 10.0.0.1', 'a 10.0.0.9'],
    ],
    [
      'rename',
      'create a-tmp hash:net\nadd a-tmp 10.0.0.0/8\nrename a-tmp a\nadd a 172.16.0.0/12\n',
      ['a 10.0.0.0/8 172.16.0.0/12'],
    ],
    [
      'del, flush, add and del again',
      'create a hash:net\nadd a 10.0.2.0/24\nadd a 10.0.3.0/24\ndel a 10.0.2.0/24\nflush a\nadd a 10.0.1.0/24\ndel a 10.0.1.0/24\n',
      ['a'],
    ],
    ['swap, then destroy', 'create a hash:ip\ncreate t hash:ip\nadd t 10.0.0.7\nswap a t\ndestroy t\n', ['a 10.0.0.7']],
    [
      '-D, -W, -E',
      'create a hash:ip\nadd a 10.0.0.1\nadd a 10.0.0.2\n-D a 10.0.0.1\ncreate b hash:ip\n-W a b\n-E a c\n',
      ['b 10.0.0.2', 'c'],
    ],
    [
      'del from a list',
      'create a hash:ip\ncreate b hash:ip\ncreate l list:set\nadd l a\nadd l b\ndel l a\n',
      ['a', 'b', 'l b'],
    ],
    [
      'added once more',
      'create a hash:ip timeout 0\nadd a 10.0.0.1 timeout 5\nadd a 10.0.0.1 timeout 9 -exist\nadd a 10.0.0.2\ndel a 10.0.0.2\n',
      ['a 10.0.0.1 timeout 9'],
    ],
  ])('%s', (_, text, expected) => {
    expect(read(text)).toEqual({ sets: expected, codes: [] });
  });

  it.each<[string, string, readonly string[]]>([
    ['a piece of a range', 'create a hash:ip\nadd a 10.0.0.0/30\ndel a 10.0.0.1\n', ['a? 10.0.0.0/30']],
    ['of other types', 'create a hash:ip\ncreate b hash:net\nadd a 10.0.0.1\nswap a b\n', ['a? 10.0.0.1', 'b?']],
    ['to a name that is taken', 'create a hash:ip\ncreate b hash:ip\nrename a b\n', ['a?', 'b?']],
    ['what is not there', 'create a hash:ip\ndel a 10.0.0.1\n', ['a?']],
  ])('what the kernel refuses, or what is in doubt, leaves the sets open: %s', (_, text, expected) => {
    expect(read(text)).toEqual({ sets: expected, codes: ['ipset/unreplayed-command'] });
  });

  it('-exist makes nothing of what is not there', () => {
    expect(read('create a hash:ip\ndel a 10.0.0.1 -exist\n')).toEqual({ sets: ['a'], codes: [] });
    expect(read('create a hash:ip\ndel a 10.0.0.1\n', 'ipset -exist restore')).toEqual({ sets: ['a'], codes: [] });
  });
});
