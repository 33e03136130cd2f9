/** What `iptables -L` prints, captured from the four tools of 1.8.9, is read as `-save` prints the same rules. */
import { readFileSync } from 'node:fs';
import { printTable, type Rule, type Ruleset } from '@coldtrace/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Section } from '../../format.js';
import { cpuNow, hostileTexts, ledgerIsComplete, sectionOf } from '../../testing.js';
import { iptablesList, parseIptablesList } from './list.js';

const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');

function read(text: string, given: Partial<Section> = {}) {
  const section = sectionOf(text, given);
  const parsed = parseIptablesList(section);
  expect(ledgerIsComplete(section, parsed)).toBe(true);
  const rulesets = parsed.value.flatMap((fact): readonly Ruleset[] => (fact.kind === 'ruleset' ? [fact.ruleset] : []));
  const codes = [...new Set(parsed.diagnostics.map(({ code }) => code.replace(/^iptables(?:-list)?\//, '')))];
  return { rulesets, tables: rulesets.flatMap(({ tables }) => tables), codes, ledger: [...parsed.ledger] };
}

function printed({ rulesets: [ruleset] }: ReturnType<typeof read>): string {
  const table = ruleset?.tables[0];
  return ruleset === undefined || table === undefined ? '' : printTable(table, ruleset, ruleset.variant ?? 'legacy');
}

const withoutCounters = (dump: string) => dump.replace(/\[\d+:\d+\]/g, '[0:0]');

const heading = ' pkts bytes target     prot opt in     out     source               destination         ';

/** One rule of a chain, as a listing with these columns shows it. */
function rule(row: string, given: Partial<Section> = {}, columns = heading): Rule | undefined {
  const { tables } = read(`Chain FORWARD (policy ACCEPT 0 packets, 0 bytes)\n${columns}\n${row}\n`, given);
  return tables[0]?.chains[0]?.rules.at(0);
}

function print(row: string, given: Partial<Section> = {}, columns = heading): string {
  const text = `Chain FORWARD (policy ACCEPT 0 packets, 0 bytes)\n${columns}\n${row}\n`;
  return (
    printed(read(text, given))
      .split('\n')
      .find((line) => line.startsWith('-A ')) ?? ''
  );
}

describe('a whole listing', () => {
  it.each([
    ['filter-nvL-line-numbers.txt', 'iptables-legacy -nvL --line-numbers', 'filter-save.txt'],
    ['nat-nvxL.txt', 'iptables-legacy -t nat -nvxL', 'nat-save.txt'],
    ['filter6-nvL.txt', 'ip6tables-nft -nvL', 'filter6-save.txt'],
  ])('%s of %s reads as %s', (listing, command, save) => {
    const reading = read(fixture(listing), { command });
    expect(printed(reading)).toBe(withoutCounters(fixture(save)));
    expect(reading.tables.map(({ complete }) => complete)).toEqual([true]);
    expect(reading.rulesets[0]?.complete).toBe(false);
  });

  it('without -v hides interfaces: every rule is conditional, and a legacy table is told of', () => {
    const reading = read(fixture('filter-nL-nft.txt'), { command: 'iptables-nft -nL' });
    expect(reading.codes).toEqual(['legacy-present', 'no-interfaces']);
    const hidden = reading.tables[0]?.chains.map(({ rules }) => rules.at(0)?.hidden);
    expect(hidden).toEqual([['in'], ['in', 'out'], undefined, undefined, undefined]);
    expect(reading.ledger.filter((state) => state === 4)).toHaveLength(8);
  });

  it('without -n shows names of ports, which are read and said to be names', () => {
    const reading = read(fixture('filter-L.txt'), { command: 'iptables -L' });
    expect(reading.codes).toEqual(['no-interfaces', 'names-shown']);
    const bare = withoutCounters(fixture('filter-save.txt')).replace(/(?: !)? -[io] \S+/g, '');
    expect(printed(reading)).toBe(bare);
    const chains = reading.tables[0]?.chains ?? [];
    expect(chains[0]?.rules.at(0)?.hidden).toEqual(['in', 'names']);
    expect(chains[1]?.rules.at(0)?.hidden).toEqual(['in', 'out', 'names']);
    expect(chains[1]?.rules.at(1)?.hidden).toEqual(['in', 'out']);
  });

  it('of all tables one after another is as many tables, told by their built-in chains', () => {
    const reading = read(fixture('every-table-nvL.txt'));
    expect(reading.rulesets).toHaveLength(1);
    expect(reading.tables.map(({ name, inferred, complete }) => [name, inferred, complete])).toEqual(
      ['filter', 'nat', 'mangle', 'raw', 'security'].map((name) => [name, true, true]),
    );
  });

  it('of which a pipe took lines proves nothing by what is missing', () => {
    const reading = read(fixture('nat-nvxL.txt'), { command: 'iptables -t nat -nvL | head -40' });
    expect(reading.tables[0]?.complete).toBe(false);
    expect(reading.tables[0]?.chains[0]?.partial).toBe(true);
  });

  it('that lacks rules of a chain is known by the number of references', () => {
    const text = fixture('nat-nvxL.txt').split('\n');
    const reading = read(text.filter((line) => !line.includes('KUBE-SEP-A  0')).join('\n'), {
      command: 'iptables -t nat -nvxL',
    });
    expect(reading.codes).toEqual(['rules-missing']);
    expect(reading.tables[0]?.complete).toBe(false);
  });

  it('with the count that EKS adds, and with the headings of older init scripts', () => {
    const counted = read(`${fixture('nat-nvxL.txt')}=======\nTotal Number of Rules: 5\n`, { path: 'iptables-nat.txt' });
    expect(counted.ledger.includes(0)).toBe(false);
    const text =
      'Table: nat\nChain PREROUTING (policy ACCEPT)\nnum  target     prot opt source               destination         \n';
    expect(read(text).tables.map(({ name, inferred }) => [name, inferred])).toEqual([['nat', undefined]]);
  });
});

describe('the table', () => {
  const chain = `Chain OUTPUT (policy ACCEPT 0 packets, 0 bytes)\n${heading}\n`;

  it.each([
    ['iptables -nvL', 'x.txt', 'filter', undefined],
    ['iptables -t mangle -nvL', 'x.txt', 'mangle', undefined],
    ['ip6tables -L -n --table=raw', 'x.txt', 'raw', undefined],
    [null, 'sos_commands/firewall_tables/iptables_-t_nat_-nvL', 'nat', undefined],
    [null, 'sos_commands/networking/iptables_-vnxL', 'filter', undefined],
    [null, 'networking/iptablesnat', 'nat', undefined],
    [null, 'iptables-mangle.txt', 'mangle', undefined],
    [null, 'notes.txt', 'filter', true],
  ] as const)('of %s in %s is %s', (command, path, table, inferred) => {
    const [found] = read(chain, { command, path }).tables;
    expect([found?.name, found?.inferred]).toEqual([table, inferred]);
  });

  it.each([
    [['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'], 'nat'],
    [['PREROUTING', 'POSTROUTING', 'OUTPUT'], 'nat'],
    [['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'], 'mangle'],
    [['PREROUTING', 'OUTPUT'], 'raw'],
    [['INPUT', 'FORWARD', 'OUTPUT'], 'filter'],
  ])('with the chains %j is %s', (names, table) => {
    const text = names.map(
      (name) => `Chain ${name} (policy ACCEPT)\ntarget     prot opt source               destination\n`,
    );
    const reading = read(text.join('\n'));
    expect(reading.tables.map(({ name, complete }) => [name, complete])).toEqual([[table, true]]);
    expect(reading.codes).toEqual(['table-inferred']);
  });

  it('of one chain is whole as far as that chain goes', () => {
    const [table] = read('Chain KUBE-SVC-A (1 references)\n', { command: 'iptables -t nat -nvL KUBE-SVC-A' }).tables;
    expect([table?.name, table?.complete, table?.chains[0]?.collected, table?.chains[0]?.partial]).toEqual([
      'nat',
      false,
      true,
      undefined,
    ]);
  });
});

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

describe('a pasted listing', () => {
  const freeForm = true;
  const whole =
    '    0     0 KUBE-SEP-ABCDEFGHIJKLMNOP  all  --  *      *       0.0.0.0/0            0.0.0.0/0            /* default/web:http -> 10.0.0.1:80 */ statistic mode random probability 0.50000000000';

  it('with blanks collapsed reads alike', () => {
    const text = fixture('nat-nvxL.txt').replace(/ +/g, ' ').replace(/^ /gm, '');
    expect(printed(read(text, { freeForm }))).toBe(withoutCounters(fixture('nat-save.txt')));
  });

  it.each([40, 79, 80, 100, 120, 132])('that a terminal broke after %i columns is put together again', (width) => {
    const rows = [heading, whole, '    0     0 ACCEPT     all  --  *      *       10.0.0.0/8           0.0.0.0/0'];
    const broken = rows.map((row) => row.replace(new RegExp(`(.{${width}})(?=.)`, 'g'), '$1\n'));
    const text = `Chain FORWARD (policy ACCEPT)\n${broken.join('\n')}\n`;
    const reading = read(text, { freeForm });
    expect(printed(reading)).toContain(
      '-A FORWARD -m comment --comment "default/web:http -> 10.0.0.1:80" -m statistic --mode random --probability 0.50000000000 -j KUBE-SEP-ABCDEFGHIJKLMNOP\n-A FORWARD -s 10.0.0.0/8 -j ACCEPT\n',
    );
    expect(reading.codes).toEqual(['rejoined', 'table-inferred']);
  });

  it('that a dump holds broken is not mended', () => {
    const text = `Chain FORWARD (policy ACCEPT)\n${heading}\n${whole.slice(0, 120)}\n${whole.slice(120)}\n`;
    expect(read(text).codes).toContain('bad-row');
  });
});

describe('any text', () => {
  it.each(hostileTexts)('%j is survived', (text) => {
    read(text);
    read(`Chain X (1 references)\n${heading}\n${text}`, { freeForm: true });
  });

  const words = fc.constantFrom(
    ...heading.trim().split(/ +/),
    'Chain X (1 references)\n',
    '\n',
    '/*',
    '*/',
    'tcp',
    'dpt:80',
    '"',
    '0',
    '--',
    '*',
    '0.0.0.0/0',
    'anywhere',
    'STRING',
    'match',
    'MARK',
    '!',
    'CT',
    'policy',
    'u32',
    'TIME',
    'limit:',
    'recent:',
    'match bpf 1',
  );

  it('made of its own words is read without a throw, each line once', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(words, fc.string()), { maxLength: 60 }), fc.boolean(), (parts, freeForm) => {
        read(`Chain FORWARD (policy ACCEPT)\n${heading}\n${parts.join(' ')}`, { freeForm });
      }),
      { numRuns: 300 },
    );
  });

  it('every row of a listing fits into it, and every chain opens it', () => {
    for (const name of [
      'filter-nvL-line-numbers.txt',
      'nat-nvxL.txt',
      'filter-L.txt',
      'filter-nL-nft.txt',
      'filter6-nvL.txt',
    ]) {
      for (const line of fixture(name)
        .split('\n')
        .filter((text) => text !== '')) {
        expect([line, iptablesList.line(line)]).toEqual([line, line.startsWith('Chain') ? 'opens' : 'continues']);
      }
    }
  });

  it('of 20,000 rules is read in time', () => {
    const rows = Array.from(
      { length: 20_000 },
      (_, at) =>
        `    0     0 KUBE-SVC-${at}  6    --  *      *      !10.0.${at >> 8}.${at & 255}          10.96.0.1            /* default/svc-${at}:http cluster IP */ tcp dpt:80 mark match ! 0x4000/0x4000`,
    );
    const text = `Chain FORWARD (policy ACCEPT 0 packets, 0 bytes)\n${heading}\n${rows.join('\n')}\n`;
    const began = cpuNow();
    expect(read(text).tables[0]?.chains[0]?.rules.length).toBe(20_000);
    // Ten times what an idle machine takes.
    expect(cpuNow() - began).toBeLessThan(6000);
  });
});
