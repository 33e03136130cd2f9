/** /proc/net/if_inet6: addresses of IPv6 in the order of the kernel's hash table (net/ipv6/addrconf.c, if6_seq_show). */
import { type Address, bareAddress, type Facts } from '@coldtrace/core';
import type { Format, Parsed, Section } from '../format.js';
import { lineSpan } from '../text/lines.js';
import { claim, closeReading, openReading, takeFailure } from '../text/reading.js';
import { hexNumber, wireIp6 } from './hex.js';
import { procNet } from './whole.js';

const row = /^([0-9a-f]{32}) ([0-9a-f]{2,8}) ([0-9a-f]{2}) ([0-9a-f]{2}) ([0-9a-f]{2})\s+(\S{1,15})\s*$/;
const scopes: Readonly<Record<string, string | undefined>> = {
  '00': 'global',
  '10': 'host',
  '20': 'link',
  '40': 'site',
};
/** include/uapi/linux/if_addr.h: the lower eight bits are all that is printed. */
const flagNames: readonly (readonly [number, string])[] = [
  [0x01, 'temporary'],
  [0x02, 'nodad'],
  [0x04, 'optimistic'],
  [0x08, 'dadfailed'],
  [0x10, 'home'],
  [0x20, 'deprecated'],
  [0x40, 'tentative'],
];
const permanent = 0x80;

export const ifInet6Format: Format = {
  id: 'proc-net-if-inet6',
  title: 'IPv6 addresses, as /proc/net/if_inet6 shows them',
  ...procNet('if_inet6'),
  fileNames: [/^if_inet6(?:\.txt)?$/],
  line: (text) => (text.length > 44 && text.length < 80 && row.test(text) ? 'opens' : null),
  parse,
};

function parse(section: Section): Parsed<readonly Facts[]> {
  const reading = openReading(section);
  const rows: Address[] = [];
  for (const line of reading.lines) {
    const words = line.text.length < 80 ? row.exec(line.text) : null;
    const [, digits = '', , length = '', scope = '', flagText = '', dev = ''] = words ?? [];
    const ip = wireIp6(digits);
    const flags = hexNumber(flagText) ?? 0;
    if (words === null || ip === null) {
      takeFailure(reading, line);
      continue;
    }
    const names = flagNames.flatMap(([bit, name]) => ((flags & bit) === 0 ? [] : [name]));
    rows.push({
      ...bareAddress,
      span: lineSpan(section, line),
      dev,
      ip,
      prefixLength: hexNumber(length) ?? 128,
      scope: scopes[scope] ?? String(hexNumber(scope) ?? 0),
      flags: (flags & permanent) === 0 ? ['dynamic', ...names] : names,
    });
    // Peers, lifetimes and the order of the addresses are not shown.
    claim(reading, line, 'conditional');
  }
  return closeReading(reading, rows.length === 0 ? [] : [{ kind: 'addresses', rows, complete: false, family: 6 }]);
}
