/** Policy rules line by line, the family of a list, and what damage does. */
import { countLines, type FactsOf } from '@coldtrace/core';
import { describe, expect, test } from 'vitest';
import { sectionOf } from '../../testing.js';
import { ipRule, parseRules } from './parse.js';

type Given = Parameters<typeof sectionOf>[1];

const lists = (text: string, given: Given = {}): readonly FactsOf<'policy-rules'>[] =>
  parseRules(sectionOf(text, given)).value.filter((found) => found.kind === 'policy-rules');
const rule = (line: string) => lists(`${line}\n`, { command: 'ip rule' })[0]?.rows[0];
const codes = (text: string, given: Given = {}) =>
  parseRules(sectionOf(text, given)).diagnostics.map((one) => one.code);

test('a list without a rule for table local is whole only where the command is known to ask for all', () => {
  const text = '50:\tfrom all fwmark 0x5 lookup 100\n';
  const all = `0:\tfrom all lookup local\n${text}32766:\tfrom all lookup main\n`;
  expect(lists(text)[0]).toMatchObject({ complete: false });
  expect(lists(text, { command: 'ip rule' })[0]).toMatchObject({ complete: true });
  expect(lists(all)[0]).toMatchObject({ complete: true });
});

describe('a rule', () => {
  test.each([
    ['0:\tfrom all lookup local', { priority: 0, from: null, action: { kind: 'lookup', table: 'local' } }],
    ['32766: from all lookup 254 ', { action: { kind: 'lookup', table: 'main' } }],
    ['5:\tnot from 10.0.0.0/8 to 10.1.0.1 lookup 7', { invert: true, from: { length: 8 }, to: { length: 32 } }],
    ['5:\tfrom all fwmark 0x10/0xff lookup 200', { fwmark: { value: 16, mask: 255 } }],
    ['5:\tfrom all fwmark 0/0x4000 lookup 200', { fwmark: { value: 0, mask: 0x4000 } }],
    [
      '5:\tfrom all iif eth9 [detached] oif eth0 lookup 1',
      { iif: 'eth9', iifDetached: true, oif: 'eth0', oifDetached: false },
    ],
    ['5:\tfrom all tos 0x10 ipproto ipproto-200 lookup 1', { tos: 16, ipproto: 200 }],
    [
      '5:\tfrom all ipproto tcp sport 1-5 dport 80 lookup 1',
      { ipproto: 6, sport: { first: 1, last: 5 }, dport: { first: 80, last: 80 } },
    ],
    ['5:\tfrom all uidrange 0-10 tun_id 77 lookup 1', { uidrange: { first: 0, last: 10 }, tunId: '77' }],
    [
      '5:\tfrom all lookup main suppress_prefixlength 0 suppress_ifgroup default',
      { suppressPrefixLength: 0, suppressIfGroup: 'default' },
    ],
    ['5:\tfrom all lookup [l3mdev-table]', { l3mdev: true }],
    ['5:\tfrom all goto 9 [unresolved]', { action: { kind: 'goto', priority: 9, unresolved: true } }],
    ['5:\tfrom all goto 32766', { action: { kind: 'goto', priority: 32766, unresolved: false } }],
    ['5:\tfrom all nop', { action: { kind: 'nop' } }],
    ['5:\tfrom all blackhole', { action: { kind: 'blackhole' } }],
    ['5:\tfrom all unreachable proto static', { action: { kind: 'unreachable' }, protocol: 'static' }],
    ['5:\tfrom all prohibit', { action: { kind: 'prohibit' } }],
    ['5:\tfrom all fwmark 0x7 6', { action: { kind: 'blackhole' } }],
    ['5:\tfrom all iif lo 7', { action: { kind: 'unreachable' }, iif: 'lo' }],
    ['5:\tfrom 10.0.0.0/8 8', { action: { kind: 'prohibit' } }],
    ['5:\tfrom all lookup main realms 5/6', { rest: ['realms 5/6'] }],
    ['5:\tfrom all lookup toString', { action: { kind: 'lookup', table: 'toString' } }],
  ])('%s', (line, expected) => {
    expect(rule(line)).toMatchObject(expected);
    expect(codes(line, { command: 'ip rule' })).toEqual([]);
  });

  test('with an unknown selector stays, and is open', () => {
    const line = '5:\tfrom all flavour sweet lookup 9\n';
    expect(rule(line)?.unknown).toEqual(['flavour', 'sweet']);
    expect(countLines(parseRules(sectionOf(line)).ledger).opaque).toBe(1);
  });

  test('with a redacted address stays, and is open', () => {
    expect(rule('5:\tfrom 10.blackly.3.4 lookup 9')).toMatchObject({ from: null, unknown: ['10.blackly.3.4'] });
  });

  test('without an action is no rule', () => {
    expect(lists('5:\tfrom all\n', { command: 'ip rule' })[0]).toMatchObject({ rows: [], complete: false });
  });
});

describe('the family of a list', () => {
  const four = '0:\tfrom all lookup local\n32766:\tfrom all lookup main\n32767:\tfrom all lookup default\n';
  const six = '0:\tfrom all lookup local\n32766:\tfrom all lookup main\n';

  test.each([
    ['ip rule', four, 4, []],
    ['ip rule', six, 4, []],
    ['ip -6 rule', six, 6, []],
    ['ip -6 rule list', '', 6, []],
    [null, four, 4, []],
    [null, six, 6, ['iproute/family-inferred']],
    [null, `${six.slice(0, 25)}5:\tfrom fd00::/64 lookup 9\n${six.slice(25)}`, 6, []],
  ])('after %s', (command, text, family, said) => {
    expect(lists(text, { command })[0]).toMatchObject({ family, complete: true });
    expect(codes(text, { command })).toEqual(said);
  });

  test('a file name that says so', () => {
    expect(lists(six, { path: 'node1/ip_-6_rule' })[0]?.family).toBe(6);
  });

  test('two lists in one text are two lists', () => {
    expect(lists(four + six).map(({ family, rows }) => [family, rows.length])).toEqual([
      [4, 3],
      [6, 2],
    ]);
  });
});

describe('pasted rules', () => {
  test('a wrapped rule is put together, and said', () => {
    const text = '100:\tfrom all fwmark 0x10/0xff\nlookup 200\n';
    expect(lists(text, { freeForm: true, command: 'ip rule' })[0]?.rows[0]).toMatchObject({
      action: { table: '200' },
      trust: 'repaired',
    });
    expect(codes(text, { freeForm: true, command: 'ip rule' })).toEqual(['iproute/line-rejoined']);
  });

  test('a failed command is not an empty list', () => {
    const { value } = parseRules(sectionOf('-bash: ip: command not found\n', { command: 'ip rule' }));
    expect(value.map((found) => found.kind)).toEqual(['failures']);
  });
});

test.each([
  ['0:\tfrom all lookup local', 'opens'],
  ['32766: from all lookup main', 'opens'],
  ['102:\tnot from 1.2.3.4 lookup 5', 'opens'],
  ['1: lo: <LOOPBACK>', null],
  ['12: from the beginning', 'opens'],
  ['from all lookup local', null],
])('%s', (line, verdict) => {
  expect(ipRule.line(line)).toBe(verdict);
});
