/** Neighbour entries line by line. */
import { countLines, type FactsOf, formatIp, formatMac } from '@coldtrace/core';
import { describe, expect, test } from 'vitest';
import { sectionOf } from '../../testing.js';
import { ipNeigh, parseNeighbours } from './parse.js';

type Given = Parameters<typeof sectionOf>[1];

function facts(text: string, given: Given = { command: 'ip neigh' }): FactsOf<'neighbours'> {
  const found = parseNeighbours(sectionOf(text, given)).value.find((one) => one.kind === 'neighbours');
  if (found?.kind !== 'neighbours') throw new Error('no neighbours');
  return found;
}

const codes = (text: string, given: Given = { command: 'ip neigh' }) =>
  parseNeighbours(sectionOf(text, given)).diagnostics.map((one) => one.code);

describe('a neighbour entry', () => {
  test.each(['REACHABLE', 'STALE', 'DELAY', 'PROBE', 'NOARP', 'PERMANENT'])('in state %s', (nud) => {
    const [row] = facts(`10.0.0.9 dev eth0 lladdr 02:00:00:00:00:09 ${nud} \n`).rows;
    expect(row).toMatchObject({ dev: 'eth0', nud, proxy: false, router: false, externLearn: false });
    expect(row?.lladdr && formatMac(row.lladdr)).toBe('02:00:00:00:00:09');
  });

  test.each([
    ['10.0.0.13 dev eth0  FAILED', { nud: 'FAILED', lladdr: null }],
    ['10.0.0.13 dev eth0 managed INCOMPLETE', { nud: 'INCOMPLETE' }],
    ['10.0.0.12 dev eth0  NONE', { nud: 'NONE' }],
    ['fd00::9 dev eth0 lladdr 02:00:00:00:00:09 router extern_learn STALE', { router: true, externLearn: true }],
    ['10.0.0.20 dev eth0 proxy', { proxy: true, nud: null }],
    ['10.0.0.11 dev eth0 lladdr 02:00:00:00:00:0b ref 1 used 0/60/0probes 4 STALE', { nud: 'STALE' }],
    ['10.0.0.11 dev eth0 lladdr 02:00:00:00:00:0b used 0/60/0 probes 4 proto zebra STALE', { nud: 'STALE' }],
  ])('%s', (line, expected) => {
    expect(facts(`${line} \n`).rows[0]).toMatchObject(expected);
    expect(codes(line)).toEqual([]);
  });

  test('of one asked device names it by the command', () => {
    const text = '10.0.0.9 lladdr 02:00:00:00:00:09 REACHABLE \n';
    expect(facts(text, { command: 'ip neigh show dev eth3' })).toMatchObject({
      complete: false,
      rows: [{ dev: 'eth3' }],
    });
    expect(codes(text)).toEqual(['iproute/name-missing']);
    expect(facts(text).rows).toEqual([]);
  });

  test('whose address was redacted costs only its own row', () => {
    const text = '10.blackly.0.9 dev eth0 lladdr 02:00:00:00:00:09 REACHABLE \n10.0.0.10 dev eth0  FAILED \n';
    const { ledger } = parseNeighbours(sectionOf(text, { command: 'ip neigh' }));
    expect(countLines(ledger)).toMatchObject({ opaque: 1, modelled: 1 });
    expect(facts(text).rows.map((row) => formatIp(row.ip))).toEqual(['10.0.0.10']);
    expect(facts(text).complete).toBe(false);
  });
});

test.each([
  ['ip neigh', true],
  ['ip -s neigh show', true],
  ['ip neigh show nud all', true],
  ['ip neigh show proxy', false],
  ['ip neigh show nud reachable', false],
  ['ip n | grep 10.0.0.9', false],
])('after %s the rows are complete: %s', (command, complete) => {
  expect(facts('10.0.0.9 dev eth0 lladdr 02:00:00:00:00:09 REACHABLE \n', { command }).complete).toBe(complete);
});

const one = '10.0.0.9 dev eth0 lladdr 02:00:00:00:00:09 REACHABLE \n';

test.each<[string, string | null, string, { complete: boolean; family?: 4 | 6 }]>([
  ['the family asked for', 'ip -4 neigh', 'ticket.txt', { complete: true, family: 4 }],
  ['the family in the file name', null, 'n/ip_-4_neigh', { complete: true, family: 4 }],
  ['a family in the file name that the rows refute', null, 'n/ipv6_neigh', { complete: true }],
  ['states in the file name', null, 'n/ip_neigh_show_nud_noarp', { complete: false }],
])('%s limits what the rows speak for', (_, command, path, expected) => {
  const { complete, family } = facts(one, { command, path });
  expect({ complete, ...(family === undefined ? {} : { family }) }).toEqual(expected);
});

test.each([['10.0.0.2 dev eth0 lladdr 02:00:00:00'], ['10.0.0.2 dev eth0'], ['10.0.0.2']])(
  'a dump that ends in "%s" is not complete',
  (end) => {
    expect(facts(`${one}${end}`).complete).toBe(false);
  },
);

test.each([
  ['10.0.0.1 dev eth0 lladdr 02:00:00:00:00:09 REACHABLE', 'opens'],
  ['10.0.0.1 dev eth0  FAILED', 'opens'],
  ['fe80::1 dev eth0 lladdr 02:00:00:00:00:09 router STALE', 'opens'],
  ['10.0.0.1 lladdr 02:00:00:00:00:09 REACHABLE', 'opens'],
  ['10.0.0.20 dev eth0 proxy ', 'opens'],
  ['10.x.0.20 dev eth0 lladdr 02:00:00:00:00:09 STALE', 'continues'],
  ['10.0.0.1 dev eth0 scope link', null],
  ['10.0.0.0/24 dev eth0 lladdr', null],
  ['? (10.0.0.1) at 02:00:00:00:00:09 [ether] on eth0', null],
])('%s', (line, verdict) => {
  expect(ipNeigh.line(line)).toBe(verdict);
});
