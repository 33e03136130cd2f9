/** Words of a rule that people and tools damage: what is mended, and what stays open because it could be several. */
import { describe, expect, it } from 'vitest';
import { describeMended, isModelled, type MendedRow, readText } from './testing.js';

const mended: Readonly<Record<string, readonly MendedRow[]>> = {
  'letters in the wrong case': [
    ['-A INPUT -p tcp --DPORT 22 -j ACCEPT', '-t filter -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT', 'repaired-case'],
    ['-A INPUT -S 172.16.0.0/12 -J DROP', '-t filter -A INPUT -s 172.16.0.0/12 -j DROP', 'repaired-case repaired-case'],
    [
      '-A FORWARD -I eth1 -O eth0 -j ACCEPT',
      '-t filter -A FORWARD -i eth1 -o eth0 -j ACCEPT',
      'repaired-case repaired-case',
    ],
    [
      '-A FORWARD -D 10.9.0.0/16 -j REJECT',
      '-t filter -A FORWARD -d 10.9.0.0/16 -j REJECT --reject-with icmp-port-unreachable',
      'repaired-case',
    ],
    [
      '-A FORWARD -P udp -M udp --sport 53 -j ACCEPT',
      '-t filter -A FORWARD -p udp -m udp --sport 53 -j ACCEPT',
      'repaired-case repaired-case',
    ],
    [
      '-a PREROUTING -d 10.96.0.10/32 -j KUBE-SVC-A',
      '-t nat -A PREROUTING -d 10.96.0.10/32 -j KUBE-SVC-A',
      'repaired-case',
    ],
    [
      '-A postrouting -s 10.42.0.0/16 -j masquerade',
      '-t nat -A POSTROUTING -s 10.42.0.0/16 -j MASQUERADE',
      'repaired-case repaired-case',
    ],
    [
      '-A INPUT -m CONNTRACK --ctstate INVALID -j drop',
      '-t filter -A INPUT -m conntrack --ctstate INVALID -j DROP',
      'repaired-case repaired-case',
    ],
    [
      '-A INPUT -j Reject --reject-with ICMP-HOST-PROHIBITED',
      '-t filter -A INPUT -j REJECT --reject-with icmp-host-prohibited',
      'repaired-case',
    ],
    [
      '-A OUTPUT -m set --match-set blocked DST -j DROP',
      '-t filter -A OUTPUT -m set --match-set blocked dst -j DROP',
      'repaired-case',
    ],
    [
      '-T NAT -A OUTPUT -d 10.8.0.1/32 -j RETURN',
      '-t nat -A OUTPUT -d 10.8.0.1/32 -j RETURN',
      'repaired-case repaired-case',
    ],
    ['--APPEND INPUT -i lo -j ACCEPT', '-t filter -A INPUT -i lo -j ACCEPT', 'repaired-case'],
    ['-P FORWARD drop', '', 'repaired-case'],
  ],
  'options before the extension that brings them': [
    [
      '-A OUTPUT !--dst-type LOCAL -m addrtype -j ACCEPT',
      '-t filter -A OUTPUT -m addrtype ! --dst-type LOCAL -j ACCEPT',
      'repaired-negation repaired-order',
    ],
    [
      '-A OUTPUT --ctstate NEW -p tcp --dport 3 -m conntrack -j ACCEPT',
      '-t filter -A OUTPUT -p tcp -m conntrack --ctstate NEW -m tcp --dport 3 -j ACCEPT',
      'repaired-order',
    ],
    ['-A INPUT --dport 53 -p udp -j DROP', '-t filter -A INPUT -p udp -m udp --dport 53 -j DROP', 'repaired-order'],
  ],
  'dashes lost and added': [
    [
      '-A INPUT -p tcp -dport 6443 -j ACCEPT',
      '-t filter -A INPUT -p tcp -m tcp --dport 6443 -j ACCEPT',
      'repaired-dashes',
    ],
    [
      '-A INPUT -p icmp -icmp-type 8 -j DROP',
      '-t filter -A INPUT -p icmp -m icmp --icmp-type 8 -j DROP',
      'repaired-dashes',
    ],
    [
      '-A PREROUTING -p tcp -j DNAT -to-destination 10.5.6.7:80',
      '-t nat -A PREROUTING -p tcp -j DNAT --to-destination 10.5.6.7:80',
      'repaired-dashes',
    ],
    ['-A INPUT -m mark -mark 0x1 -j ACCEPT', '-t filter -A INPUT -m mark --mark 0x1 -j ACCEPT', 'repaired-dashes'],
    [
      '-A INPUT p tcp dport 22 j ACCEPT',
      '-t filter -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT',
      'repaired-dashes repaired-dashes repaired-dashes',
    ],
    [
      '-A INPUT -m comment comment "dns" -j RETURN',
      '-t filter -A INPUT -m comment --comment dns -j RETURN',
      'repaired-dashes',
    ],
    [
      '-A INPUT -p udp ---dport 53 --j ACCEPT',
      '-t filter -A INPUT -p udp -m udp --dport 53 -j ACCEPT',
      'repaired-dashes',
    ],
    ['A INPUT -s 10.0.0.0/8 -j ACCEPT', '-t filter -A INPUT -s 10.0.0.0/8 -j ACCEPT', 'repaired-dashes'],
  ],
  'letters doubled, lost and swapped in options': [
    [
      '-A POSTROUTING -j MASQUERADE --randomm-fully',
      '-t nat -A POSTROUTING -j MASQUERADE --random-fully',
      'repaired-spelling',
    ],
    [
      '-A INPUT -p tcp --dportt 80 -j ACCEPT',
      '-t filter -A INPUT -p tcp -m tcp --dport 80 -j ACCEPT',
      'repaired-spelling',
    ],
    [
      '-A INPUT -m conntrack --ctsate NEW -j ACCEPT',
      '-t filter -A INPUT -m conntrack --ctstate NEW -j ACCEPT',
      'repaired-spelling',
    ],
    [
      '-A INPUT -m comnent --comment x -j ACCEPT',
      '-t filter -A INPUT -m comment --comment x -j ACCEPT',
      'repaired-spelling',
    ],
    [
      '-A POSTROUTING -j MASQERADE --random-fully',
      '-t nat -A POSTROUTING -j MASQUERADE --random-fully',
      'repaired-spelling',
    ],
    ['-A INPUT -s 10.1.0.0/16 -j ACCEPTT', '-t filter -A INPUT -s 10.1.0.0/16 -j ACCEPT', 'repaired-spelling'],
    ['-t nta -A POSTROUTING -j RETURN', '-t nat -A POSTROUTING -j RETURN', 'repaired-spelling'],
  ],
};

describe('a rule with', () => describeMended(mended));

describe('a rule that could be several stays open', () => {
  it.each([
    ['-A KUBE-SVC-A -m addrtype LOCAL -j KUBE-MARK-MASQ', 'which side kube-proxy tests there is open'],
    ['-A INPUT -m addrtype LOCAL -j ACCEPT', 'in filter INPUT both sides make sense'],
    ['-A INPUT -p tcp -m multiport 80,443 -j ACCEPT', 'source, destination or either port'],
    ['-A INPUT -p tcp -m tcp 80 -j ACCEPT', 'source or destination port'],
    ['-A INPUT -p tcp --port 80 -j ACCEPT', 'multiport or tcp, one letter lost'],
    ['-A INPUT -j LOG 4', 'a level or a prefix'],
    ['-A INPUT -m nonesuch --frob 1 -j ACCEPT', 'nobody knows the match'],
  ])('%s: %s', (text) => {
    const read = readText(text);
    expect(read.rules).toHaveLength(1);
    expect(isModelled(read)).toBe(false);
    expect(read.trust).toEqual(['captured']);
  });

  it('and so does one whose quote is never closed', () => {
    const read = readText('-A INPUT -m comment --comment "who knows -j ACCEPT');
    expect(read.codes).toContain('open-quote');
    expect(isModelled(read)).toBe(false);
  });
});

describe('a repair', () => {
  it('shows what was read as what, at its place', () => {
    const read = readText('-A INPUT -p tcp -dport 22 -j accept');
    expect(read.places).toEqual(['-dport', 'accept']);
    expect(read.messages[0]).toBe('"-dport" is read as "--dport": dashes too few or too many');
  });

  it('leaves a chain alone that is declared under that name', () => {
    expect(readText(':accept - [0:0]\n-A INPUT -j accept').rules).toEqual(['-t filter -A INPUT -j accept']);
    expect(readText('-N input\n-A input -s 10.0.0.0/8 -j DROP').rules).toEqual([
      '-t filter -A input -s 10.0.0.0/8 -j DROP',
    ]);
  });

  it('takes the only declared chain that differs in case', () => {
    const read = readText(
      '-N KUBE-SERVICES\n-A kube-services -d 10.96.0.1/32 -j RETURN\n-A PREROUTING -j Kube-Services',
    );
    expect(read.rules).toEqual([
      '-t nat -A KUBE-SERVICES -d 10.96.0.1/32 -j RETURN',
      '-t nat -A PREROUTING -j KUBE-SERVICES',
    ]);
  });
});
