import { describe, expect, it } from 'vitest';
import { ledgerIsComplete, sectionOf, textAt } from '../testing.js';
import { sysctlJsonFormat } from './sysctl-json.js';

function read(text: string) {
  const section = sectionOf(text, { path: 'host-collectors/system/sysctl.json' });
  const parsed = sysctlJsonFormat.parse(section);
  expect(ledgerIsComplete(section, parsed)).toBe(true);
  const facts = parsed.value.find((one) => one.kind === 'sysctls');
  const rows = facts?.kind === 'sysctls' ? facts.rows : [];
  return { section, parsed, rows, pairs: rows.map((row) => `${row.key}=${row.value}`) };
}

describe('a JSON map of parameters', () => {
  const flat =
    '{\n  "net.ipv4.ip_forward": "1",\n  "net.ipv4.conf.eth0/100.rp_filter": "2\\n",\n  "vm.swappiness": 60\n}\n';
  const nested =
    '{"net": {"ipv4": {"ip_forward": 1, "conf": {"eth0.100": {"rp_filter": "2"}}}},\n "vm": {"swappiness": 60}}\n';

  it.each([
    ['flat', flat],
    ['nested', nested],
  ])('%s', (_, text) => {
    expect(read(text).pairs).toEqual([
      'net/ipv4/ip_forward=1',
      'net/ipv4/conf/eth0.100/rp_filter=2',
      'vm/swappiness=60',
    ]);
    expect(sysctlJsonFormat.whole?.(text, 'host-collectors/system/sysctl.json')).toBeGreaterThan(0.8);
  });

  it('points at key and value, and accounts for every line', () => {
    const { rows, section, parsed } = read(flat);
    expect(rows[0] && textAt(section, rows[0].span)).toBe('"net.ipv4.ip_forward": "1"');
    expect([...parsed.ledger]).toEqual([2, 1, 1, 1, 2]);
  });

  it('keeps what stands before the place where the text breaks off', () => {
    expect(read('{"net.ipv4.ip_forward": "1", "net.ipv4.conf.all').pairs).toEqual(['net/ipv4/ip_forward=1']);
  });

  it.each(['{"kind": "List"}', '{"net": "host"}', '[1]', 'net.ipv4.ip_forward = 1'])('%s is none', (text) => {
    expect(sysctlJsonFormat.whole?.(text, 'a.json')).toBe(0);
  });
});
