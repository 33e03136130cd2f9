/** What `iptables -L` prints, captured from the four tools of 1.8.9, is read as `-save` prints the same rules. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cpuNow, hostileTexts } from '../../testing.js';
import { iptablesList } from './list.js';
import { fixture, heading, printed, read, withoutCounters } from './testing.js';

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

  it('does not hold the names of hash limits: such a rule is conditional, and that is said once', () => {
    const limited =
      '    0     0 ACCEPT     tcp  --  *      *       0.0.0.0/0            0.0.0.0/0            limit: above 5/min burst 5 mode srcip\n';
    const text = `Chain INPUT (policy ACCEPT 0 packets, 0 bytes)\n${heading}\n${limited.repeat(2)}    0     0 DROP       tcp  --  *      *       0.0.0.0/0            0.0.0.0/0           \n`;
    const reading = read(text, { command: 'iptables -L INPUT -n -v' });
    expect(reading.codes.filter((code) => code.includes('hashlimit'))).toEqual(['no-hashlimit-name']);
    expect(reading.ledger.filter((state) => state === 4)).toHaveLength(2);
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

  describe('that a mail program broke before the destinations', () => {
    const listing = `Chain FORWARD (policy DROP)
 pkts bytes target     prot opt in     out     source
destination
    9   500 KUBE-FORWARD  all  --  *      *       0.0.0.0/0
0.0.0.0/0            /* kubernetes forwarding rules */
    3   149 cali-FORWARD  all  --  *      *       0.0.0.0/0
0.0.0.0/0            /* cali:wUHhoiAYhphO9Mso */

Chain KUBE-FORWARD (1 references)
 pkts bytes target     prot opt in     out     source
destination

Chain cali-FORWARD (1 references)
 pkts bytes target     prot opt in     out     source
destination
    3   149 ACCEPT     all  --  *      *       10.0.0.0/8
0.0.0.0/0

`;
    const chains = (text: string) =>
      read(text, { freeForm })
        .tables.flatMap((table) => table.chains.map(({ name, rules, gaps }) => [name, rules.length, gaps ?? null]))
        .filter(([name]) => /FORWARD/.test(String(name)));

    it('keeps rows apart whose comments could take in each other', () =>
      expect(chains(listing)).toEqual([
        ['FORWARD', 2, null],
        ['KUBE-FORWARD', 0, null],
        ['cali-FORWARD', 1, null],
      ]));

    it('leaves a chain open where a row that leads elsewhere is missing', () =>
      expect(chains(listing.replace(/^ +3 {3}149 cali.*\n.*\n/m, ''))).toEqual([
        ['FORWARD', 1, [0]],
        ['KUBE-FORWARD', 0, null],
        ['cali-FORWARD', 1, [0]],
      ]));
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
