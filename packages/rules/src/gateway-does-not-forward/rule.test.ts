/** Which of the parameters of forwarding is told, and set, where only some of them were pasted. */
import { parseSnapshot } from '@coldtrace/parsers';
import { expect, it } from 'vitest';
import { analyze } from '../analyze.js';

const paste = (parameters: string) => `[root@gw ~]# sysctl -a 2>/dev/null | grep 'ipv4.*forward'
${parameters}[root@gw ~]# iptables -t nat -S POSTROUTING; iptables -S FORWARD
-P POSTROUTING ACCEPT
-A POSTROUTING -s 192.168.50.0/24 -j MASQUERADE
-P FORWARD ACCEPT
[root@gw ~]# ip -4 -o a
1: lo    inet 127.0.0.1/8 scope host lo
2: eno1    inet 203.0.113.9/24 brd 203.0.113.255 scope global eno1
3: eno2    inet 192.168.50.1/24 brd 192.168.50.255 scope global eno2
[root@gw ~]# ip r
default via 203.0.113.1 dev eno1
192.168.50.0/24 dev eno2 proto kernel scope link src 192.168.50.1
203.0.113.0/24 dev eno1 proto kernel scope link src 203.0.113.9
[root@f1 ~]# ip r
default via 192.168.50.1 dev eth0
192.168.50.0/24 dev eth0 proto kernel scope link src 192.168.50.21
`;

const found = (parameters: string) =>
  analyze(parseSnapshot({ 'ticket.txt': paste(parameters) })).findings.map(({ message, fix }) => [
    message.replace(/^.* but /, ''),
    ...(fix?.steps.map(({ command }) => command) ?? []),
  ]);

it.each([
  [
    'conf.all.forwarding is ip_forward by another name',
    'net.ipv4.conf.all.forwarding = 1\nnet.ipv4.conf.eno1.forwarding = 1\nnet.ipv4.conf.eno2.forwarding = 0\n',
    'net.ipv4.conf.eno2.forwarding',
  ],
  [
    'of a device alone nothing follows for ip_forward',
    'net.ipv4.conf.eno2.forwarding = 0\n',
    'net.ipv4.conf.eno2.forwarding',
  ],
  ['ip_forward itself', 'net.ipv4.ip_forward = 0\n', 'net.ipv4.ip_forward'],
  ['conf.all alone', 'net.ipv4.conf.all.forwarding = 0\n', 'net.ipv4.ip_forward'],
])('%s', (_, parameters, key) => {
  expect(found(parameters)).toEqual([[expect.stringContaining(`${key} is 0`), `sysctl -w ${key}=1`]]);
});

it('where all forward nothing is found', () => {
  expect(
    found('net.ipv4.conf.all.forwarding = 1\nnet.ipv4.conf.eno1.forwarding = 1\nnet.ipv4.conf.eno2.forwarding = 1\n'),
  ).toEqual([]);
});

const alone = (rules: string) =>
  analyze(
    parseSnapshot({
      'ticket.txt': `[root@w2 ~]# iptables -S
-P INPUT ACCEPT
-P FORWARD DROP
-P OUTPUT ACCEPT
-N KUBE-FORWARD
${rules}-A FORWARD -j KUBE-FORWARD
-A KUBE-FORWARD -m mark --mark 0x4000/0x4000 -j ACCEPT
[root@w2 ~]# 
`,
    }),
  ).findings.map(({ rule, severity, certainty }) => `${severity} ${rule} ${certainty}`);

it('a filter alone that accepts nothing of pods', () => {
  expect(alone('')).toEqual(['warning gateway-does-not-forward possible']);
  expect(alone('-A FORWARD -m state --state RELATED,ESTABLISHED -j ACCEPT\n')).toHaveLength(1);
});

it.each([
  ['a network', '-A FORWARD -s 10.32.0.0/12 -j ACCEPT\n'],
  ['a device', '-A FORWARD -i cni0 -j ACCEPT\n'],
  ['new connections', '-A FORWARD -m conntrack --ctstate NEW -j ACCEPT\n'],
  ['everything', '-A FORWARD -j ACCEPT\n'],
  ['what is not understood', '-A FORWARD -m ghost --walks -j ACCEPT\n'],
  ['a chain that was not captured', '-A FORWARD -j cali-FORWARD\n'],
])('a filter alone that accepts %s is not judged', (_, rules) => {
  expect(alone(rules)).toEqual([]);
});
