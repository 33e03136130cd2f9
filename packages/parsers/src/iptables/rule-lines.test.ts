/** Where pasted rules begin and end among other lines of a ticket. */
import { printTables } from '@coldtrace/core';
import { describe, expect, it } from 'vitest';
import { snapshotOf } from '../assemble/testing.js';
import { ruleGoesOn } from './rule-lines.js';

/** `-A` lines that a ticket's text holds, and how far they can be trusted. */
function rulesIn(text: string): readonly (readonly [rule: string, trust: string])[] {
  const rows: (readonly [string, string])[] = [];
  for (const node of snapshotOf(text, {}, 'ticket.txt').nodes) {
    for (const ruleset of node.host.rulesets) {
      const printed = printTables(ruleset, 'nft')
        .split('\n')
        .filter((line) => line.startsWith('-A'));
      const trusts = ruleset.tables.flatMap(({ chains }) =>
        chains.flatMap(({ rules }) =>
          Array.from({ length: rules.length }, (_, at) => rules.at(at)?.trust ?? 'captured'),
        ),
      );
      printed.forEach((line, at) => {
        rows.push([line, trusts[at] ?? '']);
      });
    }
  }
  return rows;
}

const prompt = '[root@gw-3 ~]# ';
const masquerade = '-A POSTROUTING -s 172.21.0.0/16 ! -o br-7 -j MASQUERADE';

describe('a rule whose last word stands on a line of its own', () => {
  const broken = `${prompt}iptables-save -t nat | grep POSTROUTING\n-A POSTROUTING -s 172.21.0.0/16 ! -o br-7 -j\nMASQUERADE\n`;
  it.each([
    ['at the end of the text', ''],
    ['above a sentence', '\nAny idea what is wrong?\n'],
    ['above the next prompt', `${prompt}ip route\ndefault via 10.1.1.1 dev eth0\n`],
  ])('%s', (_where, after) => {
    expect(rulesIn(broken + after)).toEqual([[masquerade, 'repaired']]);
  });

  it.each<[string, string, boolean]>([
    ['-A INPUT -j', 'DROP', true],
    ['-A INPUT -j', 'MY_CHAIN', true],
    ['-A INPUT -j', 'thanks', false],
    ['-A INPUT -j', 'Please tell me why', false],
    ['-A INPUT -j MASQ', 'UERADE', true],
    ['-A INPUT -j ACCEPT', 'thanks', false],
    ['-A INPUT -j DROP', 'OK', false],
    ['-A PREROUTING -p tcp -j DNAT --to-destination', '10.3.0.9:8080', true],
    ['-A PREROUTING -p tcp -j DNAT --to-desti', 'nation 10.3.0.9:8080', false],
    ['-A POSTROUTING -j MASQUERADE --random-f', 'ully', true],
    ['-A POSTROUTING -j MASQUERADE --random-fully', 'ok', false],
    ['this is -j', 'DROP', false],
  ])('%s ↵ %s', (above, line, goesOn) => {
    expect(ruleGoesOn(above, line)).toBe(goesOn);
  });
});

describe('a rule is found', () => {
  it.each<[string, string, string]>([
    [
      'with other dashes from its first letter on',
      'rules:\n–A INPUT –p tcp ––dport 80 –j DROP\n',
      '-A INPUT -p tcp -m tcp --dport 80 -j DROP',
    ],
    [
      'in full-width letters',
      '规则：\n－A INPUT －p tcp －－dport　443 －j DROP\n',
      '-A INPUT -p tcp -m tcp --dport 443 -j DROP',
    ],
    ['with a blank behind its dash', 'rules:\n- A FORWARD -i cni0 -j DROP\n', '-A FORWARD -i cni0 -j DROP'],
    ['in a list', 'rules:\n1. -A FORWARD -i cni0 -j DROP\n', '-A FORWARD -i cni0 -j DROP'],
    ['in a table', 'rules:\n| -A FORWARD -i cni0 -j DROP |\n', '-A FORWARD -i cni0 -j DROP'],
  ])('%s', (_how, text, rule) => {
    expect(rulesIn(text)).toEqual([[rule, 'repaired']]);
  });

  it('on the line of the prompt whose command printed it', () => {
    const text = `${prompt}iptables-save | grep MASQ -A POSTROUTING -s 172.21.0.0/16 ! -o br-7 -j MASQUERADE -A POSTROUTING -s 10.5.0.0/16 -j MASQUERADE\n`;
    expect(rulesIn(text)).toEqual([
      [masquerade, 'captured'],
      ['-A POSTROUTING -s 10.5.0.0/16 -j MASQUERADE', 'repaired'],
    ]);
  });

  it('below a heading that names its chain, which is a repair', () => {
    const text = '[KUBE-SEP-QQ]\n-s 10.244.1.2/32 -j KUBE-MARK-MASQ\n';
    expect(rulesIn(text)).toEqual([['-A KUBE-SEP-QQ -s 10.244.1.2/32 -j KUBE-MARK-MASQ', 'repaired']]);
  });
});
