/** /proc/net/netfilter/nfnetlink_queue as Linux 6.18 printed it: an empty one says that nobody listens where it was surely read. */
import { expect, test } from 'vitest';
import { onlyNode, snapshotOf, snapshotOfFiles } from '../assemble/testing.js';

const two = '    5  25211     0 2 65531     0     0        0  1\n   17  25212     3 2 65531     0     0       12  1\n';
const file = 'n/proc/net/netfilter/nfnetlink_queue';
const prompted = (output: string) => snapshotOf(`root@n:~# cat /${file.slice(2)}\n${output}root@n:~# \n`);

test.each([
  ['a copy of the file', snapshotOfFiles({ [file]: two }), 'complete', [5, 17]],
  [
    'an empty copy, as tools leave it that go by the length',
    snapshotOfFiles({ 'n/hostname': 'n\n', [file]: '' }),
    'absent',
    [],
  ],
  ["the collector's file", snapshotOfFiles({ 'n/nfnetlink-queue.txt': two }), 'complete', [5, 17]],
  ["the collector's file, empty", snapshotOfFiles({ 'n/nfnetlink-queue.txt': '' }), 'complete', []],
  [
    'the file of a kernel without queues',
    snapshotOfFiles({ 'n/nfnetlink-queue.txt.failed': 'cat: x: No such file or directory\n' }),
    'absent',
    [],
  ],
  ['a terminal', prompted(two), 'complete', [5, 17]],
  ['a terminal that printed nothing', prompted(''), 'complete', []],
  [
    'a terminal that was not let in',
    prompted('cat: /proc/net/netfilter/nfnetlink_queue: Permission denied\n'),
    'absent',
    [],
  ],
  ['a part', snapshotOf(`$ grep 5 /${file.slice(2)}\n${two}`), 'partial', [5, 17]],
  ['a line that is none', snapshotOfFiles({ [file]: `${two}???\n` }), 'partial', [5, 17]],
])('%s', (_, snapshot, state, numbers) => {
  const { queues } = onlyNode(snapshot).host;
  expect([queues.state, queues.rows.map(({ number }) => number)]).toEqual([state, numbers]);
});
