/** Which lines of a firewall's log tell of a fault, and which of what is meant to be. */
import { parseSnapshot } from '@coldtrace/parsers';
import { expect, it } from 'vitest';
import { analyze } from '../analyze.js';

const packet = (from: string, to: string, fields: string) =>
  `IN=${from} OUT=${to} MAC=aa:bb:cc:00:00:01:aa:bb:cc:00:00:02:08:00 SRC=10.9.0.1 DST=10.9.0.2 LEN=134 TOS=0x00 PREC=0x00 TTL=64 ID=9 ${fields}`;
const tcp = 'PROTO=TCP SPT=40000 DPT=53 WINDOW=64860 RES=0x00 SYN URGP=0';
const udp = (port: number) => `PROTO=UDP SPT=50333 DPT=${port} LEN=114`;
const rules = (text: string, more: Readonly<Record<string, string>> = {}) =>
  analyze(parseSnapshot({ 'hub/dmesg.txt': `[ 1203.500100] ${text}\n`, ...more })).findings.map(({ rule }) => rule);

it.each([
  ['pods to pods', `[UFW BLOCK] ${packet('cni0', 'cni0', tcp)}`, 'gateway-does-not-forward'],
  ['firewalld', `filter_FWD_public_REJECT: ${packet('flannel.1', 'cni0', tcp)}`, 'gateway-does-not-forward'],
  ['a prefix without a blank', `fwd-dropped:${packet('cali0123456789a', 'eth0', tcp)}`, 'gateway-does-not-forward'],
  ['the tunnel', `INPUT DENY ${packet('eth0', '', udp(8472))}`, 'flannel-tunnel-port-blocked'],
])('%s', (_, text, rule) => {
  expect(rules(text)).toEqual([rule]);
});

it.each([
  ['what was passed on', `[UFW ALLOW] ${packet('cni0', 'cni0', tcp)}`],
  ['what was only looked at', `[UFW AUDIT] ${packet('cni0', 'flannel.1', tcp)}`],
  ['a policy of Calico that logs', `calico-packet: ${packet('cali0123456789a', 'eth0', tcp)}`],
  ['a stranger on his way to a container', `[UFW BLOCK] ${packet('eth0', 'docker0', tcp)}`],
  ['what no connection is known for', `STATE_INVALID_DROP: ${packet('cni0', 'eth0', tcp)}`],
  ['other ports of the node', `[UFW BLOCK] ${packet('eth0', '', udp(137))}`],
  ['a port number of TCP', `[UFW BLOCK] ${packet('eth0', '', udp(8472).replace('UDP', 'TCP'))}`],
])('%s is no fault', (_, text) => {
  expect(rules(text)).toEqual([]);
});

it('rules that were captured know better', () => {
  const filter = '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n';
  expect(rules(`[UFW BLOCK] ${packet('cni0', 'cni0', tcp)}`, { 'hub/iptables-save.txt': filter })).toEqual([]);
});
