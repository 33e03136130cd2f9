/** Captures of several times in one input: the newest counts, and the others are not mixed into it. */
import { describe, expect, test } from 'vitest';
import { dateInName } from './older-captures.js';
import { codesOf, nodeNames, onlyNode, rules, snapshotOfFiles } from './testing.js';

const addr = (ip: string) =>
  `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000\n    inet 127.0.0.1/8 scope host lo\n       valid_lft forever preferred_lft forever\n2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc fq state UP group default qlen 1000\n    inet ${ip}/24 brd 10.0.0.255 scope global eth0\n       valid_lft forever preferred_lft forever\n`;

const link = (at: number) =>
  `2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc fq state UP mode DEFAULT group default qlen 1000\n    link/ether 52:54:00:00:00:0${at} brd ff:ff:ff:ff:ff:ff\n`;

const addressOf = (files: Readonly<Record<string, string>>) =>
  onlyNode(snapshotOfFiles(files)).host.addresses.rows.filter(({ dev }) => dev === 'eth0').length;

describe('of one machine', () => {
  test.each([
    ['2026-01-04', '2026-01-05'],
    ['20260104', '20260105'],
    ['2026-01-05T08-15', '2026-01-05T19-40'],
    ['node-1-2026.01.04_0815', 'node-1-2026.01.04_0816'],
  ])('%s and %s', (old, young) => {
    const files = {
      [`${young}/ip-addr.txt`]: addr('10.0.0.2'),
      [`${old}/ip-addr.txt`]: addr('10.0.0.1'),
      [`${old}/ip-rule.txt`]: rules,
    };
    const snapshot = snapshotOfFiles(files);
    const { host } = onlyNode(snapshot);
    expect(addressOf(files)).toBe(1);
    expect(snapshot.files[host.addresses.rows.at(-1)?.span.file ?? -1]?.name).toBe(`${young}/ip-addr.txt`);
    // Of the older one nothing is left, also where only it has a dump.
    expect(host.policyRules4.state).toBe('absent');
    expect(codesOf(snapshot)).toContain('assemble/older-capture');
  });

  test('in the names of files', () => {
    const files = {
      'ip-addr-20260105.txt': addr('10.0.0.2'),
      'ip-addr-20260104.txt': addr('10.0.0.1'),
      'ip-rule.txt': rules,
    };
    expect(addressOf(files)).toBe(1);
  });
});

test('of a cluster, above and below the names of its machines', () => {
  for (const path of [
    (node: string, day: string) => `${day}/${node}`,
    (node: string, day: string) => `${node}/${day}`,
  ]) {
    const files: Record<string, string> = {};
    for (const [node, ip] of [
      ['alpha', '10.0.0.1'],
      ['beta', '10.0.0.2'],
    ] as const)
      for (const day of ['2026-01-04', '2026-01-05']) files[`${path(node, day)}/ip-addr.txt`] = addr(ip);
    const snapshot = snapshotOfFiles(files);
    expect(nodeNames(snapshot)).toEqual(['alpha', 'beta']);
    expect(snapshot.nodes.map(({ host }) => host.addresses.rows.length)).toEqual([2, 2]);
  }
});

test('parts of one capture, other machines and what the caller named stay', () => {
  const apart = snapshotOfFiles({ 'a/2026-01-04/ip-addr.txt': addr('10.0.0.1'), 'a/2026-01-05/ip-rule.txt': rules });
  expect(codesOf(apart)).not.toContain('assemble/older-capture');
  const machines = snapshotOfFiles({
    'node-1-2026-01-04/ip-addr.txt': addr('10.0.0.1'),
    'node-2-2026-01-05/ip-addr.txt': addr('10.0.0.2'),
  });
  expect(machines.nodes).toHaveLength(2);
});

type Files = Readonly<Record<string, string>>;
const own: Readonly<Record<string, (node: string, at: number) => Files>> = {
  'their names': (node) => ({ [`${node}/hostname`]: `${node}\n`, [`${node}/ip-link.txt`]: link(0) }),
  'what uname says': (node) => ({ [`${node}/uname.txt`]: `Linux ${node} 6.1.0 #1 SMP x86_64 GNU/Linux\n` }),
  'hardware addresses': (node, at) => ({ [`${node}/ip-link.txt`]: link(at) }),
};

test.each(Object.keys(own))('machines with dates in their names are told apart by %s', (by) => {
  const machines = ['worker-20260104', 'worker-20260105'].map((node, at) => ({
    [`${node}/ip-addr.txt`]: addr(`10.0.0.${at + 1}`),
    ...own[by]?.(node, at),
  }));
  const snapshot = snapshotOfFiles(Object.assign({}, ...machines) as Files);
  expect(nodeNames(snapshot)).toEqual(['worker-20260104', 'worker-20260105']);
  expect(codesOf(snapshot)).not.toContain('assemble/older-capture');
});

test('one name tells one machine, although its card is another one', () => {
  const captures = ['worker-20260104', 'worker-20260105'].map((folder, at) => ({
    [`${folder}/hostname`]: 'worker\n',
    [`${folder}/ip-link.txt`]: link(at),
  }));
  expect(codesOf(snapshotOfFiles(Object.assign({}, ...captures) as Files))).toContain('assemble/older-capture');
});

test('dates in names', () => {
  expect(
    ['10-244-1-0', 'node-2026', '12345678901', 'v1.30.2', 'flannel.1', '2026-13-01'].filter(
      (one) => dateInName(one) !== null,
    ),
  ).toEqual([]);
  expect(dateInName('ip-addr_20260105-1930.txt')).toEqual({ rest: 'ip-addr_*.txt', at: '202601051930' });
});
