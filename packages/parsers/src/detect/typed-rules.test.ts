/** Rules typed at prompts one after the other act on each other, as they did in the shell. */
import { printTables } from '@coldtrace/core';
import { describe, expect, test } from 'vitest';
import { onlyNode, snapshotOf } from '../assemble/testing.js';

const prompt = 'root@n1:~# ';

function inputChain(...typed: readonly string[]): readonly string[] {
  const { host } = onlyNode(snapshotOf(typed.join('\n'), {}, 'ticket.txt'));
  const [ruleset] = host.rulesets;
  return ruleset === undefined
    ? []
    : printTables(ruleset, 'legacy')
        .split('\n')
        .filter((line) => line.startsWith('-A'));
}

const ssh = '-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT';
const drop = '-A INPUT -j DROP';

describe('rules typed at separate prompts', () => {
  test.each<[string, readonly string[], readonly string[]]>([
    [
      'a rule typed twice stands twice',
      [
        `${prompt}iptables -A INPUT -p tcp --dport 22 -j ACCEPT`,
        `${prompt}iptables -A INPUT -p tcp --dport 22 -j ACCEPT`,
      ],
      [ssh, ssh],
    ],
    [
      'an inserted rule comes first',
      [`${prompt}iptables -A INPUT -j DROP`, '', `${prompt}iptables -I INPUT -p tcp --dport 22 -j ACCEPT`],
      [ssh, drop],
    ],
    [
      'a deleted rule is gone',
      [
        `${prompt}iptables -A INPUT -j DROP`,
        `${prompt}iptables -A INPUT -p tcp --dport 22 -j ACCEPT`,
        `${prompt}iptables -D INPUT -j DROP`,
      ],
      [ssh],
    ],
    [
      'bare prompts of one shell count too',
      ['# iptables -A INPUT -j DROP', '# iptables -A INPUT -j DROP'],
      [drop, drop],
    ],
  ])('%s', (_sentence, typed, printed) => {
    expect(inputChain(...typed)).toEqual(printed);
  });

  test('rules of two machines stay apart', () => {
    const text = 'root@a:~# iptables -A INPUT -j DROP\nroot@b:~# iptables -A INPUT -j DROP\n';
    const { nodes } = snapshotOf(text, {}, 'ticket.txt');
    expect(nodes.map(({ name, host }) => [name, host.rulesets[0]?.tables[0]?.chains[0]?.rules.length])).toEqual([
      ['a', 1],
      ['b', 1],
    ]);
  });
});
