/** Rules that a text shows in part: what stands before, behind and between them is not known. iptables(8), iptables-save(8). */
import type { Chain } from '@coldtrace/core';
import { describe, expect, it, test } from 'vitest';
import { codesOf, onlyNode, snapshotOf } from '../assemble/testing.js';

const prompt = '[root@n ~]# ';

/** `NAME rules`, then `?` where its rules are not known, `…` where the end is not, and the places before which others may stand. */
function shown({ name, rules, collected, partial, gaps }: Chain): string {
  const open = collected ? (partial === true ? '…' : '') : '?';
  return `${name} ${rules.length}${open}${gaps === undefined ? '' : ` ${gaps.join(' ')}`}`;
}

function chainsOf(text: string, name?: string): readonly string[] {
  const [ruleset] = onlyNode(snapshotOf(text, {}, name)).host.rulesets;
  return (ruleset?.tables ?? []).flatMap((table) => table.chains.map(shown));
}

const head = '*filter\n:INPUT DROP [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:ADMIN - [0:0]\n';
const first = '-A INPUT -i lo -j ACCEPT\n';
const second = '-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n';
const other = '-A FORWARD -i br7 -j ADMIN\n';
const last = '-A ADMIN -s 172.31.4.0/24 -j DROP\n';

describe('marks of lines that were left out', () => {
  test.each<readonly [string, string, readonly string[]]>([
    [
      'before the first rule',
      `...\n${first}${second}${other}${last}`,
      ['INPUT 2… 0', 'FORWARD 1… ', 'OUTPUT 0?', 'ADMIN 1… '],
    ],
    [
      'between two rules',
      `${first}<snip>\n${second}${other}${last}`,
      ['INPUT 2… 1', 'FORWARD 1… ', 'OUTPUT 0?', 'ADMIN 1… '],
    ],
    [
      'between two chains',
      `${first}${second}[…]\n${other}${last}`,
      ['INPUT 2… ', 'FORWARD 1… 0', 'OUTPUT 0?', 'ADMIN 1… '],
    ],
    ['twice', `${first}...\n${second}...\n${other}${last}`, ['INPUT 2… 1', 'FORWARD 1… 0', 'OUTPUT 0?', 'ADMIN 1… ']],
    ['at the end', `${first}${second}${other}${last}...\n`, ['INPUT 2… ', 'FORWARD 1… ', 'OUTPUT 0?', 'ADMIN 1… ']],
  ])('%s', (_where, rules, expected) => {
    expect(chainsOf(`${prompt}iptables-save\n${head}${rules}COMMIT\n`)).toEqual(expected);
  });

  it('leave what stands before them certain where the chains of a file follow each other', () => {
    const text = `${head}${first}...\n${second}${other}${last}COMMIT\n`;
    expect(chainsOf(text, 'iptables-save.txt')).toEqual(['INPUT 2… 1', 'FORWARD 1… ', 'OUTPUT 0?', 'ADMIN 1… ']);
  });
});

describe('dumps that are cut off', () => {
  test.each<readonly [string, string, readonly string[]]>([
    ['behind a line', `${head}${first}${second}${other}`, ['INPUT 2', 'FORWARD 1…', 'OUTPUT 0?', 'ADMIN 0?']],
    ['within a rule', `${head}${first}-A INPUT -s 172.3`, ['INPUT 1…', 'FORWARD 0?', 'OUTPUT 0?', 'ADMIN 0?']],
    [
      'within its target',
      `${head}${first}${other}-A ADMIN -s 172.31.4.0/24 -j DRO`,
      ['INPUT 1', 'FORWARD 1…', 'OUTPUT 0?', 'ADMIN 0?'],
    ],
    ['before the first rule', head, ['INPUT 0?', 'FORWARD 0?', 'OUTPUT 0?', 'ADMIN 0?']],
  ])('%s', (_where, text, expected) => {
    expect(chainsOf(text, 'iptables-save.txt')).toEqual(expected);
  });

  it('say that they end within a rule', () => {
    expect(codesOf(snapshotOf(`${head}${first}-A INPUT -s 172.3`, {}, 'iptables-save.txt'))).toContain(
      'iptables/cut-line',
    );
  });
});

describe('pasted rules', () => {
  it('that end within a value leave their last rule open, and the end of every chain', () => {
    const text = `${prompt}iptables -S\n-P INPUT DROP\n-P FORWARD ACCEPT\n-P OUTPUT ACCEPT\n-N ADMIN\n${first}-A INPUT -s 172.3`;
    const snapshot = snapshotOf(text);
    expect(chainsOf(text)).toEqual(['INPUT 2…', 'FORWARD 0?', 'OUTPUT 0?', 'ADMIN 0?']);
    expect(codesOf(snapshot)).toContain('iptables/cut-line');
    const rule = onlyNode(snapshot).host.rulesets[0]?.tables[0]?.chains[0]?.rules.at(1);
    expect(rule?.target?.kind).toBe('opaque');
  });

  test.each<readonly [string, readonly string[]]>([
    [`${first}${second}`, ['INPUT 2… 0']],
    [`iptables -A INPUT -i lo -j ACCEPT\n`, ['INPUT 1… 0']],
    [`iptables -I INPUT -i lo -j ACCEPT\n`, ['INPUT 1… 1']],
    [`iptables -N ADMIN\niptables -A ADMIN -i lo -j ACCEPT\n`, ['ADMIN 1…']],
    [`iptables -A INPUT -i br1 -j DROP\niptables -F INPUT\niptables -A INPUT -i lo -j ACCEPT\n`, ['INPUT 1…']],
  ])('may follow others, unless they say that none are there: %j', (text, expected) => {
    expect(chainsOf(text, 'rules.txt')).toEqual(expected);
  });

  it('that a shell shows as it runs them are read as what it ran', () => {
    const text =
      '+ iptables -N ADMIN\n+ iptables -A ADMIN -i lo -j ACCEPT\n+ iptables -A ADMIN -s 172.31.4.0/24 -j DROP\n+ echo done\ndone\n';
    expect(chainsOf(text)).toEqual(['ADMIN 2…']);
  });
});
