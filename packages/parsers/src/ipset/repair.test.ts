/** Damage that pasted `ipset list` output has: mended and reported in pastes, left alone in dumps. */
import { countLines, type LineState, lineStates } from '@coldtrace/core';
import { describe, expect, it } from 'vitest';
import { ledgerIsComplete, sectionOf } from '../testing.js';
import { ipsetList } from './list.js';
import { printMember } from './print.js';
import { ipsetSave } from './save.js';
import { setsOf } from './testing.js';

const paste = (text: string) => {
  const section = sectionOf(text, { freeForm: true });
  const parsed = ipsetList.parse(section);
  expect(ledgerIsComplete(section, parsed)).toBe(true);
  return parsed;
};
const dump = (text: string) => ipsetList.parse(sectionOf(text));
const codes = (parsed: ReturnType<typeof paste>) => parsed.diagnostics.map((one) => one.code);
const states = (parsed: ReturnType<typeof paste>): readonly (LineState | undefined)[] =>
  [...parsed.ledger].map((state) => lineStates[state]);
const members = (parsed: ReturnType<typeof paste>) =>
  setsOf(parsed).map((set) => set.elements.map((element) => printMember(element, set)));

const sound = `Name: pods
Type: hash:net
Revision: 7
Header: family inet hashsize 1024 maxelem 65536
Size in memory: 504
References: 1
Number of entries: 2
Members:
10.0.0.0/8
192.168.0.0/16 nomatch
`;
const twoMembers = [['10.0.0.0/8', '192.168.0.0/16 nomatch']];

const damages: readonly (readonly [what: string, text: string, code: string])[] = [
  ['a blank in the type', sound.replace('hash:net', 'hash: net'), 'ipset/repaired-field'],
  ['the line break before Members lost', sound.replace('2\nMembers', '2Members'), 'ipset/repaired-fields'],
  ['all line breaks of the header lost', sound.replace(/\n(?=[A-Z])/g, ' '), 'ipset/repaired-fields'],
  ['fields joined with nothing between', sound.replace(/\n(?=[A-Z])/g, ''), 'ipset/repaired-fields'],
  ['full-width colons', sound.replace(/: /g, '：'), 'ipset/repaired-field'],
  ['a full-width colon behind Members', sound.replace('Members:', 'Members：'), 'ipset/repaired-fields'],
  ['the Members line missing', sound.replace('Members:\n', ''), 'ipset/repaired-members'],
  ['a member behind Members', sound.replace('Members:\n', 'Members: '), 'ipset/repaired-fields'],
  ['the members on one line', sound.replace('/8\n', '/8 '), 'ipset/repaired-joined-members'],
  ['a wrapped header', sound.replace(' maxelem', '\nmaxelem'), 'ipset/repaired-wrap'],
  ['a blank lost in the header', sound.replace('hashsize 1024', 'hashsize1024'), 'ipset/repaired-field'],
  ['no blank behind the colon', sound.replace('Name: ', 'Name:'), 'ipset/repaired-field'],
];

describe('in a paste', () => {
  it.each(damages)('%s is mended, told and marked', (_, text, code) => {
    const parsed = paste(text);
    expect(new Set(codes(parsed))).toEqual(new Set([code]));
    const [set] = setsOf(parsed);
    expect(set).toMatchObject({ name: 'pods', type: 'hash:net', family: 4, complete: true });
    expect(members(parsed)).toEqual(twoMembers);
    expect([set?.trust, ...(set?.elements.map((element) => element.trust) ?? [])]).toContain('repaired');
    expect(countLines(parsed.ledger)).toMatchObject({ unrecognized: 0, opaque: 0 });
  });

  it('says what was read as what', () => {
    const [one] = paste(sound.replace('2\nMembers', '2Members')).diagnostics;
    expect(one?.data).toEqual({ was: 'Number of entries: 2Members:', read: 'Number of entries: 2 | Members:' });
    expect(paste(sound.replace('hash:net', 'hash: net')).diagnostics[0]?.data).toEqual({
      was: 'Type: hash: net',
      read: 'Type: hash:net',
    });
  });

  it('elements that rest on a mended type are marked with it', () => {
    const [set] = setsOf(paste(sound.replace('hash:net', 'hash: net')));
    expect(set?.elements.map((element) => element.trust)).toEqual(['repaired', 'repaired']);
  });

  it('sound text is left alone, indented or not', () => {
    for (const text of [sound, sound.replace(/^(?=\d)/gm, '  ')]) {
      const parsed = paste(text);
      expect(parsed.diagnostics).toEqual([]);
      expect(members(parsed)).toEqual(twoMembers);
      expect(setsOf(parsed)[0]).not.toHaveProperty('trust');
    }
  });

  it('does not speak for sets that were not pasted', () => {
    expect(paste(sound).value).toMatchObject([{ kind: 'ipsets', complete: false }]);
    expect(dump(sound).value).toMatchObject([{ kind: 'ipsets', complete: true }]);
  });
});

describe('in a dump', () => {
  it.each(damages)('%s is not mended', (_, text) => {
    const parsed = dump(text);
    expect(codes(parsed).filter((code) => code.includes('repaired'))).toEqual([]);
    expect(setsOf(parsed).some((set) => set.trust !== undefined)).toBe(false);
    const counts = countLines(parsed.ledger);
    const untouched = setsOf(parsed).every((set) => set.name === 'pods' && set.complete && set.elements.length === 2);
    expect(counts.unrecognized + counts.opaque > 0 || !untouched).toBe(true);
  });

  it('a set whose name line is lost or damaged leaves the set before it as it is', () => {
    const other = sound.replace('hash:net', 'hash:ip').replace(/^.*nomatch\n/m, '');
    for (const damaged of [
      other.replace('Name: pods\n', ''),
      other.replace('Name: pods\n', `Name: ${'x'.repeat(40)}\n`),
    ]) {
      const parsed = dump(`${sound}\n${damaged}`);
      expect(setsOf(parsed)).toMatchObject([{ name: 'pods', type: 'hash:net', complete: true }]);
      expect(members(parsed)).toEqual(twoMembers);
      expect(countLines(parsed.ledger).unrecognized).toBeGreaterThan(6);
    }
  });

  it('an unknown type leaves the members unread', () => {
    const parsed = dump(sound.replace('hash:net', 'hash: net'));
    expect(setsOf(parsed)).toMatchObject([{ name: 'pods', type: 'unknown', elements: [], complete: false }]);
    expect(states(parsed)).toEqual([
      'modelled',
      'unrecognized',
      'modelled',
      'modelled',
      'inert',
      'modelled',
      'modelled',
      'modelled',
      'opaque',
      'opaque',
    ]);
  });
});

describe('what is not there or hidden', () => {
  it('fewer members than announced leave the set incomplete', () => {
    const parsed = dump(sound.replace('192.168.0.0/16 nomatch\n', ''));
    expect(codes(parsed)).toEqual(['ipset/missing-members']);
    expect(parsed.diagnostics[0]?.data).toEqual({ set: 'pods', announced: 2, found: 1 });
    expect(setsOf(parsed)[0]?.complete).toBe(false);
  });

  it.each(['***HIDDEN***', '10.blackly.3.4', '10.0.0.0/8 timeout', '2001:db8::/32', '10.0.0.0/33'])(
    'member %s costs that line alone',
    (member) => {
      const parsed = dump(sound.replace('10.0.0.0/8', member));
      expect(codes(parsed)).toEqual(['ipset/unreadable-member']);
      expect(members(parsed)).toEqual([['192.168.0.0/16 nomatch']]);
      expect(states(parsed)[8]).toBe('opaque');
      expect(setsOf(parsed)[0]?.complete).toBe(false);
    },
  );

  it('a resolved name costs that line alone', () => {
    const parsed = dump(sound.replace('10.0.0.0/8', 'kube-dns.example.org'));
    expect(codes(parsed)).toEqual(['ipset/resolved-name']);
    expect(members(parsed)).toEqual([['192.168.0.0/16 nomatch']]);
  });

  it.each(['ipset v7.17: The set with the given name does not exist', 'bash: ipset: command not found'])(
    '%s is a failure and no member',
    (line) => {
      const parsed = dump(`${line}\n`);
      expect(parsed.value).toMatchObject([{ kind: 'failures', rows: [{ message: line }] }]);
      const behind = dump(`${sound}\n${line}\n`);
      expect(members(behind)).toEqual(twoMembers);
      expect(behind.value.map((facts) => facts.kind)).toEqual(['ipsets', 'failures']);
    },
  );

  it('text behind the last member is no member', () => {
    const parsed = dump(`${sound}10.9.9.9\n`);
    expect(members(parsed)[0]?.slice(0, 2)).toEqual(twoMembers[0]);
    expect(states(dump(`${sound}some other words\n`)).at(-1)).toBe('unrecognized');
  });

  it('a list of sets takes no more names than it has members', () => {
    const list = 'Name: l\nType: list:set\nHeader: size 8\nNumber of entries: 2\nMembers:\na\nb c\n';
    for (const behind of ['root@host:~#\n', '\nsomething else\n']) {
      const parsed = dump(`${list}${behind}`);
      expect(members(parsed)).toEqual([['a', 'b c']]);
      expect(states(parsed).at(-1)).toBe('unrecognized');
    }
    expect(members(dump(`${list.replace('Number of entries: 2\n', '')}\nmore\n`))).toEqual([['a', 'b c']]);
  });

  it.each([
    ['ipset list pods', false],
    ['ipset list', true],
    ['sudo ipset -L', true],
    ['ipset list -t', true],
    ['ipset list | head', false],
    ['ipset -o plain list', true],
  ])('%s speaks for all sets: %s', (command, complete) => {
    const parsed = ipsetList.parse(sectionOf(sound, { command, freeForm: true }));
    expect(parsed.value).toMatchObject([{ kind: 'ipsets', complete }]);
  });

  it('a comment may hold a line feed and words of a header', () => {
    const parsed = dump(sound.replace('/8', '/8 comment "Name: x\nType: y"'));
    expect(parsed.diagnostics).toEqual([]);
    expect(members(parsed)[0]?.[0]).toBe('10.0.0.0/8 comment "Name: x\nType: y"');
    expect(countLines(parsed.ledger).unrecognized).toBe(0);
  });
});

describe('a dump that breaks off', () => {
  const short = sound.replace('entries: 2', 'entries: 3');
  const facts = (text: string, given: Parameters<typeof sectionOf>[1] = {}, format = ipsetList) =>
    format.parse(sectionOf(text, given)).value.find((one) => one.kind === 'ipsets');

  it.each([
    [
      'within a member: what is left of it is none',
      `${short}172.16.0.0/1`,
      ipsetList,
      ['10.0.0.0/8', '192.168.0.0/16 nomatch'],
    ],
    ['between two lines', short, ipsetList, ['10.0.0.0/8', '192.168.0.0/16 nomatch']],
    [
      'within a prefix of ipset save',
      'create a hash:net family inet\nadd a 10.0.0.0/8\nadd a 172.16.0.0/1',
      ipsetSave,
      ['10.0.0.0/8'],
    ],
  ])('%s', (_, text, format, expected) => {
    const found = facts(text, {}, format);
    const [set] = found?.kind === 'ipsets' ? found.rows : [];
    expect(found).toMatchObject({ complete: false, rows: [{ complete: false }] });
    expect(set?.elements.map((element) => printMember(element, set))).toEqual(expected);
  });

  it('a missing last line feed alone breaks nothing off', () => {
    expect(facts(sound.trimEnd())).toMatchObject({ complete: true, rows: [{ complete: true }] });
  });

  it('a warning of another protocol version keeps nothing back', () => {
    const warning = 'Warning: Kernel support protocol versions 6-7 while userspace supports protocol versions 6-6\n';
    expect(facts(warning + sound)).toMatchObject({ complete: true, rows: [{ complete: true }] });
    expect(facts(`${warning}create a hash:net\n`, {}, ipsetSave)).toMatchObject({ complete: true });
  });

  it('names of sets are no sets, and speak for none', () => {
    const section = sectionOf('pods\nservices\n', { command: 'ipset list -n' });
    const { value, ledger } = ipsetList.parse(section);
    expect(value).toEqual([]);
    expect(countLines(ledger)).toMatchObject({ inert: 2, unrecognized: 0 });
  });
});
