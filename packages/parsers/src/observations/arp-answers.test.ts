/** Who answered ARP, as several tools print it, and what only looks so. */
import { expect, test } from 'vitest';
import { sectionsOf, snapshotOf } from '../assemble/testing.js';
import { ledgerIsComplete, sectionOf } from '../testing.js';
import { arpAnswersFormat } from './arp-answers.js';

const iputils =
  'ARPING 10.8.0.7 from 10.8.0.9 eth0\nUnicast reply from 10.8.0.7 [52:54:00:00:00:01]  0.752ms\nUnicast reply from 10.8.0.7 [52:54:00:00:00:0A]  0.801ms\nSent 1 probes (1 broadcast(s))\nReceived 2 response(s)\n';
const habets =
  'ARPING 10.8.0.7\n60 bytes from 52:54:00:00:00:01 (10.8.0.7): index=0 time=251.000 usec\nTimeout\n\n--- 10.8.0.7 statistics ---\n2 packets transmitted, 1 packets received,  50% unanswered (0 extra)\nrtt min/avg/max/std-dev = 0.151/0.221/0.261/0.050 ms\n';
const scan =
  'Interface: eth0, type: EN10MB, MAC: 52:54:00:00:00:09, IPv4: 10.8.0.9\nStarting arp-scan 1.9.7 with 2 hosts (https://github.com/royhills/arp-scan)\n10.8.0.7\t52:54:00:00:00:01\tQEMU\n10.8.0.7\t52:54:00:00:00:0a\tQEMU (DUP: 2)\n\n2 packets received by filter, 0 packets dropped by kernel\nEnding arp-scan 1.9.7: 2 hosts scanned in 1.4 seconds (1.43 hosts/sec). 1 responded\n';

test.each([
  ['arping -I eth0 10.8.0.7', iputils, ['10.8.0.7 52:54:00:00:00:01', '10.8.0.7 52:54:00:00:00:0a']],
  ['arping 10.8.0.7', habets, ['10.8.0.7 52:54:00:00:00:01']],
  ['arp-scan -l', scan, ['10.8.0.7 52:54:00:00:00:01', '10.8.0.7 52:54:00:00:00:0a']],
  [
    'arping 10.8.0.7',
    'ARPING 10.8.0.7 from 10.8.0.9 eth0\nSent 3 probes (3 broadcast(s))\nReceived 0 response(s)\n',
    [],
  ],
])('%s', (command, text, expected) => {
  for (const given of [{ command }, {}]) {
    const section = sectionOf(text, given);
    const parsed = arpAnswersFormat.parse(section);
    expect(ledgerIsComplete(section, parsed)).toBe(true);
    const rows = parsed.value.flatMap((facts) => (facts.kind === 'observations' ? facts.rows : []));
    expect(rows.flatMap((row) => (row.kind === 'log' ? [`${row.data['ip']} ${row.data['mac']}`] : []))).toEqual(
      expected,
    );
  }
  const snapshot = snapshotOf(`root@n1:~# ${command}\n${text}root@n1:~# uptime\n`);
  expect(sectionsOf(snapshot)).toContain('arp-answers@n1');
  expect(snapshot.read[0]?.counts.unrecognized).toBe(0);
});
