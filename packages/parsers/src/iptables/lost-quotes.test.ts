/** Comments and prefixes without their quotes, in dumps and in pasted text. */
import { expect, it } from 'vitest';
import { isModelled, readText } from './repair/testing.js';

it.each([
  [
    '-A FORWARD -m comment --comment kubernetes forwarding rules -j KUBE-FORWARD',
    '-t filter -A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD',
  ],
  [
    '-A FORWARD -m comment --comment default/web:http cluster IP -i eth0 ! -o lo -j ACCEPT',
    '-t filter -A FORWARD -i eth0 ! -o lo -m comment --comment "default/web:http cluster IP" -j ACCEPT',
  ],
  [
    '-A FORWARD -m comment --comment kubernetes service traffic requiring SNAT -m mark ! --mark 0x4000/0x4000 -j RETURN',
    '-t filter -A FORWARD -m comment --comment "kubernetes service traffic requiring SNAT" -m mark ! --mark 0x4000/0x4000 -j RETURN',
  ],
  [
    '-A INPUT -j LOG --log-prefix dropped by policy: --log-level 5',
    '-t filter -A INPUT -j LOG --log-prefix "dropped by policy:" --log-level 5',
  ],
])('%s', (damaged, rule) => {
  for (const pasted of [true, false]) {
    const read = readText(damaged, pasted);
    expect(read.rules).toEqual([rule]);
    expect(read.codes.filter((code) => code !== 'no-table')).toEqual(['repaired-quotes']);
    expect(read.trust).toEqual(['repaired']);
    expect(isModelled(read)).toBe(true);
  }
});

/** What may be an option of its own, or has quotes of another kind, is not taken for text. */
it.each([
  '-A INPUT -m comment --comment x 10.0.0.0/8 -j ACCEPT',
  '-A INPUT -m comment --comment x s 10.0.0.1 -j ACCEPT',
  '-A INPUT -m comment --comment x in-interface eth0 -j ACCEPT',
  '-A INPUT -m comment --comment x DROP',
  '-A INPUT -m comment --comment “of two words” -j ACCEPT',
  '-A INPUT -m mark --mark 0x1 to nobody -j ACCEPT',
])('not in a dump: %s', (damaged) => {
  expect(isModelled(readText(damaged, false))).toBe(false);
});
