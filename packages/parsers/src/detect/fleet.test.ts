import { formatIp } from '@coldtrace/core';
import { describe, expect, test } from 'vitest';
import {
  codesOf,
  ledgersAreComplete,
  nodeNamed,
  nodeNames,
  rules,
  sectionsOf,
  snapshotOf,
} from '../assemble/testing.js';

const routes = (host: number) =>
  `default via 10.0.0.1 dev eth0\n10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.${host}\n`;
const named = (name: string, text: string) => text.replace(/^(?=.)/gm, `${name}: `);
const dashes = (count: number, names: string) => `${'-'.repeat(count)}\n${names}\n${'-'.repeat(count)}\n`;

/** Which machine has which address, by the routes that it shows. */
function sourcesOf(text: string): Readonly<Record<string, readonly string[]>> {
  const snapshot = snapshotOf(text);
  expect(ledgersAreComplete(snapshot)).toBe(true);
  expect(snapshot.read.map((file) => file.counts.unrecognized)).toEqual([0]);
  return Object.fromEntries(
    snapshot.nodes.map(({ name, host }) => [
      name,
      host.routes.rows.flatMap((row) => (row.prefsrc === null ? [] : [formatIp(row.prefsrc)])),
    ]),
  );
}

const [five, six, seven] = ['10.0.0.5', '10.0.0.6', '10.0.0.7'] as const;

describe('tools that run one command on many machines say which of them printed what', () => {
  test.each<[string, string]>([
    ['ansible', `alpha | CHANGED | rc=0 >>\n${routes(5)}beta | SUCCESS | rc=0 >>\n${routes(6)}`],
    ['ansible before 2.4', `alpha | success | rc=0 >>\n${routes(5)}\nbeta | success | rc=0 >>\n${routes(6)}`],
    ['pssh', `[1] 13:30:01 [SUCCESS] alpha\n${routes(5)}[2] 13:30:02 [SUCCESS] root@beta:22\n${routes(6)}`],
    ['clush -b', `${dashes(15, 'alpha')}${routes(5)}${dashes(15, 'beta')}${routes(6)}`],
    ['dshbak -c', `${dashes(16, 'alpha')}${routes(5)}${dashes(16, 'beta')}${routes(6)}`],
    ['pdsh, sorted', `$ pdsh -w alpha,beta ip route | sort\n${named('alpha', routes(5))}${named('beta', routes(6))}`],
    ['clush', `# clush -w alpha,beta 'ip route'\n${named('beta', routes(6))}${named('alpha', routes(5))}`],
  ])('%s', (_tool, text) => {
    expect(sourcesOf(text)).toEqual({ alpha: [five], beta: [six] });
  });

  test('one output of several machines is that of each', () => {
    const text = `${dashes(15, 'node[08-09],alpha (3)')}${routes(5)}${dashes(15, 'beta')}${routes(6)}`;
    expect(sourcesOf(text)).toEqual({ node08: [five], node09: [five], alpha: [five], beta: [six] });
  });

  test('the command at the prompt is what each of them ran, and the machine of the prompt printed nothing', () => {
    const text = `[root@jump ~]# ansible all -m shell -a "ip route"\nalpha | CHANGED | rc=0 >>\n${routes(5)}\nbeta | CHANGED | rc=0 >>\n${routes(6)}`;
    const snapshot = snapshotOf(text);
    expect(sectionsOf(snapshot)).toEqual(['ip-route@alpha', 'ip-route@beta']);
    expect(nodeNamed(snapshot, 'beta').host.routes.state).toBe('complete');
    expect(codesOf(snapshot)).toEqual([]);
  });

  test('a command that ran and printed nothing shows that there is nothing; one that failed shows nothing', () => {
    const text = `$ ansible all -a "ipset list"\nalpha | CHANGED | rc=0 >>\n\nbeta | FAILED | rc=1 >>\nnon-zero return code\ngamma | CHANGED | rc=0 >>\n\n$ ip rule\n${rules}`;
    const snapshot = snapshotOf(text);
    expect(nodeNamed(snapshot, 'alpha').host.ipsets.state).toBe('complete');
    expect(nodeNamed(snapshot, 'beta').host.ipsets.state).toBe('partial');
  });

  test('a machine between dashes that could be the heading of a chapter is told by the like of it', () => {
    const chapters = `${dashes(15, 'routes')}${routes(5)}${dashes(15, 'rules')}${rules}`;
    expect(nodeNames(snapshotOf(chapters))).toHaveLength(1);
  });

  test('lines of two machines in turn are read as neither', () => {
    const mixed = 'alpha: default via 10.0.0.1 dev eth0\nbeta: default via 10.0.0.2 dev eth0\n'.repeat(4);
    const snapshot = snapshotOf(`$ pdsh -a ip route\n${mixed}`);
    expect(snapshot.read.map((file) => file.counts.unrecognized)).toEqual([8]);
  });

  test('three machines with one line each', () => {
    const text = `$ pdsh -w a1,a2,a3 sysctl net.ipv4.ip_forward\na1: net.ipv4.ip_forward = 1\na3: net.ipv4.ip_forward = 0\na2: net.ipv4.ip_forward = 1\n`;
    const snapshot = snapshotOf(text);
    const forwards = ['a1', 'a2', 'a3'].map((name) =>
      nodeNamed(snapshot, name).host.sysctl.byKey.get('net/ipv4/ip_forward'),
    );
    expect(forwards.map((row) => row?.value)).toEqual(['1', '1', '0']);
  });

  test('a dump cut off where the next machine begins ends there', () => {
    const head = '*nat\n:POSTROUTING ACCEPT [0:0]\n-A POSTROUTING -s 10.0.0.0/8 -j MASQUERADE\n';
    const text = `[1] 13:30:01 [SUCCESS] alpha\n${head}[2] 13:30:02 [SUCCESS] beta\n${head}COMMIT\n`;
    const snapshot = snapshotOf(text);
    const counts = ['alpha', 'beta'].map((name) => nodeNamed(snapshot, name).host.rulesets[0]?.complete);
    expect(counts).toEqual([false, true]);
  });
});

test('file names of grep before the lines are no machines', () => {
  const text = Array.from({ length: 6 }, (_, at) => `sysctl.conf: net.ipv4.conf.eth${at}.rp_filter = 1\n`).join('');
  expect(nodeNames(snapshotOf(text))).not.toContain('sysctl.conf');
  expect(sourcesOf(named('gamma', routes(7) + rules))).toEqual({
    gamma: [seven],
  });
});
