import { readFileSync } from 'node:fs';
import { type ConnTuple, formatIp } from '@coldtrace/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostileTexts, ledgerIsComplete, sectionOf, slowLines, textAt } from '../testing.js';
import { conntrackFormat } from './conntrack.js';

const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');

function read(text: string, given: Parameters<typeof sectionOf>[1] = {}) {
  const section = sectionOf(text, given);
  const parsed = conntrackFormat.parse(section);
  expect(ledgerIsComplete(section, parsed)).toBe(true);
  const facts = parsed.value.find((one) => one.kind === 'conntrack');
  const rows = facts?.kind === 'conntrack' ? facts.rows : [];
  const complete = facts?.kind === 'conntrack' ? facts.complete : null;
  const events = parsed.value.flatMap((one) => (one.kind === 'observations' ? one.rows : []));
  return { section, parsed, rows, complete, events, codes: parsed.diagnostics.map((one) => one.code) };
}

const tuple = (one: ConnTuple | undefined) =>
  one && `${formatIp(one.src)} ${one.sport ?? '-'} > ${formatIp(one.dst)} ${one.dport ?? '-'}`;

describe('conntrack -L', () => {
  it('reads every protocol and state, and finds as many as announced', () => {
    const { rows, codes, parsed, complete } = read(fixture('Lext.txt'));
    expect(rows).toHaveLength(17);
    expect(codes).toEqual([]);
    expect([...parsed.ledger]).not.toContain(0);
    expect(complete).toBe(true);
    expect(rows.map((row) => row.proto).sort((a, b) => a - b)).toEqual([
      1, 6, 6, 6, 6, 6, 6, 6, 17, 17, 17, 33, 47, 58, 89, 132, 136,
    ]);
    expect(new Set(rows.map((row) => row.state))).toEqual(
      new Set([null, 'SYN_SENT', 'TIME_WAIT', 'ESTABLISHED', 'LAST_ACK', 'CLOSE', 'FIN_WAIT']),
    );
  });

  it('reads the same entries with and without -o extended, and from /proc', () => {
    const bare = ({ rows }: ReturnType<typeof read>) =>
      rows.map(({ span, zone, ...row }) => row).filter((row) => row.proto !== 33);
    expect(bare(read(fixture('L.txt')))).toEqual(bare(read(fixture('Lext.txt'))));
    expect(bare(read(fixture('proc.txt')))).toEqual(bare(read(fixture('Lext.txt'))));
  });

  it('keeps translation, mark, zones, status and counters of an entry', () => {
    const { rows, section } = read(fixture('Lext.txt'));
    const dnat = rows.find((row) => row.mark === 0x4000);
    expect(tuple(dnat?.original)).toBe('10.244.1.6 40001 > 10.96.0.1 443');
    expect(tuple(dnat?.reply)).toBe('192.168.21.11 6443 > 10.244.1.6 40001');
    expect(dnat).toMatchObject({ status: ['ASSURED'], timeout: 85999, packets: 0, replyPackets: 0, zone: null });
    expect(dnat && textAt(section, dnat.span)).toMatch(/^ipv4 {5}2 tcp .*use=1$/);
    expect(rows.filter((row) => row.zone === 7 || row.zoneOrig === 3 || row.zoneReply === 4)).toHaveLength(3);
    const echo = rows.find((row) => row.proto === 58);
    expect(echo?.original).toMatchObject({ icmpType: 128, icmpCode: 0, icmpId: 78, sport: null });
    expect(echo?.reply).toMatchObject({ icmpType: 129 });
    expect(echo?.family).toBe(6);
  });

  it.each([
    [
      '[OFFLOAD]',
      'tcp      6 src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2 src=10.0.0.2 dst=10.0.0.1 sport=2 dport=1 [OFFLOAD] mark=0 use=2',
      ['OFFLOAD'],
    ],
    [
      '[HW_OFFLOAD]',
      'udp      17 src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2 src=10.0.0.2 dst=10.0.0.1 sport=2 dport=1 [HW_OFFLOAD] mark=0 use=2',
      ['HW_OFFLOAD'],
    ],
    [
      'secctx, labels and id',
      'udp      17 3 src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 sport=2 dport=1 mark=0 secctx=system_u:object_r:unlabeled_t:s0 use=1 labels=a,b id=77',
      ['UNREPLIED'],
    ],
    [
      'old ip_conntrack',
      'tcp      6 431999 ESTABLISHED src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2 packets=3 bytes=9 src=10.0.0.2 dst=10.0.0.1 sport=2 dport=1 packets=2 bytes=8 [ASSURED] mark=0 secmark=0 use=1',
      ['ASSURED'],
    ],
  ])('reads %s', (_, text, status) => {
    const { rows, codes } = read(text);
    expect(rows).toMatchObject([{ status }]);
    expect(codes).toEqual([]);
  });

  it('keeps labels, and does not take the entry id for an ICMP id', () => {
    const text =
      'icmp     1 29 src=10.0.0.1 dst=10.0.0.2 type=8 code=0 id=7 src=10.0.0.2 dst=10.0.0.1 type=0 code=0 id=7 use=1 labels=a,b id=99';
    expect(read(text).rows).toMatchObject([{ labels: 'a,b', reply: { icmpId: 7 } }]);
  });

  it('puts an entry together that the summary cut in two', () => {
    const { rows, codes, parsed } = read(fixture('summary-inside-line.txt'));
    expect(rows.at(-1)).toMatchObject({ proto: 136, trust: 'repaired', original: { sport: 5 } });
    expect(codes).toEqual(['conntrack/summary-inside-line', 'conntrack/fewer-than-announced']);
    expect([...parsed.ledger]).not.toContain(0);
  });
});

describe('what a listing speaks for', () => {
  const entry =
    'udp      17 29 src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2 src=10.0.0.2 dst=10.0.0.1 sport=2 dport=1 mark=0 use=1\n';
  const end = (count: number) => `conntrack v1.4.7 (conntrack-tools): ${count} flow entries have been shown.\n`;

  it.each([
    ['everything', 'conntrack -L', entry + end(1), true],
    ['everything, extended', 'conntrack -L -o extended', entry + end(1), true],
    ['everything, errors dropped', 'conntrack -L 2>/dev/null', entry, true],
    ['the kernel file', 'cat /proc/net/nf_conntrack', entry, true],
    ['nothing tracked', 'conntrack -L', end(0), true],
    ['one source', 'conntrack -L -s 10.0.0.1', entry + end(1), false],
    ['a pipe', 'conntrack -L | grep 10.0.0.1', entry, false],
    ['a cut dump', 'conntrack -L', entry + end(2), false],
  ])('%s', (_, command, text, complete) => expect(read(text, { command }).complete).toBe(complete));

  it('says how many are missing', () => {
    expect(read(entry + end(5)).parsed.diagnostics).toMatchObject([
      { code: 'conntrack/fewer-than-announced', data: { announced: 5, found: 1 } },
    ]);
  });

  it('takes a failed command for nothing collected', () => {
    const text = 'conntrack v1.4.7 (conntrack-tools): Operation failed: sorry, you must be root or get CAP_NET_ADMIN\n';
    expect(read('bash: conntrack: command not found\n').parsed.value.map((one) => one.kind)).toEqual(['failures']);
    expect(read(text).parsed.value.map((one) => one.kind)).toEqual(['failures']);
  });
});

describe('other outputs', () => {
  it('takes events for observations', () => {
    const { events, rows, parsed } = read(fixture('E.txt'));
    expect(rows).toEqual([]);
    expect(events).toHaveLength(24);
    expect(events[16]).toMatchObject({
      component: 'conntrack',
      event: 'conntrack-update',
      data: { state: 'SYN_RECV', src: '10.9.0.1', dport: '80', 'reply-sport': '8080' },
    });
    expect(parsed.ledger.every((state) => state === 1)).toBe(true);
  });

  it('counts statistics as inert', () => {
    const { parsed } = read(fixture('S.txt'));
    expect(parsed.value).toEqual([]);
    expect(parsed.ledger.every((state) => state === 2)).toBe(true);
  });

  it('keeps what it cannot read, and says at which word', () => {
    const masked =
      'udp      17 29 src=10.blackly.1 dst=10.0.0.2 sport=1 dport=2 src=10.0.0.2 dst=10.0.0.1 sport=2 dport=1 use=1';
    const { parsed, codes, rows } = read(masked);
    expect(rows).toEqual([]);
    expect(codes).toEqual(['conntrack/not-read']);
    expect([...parsed.ledger]).toEqual([3]);
  });

  it.each([
    [
      'opens',
      'tcp      6 107 SYN_SENT src=192.168.236.10 dst=10.96.0.1 sport=4 dport=443 [UNREPLIED] src=192.168.21.11 dst=192.168.236.10 sport=6443 dport=4 mark=0 use=1',
    ],
    ['opens', 'conntrack v1.4.7 (conntrack-tools): 1 flow entries have been shown.'],
    ['opens', 'cpu=0   \tfound=0 invalid=0 insert=15 insert_failed=0 drop=0'],
    ['continues', ' dst=192.168.236.10 sport=6443 dport=47178 mark=0 use=1'],
    [null, 'tcp      6 is the protocol'],
    [null, 'kernel: IN=eth0 OUT= SRC=10.0.0.1 src=x dst=y'],
    [null, 'default via 10.0.0.1 dev eth0 src 10.0.0.2'],
  ])('%s: %s', (verdict, text) => expect(conntrackFormat.line(text)).toBe(verdict));
});

describe('damage of a paste', () => {
  const whole =
    'tcp      6 107 SYN_SENT src=10.0.0.1 dst=10.96.0.1 sport=4 dport=443 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 sport=6443 dport=4 mark=0 use=1';
  it.each([30, 45, 60, 75, 90, 110, 120, 125, 130])('joins an entry broken at column %i, and says so', (column) => {
    const text = `${whole.slice(0, column)}\n${whole.slice(column)}\n[root@node-1 ~]# ls\n`;
    const { rows, codes, parsed } = read(text, { freeForm: true });
    const { span, trust, ...entry } = rows[0] ?? {};
    const { span: _, ...expected } = read(whole).rows[0] ?? {};
    expect(entry).toEqual(expected);
    expect(trust).toBe('repaired');
    expect(codes).toEqual(['conntrack/joined-lines']);
    expect([...parsed.ledger]).toEqual([1, 1, 0]);
  });

  it('joins nothing in a canonical dump', () => {
    expect(read(`${whole.slice(0, 60)}\n${whole.slice(60)}\n`).codes).toEqual(['conntrack/not-read']);
  });
});

describe('any text at all', () => {
  const pieces = [
    'tcp      6 1 ',
    'ESTABLISHED ',
    'src=',
    '10.0.0.1 ',
    'dst=::1 ',
    'sport=1 ',
    '[UNREPLIED] ',
    '\n',
    '[NEW] ',
    '\0',
    '\ud800',
    '[start=',
    'conntrack v1.4.7 (conntrack-tools): 3 flow entries have been shown.',
  ];
  it('reads back every entry that the tool may print', () => {
    const port = fc.nat(65_535);
    const entry = fc.record({
      ips: fc.tuple(fc.ipV4(), fc.ipV4(), fc.ipV4(), fc.ipV4()),
      ports: fc.tuple(port, port, port, port),
      proto: fc.constantFrom(['tcp', 6], ['udp', 17], ['sctp', 132], ['udplite', 136]),
      timeout: fc.nat(432_000),
      state: fc.constantFrom(null, 'ESTABLISHED', 'TIME_WAIT', 'SYN_SENT2'),
      status: fc.constantFrom([], ['UNREPLIED'], ['ASSURED'], ['OFFLOAD']),
      mark: fc.nat(0x7fffffff),
      zone: fc.option(fc.nat(65_535)),
      packets: fc.option(fc.tuple(fc.nat(), fc.nat())),
    });
    fc.assert(
      fc.property(entry, (one) => {
        const [src, dst, replySrc, replyDst] = one.ips;
        const [sport, dport, replySport, replyDport] = one.ports;
        const count = (at: 0 | 1) => (one.packets === null ? '' : ` packets=${one.packets[at]} bytes=1`);
        const flags = one.status.map((flag) => ` [${flag}]`).join('');
        const unreplied = one.status[0] === 'UNREPLIED' ? flags : '';
        const text = `${one.proto[0]}      ${one.proto[1]} ${one.timeout}${one.state === null ? '' : ` ${one.state}`} src=${src} dst=${dst} sport=${sport} dport=${dport}${count(0)}${unreplied} src=${replySrc} dst=${replyDst} sport=${replySport} dport=${replyDport}${count(1)}${unreplied === '' ? flags : ''} mark=${one.mark}${one.zone === null ? '' : ` zone=${one.zone}`} use=1`;
        const { rows } = read(text);
        expect(rows).toMatchObject([
          {
            proto: one.proto[1],
            timeout: one.timeout,
            state: one.state,
            status: one.status,
            mark: one.mark,
            zone: one.zone,
            packets: one.packets?.[0] ?? null,
            replyPackets: one.packets?.[1] ?? null,
          },
        ]);
        expect(tuple(rows[0]?.original)).toBe(`${src} ${sport} > ${dst} ${dport}`);
        expect(tuple(rows[0]?.reply)).toBe(`${replySrc} ${replySport} > ${replyDst} ${replyDport}`);
        expect(conntrackFormat.line(text)).toBe('opens');
      }),
    );
  });

  it('is read without a throw, every line in one state', () => {
    const texts = fc
      .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'binary' })))
      .map((all) => all.join(''));
    for (const text of hostileTexts) read(text, { freeForm: true });
    fc.assert(
      fc.property(texts, fc.boolean(), (text, freeForm) => {
        read(text, { freeForm });
        for (const line of text.split('\n')) conntrackFormat.line(line);
      }),
    );
  });

  it('takes a line of a mebibyte in linear time', () => {
    const readLine = (line: string) => {
      read(line, { freeForm: true });
      conntrackFormat.line(line);
    };
    const pieces = ['src=', 'tcp 6 1 src=1.1.1.1 ', ' ', 'conntrack v1', '[start= '];
    expect(slowLines(pieces, 1500, readLine)).toEqual([]);
  });
});

describe('what a dump does not hold', () => {
  const entry =
    'tcp      6 300 ESTABLISHED src=10.1.0.2 dst=10.1.0.3 sport=4000 dport=443 src=10.1.0.3 dst=10.1.0.2 sport=443 dport=4000 [ASSURED] mark=0 use=1';

  it.each([
    ['whole', `${entry}\n${entry}\n`, 2, true],
    ['whole but for the last line feed', `${entry}\n${entry}`, 2, true],
    ['cut within a port', `${entry}\n${entry.slice(0, -30)}`, 1, false],
    ['cut within the first direction', `${entry}\n${entry.slice(0, 60)}`, 1, false],
    ['ended by a signal', `${entry}\nKilled\n`, 1, false],
    ['with an entry that is damaged', `${entry}\n${entry.replace('10.1.0.3', '10.1.x.3')}\n`, 1, false],
  ])('%s', (_, text, count, complete) => {
    const dump = read(text);
    expect(dump.rows).toHaveLength(count);
    expect(dump.complete).toBe(complete);
  });

  it('a refusal is a failure, and the count of -C is no entry', () => {
    const refusal = 'conntrack v1.4.4 (conntrack-tools): Operation failed: sorry, you must be root\n';
    expect(conntrackFormat.line(refusal.trim())).toBe('opens');
    expect(read(refusal).parsed.value.map((one) => one.kind)).toEqual(['failures']);
    const counted = `${entry}\nconntrack v1.4.6 (conntrack-tools): 1 flow entries have been shown.\n1\n`;
    expect([...read(counted).parsed.ledger]).toEqual([1, 2, 2]);
  });
});
