import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kindOfLine } from './familiar-lines.js';
import { readRuleSpec } from './rule-spec.js';
import { splitWords } from './words.js';

const isChain = (name: string) => name.startsWith('KUBE-');
const kindOf = (line: string) => kindOfLine(line, 0, line.length, isChain);

function isUnderstood(line: string): boolean {
  const cx = { family: 4, table: 'nat', chain: 'PREROUTING', file: 0, source: line, hasChain: isChain } as const;
  const reading = readRuleSpec(splitWords(line, 0, line.length), 0, { file: 0, start: 0, end: line.length }, cx);
  return reading.modelled && reading.diagnostics.length === 0;
}

describe('the kind of a rule line', () => {
  it.each([
    ['-d 10.0.0.1/32 -p tcp -m tcp --dport 80 -j KUBE-A', '-d 10.9.9.9/32 -p tcp -m tcp --dport 443 -j KUBE-B'],
    ['-m comment --comment "a b" -j KUBE-A', '-m comment --comment x -j KUBE-LONGER'],
    ['-p tcp -m tcp -j DNAT --to-destination 10.0.0.1:80', '-p tcp -m tcp -j DNAT --to-destination 1.2.3.4:65535'],
  ])('is the same for %s and %s', (left, right) => {
    expect(kindOf(left)).toBe(kindOf(right));
  });

  it.each([
    ['another mask', '-d 10.0.0.1/32 -j KUBE-A', '-d 10.0.0.1/24 -j KUBE-A'],
    ['a port out of range', '-p tcp -m tcp --dport 80 -j KUBE-A', '-p tcp -m tcp --dport 65536 -j KUBE-A'],
    ['an octet out of range', '-d 10.0.0.1/32 -j KUBE-A', '-d 10.0.0.256/32 -j KUBE-A'],
    ['a target that is no chain', '-d 10.0.0.1/32 -j KUBE-A', '-d 10.0.0.1/32 -j NOSUCH'],
    [
      'a comment that hides an option',
      '-m comment --comment a -j KUBE-A',
      '-m comment --comment "a" -m nonesuch -j KUBE-A',
    ],
  ])('differs for %s', (_, left, right) => {
    expect(kindOf(left)).not.toBe(kindOf(right));
  });

  it('says truly that lines of one kind are understood alike', () => {
    const octet = fc.oneof(fc.integer({ min: 0, max: 300 }).map(String), fc.constant('01'));
    const ip = fc.tuple(octet, octet, octet, octet).map((octets) => octets.join('.'));
    const port = fc.oneof(fc.integer({ min: 0, max: 70000 }).map(String), fc.constant('080'), fc.constant('http'));
    const comment = fc.oneof(
      fc.string({ maxLength: 260 }).map((text) => `"${text.replace(/["\\\n]/g, '')}"`),
      fc.constant('x"y'),
      fc.constant('"a\\"b"'),
    );
    const line = fc.tuple(
      ip,
      fc.constantFrom('/32', '/24', ''),
      port,
      comment,
      fc.constantFrom('KUBE-A', 'ACCEPT', 'NOPE', 'DNAT --to-destination 1.2.3.4:5'),
    );
    const text = line.map(
      ([address, mask, dport, remark, target]) =>
        `-d ${address}${mask} -p tcp -m comment --comment ${remark} -m tcp --dport ${dport} -j ${target}`,
    );
    fc.assert(
      fc.property(text, text, (left, right) => {
        const kind = kindOf(left);
        if (kind !== null && kind === kindOf(right)) expect(isUnderstood(left)).toBe(isUnderstood(right));
      }),
      { numRuns: 2000 },
    );
  });
});
