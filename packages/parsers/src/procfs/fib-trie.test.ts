/** /proc/net/fib_trie as Linux 6.18 printed it in a new namespace, and after a policy rule had come and gone. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { onlyNode, snapshotOf, snapshotOfFiles } from '../assemble/testing.js';

const read = (name: string) => readFileSync(fileURLToPath(new URL(`fixtures/${name}`, import.meta.url)), 'utf8');
const one = read('fib-trie-one-table.txt');
const two = read('fib-trie-two-tables.txt');
const file = (text: string) => snapshotOfFiles({ 'n/hostname': 'n\n', 'n/proc/net/fib_trie': text });
const prompted = (command: string, text: string) => snapshotOf(`root@n:~# ${command}\n${text}root@n:~# \n`);
const half = (text: string) => text.split('\n').slice(0, -6).join('\n');

test.each([
  ['local and main as one table', file(one), [true]],
  ['two tables', file(two), [false]],
  ['one table on a terminal', prompted('cat /proc/net/fib_trie', one), [true]],
  ["the collector's file", snapshotOfFiles({ 'n/fib-trie.txt': two }), [false]],
  ['one table, cut off: nothing is said', file(half(one)), []],
  ['two tables, cut off', file(half(two)), [false]],
  ['what grep left of one', prompted('grep -v UNICAST /proc/net/fib_trie', `${one}root@n:~# hostname\nn\n`), []],
  ['a namespace without addresses', file('Main:\nLocal:\n'), []],
  [
    'the statistics, which have the same titles',
    file('Main:\n\tAver depth:     2.50\nLocal:\n\tAver depth:     2.50\n'),
    [],
  ],
])('%s', (_what, snapshot, shared) => {
  expect(onlyNode(snapshot).host.fibTrie.rows.map((row) => row.shared)).toEqual(shared);
});
