/** One row of a listing: its columns, and the text that matches and targets add to it. */
import { describe, expect, it } from 'vitest';
import { heading, print, read, rule } from './testing.js';

describe('the columns of a row', () => {
  it.each([
    [
      'a count in K, M, G or T is rounded',
      '12345  123K ACCEPT     0    --  *      *       0.0.0.0/0            0.0.0.0/0',
      { packets: 12345, bytes: 123000, approximate: true },
    ],
    [
      'a count below is exact',
      '99999 99999 ACCEPT     0    --  *      *       0.0.0.0/0            0.0.0.0/0',
      { packets: 99999, bytes: 99999 },
    ],
  ])('%s', (_sentence, row, counters) => {
    expect(rule(row)?.counters).toEqual(counters);
  });

  it.each([
    ['    0     0            6    --  *      *       0.0.0.0/0            0.0.0.0/0', '-A FORWARD -p tcp'],
    ['    0     0 6          6    --  *      *       0.0.0.0/0            0.0.0.0/0', '-A FORWARD -p tcp -j 6'],
    ['    0     0 ACCEPT     all  --  *      eth+    0.0.0.0/0            0.0.0.0/0', '-A FORWARD -o eth+ -j ACCEPT'],
    [
      '    0     0 ACCEPT    !tcp  !f  !eth0  *      !10.0.0.0/8           10.1.2.3',
      '-A FORWARD ! -s 10.0.0.0/8 -d 10.1.2.3/32 ! -i eth0 ! -p tcp ! -f -j ACCEPT',
    ],
    ['0 0 ACCEPT tcp -- any any anywhere anywhere tcp dpt:ssh', '-A FORWARD -p tcp -m tcp --dport 22 -j ACCEPT'],
    [
      '0 0 ACCEPT all -- * * 0.0.0.0/0 0.0.0.0/0 ctdir REPLY ! ctstate DNAT',
      '-A FORWARD -m conntrack --ctdir REPLY -m conntrack ! --ctstate DNAT -j ACCEPT',
    ],
    ['0 0 MYCHAIN all -- * * 0.0.0.0/0 0.0.0.0/0 [goto]  mark match 0x1', '-A FORWARD -m mark --mark 0x1 -g MYCHAIN'],
  ])('%s', (row, save) => {
    expect(print(row, row.includes('anywhere') ? { command: 'iptables -vL' } : {})).toBe(save);
  });

  it('of ip6tables before 1.8.9 have no opt', () => {
    const row = '    0     0 ACCEPT     tcp      *      lo      ::/0                 fd00::1/128          tcp dpt:80';
    expect(print(row)).toBe('-A FORWARD -d fd00::1/128 -o lo -p tcp -m tcp --dport 80 -j ACCEPT');
    expect(print('    0     0            udp      *      *       ::/0                 ::/0')).toBe('-A FORWARD -p udp');
  });

  it('of hosts only tell the family too', () => {
    const { rulesets } = read(
      `Chain FORWARD (policy ACCEPT)\n${heading}\n0 0 ACCEPT 6 -- * * fd00::1 fd00::2 tcp dpt:80\n`,
    );
    expect(rulesets[0]?.family).toBe(6);
  });

  it('with "anywhere" hide the mask of :: in IPv6', () => {
    const row = '    0     0 DROP       tcp  --  any    any     anywhere            !anywhere';
    const found = rule(row, { command: 'ip6tables -vL' });
    expect(found?.matches).toEqual([{ kind: 'opaque', name: '!', text: '-d anywhere' }]);
    expect(found?.hidden).toEqual(['names']);
  });

  it('with a host by name leave the address open', () => {
    const row = '    0     0 DROP       tcp  --  any    any     db.example.com       anywhere';
    const found = rule(row, { command: 'iptables -vL' });
    expect(found?.matches).toEqual([{ kind: 'opaque', name: '-s', text: 'db.example.com' }]);
    expect(found?.hidden).toEqual(['names']);
    expect(
      rule('    0     0 DROP       tcp  --  *    *     db.example.com       0.0.0.0/0', { command: 'iptables -nvL' })
        ?.target,
    ).toEqual({ kind: 'opaque', name: 'listing', text: '' });
  });

  it('without headings are told by where the dashes stand', () => {
    const { tables } = read('1       12   720 DROP  0  --  eth0 *  10.0.0.0/8  0.0.0.0/0\n', {
      command: 'iptables -nvL INPUT 1 --line-numbers',
    });
    expect(tables[0]?.chains[0]?.rules.at(0)?.header.iif?.name).toBe('eth0');
    expect(tables[0]?.chains[0]?.partial).toBe(true);
  });
});

describe('the text of extensions', () => {
  const row = (target: string, text: string, proto = '6') =>
    `0 0 ${target} ${proto} -- * * 0.0.0.0/0 0.0.0.0/0 ${text}`;

  it.each([
    ['a comment may hold what looks like a match', '/* tcp dpt:80 */', '-m comment --comment "tcp dpt:80" -j ACCEPT'],
    [
      'a comment may hold its own end',
      '/* a */ b */ tcp dpt:80',
      '-m comment --comment "a */ b" -m tcp --dport 80 -j ACCEPT',
    ],
    ['two comments stand side by side', '/* a */ /* b */', '-m comment --comment a -m comment --comment b -j ACCEPT'],
    ['blanks in a comment are kept', '/* a  b */', '-m comment --comment "a  b" -j ACCEPT'],
    ['a comment may be empty', '/*  */', '-m comment --comment "" -j ACCEPT'],
    [
      'an unknown match is kept up to what is known',
      'geoip source DE tcp dpt:80',
      '-m geoip geoip source DE -m tcp --dport 80 -j ACCEPT',
    ],
    [
      'an unknown match at the end is kept',
      'tcp dpt:80 WEBSTR match',
      '-m tcp --dport 80 -m webstr WEBSTR match -j ACCEPT',
    ],
    ['a comment without an end is kept', '/* a tcp dpt:80', '-m listing /* a tcp dpt:80 -j ACCEPT'],
  ])('%s', (_sentence, text, words) => {
    expect(print(row('ACCEPT', text))).toBe(`-A FORWARD -p tcp ${words}`);
  });

  it('a comment that could also be two around a match leaves the rule open', () => {
    const text = row('DROP', '/* a */ tcp dpt:80 /* b */');
    expect(print(text)).toBe('-A FORWARD -p tcp -m listing /* a */ tcp dpt:80 /* b */ -j DROP');
    const reading = read(`Chain FORWARD (policy ACCEPT)\n${heading}\n${text}\n`);
    expect(reading.codes).toContain('ambiguous-text');
    expect(reading.ledger[2]).toBe(3);
  });

  it.each([
    ['MARK', 'MARK or 0x4000', '-j MARK --set-xmark 0x4000/0x4000'],
    [
      'MARK',
      'mark match ! 0x4000/0x4000 MARK xset 0x4000/0x0',
      '-m mark ! --mark 0x4000/0x4000 -j MARK --set-xmark 0x4000/0x0',
    ],
    ['LOG', 'LOG flags 0 level 4 prefix "a tcp dpt:80 "', '-j LOG --log-prefix "a tcp dpt:80 "'],
    ['CT', 'NOTRACK', '-j NOTRACK'],
    ['CT', 'CT notrack', '-j CT --notrack'],
    ['DNAT', 'tcp dpt:80 to:10.0.0.1:80', '-m tcp --dport 80 -j DNAT --to-destination 10.0.0.1:80'],
    ['REJECT', 'reject-with tcp-reset', '-j REJECT --reject-with tcp-reset'],
    ['DNAT', 'to:10.0.0.1:80 and more', '-j DNAT to:10.0.0.1:80 and more'],
  ])('of target %s: %s', (target, text, words) => {
    expect(print(row(target, text))).toBe(`-A FORWARD -p tcp ${words}`);
  });

  it('bpf prints no blank before itself and a NUL after', () => {
    expect(print(row('ACCEPT', 'tcp dpt:80match bpf 6 0 0 1\0 mark match 0x1'))).toBe(
      '-A FORWARD -p tcp -m tcp --dport 80 -m bpf --bytecode "1,6 0 0 1" -m mark --mark 0x1 -j ACCEPT',
    );
  });

  it('in a whole listing a name that is neither chain nor target is an unknown target', () => {
    const chains = ['INPUT', 'FORWARD', 'OUTPUT'].map((name) => `Chain ${name} (policy ACCEPT)\n${heading}\n`);
    const text = `${chains.join('')}${row('FULLCONENAT', 'tcp dpt:80')}\n`;
    const reading = read(text, { command: 'iptables -nvL' });
    expect(reading.codes).toEqual(['unknown-target']);
    expect(reading.tables[0]?.chains[2]?.rules.at(0)?.target).toEqual({
      kind: 'opaque',
      name: 'FULLCONENAT',
      text: '',
    });
  });
});
