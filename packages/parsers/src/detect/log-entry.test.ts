/** Entries of unknown logs: which lines they are, and that few formats are asked about them. */
import { describe, expect, test } from 'vitest';
import { onlyNode, snapshotOf } from '../assemble/testing.js';
import type { Format } from '../format.js';
import { formats } from '../formats.js';
import { opener } from './choose.js';
import { isLogEntry } from './log-entry.js';

const entries: readonly string[] = [
  '2024/03/01 12:10:05 [worker-3] com.acme.Service - request took 3 ms',
  '2024-03-01T12:10:05.123456Z INFO  handled',
  '[2024-03-01 12:10:05,123] WARN slow',
  '{"level":"info","ts":"2024-03-01T12:00:00Z","msg":"handled"}',
  '{"@timestamp":"2024-03-01T12:00:00Z","message":"handled"}',
  'level=info component=db msg="took 3 ms"',
  '\tat com.example.shop.Cart$Item.add(Cart.java:42)',
  '\t... 42 more',
  'Caused by: java.net.ConnectException: Connection refused',
  'Traceback (most recent call last):',
  '  File "/usr/lib/python3/app.py", line 12, in run',
  'goroutine 17 [running]:',
  '[INFO] request 17 handled in 3 ms',
  '[WARN ] slow query',
  'INFO  [worker-3] request 17 handled',
  '12:10:05 INFO request 17 handled',
  '12:10:05.123 [main] ERROR com.acme.Shop - failed',
  '10.1.2.3 - - [01/Mar/2024:12:00:00 +0000] "GET / HTTP/1.1" 200 1',
];

describe('entries of logs', () => {
  test.each(entries)('%s', (line) => {
    expect(isLogEntry(line)).toBe(true);
    const asked: string[] = [];
    const watched = formats.map(
      (format): Format => ({
        ...format,
        line: (text) => {
          asked.push(format.id);
          return format.line(text);
        },
      }),
    );
    expect(opener(watched, [], line, 0, line)).toBeNull();
    expect(asked.sort()).toEqual(['date', 'log', 'tcpdump']);
  });

  test.each([
    '2024-03-01 12:10:05 root@n1:~# ip rule',
    '[2024-03-01 12:10:05] [root@n1 ~]# ip rule',
    '10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.1',
    '{"nftables": [{"metainfo": {"version": "1.0.6"}}]}',
    '{"log":"I0706 10:00:00.000000 1 iptables.go:155] x\\n","stream":"stderr"}',
    '[{"ifindex":1,"ifname":"lo"}]',
    '[12:34] -A INPUT -j DROP',
    '2: eth0: <UP> mtu 1500',
    '12:10:05.123456 IP 10.0.0.1.40000 > 10.0.0.2.80: Flags [S], seq 1, win 64240, length 0',
    '12:10:05 up 3 days,  4:05,  1 user,  load average: 0.00, 0.01, 0.05',
    '[INFO] root@n1:~# ip rule',
    '[INFO] $ ip rule',
    '[INFO] === ip rule ===',
    'ERROR: is no entry but what a tool says',
    '[preflight] Running pre-flight checks',
    'Chain INPUT (policy ACCEPT)',
    'tcp      6 86399 ESTABLISHED src=10.0.0.1 dst=10.0.0.2',
    'token=abc cluster-cidr=10.42.0.0/16',
    '    inet 10.0.0.1/24 scope global eth0',
  ])('none: %s', (line) => {
    expect(isLogEntry(line)).toBe(false);
  });

  test('a prompt behind the time of day is a prompt, and tcpdump with dates is read', () => {
    const text = `2024-03-01 12:10:05 root@n1:~# sysctl net.ipv4.ip_forward\nnet.ipv4.ip_forward = 1\n${entries.join('\n')}\n`;
    const node = onlyNode(snapshotOf(text));
    expect([node.name, node.host.sysctl.state]).toEqual(['n1', 'partial']);
    const packet = '2026-11-20 23:34:52.869141 IP 10.0.0.1.40000 > 10.0.0.2.80: Flags [S], seq 1, win 64240, length 0';
    expect(snapshotOf(`${packet}\n`).read[0]?.counts.modelled).toBe(1);
  });
});
