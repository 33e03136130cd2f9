/** Outputs under prompts without a host: what cannot be true of one machine comes from several. */
import { describe, expect, test } from 'vitest';
import { nodeNames, snapshotOf } from './testing.js';

const machines = (...outputs: readonly string[]) => nodeNames(snapshotOf(outputs.join('\n\nand then\n\n'))).length;
const ways = (ip: string, dev: string) =>
  `$ ip route\ndefault via 10.9.0.1 dev ${dev}\n10.9.0.0/24 dev ${dev} proto kernel scope link src ${ip}\n`;
const forwarding = (value: number) => `$ sysctl net.ipv4.ip_forward\nnet.ipv4.ip_forward = ${value}\n`;
const link = (mac: string) =>
  `$ ip link show ens3\n2: ens3: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP\n    link/ether ${mac} brd ff:ff:ff:ff:ff:ff\n`;

describe('anonymous outputs', () => {
  test.each<[string, number, readonly string[]]>([
    ['sources of routes of one device differ', 2, [ways('10.9.0.7', 'eth0'), ways('10.9.0.8', 'eth0')]],
    ['equal routes', 1, [ways('10.9.0.7', 'eth0'), ways('10.9.0.7', 'eth0')]],
    ['a setting differs', 2, [forwarding(1), forwarding(0)]],
    [
      'a setting was changed in between',
      1,
      [forwarding(0), '$ sysctl -w net.ipv4.ip_forward=1\nnet.ipv4.ip_forward = 1\n', forwarding(1)],
    ],
    [
      'a sentence says otherwise than the output',
      1,
      [forwarding(0), 'We know that net.ipv4.ip_forward = 1 on the machine that works.'],
    ],
    ['hardware addresses differ', 2, [link('52:54:00:00:00:01'), link('52:54:00:00:00:02')]],
    ['kernels differ', 2, ['$ uname -r\n5.15.0-91-generic\n', '$ uname -r\n6.1.0-18-amd64\n']],
    ['the first speaks again', 2, [link('52:54:00:00:00:01'), link('52:54:00:00:00:02'), link('52:54:00:00:00:01')]],
  ])('%s: %d', (_sentence, wanted, outputs) => {
    expect(machines(...outputs)).toBe(wanted);
  });
});
