/** A row that lost a word, in a file or below a command that says what it is, is no output of another tool. */
import { expect, test } from 'vitest';
import { onlyNode, sectionsOf, snapshotOf, snapshotOfFiles } from '../assemble/testing.js';

const formatsOf = (snapshot: Parameters<typeof sectionsOf>[0]) =>
  sectionsOf(snapshot).map((one) => one.replace(/@.*/, ''));

const neighbours = [
  '10.42.0.0 dev flannel.1 lladdr 5e:00:0a:2a:00:00 PERMANENT ',
  '10.42.1.0 dev flannel.1 lladdr 5e:00:0a:2a:00:01 PERMANENT ',
  '172.29.1.100 dev eth0 lladdr 00:e0:67:1d:29:64 REACHABLE ',
];
const without = (rows: readonly string[], at: number, word: string) =>
  `${rows.with(at, (rows[at] ?? '').replace(word, '')).join('\n')}\n`;

test.each([0, 1, 2])('neighbour %i without lladdr is no route', (at) => {
  const text = without(neighbours, at, 'lladdr ');
  for (const snapshot of [
    snapshotOfFiles({ 'ip-neigh.txt': text, hostname: 'node-1\n' }),
    snapshotOf(`root@node-1:~# ip neigh\n${text}root@node-1:~# hostname\nnode-1\n`),
  ]) {
    expect(formatsOf(snapshot)).toEqual(['ip-neigh', 'hostname']);
    const { neighbours, routes } = onlyNode(snapshot).host;
    expect([neighbours.state, neighbours.rows.length, routes.state]).toEqual(['partial', 2, 'absent']);
  }
});

const sockets = [
  'Netid State     Recv-Q Send-Q Local Address:Port Peer Address:Port Process',
  'tcp   LISTEN    0      128         10.0.0.9:22        0.0.0.0:*           ',
  'tcp   LISTEN    0      128         10.0.0.9:6443      0.0.0.0:*           ',
  'tcp   TIME-WAIT 0      0           10.0.0.9:6443    10.0.0.12:54148       ',
];

test.each([1, 2])('socket %i without its state is not netstat’s, and the others are of one list', (at) => {
  const snapshot = snapshotOfFiles({ 'ss.txt': without(sockets, at, 'LISTEN'), hostname: 'node-1\n' });
  expect(formatsOf(snapshot)).toEqual(['ss', 'hostname']);
  const { sockets: list } = onlyNode(snapshot).host;
  expect([list.state, list.rows.length]).toEqual(['partial', 2]);
});

test('another output in the same file is one', () => {
  const routes = 'default via 10.0.0.1 dev eth0 \n10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.9 \n';
  const both = snapshotOfFiles({ 'ip-neigh.txt': `${neighbours.join('\n')}\n${routes}`, hostname: 'node-1\n' });
  expect(formatsOf(both)).toEqual(['ip-neigh', 'ip-route', 'hostname']);
});
