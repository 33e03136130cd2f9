import { readFileSync } from 'node:fs';
import type { ConnEntry } from '@coldtrace/core';
import { describe, expect, it } from 'vitest';
import { ledgerIsComplete, sectionOf } from '../testing.js';
import { conntrackFormat } from './conntrack.js';

const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');

function read(text: string, given: Parameters<typeof sectionOf>[1] = {}) {
  const section = sectionOf(text, given);
  const parsed = conntrackFormat.parse(section);
  expect(ledgerIsComplete(section, parsed)).toBe(true);
  const facts = parsed.value.find((one) => one.kind === 'conntrack');
  if (facts?.kind !== 'conntrack') throw new Error('no entries');
  return { ...facts, codes: parsed.diagnostics.map((one) => one.code), ledger: [...parsed.ledger] };
}

/** What both forms show: the XML has no ICMP types and ids. */
const common = ({ span, original, reply, ...row }: ConnEntry) => ({
  ...row,
  original: { ...original, icmpType: null, icmpCode: null, icmpId: null },
  reply: { ...reply, icmpType: null, icmpCode: null, icmpId: null },
});

describe('conntrack -o xml', () => {
  it('holds the entries that the text holds', () => {
    const xml = read(fixture('xml.txt'));
    expect(xml.rows.map(common)).toEqual(read(fixture('xml-as-text.txt')).rows.map(common));
    expect(xml.codes).toEqual([]);
    expect(xml.ledger).not.toContain(0);
  });

  it('is not whole without its end', () => {
    const text = fixture('xml.txt');
    expect(read(text, { command: 'conntrack -L -f ipv4 -o xml' })).toMatchObject({ complete: true, family: 4 });
    expect(read(text.replace('</conntrack>\n', ''), { command: 'conntrack -L -f ipv4 -o xml' }).complete).toBe(false);
    const torn = read(text.slice(0, -200));
    expect(torn.complete).toBe(false);
    expect(torn.codes).toEqual(['conntrack/not-read']);
  });
});

describe('the family a listing speaks for', () => {
  const entry = (ip: string, other: string) =>
    `udp      17 29 src=${ip} dst=${other} sport=1 dport=2 src=${other} dst=${ip} sport=2 dport=1 mark=0 use=1\n`;
  const four = entry('10.0.0.1', '10.0.0.2');
  const six = entry('fd00::1', 'fd00::2');
  const end = (version: string, count: number) =>
    `conntrack v${version} (conntrack-tools): ${count} flow entries have been shown.\n`;

  it.each<[string, string, string, 4 | 6 | undefined]>([
    ['conntrack -L -f ipv6', six, 'x', 6],
    ['conntrack -f ipv4 -L', four, 'x', 4],
    ['conntrack -L --family ipv6 -o extended', six, 'x', 6],
    ['conntrack -L', four + end('1.4.7', 1), 'x', undefined],
    ['conntrack -L', four + end('1.4.4', 1), 'x', 4],
    ['conntrack -L', four, 'x', 4],
    ['conntrack -L', four + six, 'x', undefined],
    ['cat /proc/net/nf_conntrack', four, 'x', undefined],
    ['cat /proc/net/ip_conntrack', four, 'x', 4],
  ])('%s', (command, text, path, family) => {
    const { complete, family: spoken } = read(text, { command, path });
    expect([complete, spoken]).toEqual([true, family]);
  });

  it('the name of a file tells too', () => {
    expect(read(six, { path: 'networking/conntrack6.txt' })).toMatchObject({ complete: true, family: 6 });
    expect(read(six, { path: 'conntrack_-L_-f_ipv6' })).toMatchObject({ complete: true, family: 6 });
    expect(read(four, { path: 'proc/net/nf_conntrack' }).family).toBeUndefined();
  });
});
