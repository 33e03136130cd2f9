import type { Facts } from '@coldtrace/core';
import { describe, expect, it } from 'vitest';
import { ledgerIsComplete, sectionOf } from '../testing.js';
import { dateFormat } from './date.js';
import { hostnameFormat } from './hostname.js';
import { parseInstant } from './instant.js';
import { unameFormat } from './uname.js';
import { uptimeFormat } from './uptime.js';

type Given = Parameters<typeof sectionOf>[1];

function read(format: typeof dateFormat, text: string, given: Given = {}) {
  const section = sectionOf(text, given);
  const parsed = format.parse(section);
  expect(ledgerIsComplete(section, parsed)).toBe(true);
  return parsed;
}

function rowsOf<K extends Facts['kind']>(facts: readonly Facts[], kind: K) {
  const found = facts.find((one): one is Extract<Facts, { kind: K }> => one.kind === kind);
  return found !== undefined && 'rows' in found ? found.rows : [];
}

describe('date', () => {
  const at = Date.UTC(2026, 10, 20, 23, 32, 28);

  it.each([
    ['C locale', 'Fri Nov 20 23:32:28 UTC 2026', at],
    ['one-digit day', 'Sun Nov  1 00:00:00 UTC 2026', Date.UTC(2026, 10, 1)],
    ['GMT', 'Fri Nov 20 23:32:28 GMT 2026', at],
    ['twelve hours', 'Fri Nov 20 11:32:28 PM UTC 2026', at],
    ['midnight', 'Fri Nov 20 12:32:28 AM UTC 2026', at - 23 * 3_600_000],
    ['day first', 'Fri 20 Nov 23:32:28 UTC 2026', at],
    ['year before the clock', 'Fri 20 Nov 2026 11:32:28 PM UTC', at],
    ['numeric zone name', 'Sat Nov 21 03:02:28 +0330 2026', at],
    ['-R', 'Fri, 20 Nov 2026 18:32:28 -0500', at],
    ['-Iseconds', '2026-11-20T23:32:28+00:00', at],
    ['--rfc-3339', '2026-11-21 00:32:28.123456789+01:00', at],
    ['a Chinese locale', '2026年 11月 20日 星期五 23:32:28 UTC', at],
    ['a Chinese locale, shared zone name', '2026年 11月 20日 星期五 23:32:28 CST', null],
    ['Zulu', '2026-11-20T23:32:28Z', at],
    ['a zone name that five zones share', 'Fri Nov 20 17:32:28 CST 2026', null],
    ['no zone', '2026-11-20 23:32:28', null],
  ])('%s: %s', (_, text, expected) => {
    const parsed = read(dateFormat, `${text}\n`);
    expect(rowsOf(parsed.value, 'date')).toMatchObject([{ at: expected, text }]);
    expect(parsed.diagnostics.map((one) => one.code)).toEqual(expected === null ? ['host/ambiguous-zone'] : []);
  });

  it.each([
    'Fri Nov 31 23:32:28 UTC 2026',
    'Fri Nov 20 24:32:28 UTC 2026',
    'Fri Nov 20 13:00:00 PM UTC 2026',
    'Fri Nov 20 23:32:28 UTC 2026 node-1 kubelet: started',
    '1795217548',
    'Friday',
  ])('is not %s', (text) => {
    expect(dateFormat.line(text)).toBe(null);
    expect(read(dateFormat, text).value).toEqual([]);
  });

  it.each([
    ['Fr 20. Nov 10:00:30 CET 2026', '2026-11-20T09:00:30.000Z'],
    ['Di 3. Mär 2026 10:00:00 CET', '2026-03-03T09:00:00.000Z'],
    ['ven. 20 nov. 2026 10:00:30 CET', '2026-11-20T09:00:30.000Z'],
    ['mar 3 mar 2026, 10:00:00, CET', '2026-03-03T09:00:00.000Z'],
    ['Пт ноя 20 10:00:30 MSK 2026', '2026-11-20T07:00:30.000Z'],
    ['sex 20 nov 2026 10:00:30 -03', '2026-11-20T13:00:30.000Z'],
    ['2026年 11月 20日 金曜日 10:00:30 JST', '2026-11-20T01:00:30.000Z'],
    ['금 11월 20 10:00:30 KST 2026', '2026-11-20T01:00:30.000Z'],
  ])('in other languages: %s', (text, expected) => {
    expect(new Date(parseInstant(text)?.at ?? 0).toISOString()).toBe(expected);
    expect(dateFormat.line(text)).toBe('opens');
  });

  it.each(['Mär 3 10:00:00', '20 nov 10:00:30 2026', 'um 10:00:30 war es so', 'fr: 10:00:30'])('no date: %s', (text) =>
    expect(parseInstant(text)).toBeNull(),
  );

  it('takes seconds since the epoch only where the command or the file says so', () => {
    const seconds = `${at / 1000}`;
    expect(rowsOf(read(dateFormat, seconds, { command: 'date +%s' }).value, 'date')).toMatchObject([{ at }]);
    expect(dateFormat.whole?.(seconds, 'node-1/date')).toBeGreaterThan(0.9);
    expect(dateFormat.whole?.(seconds, 'node-1/pid')).toBe(0);
  });

  it('knows from -u that a time without zone is UTC', () => {
    const given = { command: 'date -u +%FT%T' };
    expect(rowsOf(read(dateFormat, '2026-11-20T23:32:28', given).value, 'date')).toMatchObject([{ at }]);
  });

  it('takes the universal time of timedatectl', () => {
    const text =
      '               Local time: Sat 2026-11-21 07:32:28 CST\n           Universal time: Fri 2026-11-20 23:32:28 UTC\n                RTC time: Fri 2026-11-20 23:32:28\n';
    const parsed = read(dateFormat, text, { command: 'timedatectl' });
    expect(rowsOf(parsed.value, 'date')).toMatchObject([{ at }]);
    expect([...parsed.ledger]).toEqual([2, 1, 2]);
  });

  it('opens with its own layouts only; a bare ISO time may be anything', () => {
    expect(dateFormat.line('Fri Nov 20 23:32:28 UTC 2026')).toBe('opens');
    expect(dateFormat.line('2026-11-20T23:32:28Z')).toBe('continues');
  });
});

describe('uname', () => {
  const debian = 'Linux node-1 6.1.0-18-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1 (2024-02-01) x86_64 GNU/Linux';
  const redHat =
    'Linux node-1 3.10.0-1160.el7.x86_64 #1 SMP Mon Oct 19 16:18:59 UTC 2020 x86_64 x86_64 x86_64 GNU/Linux';
  it.each([
    [debian, { nodename: 'node-1', release: '6.1.0-18-amd64', machine: 'x86_64' }],
    [redHat, { version: '#1 SMP Mon Oct 19 16:18:59 UTC 2020', release: '3.10.0-1160.el7.x86_64', machine: 'x86_64' }],
    ['Linux k3s 5.10.103-v7l+ #1529 SMP Tue Mar 8 12:24:00 GMT 2022 armv7l GNU/Linux', { machine: 'armv7l' }],
    ['Linux node-2 6.18.44-a #1 SMP PREEMPT_DYNAMIC @0 x86_64 GNU/Linux', { version: '#1 SMP PREEMPT_DYNAMIC @0' }],
    ['Linux 5.15.0-91-generic x86_64', { nodename: null, release: '5.15.0-91-generic' }],
    [
      'Linux version 5.4.0-42-generic (b@lcy) (gcc 9.3.0) #46-Ubuntu SMP',
      { release: '5.4.0-42-generic', version: '#46-Ubuntu SMP' },
    ],
  ])('%s', (text, expected) => {
    expect(unameFormat.line(text)).toBe('opens');
    expect(rowsOf(read(unameFormat, `${text}\n`).value, 'kernel')).toMatchObject([expected]);
  });

  it.each([
    ['uname -r', '5.15.0-91-generic', { release: '5.15.0-91-generic', nodename: null }],
    ['uname -n', 'node-1', { nodename: 'node-1', release: null }],
    ['uname -sr', 'Linux 5.15.0', { sysname: 'Linux', release: '5.15.0' }],
    ['uname -rv', '5.15.0 #1 SMP now', { release: '5.15.0', version: '#1 SMP now' }],
    ['uname', 'Linux', { sysname: 'Linux', release: null }],
  ])('%s: %s', (command, text, expected) => {
    expect(rowsOf(read(unameFormat, text, { command }).value, 'kernel')).toMatchObject([expected]);
  });

  it.each(['Linux is a kernel', 'Linux node-1 is up', '6.1.0'])('%s opens nothing', (text) => {
    expect(unameFormat.line(text)).toBe(null);
  });
});

describe('hostname', () => {
  it.each([
    ['node-1\n', { command: 'hostname' }, ['node-1']],
    ['node-1.example.com\n', { path: 'etc/hostname' }, ['node-1.example.com']],
    ['# set by hand\nnode-1\n', { path: 'hostname' }, ['node-1']],
    ['   Static hostname: node-2\n         Icon name: computer-vm\n', {}, ['node-2']],
    ['hostname: Name or service not known:\n', { command: 'hostname -f' }, []],
    ['-bash: hostname: command not found\n', { command: 'hostname' }, []],
  ])('%j', (text, given, names) => {
    expect(rowsOf(read(hostnameFormat, text, given).value, 'hostname')).toMatchObject(
      names.map((name) => ({ text: name })),
    );
  });

  it('is what the file name says, never a bare word elsewhere', () => {
    expect(hostnameFormat.whole?.('node-1\n', 'a/etc/hostname')).toBeGreaterThan(0.8);
    expect(hostnameFormat.whole?.('node-1\n', 'a/etc/machine-id')).toBe(0);
    expect(hostnameFormat.whole?.('two words\n', 'hostname')).toBe(0);
    expect(hostnameFormat.line('node-1')).toBe(null);
    expect(hostnameFormat.commands.some((one) => one.test('hostname -I'))).toBe(false);
  });

  it('takes the kernel from hostnamectl too', () => {
    const text = '   Static hostname: node-2\n            Kernel: Linux 5.15.0-91-generic\n';
    expect(rowsOf(read(hostnameFormat, text).value, 'kernel')).toMatchObject([{ release: '5.15.0-91-generic' }]);
  });
});

describe('uptime', () => {
  it('is inert', () => {
    const text = ' 23:32:28 up 17 min,  0 user,  load average: 0.83, 0.68, 0.33\n';
    expect([...read(uptimeFormat, text).ledger]).toEqual([2]);
    expect(uptimeFormat.line(text.trimEnd())).toBe('opens');
  });
});
