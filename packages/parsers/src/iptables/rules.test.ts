import { countLines, type Ruleset } from '@coldtrace/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cpuNow, hostileTexts, ledgerIsComplete, sectionOf } from '../testing.js';
import { damages, soundRule, textOf } from './repair/damage/testing.js';
import { readText } from './repair/testing.js';
import { parseIptablesRules } from './rules.js';

const statesOf = (text: string, freeForm = true) =>
  countLines(parseIptablesRules(sectionOf(text, { freeForm })).ledger);
const shown = ({ family, variant, tables }: Ruleset) =>
  `${family} ${variant} ${tables.map(({ name }) => name).join(',')}`;

describe('several statements on one line', () => {
  it('are taken apart behind a listing', () => {
    const read = readText(
      '-P POSTROUTING ACCEPT -A POSTROUTING -m comment --comment "cali:O3" -j cali-POSTROUTING -A POSTROUTING -j KUBE-POSTROUTING',
      true,
      'iptables -t nat -S POSTROUTING',
    );
    expect(read.rules).toEqual([
      '-t nat -A POSTROUTING -m comment --comment "cali:O3" -j cali-POSTROUTING',
      '-t nat -A POSTROUTING -j KUBE-POSTROUTING',
    ]);
    expect(read.trust).toEqual(['repaired', 'repaired']);
    expect(read.rulesets[0]?.tables[0]?.chains[0]).toMatchObject({ policy: 'ACCEPT' });
  });

  it('are taken apart in a dump on one line', () => {
    const read = readText(
      '*nat :PREROUTING ACCEPT [1:60] :KUBE-SERVICES - [0:0] [3:180] -A PREROUTING -j KUBE-SERVICES -A KUBE-SERVICES -d 10.96.0.1/32 -j KUBE-SVC-A COMMIT',
    );
    expect(read.rules).toEqual([
      '-t nat -A PREROUTING -j KUBE-SERVICES',
      '-t nat -A KUBE-SERVICES -d 10.96.0.1/32 -j KUBE-SVC-A',
    ]);
  });

  it('are a line break that went without a blank', () => {
    const read = readText('-A INPUT -i lo -j ACCEPT-A INPUT -s 10.0.0.0/8 -j DROP');
    expect(read.rules).toEqual(['-t filter -A INPUT -i lo -j ACCEPT', '-t filter -A INPUT -s 10.0.0.0/8 -j DROP']);
  });

  it('are commands that a shell separates, which is no repair', () => {
    const read = readText(
      'iptables -A INPUT -i lo -j ACCEPT; iptables -P INPUT DROP && ip6tables -A INPUT -i lo -j ACCEPT',
    );
    expect(read.rules).toEqual(['-t filter -A INPUT -i lo -j ACCEPT', '-t filter -A INPUT -i lo -j ACCEPT']);
    expect(read.codes).toEqual([]);
    expect(read.rulesets.map(shown)).toEqual(['4 null filter', '6 null filter']);
  });
});

describe('commands typed at a prompt', () => {
  it.each([
    [
      'iptables -t nat -A POSTROUTING -s 10.0.0.0/8 -j MASQUERADE',
      ['-t nat -A POSTROUTING -s 10.0.0.0/8 -j MASQUERADE'],
    ],
    [
      'sudo iptables -w 5 --table=mangle -A PREROUTING -j MARK --set-mark 1',
      ['-t mangle -A PREROUTING -j MARK --set-xmark 0x1/0xffffffff'],
    ],
    [
      '/usr/sbin/iptables -p tcp -A INPUT --dport 22 -j ACCEPT',
      ['-t filter -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT'],
    ],
    [
      "iptables -A INPUT -m comment --comment 'to be sure' -j ACCEPT",
      ['-t filter -A INPUT -m comment --comment "to be sure" -j ACCEPT'],
    ],
    [
      'iptables -A INPUT -i lo -j ACCEPT\niptables -I INPUT -i eth0 -j DROP',
      ['-t filter -A INPUT -i eth0 -j DROP', '-t filter -A INPUT -i lo -j ACCEPT'],
    ],
    [
      'iptables -A A -s 10.0.0.1 -j DROP\niptables -A A -s 10.0.0.2 -j DROP\niptables -I A 2 -s 10.0.0.3 -j DROP',
      [
        '-t filter -A A -s 10.0.0.1/32 -j DROP',
        '-t filter -A A -s 10.0.0.3/32 -j DROP',
        '-t filter -A A -s 10.0.0.2/32 -j DROP',
      ],
    ],
    [
      'iptables -A A -s 10.0.0.1 -j DROP\niptables -A A -i lo -j ACCEPT\niptables -D A -i lo -j ACCEPT',
      ['-t filter -A A -s 10.0.0.1/32 -j DROP'],
    ],
    ['iptables -A A -i lo -j DROP\niptables -F A\niptables -A A -i lo -j ACCEPT', ['-t filter -A A -i lo -j ACCEPT']],
    [
      'iptables-restore <<EOF\n*nat\n-A POSTROUTING -j MASQUERADE\nCOMMIT\nEOF',
      ['-t nat -A POSTROUTING -j MASQUERADE'],
    ],
  ])('%s', (text, rules) => {
    expect(readText(text).rules).toEqual(rules);
    expect(statesOf(text)).toMatchObject({ unrecognized: 0, opaque: 0 });
  });

  it.each([
    'iptables -D INPUT 3',
    'iptables -D INPUT -i lo -j ACCEPT',
    'iptables -R INPUT 1 -i lo -j DROP',
    'iptables -F',
    'iptables -t nat -F POSTROUTING',
    'iptables -X',
    'iptables -X KUBE-OLD',
    'iptables -E OLD NEW',
    'iptables -I INPUT 7 -j DROP',
  ])('%s changes rules that are not shown, and is not carried out', (text) => {
    const read = readText(text);
    expect(read.rules).toEqual([]);
    expect(read.codes).toEqual(['not-applied']);
    expect(statesOf(text)).toMatchObject({ opaque: 1 });
  });

  it('keep the variant and the family of their tool', () => {
    const text =
      'iptables-legacy -A INPUT -i lo -j ACCEPT\niptables-nft -A INPUT -j DROP\nip6tables -A INPUT -s fd00::/8 -j DROP';
    expect(readText(text).rulesets.map(shown)).toEqual(['4 legacy filter', '4 nft filter', '6 null filter']);
  });

  it('in a loop or a condition are not carried out', () => {
    const read = readText('if true\nthen\n  iptables -A INPUT -i lo -j ACCEPT\nfi\niptables -A INPUT -j DROP');
    expect(read.rules).toEqual(['-t filter -A INPUT -j DROP']);
    expect(read.codes).toEqual(['in-shell-block']);
  });
});

describe('a placeholder', () => {
  it.each([
    ['-A -t nat -s xxxx', 'xxxx'],
    ['iptables -t nat -A POSTROUTING -s <pod-cidr> -j MASQUERADE', '<pod-cidr>'],
    ['iptables -A INPUT -d $NODE_IP -j ACCEPT', '$NODE_IP'],
    [`iptables -A INPUT -d \${ip}/32 -j ACCEPT`, `\${ip}/32`],
    ['-A INPUT -s x.x.x.x -j DROP', 'x.x.x.x'],
    ['-A INPUT -s 192.168.x.x/16 -j DROP', '192.168.x.x/16'],
    ['-A PREROUTING -p tcp -j DNAT --to-destination NODE_IP', 'NODE_IP'],
    ['-A PREROUTING -j KUBE-SVC-XXXXXXXX', 'KUBE-SVC-XXXXXXXX'],
    ['-A INPUT -s 10.0.0.1 -j ...', '...'],
    ['iptables -A INPUT -s {{ .Values.cidr }} -j DROP', '{{'],
    ['for ip in 1 2 3; do iptables -A INPUT -s 10.0.0.$ip -j DROP; done', '10.0.0.$ip'],
  ])('in %s makes no rule', (text, part) => {
    const read = readText(text);
    expect(read.rules).toEqual([]);
    expect(read.codes).toContain('placeholder');
    expect(read.places).toContain(part);
    expect(statesOf(text)).toMatchObject({ modelled: 0, opaque: 1 });
  });

  it('in a comment is text', () => {
    expect(readText('-A INPUT -m comment --comment "for <pod> $x ..." -j ACCEPT').codes).toEqual([]);
  });
});

describe('rules below a heading', () => {
  it.each(['[KUBE-SVC-A]', 'KUBE-SVC-A:', 'Chain KUBE-SVC-A'])('%s are those of the chain', (heading) => {
    const text = `${heading}\n-m statistic --mode random --probability 0.5 -j KUBE-SEP-A\n-s 10.0.0.0/8 -p tcp\n-m tcp --dport 80 -j KUBE-SEP-B\n-j KUBE-SEP-C`;
    expect(readText(text).rules).toEqual([
      '-t nat -A KUBE-SVC-A -m statistic --mode random --probability 0.50000000000 -j KUBE-SEP-A',
      '-t nat -A KUBE-SVC-A -s 10.0.0.0/8 -p tcp -m tcp --dport 80 -j KUBE-SEP-B',
      '-t nat -A KUBE-SVC-A -j KUBE-SEP-C',
    ]);
    expect(statesOf(text)).toMatchObject({ unrecognized: 0, opaque: 0 });
  });
});

describe('what is switched off', () => {
  it('is no rule, and that is said', () => {
    expect(readText('# -A INPUT -j DROP').codes).toEqual(['commented-out']);
    expect(readText('# -A INPUT -j DROP').rules).toEqual([]);
    expect(readText('# iptables -A INPUT -j DROP').rules).toEqual(['-t filter -A INPUT -j DROP']);
  });
});

const damagedLine = fc
  .tuple(soundRule, fc.constantFrom(...Object.values(damages)), fc.nat(500))
  .map(([rule, damage, pick]) => damage(rule, pick));

describe('any text', () => {
  it('is read without a throw, and each line is in one state', () => {
    const line = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.constantFrom(...hostileTexts),
      damagedLine,
      soundRule.map(textOf),
      fc.constantFrom(
        '[X]',
        'COMMIT',
        '*nat',
        ':X - [0:0]',
        'iptables -F',
        '-A',
        '“',
        '&quot;',
        "'",
        '\\',
        '! ! !',
        '-j',
      ),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), fc.boolean(), (lines, freeForm) => {
        const section = sectionOf(lines.join('\n'), { freeForm });
        expect(ledgerIsComplete(section, parseIptablesRules(section))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    '-A ',
    '-A INPUT -j accept ',
    '-A INPUT -p tcp -dport 80 -J accept\n',
    '-m addrtype LOCAL ',
    '! ',
    '-',
    '“',
    "' ",
    '&quot; ',
    '-x\n',
    'a\n',
    '-A X -d 10.0.0.\n1 -j Y\n',
    '\\\n',
    'iptables -A A$x; ',
    '-A x -m nonesuch --frob 1 -j y\n',
    '[X]\n-j accept\n',
    '<',
    'x',
    '1. ',
  ])(
    'much of %j takes linear time',
    (part) => {
      // One line of a mebibyte; of lines, as many as a big dump has.
      const size = part.includes('\n') ? 1 << 16 : 1 << 20;
      const text = part.repeat(Math.floor(size / part.length));
      const half = text.slice(0, text.length / 2);
      const section = (given: string) => sectionOf(given, { freeForm: true });
      const time = (given: string) => {
        const began = cpuNow();
        expect(ledgerIsComplete(section(given), parseIptablesRules(section(given)))).toBe(true);
        return cpuNow() - began;
      };
      const short = time(half);
      const long = time(text);
      expect(long).toBeLessThan(Math.max(short * 5, 4000));
    },
    60_000,
  );
});
