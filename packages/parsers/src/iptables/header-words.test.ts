import { type Family, printRule, type Rule, type XtablesVariant } from '@coldtrace/core';
import { describe, expect, it } from 'vitest';
import { type RuleReading, readRuleSpec } from './rule-spec.js';
import { splitWords } from './words.js';

interface Place {
  readonly family?: Family;
  readonly variant?: XtablesVariant;
  readonly table?: string;
  readonly chain?: string;
}

function read(text: string, place: Place = {}): RuleReading {
  return readRuleSpec(
    splitWords(text, 0, text.length),
    0,
    { file: 0, start: 0, end: text.length },
    {
      family: place.family ?? 4,
      variant: place.variant ?? null,
      table: place.table ?? 'filter',
      chain: place.chain ?? 'FORWARD',
      file: 0,
      source: text,
      hasChain: (name) => name === 'C1',
    },
  );
}

function printed(text: string, place: Place = {}): readonly string[] {
  const { family = 4, variant = 'legacy' } = place;
  return read(text, place).rules.map((rule: Rule) => printRule(rule, 'C', family, variant).slice('-A C'.length).trim());
}

const codes = (text: string, place: Place = {}) =>
  read(text, place).diagnostics.map(({ code }) => code.replace('iptables/', ''));

/** What iptables-legacy-save 1.8.9 prints for the words after `-A CHAIN`. */
const taken: readonly (readonly [typed: string, saved: string])[] = [
  ['-f -j ACCEPT', '-f -j ACCEPT'],
  ['! -f', '! -f'],
  ['-j ACCEPT ! -f -s 10.0.0.1', '-s 10.0.0.1/32 ! -f -j ACCEPT'],
  ['-i +', ''],
  ['! -i eth+', '! -i eth+'],
  ['-i a.b:c -o !x', '-i a.b:c -o !x'],
  ['-p all', ''],
  ['-p 6', '-p tcp'],
  ['-p 0x11', '-p udp'],
  ['-p ICMPv6', '-p ipv6-icmp'],
  ['-p 255', '-p 255'],
  ['! -p 17', '! -p udp'],
  ['-s 0/0', ''],
  ['! -s 0/0', '! -s 0.0.0.0/0'],
  ['-s 10.0.0.1/24', '-s 10.0.0.0/24'],
  ['-s 10.0.0.1/255.0.255.0', '-s 10.0.0.0/255.0.255.0'],
  ['-s 10.0.0.1/0.0.0.255', '-s 0.0.0.1/0.0.0.255'],
  ['-s 10.1/16', '-s 10.1.0.0/16'],
  ['-s 10', '-s 10.0.0.0/32'],
  ['-s 256', '-s 0.0.1.0/32'],
  ['-s 10.256/16', '-s 10.0.0.0/16'],
  ['-s 010.0.0.1', '-s 8.0.0.1/32'],
  ['-s 10.0.0.1/010', '-s 10.0.0.0/8'],
  ['! -d 10.0.0.1 ! -s 10.0.0.0/8', '! -s 10.0.0.0/8 ! -d 10.0.0.1/32'],
  ['-m tcp -p tcp --dport 80', '-p tcp -m tcp --dport 80'],
  ['-p tcp --dport 80 -m tcp', '-p tcp -m tcp --dport 80 -m tcp'],
  ['--so 10.0.0.1 --dst 10.0.0.2 --proto tcp --frag', '-s 10.0.0.1/32 -d 10.0.0.2/32 -p tcp -f'],
  ['-c 1 2 -v -4 --goto C1', '-g C1'],
  ['-gC1', '-g C1'],
  ['--match=comment --comment=x', '-m comment --comment x'],
  ['-m mark --mark 1 -m mark --mar 2', '-m mark --mark 0x1 -m mark --mark 0x2'],
  ['-m comment --comment a"b"', '-m comment --comment ab'],
  ['-m comment --comment a\\b', '-m comment --comment "a\\\\b"'],
];

const refused: readonly (readonly [typed: string, code: string])[] = [
  ['-i ""', 'refused'],
  ['-i 1234567890123456', 'refused'],
  ['! -p all', 'refused'],
  ['-p icmp6', 'bad-value'],
  ['-p 256', 'bad-value'],
  ['! -s 10.0.0.1,10.0.0.2', 'refused'],
  ['-s 10.0.0.1,', 'bad-value'],
  ['-s 10.0.0.1/33', 'bad-value'],
  ['-s 10.0.0.256', 'bad-value'],
  ['-s 10.0.0.1/08', 'bad-value'],
  ['-s fd00::1', 'bad-value'],
  ['-p tcp -m udp', 'refused'],
  ['! -p tcp -m tcp', 'refused'],
  ['-p tcp -p udp', 'repeated-option'],
  ['-f -f', 'repeated-option'],
  ['-j ACCEPT -j DROP', 'repeated-option'],
  ['! ! -s 10.0.0.1', 'refused'],
  ['-j ACCEPT !', 'refused'],
  ['! -m comment --comment x', 'refused'],
  ['! -j ACCEPT', 'refused'],
  ['-s ! 10.0.0.1', 'intraposed'],
  ['-ptcp', 'glued'],
  ['--s 10.0.0.1', 'unknown-option'],
  ['--p tcp', 'unknown-option'],
  ['-p tcp -m tcp --sou 80', 'unknown-option'],
  ['-m mark --mark 1 -m connmark --mark 2 -m mark --mark 3', 'repeated-option'],
  ['-m comment --comment x foo', 'stray-word'],
  ['-c 5', 'missing-value'],
  ['-j accept', 'unknown-target'],
  ['-j 12345678901234567890123456789', 'refused'],
];

describe('the options that every rule has', () => {
  it.each(taken)('%s is saved as %s', (typed, saved) => {
    expect(printed(typed)).toEqual([saved]);
    expect(codes(typed)).toEqual([]);
  });

  it.each(refused)('%s is not taken by iptables, and %s says so', (typed, code) => {
    expect(codes(typed)).toContain(code);
  });

  it('makes one rule per pair of addresses, sources outermost', () => {
    expect(printed('-s 10.0.0.1,10.0.0.2 -d 10.0.0.3,10.0.0.4')).toEqual([
      '-s 10.0.0.1/32 -d 10.0.0.3/32',
      '-s 10.0.0.1/32 -d 10.0.0.4/32',
      '-s 10.0.0.2/32 -d 10.0.0.3/32',
      '-s 10.0.0.2/32 -d 10.0.0.4/32',
    ]);
  });

  it('passes over a rule for the other family', () => {
    expect(printed('-6 -s 10.0.0.1')).toEqual([]);
    expect(printed('-4', { family: 6 })).toEqual([]);
    expect(printed('-6', { family: 6 })).toEqual(['']);
  });

  it('has no -f in IPv6', () => {
    expect(printed('-m string --string x --algo bm --fr 5', { family: 6, variant: 'legacy' })).toEqual([
      '-m string --string "x" --algo bm --from 5',
    ]);
    expect(codes('-m string --string x --algo bm --fr 5', { family: 6, variant: 'nft' })).toEqual(['unknown-option']);
    expect(codes('--fragments', { family: 6, variant: 'legacy' })).toEqual(['unknown-option']);
    expect(codes('--fragments', { family: 6, variant: 'nft' })).toEqual(['refused']);
    expect(codes('-f', { family: 6 })).toEqual(['refused']);
  });

  it.each([
    ['INPUT', '-o eth0'],
    ['PREROUTING', '-o eth0'],
    ['OUTPUT', '-i eth0'],
    ['POSTROUTING', '-i +'],
  ])('has no such interface in %s: %s', (chain, typed) => {
    expect(codes(typed, { chain })).toEqual(['refused']);
  });

  it('loads the match of the protocol that was typed', () => {
    expect(printed('-p mh --mh-type 1', { family: 6 })).toEqual(['-p mobility-header -m mh --mh-type 1']);
    expect(codes('-p 135 --mh-type 1', { family: 6 })).toEqual(['unknown-option']);
    expect(printed('-p 58 --icmpv6-type 1', { family: 6 })).toEqual(['-p ipv6-icmp -m icmp6 --icmpv6-type 1']);
  });
});

describe('where the variants differ', () => {
  it('legacy prints nothing of a negated +, nft does', () => {
    expect(printed('! -i +')).toEqual(['']);
    expect(printed('! -i +', { variant: 'nft' })).toEqual(['! -i +']);
    expect(codes('! -i +', { variant: 'legacy' })).toEqual(['print-loses']);
    expect(codes('! -i +', { variant: 'nft' })).toEqual([]);
  });

  it('prints a blank in an interface name bare, which no tool reads back', () => {
    expect(printed('-i "a b"')).toEqual(['-i a b']);
    expect(codes('-i "a b"')).toEqual(['print-loses']);
  });

  it('only legacy takes a rule for none of all addresses and the target QUEUE', () => {
    expect(codes('! -s 0/0', { variant: 'nft' })).toEqual(['refused']);
    expect(codes('-j QUEUE', { variant: 'nft' })).toEqual(['refused']);
    expect(codes('! -s 0/0 -j QUEUE', { variant: 'legacy' })).toEqual([]);
  });

  it('refuses DROP in table nat', () => {
    expect(codes('-j DROP', { table: 'nat', chain: 'POSTROUTING' })).toEqual(['refused']);
  });

  it('nft makes one test of two, the last of each kind', () => {
    const nft = { variant: 'nft' } as const;
    expect(printed('-p udp -m udp --dport 1 -m udp --sport 2', nft)).toEqual(['-p udp -m udp --sport 2 --dport 1']);
    expect(codes('-p udp -m udp --dport 1 -m udp --sport 2', nft)).toEqual([]);
    expect(printed('-p udp -m udp ! --dport 1 -m mark --mark 1 -m udp --dport 2', nft)).toEqual([
      '-p udp -m udp ! --dport 2 -m mark --mark 0x1',
    ]);
    expect(codes('-p udp -m udp --dport 1 -m udp --dport 2', nft)).toEqual(['print-loses']);
    // A test of every port, or of no flags, is no expression in nft: nothing is left that a later one could join.
    expect(printed('-p udp -m udp ! --dport 0:65535 -m mark --mark 1 -m udp --dport 2', nft)).toEqual([
      '-p udp -m mark --mark 0x1 -m udp --dport 2',
    ]);
    expect(printed('-p udp -m udp --sport 1 ! --dport :65535 -m udp --dport 2', nft)).toEqual([
      '-p udp -m udp --sport 1 --dport 2',
    ]);
    expect(printed('-p tcp -m tcp ! --tcp-flags NONE SYN -m mark --mark 1 -m tcp --syn', nft)).toEqual([
      '-p tcp -m mark --mark 0x1 -m tcp --tcp-flags FIN,SYN,RST,ACK SYN',
    ]);
    expect(printed('-p udp -m udp --dport 1 -m udp --dport 2')).toEqual(['-p udp -m udp --dport 1 -m udp --dport 2']);
    expect(printed('-p tcp -m tcp --dport 1 -m tcp --tcp-option 2 -m tcp', nft)).toEqual([
      '-p tcp -m tcp --dport 1 -m tcp --tcp-option 2 -m tcp',
    ]);
    expect(printed('-p udp -m udp ! --sport :5', nft)).toEqual(['-p udp -m udp --sport 6:65535']);
  });

  it('nft asks for no protocol where it makes expressions of its own', () => {
    expect(printed('! -p tcp -m tcp --sport 2', { variant: 'nft' })).toEqual(['! -p tcp -m tcp --sport 2']);
    expect(codes('! -p tcp -m tcp --sport 2', { variant: 'nft' })).toEqual([]);
    expect(codes('! -p tcp -m tcp --tcp-option 2', { variant: 'nft' })).toEqual(['refused']);
  });
});
