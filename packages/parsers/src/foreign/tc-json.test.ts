/** `tc -j` and `tc -j -p`: the same devices are open as by tc's text. */
import { countLines } from '@coldtrace/core';
import { describe, expect, test } from 'vitest';
import { ledgerIsComplete, sectionOf } from '../testing.js';
import { tcFormat } from './tc.js';

const queue = (kind: string, dev: string) => ({ kind, handle: '0:', dev, root: true, refcnt: 2, options: {} });
const filter = (more: object) => [
  { protocol: 'all', pref: 1, kind: 'bpf', chain: 0, ...more },
  { protocol: 'all', pref: 1, kind: 'bpf', chain: 0, ...more, options: { handle: '0x1', bpf_name: 'cil_from_netdev' } },
];

describe.each([
  ['on one line', (value: unknown) => `${JSON.stringify(value)}\n`],
  ['pretty', (value: unknown) => `${JSON.stringify(value, null, 4)}\n`],
])('%s', (_, print) => {
  test.each([
    ['tc -j qdisc', [queue('noqueue', 'lo'), queue('fq_codel', 'eth0')], []],
    ['tc -j qdisc', [queue('htb', 'eth0'), queue('clsact', 'eth1')], ['eth1']],
    ['tc -s -j filter show dev eth0 ingress', filter({}), ['eth0']],
    ['tc -j filter show', filter({ dev: 'eth3' }), ['eth3']],
  ])('%s', (command, value, devices) => {
    const section = sectionOf(print(value), { command });
    const parsed = tcFormat.parse(section);
    expect(ledgerIsComplete(section, parsed)).toBe(true);
    const rows = parsed.value.flatMap((one) => (one.kind === 'foreign-filters' ? one.rows : []));
    expect(rows.map(({ subject }) => subject)).toEqual(devices);
    const { opaque, inert, unrecognized } = countLines(parsed.ledger);
    expect([opaque > 0, inert > 0, unrecognized]).toEqual([devices.length > 0, devices.length === 0, 0]);
  });
});

test('a list that is cut off opens what it shows, and what fails behind a list is a failure', () => {
  const text = JSON.stringify(filter({ dev: 'eth3' })).slice(0, -20);
  const rows = tcFormat.parse(sectionOf(text, { command: 'tc -j filter' })).value;
  expect(rows).toMatchObject([{ kind: 'foreign-filters', rows: [{ subject: 'eth3' }] }]);
  const section = sectionOf(`${JSON.stringify([queue('noqueue', 'lo')])}\nCannot find device "eth9"\n`, {});
  expect(countLines(tcFormat.parse(section).ledger)).toMatchObject({ inert: 1, unrecognized: 1 });
});
