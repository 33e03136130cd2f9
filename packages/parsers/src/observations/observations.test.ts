import { readdirSync, readFileSync } from 'node:fs';
import { formatIp, type Observation, type SeenAttempt, type SeenPacket } from '@coldtrace/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Format } from '../format.js';
import { hostileTexts, ledgerIsComplete, sectionOf, slowLines, textAt } from '../testing.js';
import { observationFormats } from './index.js';

const fixtures = new URL('./fixtures/', import.meta.url);
const fixture = (name: string) => readFileSync(new URL(name, fixtures), 'utf8');
const formatNamed = (id: string): Format => {
  const found = observationFormats.find((one) => one.id === id);
  if (found === undefined) throw new Error(id);
  return found;
};

function observed(id: string, text: string, command: string | null = null): readonly Observation[] {
  const parsed = formatNamed(id).parse(sectionOf(text, { command }));
  return parsed.value.flatMap((facts) => (facts.kind === 'observations' ? facts.rows : []));
}

const packets = (text: string, command: string | null = null) =>
  observed('tcpdump', text, command).filter((one): one is SeenPacket => one.kind === 'packet');
const attempts = (id: string, text: string, command: string | null = null) =>
  observed(id, text, command).filter((one): one is SeenAttempt => one.kind === 'attempt');

const show = (one: SeenPacket) =>
  [
    one.dev ?? '-',
    one.direction ?? '-',
    one.proto ?? '-',
    one.src === null ? '-' : formatIp(one.src),
    one.sport ?? '-',
    one.dst === null ? '-' : formatIp(one.dst),
    one.dport ?? '-',
    one.flags ?? '-',
    one.tsVal ?? '-',
    one.tsEcr ?? '-',
  ].join(' ');

describe('one line of tcpdump', () => {
  const table: readonly (readonly [string, string, string])[] = [
    [
      'a SYN without time',
      'IP 192.168.236.10.38870 > 192.168.21.11.6443: Flags [S], seq 1, win 64240, options [mss 1460,sackOK,TS val 621677338 ecr 0,nop,wscale 10], length 0',
      '- - 6 192.168.236.10 38870 192.168.21.11 6443 S 621677338 0 -',
    ],
    [
      'a SYN as version 3.9 words it',
      '23:27:58.599351 IP 10.0.0.1.40000 > 10.0.0.2.80: S 123:123(0) win 5840 <mss 1460,sackOK,timestamp 621677338 0,nop,wscale 7>',
      '- - 6 10.0.0.1 40000 10.0.0.2 80 S 621677338 0 23:27:58.599351',
    ],
    [
      'UDP over IPv6',
      '10:00:00.000001 IP6 fe80::1.5353 > ff02::fb.5353: 0 PTR (QM)? _http._tcp.local. (35)',
      '- - 17 fe80::1 5353 ff02::fb 5353 - - - 10:00:00.000001',
    ],
    [
      'VXLAN',
      '10:00:00.000001 IP 192.168.21.12.40000 > 192.168.21.11.8472: OTV, flags [I] (0x08), overlay 0, instance 1',
      '- - 17 192.168.21.12 40000 192.168.21.11 8472 - - - 10:00:00.000001',
    ],
    [
      'IP in IP',
      '10:00:00.000001 IP 192.168.21.12 > 192.168.21.11: IP 10.244.0.2 > 10.244.1.3: ICMP echo request, id 1, seq 1, length 64',
      '- - 4 192.168.21.12 - 192.168.21.11 - - - - 10:00:00.000001',
    ],
    [
      'what tcpdump 4.9 puts before packets of -i any',
      '10:00:01.000200 ethertype IPv4, IP 10.244.0.2.53 > 10.244.0.5.40000: 12345* 1/0/0 A 10.96.0.1 (106)',
      '- - 17 10.244.0.2 53 10.244.0.5 40000 - - - 10:00:01.000200',
    ],
    [
      'an ARP question',
      '23:34:54.263149 ens192 Out ARP, Request who-has 192.168.21.11 tell 192.168.21.12, length 28',
      'ens192 out - 192.168.21.12 - 192.168.21.11 - - - - 23:34:54.263149',
    ],
    [
      'an ARP answer with MACs',
      '23:34:54.263169 lo    In  ifindex 2 32:b7:7c:35:c1:04 ethertype ARP (0x0806), length 48: Reply 192.168.21.11 is-at 32:b7:7c:35:c1:04, length 28',
      'lo in - 192.168.21.11 - - - - - - 23:34:54.263169',
    ],
    [
      'a port by name',
      '1700000000.123456 IP 10.0.0.1.40000 > 10.96.0.1.https: Flags [R.], seq 0, ack 1, win 0, length 0',
      '- - 6 10.0.0.1 40000 10.96.0.1 443 R. - - 1700000000.123456',
    ],
    [
      'a tagged frame',
      '10:00:00.000001 00:50:56:9c:21:0c > 00:50:56:9c:21:0b, ethertype 802.1Q (0x8100), length 78: vlan 7, p 0, ethertype IPv4, 10.0.0.1.1 > 10.0.0.2.2: Flags [S], seq 1, win 1, length 0',
      '- - 6 10.0.0.1 1 10.0.0.2 2 S - - 10:00:00.000001',
    ],
  ];
  it.each(table)('reads %s', (_name, line, expected) => {
    expect(formatNamed('tcpdump').line(line)).toBe('opens');
    const read = packets(line);
    expect(read.map((one) => (line.startsWith('IP ') ? `${show(one)} -` : `${show(one)} ${one.time}`))).toEqual([
      expected,
    ]);
  });

  it.each([
    'the IP 10.0.0.1 is wrong',
    'IP > 10',
    '10.0.0.0/8 > 192.168.0.0/16: bigger',
    '-A POSTROUTING -s 10.0.0.0/8 -j MASQUERADE',
    'default via 10.0.0.1 dev eth0',
  ])('leaves %j to others', (line) => {
    expect(formatNamed('tcpdump').line(line)).toBeNull();
  });
});

describe('captured tcpdump output', () => {
  it('takes the device from the heading line', () => {
    const read = packets(fixture('tcpdump.txt'));
    expect(read.length).toBeGreaterThan(40);
    expect(new Set(read.map((one) => one.dev))).toEqual(new Set(['ens192']));
    expect(show(read.find((one) => one.flags === 'S') as SeenPacket)).toBe(
      'ens192 - 6 192.168.21.12 55600 192.168.21.11 8080 S 279518883 0',
    );
  });
  it('takes the device from the command when the heading is missing', () => {
    const [one] = packets(
      '10:00:00.1 IP 10.0.0.1 > 10.0.0.2: ICMP echo request, id 1, seq 1, length 64',
      'tcpdump -nni eth1',
    );
    expect(one?.dev).toBe('eth1');
    expect(one?.proto).toBe(1);
  });
  it('takes device and direction from the line with -i any, with and without -e', () => {
    for (const name of ['tcpdump-any.txt', 'tcpdump-any-e.txt']) {
      const read = packets(fixture(name));
      expect(read.map((one) => `${one.dev} ${one.direction}`)).toContain('ens192 out');
      expect(read.every((one) => one.dev !== null && one.direction !== null)).toBe(true);
    }
  });
  it('joins the two lines of -v', () => {
    const read = packets(fixture('tcpdump-v.txt'));
    const syn = read.find((one) => one.flags === 'S');
    expect(syn === undefined ? '' : show(syn)).toBe('ens192 - 6 192.168.21.12 55600 192.168.21.11 8080 S 279518883 0');
    expect(syn?.text.split('\n')).toHaveLength(2);
  });
  it('gives what a tunnel carries no device', () => {
    const text = `listening on ens192, link-type EN10MB (Ethernet), snapshot length 262144 bytes
10:00:00.000001 IP 192.168.21.12.40000 > 192.168.21.11.8472: OTV, flags [I] (0x08), overlay 0, instance 1
IP 10.244.0.2.4000 > 10.244.1.3.80: Flags [S], seq 1, win 1, length 0
10:00:00.000002 IP 192.168.21.12 > 192.168.21.11: ICMP echo request, id 1, seq 1, length 64
`;
    expect(packets(text).map((one) => `${one.dev} ${one.src === null ? '-' : formatIp(one.src)}`)).toEqual([
      'ens192 192.168.21.12',
      'null 10.244.0.2',
      'ens192 192.168.21.12',
    ]);
  });
  it('says TCP without flags for -q', () => {
    expect(
      packets(fixture('tcpdump-q.txt')).filter((one) => one.proto === 6 && one.flags === null).length,
    ).toBeGreaterThan(3);
  });
  it.each(readdirSync(fixtures).filter((name) => name.startsWith('tcpdump')))('leaves no line of %s unread', (name) => {
    const section = sectionOf(fixture(name));
    const parsed = formatNamed('tcpdump').parse(section);
    expect([...parsed.ledger].filter((state) => state === 0)).toEqual([]);
    expect(ledgerIsComplete(section, parsed)).toBe(true);
  });
  it('quotes the packet it read', () => {
    const section = sectionOf(fixture('tcpdump.txt'));
    const read = packets(section.file.text);
    expect(read.length).toBeGreaterThan(5);
    for (const one of read) expect(textAt(section, one.span)).toBe(one.text);
  });
});

describe('attempts', () => {
  const table: readonly (readonly [string, string, string | null, string])[] = [
    ['curl', 'curl-v-401.txt', null, 'answered 192.168.21.11:8080'],
    ['curl', 'curl-v-401.txt', 'curl -v -k http://192.168.21.11:8080/healthz', 'answered 192.168.21.11:8080'],
    ['curl', 'curl-v-refused.txt', null, 'refused 192.168.21.11:6443'],
    ['curl', 'curl-v-timeout.txt', null, 'timeout 192.168.21.99:443'],
    ['curl', 'curl-v-unreach.txt', null, 'unreachable 10.9.9.9:80'],
    ['curl', 'curl-v6.txt', null, 'refused fd00::11:8080'],
    ['curl', 'curl-ss.txt', 'curl -sS -m 1 https://192.168.21.98/', 'timeout 192.168.21.98:443'],
    ['curl', 'curl-name.txt', 'curl http://nosuch.invalid/', 'name-error -:80'],
    ['telnet', 'telnet-ok.txt', 'telnet 192.168.21.11 8080', 'answered 192.168.21.11:8080'],
    ['telnet', 'telnet-refused.txt', 'telnet 192.168.21.11 81', 'refused 192.168.21.11:81'],
    ['telnet', 'telnet-unreach.txt', null, 'unreachable 10.9.9.9:-'],
    ['telnet', 'bbtelnet-refused.txt', 'telnet 192.168.21.11 81', 'refused 192.168.21.11:81'],
  ];
  it.each(table)('%s in %s (%s): %s', (id, name, command, expected) => {
    const read = attempts(id, fixture(name), command);
    expect(read.map((one) => `${one.outcome} ${one.ip === null ? '-' : formatIp(one.ip)}:${one.port ?? '-'}`)).toEqual([
      expected,
    ]);
  });
  it('takes a body as an answer', () => {
    const body = '{\n  "kind": "Status",\n  "apiVersion": "v1",\n  "code": 401\n}';
    const read = attempts('curl', body, 'curl -k https://10.96.0.1:443');
    expect(read[0]?.text).toBe('  "code": 401');
    expect(read.map((one) => `${one.outcome} ${one.target} ${one.port}`)).toEqual([
      'answered https://10.96.0.1:443 443',
    ]);
  });
  it('reads an old curl that connected nowhere', () => {
    const text =
      '* About to connect() to 10.96.0.1 port 443 (#0)\n*   Trying 10.96.0.1...\n* Connection timed out\n* Failed connect to 10.96.0.1:443; Connection timed out\n* Closing connection 0\ncurl: (7) Failed connect to 10.96.0.1:443; Connection timed out';
    expect(attempts('curl', text).map((one) => `${one.outcome} ${one.port}`)).toEqual(['timeout 443']);
  });
});

describe('any text', () => {
  it.each(observationFormats.map((one) => [one.id, one] as const))(
    'never makes %s throw, and every line is accounted for',
    (_id, format) => {
      const pieces = readdirSync(fixtures).flatMap((name) => fixture(name).split('\n'));
      const text = fc
        .array(
          fc.oneof(
            fc.constantFrom(...pieces),
            fc.constantFrom(...hostileTexts),
            fc.string(),
            fc.string({ unit: 'binary' }),
          ),
          { maxLength: 30 },
        )
        .map((lines) => lines.join('\n'));
      fc.assert(
        fc.property(text, fc.boolean(), (given, typed) => {
          const section = sectionOf(given, { freeForm: true, command: typed ? `${format.id} -k 10.0.0.1 443` : null });
          for (const line of given.split('\n')) format.line(line);
          expect(ledgerIsComplete(section, format.parse(section))).toBe(true);
        }),
        { numRuns: 150 },
      );
    },
  );
  it.each(observationFormats.map((one) => [one.id, one] as const))(
    'reads a line of a million characters quickly with %s',
    (_id, format) => {
      const readLine = (line: string) => {
        format.line(line);
        format.parse(sectionOf(line, { command: 'x' }));
      };
      expect(slowLines([' ', '> ', ' > ', 'IP ', '0 ', '1:', '* ', '(', 'a.', '\t'], 1500, readLine)).toEqual([]);
    },
  );
});
