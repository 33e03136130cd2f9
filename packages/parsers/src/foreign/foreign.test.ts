import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Format } from '../format.js';
import { parseSnapshot } from '../parse-snapshot.js';
import { hostileTexts, ledgerIsComplete, sectionOf, slowLines, textAt } from '../testing.js';
import { bpftoolFormat } from './bpftool.js';
import { foreignFormats } from './index.js';
import { nftFormat } from './nft.js';
import { nftJsonFormat } from './nft-json.js';
import { tcFormat } from './tc.js';
import { xfrmFormat } from './xfrm.js';

const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');

function read(format: Format, text: string, given: Parameters<typeof sectionOf>[1] = {}) {
  const section = sectionOf(text, given);
  const parsed = format.parse(section);
  expect(ledgerIsComplete(section, parsed)).toBe(true);
  const rows = parsed.value.flatMap((one) => (one.kind === 'foreign-filters' ? one.rows : []));
  const shown = rows.map((row) => `${row.subject}${row.active ? ' active' : ''}`);
  return { section, parsed, rows, shown, codes: parsed.diagnostics.map((one) => one.code) };
}

const tables = [
  'inet firewalld active',
  'ip kube-proxy active',
  'inet only-sets',
  'ip empty',
  'ip dorm',
  'ip mangle active',
  'netdev nd active',
];

describe('a listing that shows tables in part', () => {
  const chain = '\tchain i {\n\t\ttype filter hook ingress device "d0" priority filter; policy accept;\n\t}\n';
  const text = `table netdev early {\n${chain}}\n`;
  it.each([
    ['nft list ruleset', text, 'netdev early'],
    ['nft list table netdev early', text, 'netdev early'],
    ['nft list chains', text, 'netdev early active'],
    ['nft -a list sets', 'table inet mine {\n\tset blk {\n\t\ttype ipv4_addr\n\t}\n}\n', 'inet mine active'],
    ['nft list ruleset', 'table inet mine {\n\tset blk {\n\t\ttype ipv4_addr\n\t}\n}\n', 'inet mine'],
  ])('%s: what it leaves out may act', (command, listing, expected) => {
    expect(read(nftFormat, listing, { command }).shown).toEqual([expected]);
  });

  it.each([
    [
      'nft -j list chains',
      '{"nftables": [{"chain": {"family": "inet", "table": "mine", "name": "c", "hook": "input"}}]}\n',
    ],
    [
      'nft -j list ruleset',
      '{"nftables": [{"table": {"family": "inet", "name": "mine"}}, {"chain": {"family": "inet", "table": "mi',
    ],
  ])('%s as JSON', (command, json) => {
    expect(read(nftJsonFormat, json, { command }).shown).toEqual(['inet mine active']);
  });

  it('says nothing against the ruleset of the same machine', () => {
    const filters = (files: Readonly<Record<string, string>>) =>
      parseSnapshot(files).nodes[0]?.host.foreignFilters.map(({ subject, active }) => `${subject} ${active}`);
    expect(filters({ 'n/nft_list_tables': 'table netdev early\n', 'n/nft_list_ruleset': text })).toEqual([
      'netdev early false',
    ]);
    expect(filters({ 'n/nft_list_tables': 'table netdev early\n', 'n/hostname': 'n\n' })).toEqual([
      'netdev early true',
    ]);
  });
});

describe('nft list ruleset', () => {
  it.each(['nft.txt', 'nft-a.txt'])('%s: tables of iptables-nft are inert, others are kept', (name) => {
    const { shown, parsed, rows, section } = read(nftFormat, fixture(name));
    expect(shown).toEqual(tables);
    expect([...parsed.ledger]).not.toContain(0);
    const lines = fixture(name).split('\n');
    const stateOf = (text: string) => parsed.ledger[lines.findIndex((line) => line.includes(text))];
    expect(stateOf('tcp dport 22')).toBe(2);
    expect(stateOf('admin-prohibited')).toBe(3);
    expect(rows[1] && textAt(section, rows[1].span)).toMatch(/^table ip kube-proxy \{[\s\S]*\}$/);
  });

  it('reads the same when a paste lost indentation and line breaks', () => {
    const damaged = fixture('nft.txt').replace(/#.*\n/g, '').replace(/\n\s*/g, ' ');
    expect(read(nftFormat, damaged, { freeForm: true }).shown).toEqual(tables);
  });

  it('takes a table that breaks off for active, and says so', () => {
    const { shown, codes } = read(nftFormat, 'table inet x {\n\tset s {\n');
    expect(shown).toEqual(['inet x active']);
    expect(codes).toEqual(['foreign/table-cut', 'foreign/other-filter']);
  });

  it('knows tables by the warning of nft', () => {
    const text = '# Warning: table ip nat is managed by iptables-nft, do not touch!\ntable ip nat {\n}\n';
    const { shown, parsed } = read(nftFormat, text);
    expect(shown).toEqual([]);
    expect([...parsed.ledger]).toEqual([2, 2, 2]);
  });

  it.each([
    [
      'text',
      nftFormat,
      'table ip nat {\n\tchain POSTROUTING {\n\t\ttype nat hook postrouting priority srcnat; policy accept;\n\t\tmasquerade\n\t}\n}\n',
    ],
    [
      'JSON',
      nftJsonFormat,
      '{"nftables": [{"table": {"family": "ip", "name": "nat", "handle": 1}}, {"chain": {"family": "ip", "table": "nat", "name": "POSTROUTING", "handle": 1, "type": "nat", "hook": "postrouting", "prio": 100, "policy": "accept"}}, {"rule": {"family": "ip", "table": "nat", "chain": "POSTROUTING", "handle": 2, "expr": [{"masquerade": null}]}}]}\n',
    ],
  ])('tells from %s that iptables-nft has rules, not which', (_, format, text) => {
    const facts = read(format, text).parsed.value;
    expect(facts.flatMap((one) => (one.kind === 'ruleset' ? [one.ruleset] : []))).toMatchObject([
      { family: 4, variant: 'nft', complete: false, tables: [{ name: 'nat', chains: [], unread: ['POSTROUTING'] }] },
    ]);
    const without = text.replace('\t\tmasquerade\n', '').replace(/, \{"rule".*\}\]\}\}/, '');
    expect(read(format, without).parsed.value.map(({ kind }) => kind)).toEqual(['foreign-filters']);
  });

  it('reads a list of names', () => {
    expect(read(nftFormat, fixture('nft-tables.txt')).shown).toContain('ip kube-proxy active');
  });

  it('ends where the braces end', () => {
    const text = 'table ip x {\n\tchain a {\n\t\tlog prefix "}"\n\t}\n}\nnode-1 $ ls\n';
    expect(nftFormat.extent?.(text, 0)).toBe(text.indexOf('node-1'));
    expect(nftFormat.extent?.('table ip x {\n', 0)).toBe(null);
  });

  it('reads JSON', () => {
    // `flags dormant` and empty chains aside, JSON says the same.
    const { shown, parsed } = read(nftJsonFormat, fixture('nft-j.json'));
    expect(shown.map((one) => one.replace(' active', ''))).toEqual(tables.map((one) => one.replace(' active', '')));
    expect(shown).toContain('ip kube-proxy active');
    expect(shown).toContain('ip empty');
    expect([...parsed.ledger].every((state) => state === 3)).toBe(true);
  });

  it.each([
    ['opens', 'table ip kube-proxy {'],
    ['opens', 'table inet filter { # handle 3'],
    ['opens', 'table ip filter'],
    ['continues', '\tchain INPUT {'],
    [null, 'table of contents'],
    [null, 'table 5'],
  ])('%s: %s', (verdict, text) => expect(nftFormat.line(text)).toBe(verdict));
});

describe('tc', () => {
  it('keeps what carries filters or loses packets, by device', () => {
    const { shown, parsed } = read(tcFormat, fixture('tc-qdisc-s.txt'));
    expect(shown).toEqual(['lo active', 'eth1 active', 'eth0 active']);
    expect([...parsed.ledger]).not.toContain(0);
  });

  it('keeps filters, whose device stands in the command', () => {
    const { shown, parsed } = read(tcFormat, fixture('tc-filter-s.txt'), {
      command: 'tc -s filter show dev eth1 ingress',
    });
    expect(shown).toEqual(['eth1 active']);
    expect([...parsed.ledger]).not.toContain(0);
    expect(read(tcFormat, fixture('tc-filter-egress.txt')).shown).toEqual([' active']);
    expect(read(tcFormat, fixture('tc-filter.txt'), { command: 'tc filter show dev eth0' }).shown).toEqual([
      'eth0 active',
    ]);
  });

  it('leaves default queues and classes inert', () => {
    const text = 'qdisc noqueue 0: dev lo root refcnt 2 \nqdisc fq_codel 0: dev eth0 root refcnt 2 limit 10240p\n';
    const { shown, parsed } = read(tcFormat, text);
    expect(shown).toEqual([]);
    expect([...parsed.ledger]).toEqual([2, 2]);
    expect([...read(tcFormat, fixture('tc-class.txt')).parsed.ledger]).toEqual([2]);
  });

  it.each([
    ['opens', 'qdisc noqueue 0: dev lo root refcnt 2 '],
    ['opens', 'filter protocol ip pref 1 u32 chain 0 '],
    ['continues', ' backlog 0b 0p requeues 0'],
    [null, 'filter the water'],
  ])('%s: %s', (verdict, text) => expect(tcFormat.line(text)).toBe(verdict));
});

describe('bpftool', () => {
  const programs = `2: cgroup_skb  tag 6deef7357e7b4530  gpl
	loaded_at 2026-11-20T10:00:00+0000  uid 0
	xlated 64B  jited 54B  memlock 4096B
3: cgroup_skb  name sd_fw_egress  tag 6deef7357e7b4531  gpl
4: cgroup_device  name sd_devices  tag 3650d9673c54ce30  gpl
57: sched_cls  name cil_from_contain  tag 9c2d3d5a3e8a9b1f  gpl
	loaded_at 2026-11-20T10:00:00+0000  uid 0
	xlated 4136B  jited 2500B  memlock 8192B  map_ids 17,18
`;
  it('keeps programs that see packets, without those of systemd', () => {
    const { shown, parsed } = read(bpftoolFormat, programs);
    expect(shown).toEqual(['sched_cls cil_from_contain active']);
    expect([...parsed.ledger]).toEqual([2, 2, 2, 2, 2, 3, 3, 3]);
  });

  it('keeps what is attached to devices', () => {
    const text =
      'xdp:\neth0(2) driver id 5\n\ntc:\neth0(2) clsact/ingress cil_from_netdev-eth0 id 1203\n\nflow_dissector:\n';
    expect(read(bpftoolFormat, text).shown).toEqual(['eth0 active', 'eth0 active']);
  });

  it('keeps what is attached by links', () => {
    const text =
      'tc:\neth0(2) tcx/ingress cil_from_netdev prog_id 1021 link_id 21 \nlxc1(9) netkit/peer cil_from_container prog_id 1100 link_id 30 \n';
    const { shown, parsed } = read(bpftoolFormat, text);
    expect(shown).toEqual(['eth0 active', 'lxc1 active']);
    expect([...parsed.ledger]).toEqual([2, 3, 3]);
  });
});

describe('ip xfrm', () => {
  it('keeps policies that block or transform', () => {
    const { shown, parsed } = read(xfrmFormat, fixture('xfrm-policy.txt'));
    expect(shown).toEqual(['fwd 10.3.0.0/24 10.4.0.0/24 active', 'out 10.0.0.0/24 10.1.0.0/24 active']);
    expect([...parsed.ledger].every((state) => state === 3)).toBe(true);
  });

  it('notes states, and none of their keys', () => {
    const keyed = fixture('xfrm-state.txt').replace(/<redacted>/g, `0x${'ab'.repeat(16)}`);
    const { shown, rows, section, parsed } = read(xfrmFormat, keyed);
    expect(shown).toEqual(['10.9.0.1 10.9.0.2']);
    expect(rows[0] && textAt(section, rows[0].span)).toBe('src 10.9.0.1 dst 10.9.0.2');
    expect([...parsed.ledger].every((state) => state === 2)).toBe(true);
  });

  it.each([
    ['opens', 'src 10.3.0.0/24 dst 10.4.0.0/24 '],
    ['opens', 'src 10.9.0.1 dst 10.9.0.2'],
    ['continues', '\tdir fwd action block priority 0 ptype main '],
    [null, 'src is the source, dst the destination'],
    [null, 'src=10.0.0.1 dst=10.0.0.2'],
  ])('%s: %s', (verdict, text) => expect(xfrmFormat.line(text)).toBe(verdict));
});

describe('any text at all', () => {
  const pieces = [
    'table ip x {',
    'chain a {',
    '}',
    '"',
    '#',
    ';',
    'type filter hook input priority 0; policy drop;',
    '\n',
    '{"nftables": [',
    'qdisc netem 1: dev eth0 root',
    'filter protocol ip pref 1 u32',
    '1: xdp  tag 6deef7357e7b4530',
    'src 10.0.0.1 dst ::1',
    '\tdir in ',
    '\0',
    '\ud800',
  ];
  it('is read without a throw, every line in one state', () => {
    const texts = fc
      .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'binary' })))
      .map((all) => all.join(''));
    const check = (text: string, freeForm: boolean, format: Format) => {
      const section = sectionOf(text, { freeForm });
      for (const line of text.split('\n')) format.line(line);
      format.extent?.(text, 0);
      return ledgerIsComplete(section, format.parse(section));
    };
    for (const format of foreignFormats) for (const text of hostileTexts) expect(check(text, true, format)).toBe(true);
    fc.assert(fc.property(texts, fc.boolean(), fc.constantFrom(...foreignFormats), check));
  });

  it('takes a mebibyte in linear time, in one line or many', () => {
    const pieces = ['table ip x { ', '{', '"', '#', ' ', 'chain a { } ', 'src 10.0.0.1 dst ', '" \n', '[{'];
    for (const format of foreignFormats) {
      const read = (text: string) => {
        format.parse(sectionOf(text, { freeForm: true }));
        format.line(text);
        format.extent?.(text, 0);
      };
      expect(slowLines(pieces, 1500, read), format.id).toEqual([]);
    }
  });
});
