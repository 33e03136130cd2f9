/** Rules damaged by what carried them: word processors, terminals that break lines, lists and quotes around them. */
import { describe } from 'vitest';
import { describeMended, type MendedRow } from './testing.js';

const mended: Readonly<Record<string, readonly MendedRow[]>> = {
  'the mark of negation': [
    [
      '-A POSTROUTING -m addrtype !--src-type LOCAL -j RETURN',
      '-t nat -A POSTROUTING -m addrtype ! --src-type LOCAL -j RETURN',
      'repaired-negation',
    ],
    ['-A FORWARD !-s 10.0.0.0/8 -j DROP', '-t filter -A FORWARD ! -s 10.0.0.0/8 -j DROP', 'repaired-negation'],
    [
      '-A FORWARD -d !10.0.0.0/8 -i !eth0 -j DROP',
      '-t filter -A FORWARD ! -d 10.0.0.0/8 ! -i eth0 -j DROP',
      'repaired-negation repaired-negation',
    ],
    ['-A FORWARD -s ! 10.0.0.0/8 -j DROP', '-t filter -A FORWARD ! -s 10.0.0.0/8 -j DROP', 'intraposed'],
    [
      '-A FORWARD -m set --match-set !a src -j DROP',
      '-t filter -A FORWARD -m set ! --match-set a src -j DROP',
      'repaired-negation',
    ],
  ],
  'characters of word processors': [
    [
      '-A INPUT –p tcp —dport 22 −j ACCEPT',
      '-t filter -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT',
      'repaired-characters repaired-characters repaired-characters repaired-dashes',
    ],
    [
      '-A INPUT -j REJECT --reject-with icmp‐port‑unreachable',
      '-t filter -A INPUT -j REJECT --reject-with icmp-port-unreachable',
      'repaired-characters',
    ],
    [
      '-A INPUT　-s　10.0.0.0／8　－j　ACCEPT',
      '-t filter -A INPUT -s 10.0.0.0/8 -j ACCEPT',
      'repaired-characters repaired-characters',
    ],
    [
      '-A INPUT ！ -s １０．１．０．０／１６ -j DROP',
      '-t filter -A INPUT ! -s 10.1.0.0/16 -j DROP',
      'repaired-characters repaired-characters',
    ],
    [
      '-A PREROUTING -p tcp -j DNAT --to-destination 10.1.1.1：80',
      '-t nat -A PREROUTING -p tcp -j DNAT --to-destination 10.1.1.1:80',
      'repaired-characters',
    ],
    [
      '-A INPUT -p tcp -m multiport --dports 80，443 -j ACCEPT',
      '-t filter -A INPUT -p tcp -m multiport --dports 80,443 -j ACCEPT',
      'repaired-characters',
    ],
    [
      '-A INPUT -m comment --comment “a – b” -j ACCEPT',
      '-t filter -A INPUT -m comment --comment "a – b" -j ACCEPT',
      'repaired-characters',
    ],
    [
      '-A INPUT -m comment --comment ‘it is’ -j ACCEPT',
      '-t filter -A INPUT -m comment --comment "it is" -j ACCEPT',
      'repaired-characters',
    ],
    ['-A INPUT\u00a0-i\u00a0lo\u200b -j ACCEPT', '-t filter -A INPUT -i lo -j ACCEPT', 'repaired-characters'],
    [
      '-A INPUT -m comment --comment &quot;a -&gt; b&quot; &#45;j DROP',
      '-t filter -A INPUT -m comment --comment "a -> b" -j DROP',
      'repaired-characters repaired-characters',
    ],
  ],
  'what stands around a rule': [
    ['- -A INPUT -i lo -j ACCEPT', '-t filter -A INPUT -i lo -j ACCEPT', 'repaired-decoration'],
    ['3) -A INPUT -i lo -j ACCEPT', '-t filter -A INPUT -i lo -j ACCEPT', 'repaired-decoration'],
    ['17  -A INPUT -i lo -j ACCEPT', '-t filter -A INPUT -i lo -j ACCEPT', 'repaired-decoration'],
    ['`-A INPUT -i lo -j ACCEPT`', '-t filter -A INPUT -i lo -j ACCEPT', 'repaired-decoration'],
    ['* **-A INPUT -i lo -j ACCEPT**', '-t filter -A INPUT -i lo -j ACCEPT', 'repaired-decoration'],
    ['$ sudo iptables -A INPUT -i lo -j ACCEPT', '-t filter -A INPUT -i lo -j ACCEPT', ''],
    ['-A INPUT -i lo -j ACCEPT.', '-t filter -A INPUT -i lo -j ACCEPT', 'repaired-characters'],
  ],
  'a name of an option that was lost': [
    [
      '-A INPUT -m comment "node ports" -j KUBE-NODEPORTS',
      '-t filter -A INPUT -m comment --comment "node ports" -j KUBE-NODEPORTS',
      'repaired-lost-option',
    ],
    [
      '-A INPUT -m conntrack RELATED,ESTABLISHED -j ACCEPT',
      '-t filter -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
      'repaired-lost-option',
    ],
    ['-A INPUT -m state NEW -j ACCEPT', '-t filter -A INPUT -m state --state NEW -j ACCEPT', 'repaired-lost-option'],
    [
      '-A FORWARD -m mark 0x4000/0x4000 -j ACCEPT',
      '-t filter -A FORWARD -m mark --mark 0x4000/0x4000 -j ACCEPT',
      'repaired-lost-option',
    ],
    [
      '-A FORWARD -m mark ! 0x1/0x1 -j ACCEPT',
      '-t filter -A FORWARD -m mark ! --mark 0x1/0x1 -j ACCEPT',
      'repaired-lost-option',
    ],
    [
      '-A FORWARD -m set allowed src -j ACCEPT',
      '-t filter -A FORWARD -m set --match-set allowed src -j ACCEPT',
      'repaired-lost-option',
    ],
    [
      '-A PREROUTING -p tcp -j DNAT 10.0.0.1:80',
      '-t nat -A PREROUTING -p tcp -j DNAT --to-destination 10.0.0.1:80',
      'repaired-lost-option',
    ],
    [
      '-A POSTROUTING -j SNAT 203.0.113.4',
      '-t nat -A POSTROUTING -j SNAT --to-source 203.0.113.4',
      'repaired-lost-option',
    ],
    [
      '-A INPUT -j REJECT icmp-port-unreachable',
      '-t filter -A INPUT -j REJECT --reject-with icmp-port-unreachable',
      'repaired-lost-option',
    ],
    ['-A INPUT -j LOG "dropped: "', '-t filter -A INPUT -j LOG --log-prefix "dropped: "', 'repaired-lost-option'],
    [
      '-t nat -A PREROUTING -m addrtype LOCAL -j DOCKER',
      '-t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER',
      'repaired-lost-option',
    ],
    [
      '-t nat -A OUTPUT ! -d 127.0.0.0/8 -m addrtype LOCAL -j DOCKER',
      '-t nat -A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER',
      'repaired-lost-option',
    ],
    [
      '-A POSTROUTING -m addrtype ! LOCAL --limit-iface-out -j MASQUERADE',
      '-t nat -A POSTROUTING -m addrtype ! --src-type LOCAL --limit-iface-out -j MASQUERADE',
      'repaired-lost-option',
    ],
    [
      '-t nat -A KUBE-SERVICES -m addrtype LOCAL -j KUBE-NODEPORTS',
      '-t nat -A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS',
      'repaired-lost-option',
    ],
    [
      '-A INPUT --ctstate NEW -j ACCEPT',
      '-t filter -A INPUT -m conntrack --ctstate NEW -j ACCEPT',
      'repaired-lost-match',
    ],
    ['-A INPUT -s 10.0.0.0/8 ACCEPT', '-t filter -A INPUT -s 10.0.0.0/8 -j ACCEPT', 'repaired-lost-option'],
  ],
  'lines broken and put together': [
    ['-A INPUT -p tcp -m tcp \\\n   --dport 22 -j ACCEPT', '-t filter -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT', ''],
    [
      '-A INPUT -p tcp -m tcp --dport\n22 -j ACCEPT',
      '-t filter -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT',
      'repaired-wrap',
    ],
    [
      '-A INPUT -p tcp -m tcp --dport 64\n43 -j ACCEPT',
      '-t filter -A INPUT -p tcp -m tcp --dport 6443 -j ACCEPT',
      'repaired-wrap',
    ],
    ['-A INPUT -j KUBE-MARK\n-MASQ', '-t nat -A INPUT -j KUBE-MARK-MASQ', 'repaired-wrap repaired-wrap'],
    [
      '-A INPUT -m comment --comment "default/kubernetes:https\n cluster IP" -j ACCEPT',
      '-t filter -A INPUT -m comment --comment "default/kubernetes:https cluster IP" -j ACCEPT',
      'repaired-wrap',
    ],
  ],
};

describe('a rule with', () => describeMended(mended));
