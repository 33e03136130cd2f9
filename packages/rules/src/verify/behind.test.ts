/** Two faults of which one hides the other: the fix of the first says so. */
import { applyText, parseSnapshot } from '@coldtrace/parsers';
import { expect, it } from 'vitest';
import { analyze } from '../analyze.js';
import { sockets } from '../connection-fails/cases.world.js';
import { alpha, beta, files, gamma } from '../flannel/world.js';
import { rules } from '../rules.js';

const off = [
  ['beta/sysctl.txt', 'ip_forward = 1', 'ip_forward = 0'],
  ['beta/sysctl.txt', /forwarding = 1/g, 'forwarding = 0'],
] as const;

function notesOf(edits: readonly (readonly [string, string | RegExp, string])[]) {
  const snapshot = parseSnapshot(files({ nodes: [alpha, beta], backend: 'vxlan', edits }));
  const { findings } = analyze(snapshot, { rules: rules, apply: applyText });
  return findings.flatMap(({ rule, fix }) =>
    rule === 'flannel-subnet-unreachable' && fix !== null ? [{ verified: fix.verified, notes: fix.notes }] : [],
  );
}

it('is not said where the fix brings the connection back', () =>
  expect(notesOf(off)).toEqual([{ verified: true, notes: '' }]));

it('is said with where the connection ends then', () => {
  const [told] = notesOf([...off, ['beta/iptables-save.txt', '-A FORWARD -m', '-A FORWARD -j DROP\n-A FORWARD -m']]);
  expect(told?.verified).toBe(true);
  expect(told?.notes).toContain('Another fault stands behind this one: then');
  expect(told?.notes).toContain('(beta: DROP by rule 1 of FORWARD)');
});

it('is not said of what fails as before for another reason', () => {
  const [told] = notesOf([
    ...off,
    ['beta/iptables-save.txt', '-A FORWARD -m', '-A INPUT -p icmp -j DROP\n-A INPUT -p tcp -j DROP\n-A FORWARD -m'],
  ]);
  expect(told?.notes).toBe('');
});

it('is not said where the same rule refuses something else too, at another number then', () => {
  const closed = '-A INPUT -j REJECT --reject-with icmp-host-prohibited\n-A FORWARD -m';
  const snapshot = parseSnapshot(
    files({
      nodes: [alpha, beta],
      backend: 'vxlan',
      edits: [['beta/iptables-save.txt', '-A FORWARD -m', closed]],
      files: { 'beta/ss.txt': sockets },
    }),
  );
  const { findings } = analyze(snapshot, { rules, apply: applyText });
  const [told] = findings.filter(({ rule }) => rule === 'flannel-tunnel-port-blocked');
  expect([told?.fix?.verified, told?.fix?.notes]).toEqual([true, '']);
});

it('a fix is one although connections that it mends leave the snapshot, as others did before, as long as some are seen to arrive', () => {
  const accepting = /-A FORWARD -m.*\n/;
  const captured = Object.entries(
    files({ nodes: [alpha, beta, gamma], backend: 'vxlan', edits: [['beta/iptables-save.txt', accepting, '']] }),
  ).filter(([name]) => !name.startsWith('gamma/'));
  const verified = (kept: readonly (readonly [string, string])[]) =>
    analyze(parseSnapshot(Object.fromEntries(kept)), { rules, apply: applyText }).findings.flatMap(({ rule, fix }) =>
      rule === 'connection-fails' ? [fix?.verified] : [],
    );
  expect(verified(captured)).toEqual([true]);
});
