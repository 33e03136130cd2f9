/** Rules of which a part is missing: cut off anywhere, trimmed with a mark, or filtered. No answer may turn into another definite one. */
import { formatIp, type Outcome } from '@coldtrace/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Ask, ask, type Dumps, nodeOf, router, rules } from './node-text.js';

const filter = [
  '-A INPUT -p tcp -m tcp --dport 22 -j ADMIN',
  '-A INPUT -p udp -j DROP',
  '-A FORWARD -d 10.1.0.0/24 -j ADMIN',
  '-A FORWARD -p tcp -m tcp --dport 80 -j ACCEPT',
  '-A FORWARD -s 10.1.0.9/32 -j DROP',
  '-A FORWARD -i eth1 -j REJECT --reject-with icmp-port-unreachable',
  '-A OUTPUT -d 10.2.0.0/24 -p udp -j ADMIN',
  '-A OUTPUT -d 9.9.9.9/32 -j DROP',
  '-A ADMIN -s 10.1.0.9/32 -j RETURN',
  '-A ADMIN -s 8.8.8.8/32 -j DROP',
  '-A ADMIN -p tcp -m tcp --dport 80 -j DROP',
  '-A ADMIN -j ACCEPT',
];
const nat = [
  '-A PREROUTING -d 10.96.0.1/32 -p tcp -m tcp --dport 80 -j SVC',
  '-A OUTPUT -d 10.96.0.1/32 -p tcp -m tcp --dport 80 -j SVC',
  '-A POSTROUTING -s 10.1.0.0/24 -o eth1 -j MASQUERADE',
  '-A SVC -s 8.8.8.8/32 -j RETURN',
  '-A SVC -p tcp -j DNAT --to-destination 10.1.0.9:8080',
];

const ruleset = fc
  .record({
    filter: fc.subarray(filter, { minLength: 3 }),
    nat: fc.subarray(nat, { minLength: 1 }),
    policy: fc.constantFrom('ACCEPT', 'DROP'),
  })
  .map((made) =>
    rules({
      nat: [':SVC - [0:0]', ...made.nat],
      filter: [`:FORWARD ${made.policy} [0:0]`, ':ADMIN - [0:0]', ...made.filter],
    }),
  );

const question: fc.Arbitrary<Ask> = fc
  .record(
    {
      to: fc.constantFrom('10.2.0.9', '10.1.0.9', '10.96.0.1', '9.9.9.9', '10.1.0.1', '10.2.0.1'),
      proto: fc.constantFrom(6, 17),
      port: fc.constantFrom(80, 22, 53),
      in: fc.constantFrom('eth0', 'eth1'),
      src: fc.constantFrom('10.1.0.9', '10.2.0.9', '8.8.8.8'),
    },
    { requiredKeys: ['to', 'proto', 'port'] },
  )
  .map(({ in: dev, src, ...rest }) => (dev === undefined || src === undefined ? rest : { ...rest, in: dev, src }));

function definite(outcomes: readonly Outcome[]): string | null {
  if (outcomes.some(({ disposition }) => disposition === 'undetermined')) return null;
  const one = ({ disposition, rejectWith, final }: Outcome) =>
    [disposition, rejectWith, final.iface, formatIp(final.src), formatIp(final.dst), final.dport].join(' ');
  return outcomes.map(one).sort().join('; ');
}

/** `share` and `length` are parts of the text, from 0 to 1. */
type Damage = (lines: readonly string[], share: number, length: number) => Dumps | null;

const inFile = (text: string): Dumps => ({ ...router, 'iptables-save.txt': text });

const pasted = (command: string, text: string): Dumps => {
  const { 'iptables-save.txt': _, ...rest } = router;
  return { ...rest, 'rules.txt': `[root@router ~]# ${command}\n${text}[root@router ~]# \n` };
};

/**
 * Between two tables nothing tells that there were more; a file without a word is what the tool prints where there are none. Nor does anything tell behind
 * the first COMMIT: text that people have written often says of no table that it is completed.
 */
const betweenTables = /(?:^|# Completed)\n*$/;
const behindFirst = /^[^*]*\*\w+\n[^*]*COMMIT\n*$/;

const cutOff = (text: string): Dumps | null =>
  betweenTables.test(text) || behindFirst.test(text) ? null : inFile(text);

const trimmed = (lines: readonly string[], share: number, length: number): string => {
  const from = Math.floor(share * lines.length);
  const to = from + 1 + Math.floor(length * 8);
  return [...lines.slice(0, from), '...', ...lines.slice(to)].map((line) => `${line}\n`).join('');
};

const damages: Readonly<Record<string, Damage>> = {
  'cut off behind a line': (lines, share) => cutOff(`${lines.slice(0, Math.floor(share * lines.length)).join('\n')}\n`),
  'cut off anywhere': (lines, share) => {
    const text = lines.join('\n');
    return cutOff(text.slice(0, Math.floor(share * text.length)));
  },
  'trimmed in a file': (lines, share, length) => inFile(trimmed(lines, share, length)),
  'trimmed in a paste': (lines, share, length) => pasted('iptables-save', trimmed(lines, share, length)),
  filtered: (lines, share) => {
    const word = ['tcp', 'DROP', 'ADMIN', 'SVC', '10.1'][Math.floor(share * 5)] ?? 'tcp';
    const kept = lines.filter((line) => !line.startsWith('-A') || !line.includes(word));
    return pasted(`iptables-save | grep -v ${word}`, kept.map((line) => `${line}\n`).join(''));
  },
};

const numRuns = Number(process.env['COLDTRACE_CASES'] ?? 30);
const share = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });

describe('rules that are', () => {
  it.each(Object.keys(damages))('%s say nothing that the whole denies', { timeout: 120_000 }, (kind) => {
    fc.assert(
      fc.property(ruleset, question, share, share, (text, asked, from, length) => {
        const damaged = damages[kind]?.(text.trimEnd().split('\n'), from, length);
        fc.pre(damaged !== undefined && damaged !== null);
        const whole = definite(ask({ nodes: [nodeOf(inFile(text))] }, asked).outcomes);
        const part = definite(ask({ nodes: [nodeOf(damaged)] }, asked).outcomes);
        if (whole !== null && part !== null)
          expect(part, damaged['iptables-save.txt'] ?? damaged['rules.txt']).toBe(whole);
      }),
      { numRuns },
    );
  });
});
