/** lsof's list of sockets: what listens where, with and without -n and -P. */
import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { hostileTexts, ledgerIsComplete, sectionOf } from '../testing.js';
import { lsofFormat } from './lsof.js';

const heading = 'COMMAND    PID USER   FD   TYPE DEVICE SIZE/OFF NODE NAME\n';

function read(text: string) {
  const section = sectionOf(text, { command: 'lsof -nP -i' });
  const parsed = lsofFormat.parse(section);
  expect(ledgerIsComplete(section, parsed)).toBe(true);
  const [facts] = parsed.value;
  return { parsed, facts: facts?.kind === 'sockets' ? facts : null };
}

test.each([
  ['kube-apis 1234 root    7u  IPv6  23456      0t0  TCP *:6443 (LISTEN)', 'tcp LISTEN *:6443 null'],
  ['sshd       700 root    3u  IPv4  13456      0t0  TCP *:22 (LISTEN)', 'tcp LISTEN *:22 4'],
  ['etcd       701 etcd    3u  IPv4  13457      0t0  TCP 127.0.0.1:2379 (LISTEN)', 'tcp LISTEN v4:2379 4'],
  ['java       702 app    40u  IPv6  13458      0t0  TCP [::1]:8005 (LISTEN)', 'tcp LISTEN v6:8005 6'],
  [
    'kubelet    703 root   12u  IPv4  24456      0t0  TCP 10.0.0.1:41234->10.0.0.2:6443 (SYN_SENT)',
    'tcp SYN-SENT v4:41234 4',
  ],
  ['dnsmasq    704 nobody  4u  IPv4  24457      0t0  UDP 10.0.0.1:53', 'udp UNCONN v4:53 4'],
])('%s', (line, expected) => {
  const { facts } = read(`${heading}${line}\n`);
  const shown = facts?.rows.map(
    ({ protocol, state, localIp, localPort, family }) =>
      `${protocol} ${state} ${localIp === null ? '*' : `v${localIp.family}`}:${localPort} ${family}`,
  );
  expect(shown).toEqual([expected]);
});

it('keeps rows whose names it cannot read, and says nothing of what is missing', () => {
  const { parsed, facts } = read(
    `${heading}sshd       700 root    3u  IPv4  13456      0t0  TCP *:22 (LISTEN)\nkubelet    703 root   12u  IPv4  24456      0t0  TCP n1:41234->n2:https (ESTABLISHED)\n`,
  );
  expect(facts?.rows).toHaveLength(1);
  expect(facts?.complete).toBe(false);
  expect([...parsed.ledger]).toEqual([2, 1, 3]);
});

it('never throws', () => {
  for (const text of hostileTexts) read(text);
  fc.assert(
    fc.property(fc.string(), (text) => {
      read(heading + text);
    }),
  );
});
