/** What `ipset restore` takes beyond what `ipset save` prints, and commands as they were typed. */
import { countLines } from '@coldtrace/core';
import { describe, expect, it } from 'vitest';
import { ledgerIsComplete, sectionOf } from '../testing.js';
import { printElement, printMember } from './print.js';
import { ipsetSave } from './save.js';
import { setsOf } from './testing.js';

const parse = (text: string, given = {}) => {
  const section = sectionOf(text, given);
  const parsed = ipsetSave.parse(section);
  expect(ledgerIsComplete(section, parsed)).toBe(true);
  return parsed;
};
const members = (text: string) =>
  setsOf(parse(text)).map((set) => [set.name, set.elements.map((element) => printElement(element)).join(' ')]);

describe('restore input', () => {
  it.each([
    ['ranges of addresses', 'hash:ip', '10.0.0.9-10.0.0.1', '10.0.0.1-10.0.0.9'],
    ['blocks in a set of addresses', 'hash:ip', '10.0.0.0/30', '10.0.0.0/30'],
    ['ranges of ports', 'hash:ip,port', '10.0.0.1,tcp:80-90', '10.0.0.1,tcp:80-90'],
    ['ports without a protocol as tcp', 'hash:ip,port', '10.0.0.1,80', '10.0.0.1,tcp:80'],
    ['ping', 'hash:ip,port', '10.0.0.1,icmp:ping', '10.0.0.1,icmp:echo-request'],
    ['protocol numbers', 'hash:ip,port', '10.0.0.1,47:0', '10.0.0.1,gre:0'],
    ['host bits in a network', 'hash:net', '10.1.2.3/8', '10.0.0.0/8'],
    ['masks', 'hash:net', '10.1.2.3/255.0.0.0', '10.0.0.0/8'],
    ['decimal marks', 'hash:ip,mark', '10.0.0.1,255', '10.0.0.1,0x000000ff'],
    ['bracketed addresses', 'hash:ip family inet6', '[2001:DB8::1]', '2001:db8::1'],
  ])('takes %s', (_, type, member, printed) => {
    expect(members(`create s ${type}\nadd s ${member}\n`)).toEqual([['s', printed]]);
  });

  it('puts members of a list before and after others', () => {
    const text = 'create l list:set\nadd l a\nadd l b before a\nadd l c after b\nadd -! l d\n';
    expect(members(text)).toEqual([['l', 'b c a d']]);
  });

  it('gives members the timeout of the set, and none to those of timeout 0', () => {
    const [set] = setsOf(
      parse('create s hash:ip timeout 60\nadd s 10.0.0.1\nadd s 10.0.0.2 timeout 0\nadd s 10.0.0.3 timeout 5\n'),
    );
    expect(set?.elements.map((element) => element.timeout)).toEqual([60, null, 5]);
  });

  it('replays flush and destroy, and leaves open what the kernel refuses', () => {
    expect(members('create s hash:ip\nadd s 10.0.0.1\nflush s\nadd s 10.0.0.2\n')).toEqual([['s', '10.0.0.2']]);
    expect(members('create s hash:ip\ndestroy s\ncreate t hash:ip\n')).toEqual([['t', '']]);
    const parsed = parse('create s hash:ip\nadd s 10.0.0.1\ndel s 10.0.0.2\n');
    expect(parsed.diagnostics.map((one) => one.code)).toEqual(['ipset/unreplayed-command']);
    expect(setsOf(parsed)[0]?.complete).toBe(false);
    expect(countLines(parsed.ledger).opaque).toBe(1);
  });

  it('keeps names with blanks apart from types and members', () => {
    expect(members('create two words hash:ip family inet\nadd two words 10.0.0.1\n')).toEqual([
      ['two words', '10.0.0.1'],
    ]);
  });

  it('knows neither type nor all members of a set that nothing creates', () => {
    const parsed = parse('add s 10.0.0.1\n');
    expect(parsed.diagnostics.map((one) => one.code)).toEqual(['ipset/no-create']);
    expect(setsOf(parsed)).toMatchObject([{ name: 's', type: 'unknown', complete: false }]);
    expect(countLines(parsed.ledger)).toMatchObject({ opaque: 1, unrecognized: 0 });
  });

  it('takes the old names of types and options', () => {
    expect(setsOf(parse('-N s iphash --hashsize 64\n'))).toMatchObject([{ name: 's', type: 'hash:ip' }]);
  });
});

describe('typed commands', () => {
  const typed = `# ipset create s hash:net
[root@node-1 ~]# ipset add s 10.0.0.0/8 nomatch
$ sudo ipset -! add s 192.168.0.0/16
`;

  it('are read behind any prompt, as claims', () => {
    const parsed = parse(typed, { freeForm: true });
    const [set] = setsOf(parsed);
    expect(set).toMatchObject({ name: 's', type: 'hash:net', trust: 'claimed' });
    expect(set?.elements.map((element) => printMember(element, set))).toEqual(['10.0.0.0/8 nomatch', '192.168.0.0/16']);
    for (const line of typed.trim().split('\n')) expect(ipsetSave.line(line)).toBe('opens');
  });

  it('are read from the line above when they printed nothing', () => {
    const text = '# ipset create s hash:net\n';
    const parsed = ipsetSave.parse(
      sectionOf(text, { start: text.length, command: 'ipset create s hash:net', freeForm: true }),
    );
    expect(setsOf(parsed)).toMatchObject([{ name: 's', type: 'hash:net' }]);
  });
});

it.each([
  ['create a hash:net', 'opens'],
  ['add a 10.0.0.0/8', 'opens'],
  ['create deployment foo', null],
  ['add eth0', 'continues'],
  ['-A KUBE-SERVICES -j ACCEPT', null],
  ['-N KUBE-SERVICES', null],
  ['10.0.0.0/8', null],
  ['default via 10.0.0.1', null],
])('line %s: %s', (line, verdict) => {
  expect(ipsetSave.line(line)).toBe(verdict);
});
