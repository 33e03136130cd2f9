/** What bash 5.2 hands to `iptables` for the same lines, one word each. */
import { printTables } from '@coldtrace/core';
import { describe, expect, it } from 'vitest';
import { onlyNode, snapshotOf } from '../assemble/testing.js';
import { isShellLine, splitShellWords } from './shell-words.js';

function wordsOf(text: string): readonly string[] {
  return splitShellWords(text, 0, text.length).text;
}

describe('the words of a typed command', () => {
  it.each<[string, readonly string[]]>([
    [`--comment "it's"`, ['--comment', "it's"]],
    [`--comment it\\'s`, ['--comment', "it's"]],
    [`--comment 'a'b`, ['--comment', 'ab']],
    [`--comment a" "b`, ['--comment', 'a b']],
    [`--comment 'a'"'"'b c'`, ['--comment', "a'b c"]],
    [`--comment a\\ b`, ['--comment', 'a b']],
    [`--comment='a b'`, ['--comment=a b']],
    [`--comment 'a\\b' "c\\d" "e\\\\f" "g\\"h"`, ['--comment', 'a\\b', 'c\\d', 'e\\f', 'g"h']],
    [`--comment ''`, ['--comment', '']],
    [`'!' -s 10.1.2.3`, ['!', '-s', '10.1.2.3']],
    [`-p tcp \\\n  -j DROP`, ['-p', 'tcp', '-j', 'DROP']],
    [`a;b && c||d | e`, ['a', ';', 'b', '&&', 'c', '||', 'd', '|', 'e']],
    [`iptables -F INPUT 2>/dev/null >> /tmp/log 2>&1 &>/dev/null`, ['iptables', '-F', 'INPUT']],
    ['iptables -F INPUT # all of them', ['iptables', '-F', 'INPUT']],
    ['/ # iptables -F', ['/', '#', 'iptables', '-F']],
    [`--comment don't -j DROP`, ['--comment', "don't", '-j', 'DROP']],
  ])('%s', (text, words) => {
    expect(wordsOf(text)).toEqual(words);
  });

  it('are those of a line that calls the tool, not of one that shows what it printed', () => {
    const lines = [
      'iptables -A INPUT',
      'x && /sbin/ip6tables -N A',
      '-A INPUT -j DROP',
      '# iptables -S INPUT -A INPUT',
    ];
    expect(lines.map((line) => isShellLine(line, 0, line.length))).toEqual([true, true, false, false]);
  });
});

const filter = (...rules: readonly string[]) => `*filter\n:INPUT ACCEPT [0:0]\n${rules.join('\n')}\nCOMMIT\n`;

describe('a script', () => {
  it.each<[string, string, string]>([
    ['of one command', 'iptables -A INPUT -m length --length 100:200\n', '-A INPUT -m length --length 100:200'],
    ['with a comment behind it', 'iptables -A INPUT -j DROP # the rest\n', '-A INPUT -j DROP'],
    ['that hides messages', 'iptables -A INPUT -j DROP 2>/dev/null || true\n', '-A INPUT -j DROP'],
    [
      'with single quotes',
      `iptables -A INPUT -m comment --comment 'a; "b" && c' -j DROP\n`,
      String.raw`-A INPUT -m comment --comment "a; \"b\" && c" -j DROP`,
    ],
    [
      'whose unknown extension was quoted for the shell',
      `iptables -A INPUT -m zork --zork 'a "b"' -j DROP\n`,
      String.raw`-A INPUT -m zork --zork "a \"b\"" -j DROP`,
    ],
    [
      'with commands of other tools between',
      '#!/bin/sh\niptables -A INPUT -i lo -j ACCEPT\nsysctl -w net.ipv4.ip_forward=1\niptables -A INPUT -j DROP\n',
      '-A INPUT -i lo -j ACCEPT\n-A INPUT -j DROP',
    ],
  ])('%s', (_sentence, text, rules) => {
    const { host } = onlyNode(snapshotOf(text, {}, 'firewall.sh'));
    expect(host.rulesets.map((ruleset) => printTables(ruleset, 'legacy'))).toEqual([filter(rules)]);
  });
});

it('a word that belongs to no option stays where it stands, and is no match', () => {
  const { host } = onlyNode(snapshotOf(filter('-A INPUT zork -j DROP'), {}, 'iptables-save.txt'));
  expect(host.rulesets.map((ruleset) => printTables(ruleset, 'legacy'))).toEqual([filter('-A INPUT zork -j DROP')]);
});
