/** /proc/net/xt_recent/NAME as Linux 6.18 printed it. */
import { formatIp } from '@coldtrace/core';
import { expect, test } from 'vitest';
import { onlyNode, snapshotOf, snapshotOfFiles } from '../assemble/testing.js';

const four = 'src=10.7.0.4 ttl: 64 last_seen: 4301639247 oldest_pkt: 2 4301639240, 4301639247\n';
const three = 'src=10.7.0.3 ttl: 0 last_seen: 4301639247 oldest_pkt: 1 4301639247\n';
const seven = 'src=fd00:0000:0000:0000:0000:0000:0000:0007 ttl: 255 last_seen: 4301639247 oldest_pkt: 1 4301639247\n';
const end = '==> /dev/null <==\n';
const headed = (name: string, text: string) => `==> /proc/net/xt_recent/${name} <==\n${text}\n`;

test.each([
  [
    "the collector's file",
    snapshotOfFiles({ 'n/xt-recent.txt': headed('A', four + three + seven) + headed('B', '') + end }),
    ['A* 10.7.0.4=2 10.7.0.3=1 fd00::7=1', 'B*'],
  ],
  ['an empty list alone', snapshotOfFiles({ 'n/xt-recent.txt': headed('DEFAULT', '') + end }), ['DEFAULT*']],
  ['no list at all', snapshotOfFiles({ 'n/hostname': 'n\n', 'n/xt-recent.txt': end }), []],
  [
    'a file that holds something else too',
    snapshotOfFiles({ 'n/xt-recent.txt': `${headed('A', `${four}???\n`)}${end}` }),
    ['A 10.7.0.4=2'],
  ],
  ['a copy of one list', snapshotOfFiles({ 'n/proc/net/xt_recent/SSH': three }), ['SSH* 10.7.0.3=1']],
  ['an empty copy', snapshotOfFiles({ 'n/hostname': 'n\n', 'n/proc/net/xt_recent/SSH': '' }), ['SSH']],
  ['a terminal', snapshotOf(`root@n:~# cat /proc/net/xt_recent/SSH\n${three}root@n:~# \n`), ['SSH* 10.7.0.3=1']],
  [
    'a file that ends between two entries of a list',
    snapshotOfFiles({ 'n/xt-recent.txt': headed('A', three) + headed('B', four).trimEnd().concat('\n') }),
    ['A* 10.7.0.3=1', 'B 10.7.0.4=2'],
  ],
  [
    'a file that ends within a number',
    snapshotOfFiles({ 'n/xt-recent.txt': headed('A', four).slice(0, -14) }),
    ['A 10.7.0.4=1'],
  ],
  [
    'a copy that ends within a number',
    snapshotOfFiles({ 'n/proc/net/xt_recent/SSH': four.slice(0, -4) }),
    ['SSH 10.7.0.4=2'],
  ],
  ['a part', snapshotOf(`$ grep 0.3 /proc/net/xt_recent/SSH\n${three}`), ['SSH 10.7.0.3=1']],
  [
    'a kernel without lists',
    snapshotOfFiles({
      'n/hostname': 'n\n',
      'n/xt-recent.txt': `tail: cannot open 'x' for reading: No such file or directory\n${end}`,
    }),
    [],
  ],
])('%s', (_, snapshot, lists) => {
  const { rows } = onlyNode(snapshot).host.recentLists;
  const told = rows.map(({ name, complete, entries }) =>
    [`${name}${complete ? '*' : ''}`, ...entries.map(({ ip, stamps }) => `${formatIp(ip)}=${stamps}`)].join(' '),
  );
  expect(told).toEqual(lists);
});
