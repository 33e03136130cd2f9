/** Several inputs as one snapshot, and what nodes are called. */
import { join } from 'node:path';
import type { Snapshot } from '@coldtrace/core';
import { describe, expect, it } from 'vitest';
import { readSnapshot, readSnapshotFrom } from './read-snapshot.js';
import { chunksOf, complaint, scratch, sh, write } from './testing.js';

const route = 'default via 172.16.8.1 dev enp3s0\n172.16.8.0/22 dev enp3s0 proto kernel scope link src 172.16.9.7\n';
const rule = '0:\tfrom all lookup local\n32766:\tfrom all lookup main\n32767:\tfrom all lookup default\n';
const pods = 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  namespace: default\nspec:\n  nodeName: b\n';

const folder = write(scratch(), {
  'cluster/a/ip-route.txt': route,
  'cluster/b/ip-route.txt': route,
  'cluster/b/ip-rule.txt': rule,
  'cluster/kubernetes/pods.yaml': pods,
  'loose/ip-route.txt': route,
  'loose/ip-rule.txt': rule,
  'named/hostname': 'srv-1\n',
  'named/ip-route.txt': route,
  'again/hostname': 'srv-1\n',
  'again/ip-rule.txt': rule,
});
sh(folder, 'cd cluster && tar -czf ../a.tar.gz a && tar -cf ../b.tar b && tar -czf ../all.tgz .');

const at = (...names: string[]) =>
  names.map((name) => (name.includes('=') ? name.replace('=', `=${folder}/`) : join(folder, name)));
/** Nodes with how many routes and policy rules each has. */
const nodes = (snapshot: Snapshot) =>
  snapshot.nodes.map(({ name, host }) => `${name}: ${host.routes.rows.length} ${host.policyRules4.rows.length}`);

describe('nodes', () => {
  it.each<[string, string[], string[]]>([
    [
      'a directory whose children each hold dumps is a cluster; kubernetes/ is no node',
      ['cluster'],
      ['a: 2 0', 'b: 2 3'],
    ],
    ['the same as an archive', ['all.tgz'], ['a: 2 0', 'b: 2 3']],
    ['one directory is called as it is', ['loose'], ['loose: 2 3']],
    ['a host name knows better', ['named'], ['srv-1: 2 0']],
    ['two archives are two nodes', ['a.tar.gz', 'b.tar'], ['a: 2 0', 'b: 2 3']],
    ['two directories are two nodes', ['cluster/a', 'cluster/b'], ['a: 2 0', 'b: 2 3']],
    ['one host twice is one node', ['named', 'again'], ['srv-1: 2 3']],
    ['a cluster beside a node is still a cluster', ['cluster', 'named'], ['a: 2 0', 'b: 2 3', 'srv-1: 2 0']],
    ['NAME=PATH names', ['left=cluster/a', 'right=b.tar'], ['left: 2 0', 'right: 2 3']],
    ['NAME=PATH names what lies deeper, too', ['x=b.tar'], ['x: 2 3']],
    ['the same name twice is one node', ['x=cluster/a', 'x=again'], ['x: 2 3']],
    ['NAME= of one input wins over its host name', ['x=named'], ['x: 2 0']],
    ['files of one folder are one node', ['loose/ip-route.txt', 'loose/ip-rule.txt'], ['node: 2 3']],
    [
      'files of several folders are as many nodes',
      ['cluster/a/ip-route.txt', 'cluster/b/ip-route.txt'],
      ['a: 2 0', 'b: 2 0'],
    ],
    ['a file beside one directory completes it', ['cluster/a', 'loose/ip-rule.txt'], ['a: 2 3']],
    [
      'a file beside two directories is neither',
      ['cluster/a', 'cluster/b', 'loose/ip-rule.txt'],
      ['a: 2 0', 'b: 2 3', 'files: 0 3'],
    ],
    [
      'API objects beside two directories are of no node',
      ['cluster/a', 'cluster/b', 'cluster/kubernetes/pods.yaml'],
      ['a: 2 0', 'b: 2 3'],
    ],
  ])('%s', async (_, inputs, wanted) => {
    expect(nodes(await readSnapshot(at(...inputs)))).toEqual(wanted);
  });

  it('of standard input beside a directory', async () => {
    const stdin = chunksOf(Buffer.from(rule));
    expect(nodes(await readSnapshot(['-', ...at('cluster/a')], { stdin }))).toEqual(['a: 2 3']);
  });

  it('API objects are there whichever input brought them', async () => {
    const { objects } = await readSnapshot(at('a.tar.gz', 'cluster/kubernetes/pods.yaml'));
    expect(objects.map(({ kind, meta }) => `${kind} ${meta.name}`)).toEqual(['Pod web']);
  });
});

describe('names that are none', () => {
  it('are refused in one line', async () => {
    expect((await complaint(readSnapshot(['no node=x']))).message).toBe(
      '"no node" is no node name (letters, digits, "-" and ".")',
    );
  });

  it('a path with = in a folder is a path', async () => {
    expect((await complaint(readSnapshot(['./a/b=c']))).message).toBe('./a/b=c: no such file or directory');
  });

  it('standard input comes once', async () => {
    expect((await complaint(readSnapshot(['-', '-']))).message).toBe('standard input can be read only once');
  });
});

describe('file times', () => {
  const codes = (snapshot: Snapshot) => snapshot.diagnostics.map(({ code }) => code);
  const times = (snapshot: Snapshot) => [
    ...new Set(snapshot.read.flatMap((file) => file.sections.map(({ takenAt }) => takenAt))),
  ];
  const work = write(scratch(), { 'n/ip-route.txt': route, 'n/ip-rule.txt': rule });
  sh(
    work,
    'touch -d 2026-03-04T05:00:00Z n/ip-route.txt; touch -d 2026-03-04T06:00:00Z n/ip-rule.txt; tar -cf n.tar n',
  );

  it('of a directory say nothing: a checkout touched them', async () => {
    const snapshot = await readSnapshot(join(work, 'n'));
    expect([times(snapshot), codes(snapshot)]).toEqual([[null], []]);
  });

  it('in an archive date the capture, and are never out of step', async () => {
    const snapshot = await readSnapshot(join(work, 'n.tar'));
    expect([times(snapshot), codes(snapshot)]).toEqual([[Date.UTC(2026, 2, 4, 6)], []]);
  });

  it('in an archive that was packed later than a dump says are not out of step with it', async () => {
    write(work, {
      'm/k/a.txt':
        '# Generated by iptables-save v1.8.9 (nf_tables) on Fri Nov 20 10:00:00 2020\n*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n# Completed on Fri Nov 20 10:00:00 2020\n',
      'm/networking/ip-route.txt': route,
    });
    sh(work, 'tar -cf m.tar m');
    expect(codes(await readSnapshot(join(work, 'm.tar')))).toEqual([]);
  });
});

it('what was left out is told with the place of its input', async () => {
  const work = write(scratch(), { 'a/ip-route.txt': route, 'b/ip-route.txt': route });
  sh(work, 'mkfifo b/pipe');
  const { leftOut } = await readSnapshotFrom([join(work, 'a'), join(work, 'b')]);
  expect(leftOut).toEqual([{ path: 'b/pipe', why: 'it is no regular file' }]);
});
