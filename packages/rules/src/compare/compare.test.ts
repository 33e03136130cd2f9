/** Two snapshots, or one and its what-if: what is told of the difference. */
import { lineAt, lineIndex, lineText, type Snapshot } from '@coldtrace/core';
import { applyText, parseSnapshot } from '@coldtrace/parsers';
import { describe, expect, it } from 'vitest';
import { files } from '../connection-fails/cases.world.js';
import { compareSnapshots } from './compare.js';

const addresses = (own: string) => `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
    inet 127.0.0.1/8 scope host lo
2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default
    link/ether 02:00:00:00:00:0${own} brd ff:ff:ff:ff:ff:ff
    inet 192.168.7.${own}/24 brd 192.168.7.255 scope global eth0
`;
const filesOf = (name: string, own: string) =>
  [
    [`${name}/hostname`, `${name}\n`],
    [`${name}/ip-addr.txt`, addresses(own)],
    [`${name}/ip-route.txt`, `192.168.7.0/24 dev eth0 proto kernel scope link src 192.168.7.${own} \n`],
    [
      `${name}/iptables-save.txt`,
      '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n',
    ],
    [
      `${name}/ss.txt`,
      'State  Recv-Q Send-Q Local Address:Port Peer Address:Port\nLISTEN 0 128 0.0.0.0:8080 0.0.0.0:*\n',
    ],
  ] as const;
const before = parseSnapshot(new Map([...filesOf('a', '1'), ...filesOf('b', '2')]));
const asked = [{ from: 'node:a', to: '192.168.7.2:8080', proto: 6 }];
const drop = 'iptables -A INPUT -p tcp --dport 8080 -j DROP';

const textOf = (snapshot: Snapshot, { file, start }: { readonly file: number; readonly start: number }) => {
  const source = snapshot.files[file];
  return source === undefined ? '' : lineText(source, lineAt(lineIndex(source), start)).trim();
};

describe('a comparison', () => {
  it('of a snapshot with itself finds nothing', () => {
    const { gone, added, connections, compared } = compareSnapshots(before, before, { asked });
    expect([gone, added, connections]).toEqual([[], [], []]);
    expect(compared).toBeGreaterThan(0);
  });

  it('with its what-if names the connection that fails now, and the command that does it', () => {
    const after = applyText(before, drop, { node: 'b' }).snapshot;
    const { connections } = compareSnapshots(before, after, { asked });
    expect(connections).toHaveLength(1);
    expect(connections[0]).toMatchObject({
      from: 'node:a',
      before: { verdict: 'works' },
      after: { verdict: 'fails', dispositions: ['dropped'] },
    });
    expect(connections[0]?.linesNew.map(({ span }) => textOf(after, span))).toEqual([drop]);
  });

  it('the other way round names the rule that is gone', () => {
    const after = applyText(before, drop, { node: 'b' }).snapshot;
    const { connections } = compareSnapshots(after, before, { asked });
    expect(connections[0]).toMatchObject({ before: { verdict: 'fails' }, after: { verdict: 'works' } });
    expect(connections[0]?.linesGone.map(({ span }) => textOf(after, span))).toContain(drop);
  });

  it('tells no line whose counters alone are others', () => {
    const counted = (from: Snapshot, ways: string) => {
      const given = from.files.map(({ name, text }) => [name, text.replaceAll('[0:0]', ways)] as const);
      return parseSnapshot(new Map(given));
    };
    const rule = '[0:0] -A INPUT -p tcp -m tcp --dport 8080 -j';
    const world = (target: string) =>
      parseSnapshot(
        new Map([
          ...filesOf('a', '1'),
          ...filesOf('b', '2').map(
            ([name, text]) => [name, text.replace('COMMIT', `${rule} ${target}\nCOMMIT`)] as const,
          ),
        ]),
      );
    const [open, shut] = [counted(world('ACCEPT'), '[7:744]'), counted(world('DROP'), '[8:784]')];
    const { connections } = compareSnapshots(open, shut, { asked, rules: [] });
    const [changed] = connections.filter(({ to }) => to === '192.168.7.2:8080');
    expect(changed?.linesNew.map(({ span }) => textOf(shut, span))).toEqual([
      '[8:784] -A INPUT -p tcp -m tcp --dport 8080 -j DROP',
    ]);
    expect(changed?.linesGone.map(({ span }) => textOf(open, span))).toEqual([
      '[7:744] -A INPUT -p tcp -m tcp --dport 8080 -j ACCEPT',
    ]);
  });

  it('tells no line that is in another state by itself', () => {
    const world = (policy: string, state: string, pid: number, queue: number) =>
      parseSnapshot(
        new Map([
          ...filesOf('a', '1'),
          ...filesOf('b', '2').map(
            ([name, text]) =>
              [
                name,
                text
                  .replace(':INPUT ACCEPT', `:INPUT ${policy}`)
                  .replace(
                    'LISTEN 0 128 0.0.0.0:8080 0.0.0.0:*',
                    `LISTEN ${queue} 128 0.0.0.0:8080 0.0.0.0:* users:(("web",pid=${pid},fd=3))`,
                  ),
              ] as const,
          ),
          ['a/ip-neigh.txt', `192.168.7.2 dev eth0 lladdr 02:00:00:00:00:02 ${state} \n`],
          ['b/ip-neigh.txt', `192.168.7.1 dev eth0 lladdr 02:00:00:00:00:01 ${state} \n`],
        ]),
      );
    const [shut, open] = [world('DROP', 'STALE', 7, 0), world('ACCEPT', 'REACHABLE', 9, 1)];
    const { connections } = compareSnapshots(shut, open, { asked, rules: [] });
    const [changed] = connections.filter(({ to }) => to === '192.168.7.2:8080');
    expect(changed?.linesGone.map(({ span }) => textOf(shut, span))).toEqual([':INPUT DROP [0:0]']);
    expect(changed?.linesNew.map(({ span }) => textOf(open, span))).toEqual([':INPUT ACCEPT [0:0]']);
  });

  it('holds nodes against each other, and pods, and Services that stand in rules alone', () => {
    const web =
      'iptables -t nat -A KUBE-SERVICES -d 10.99.0.77/32 -p tcp -m comment --comment "shop/web:http cluster IP" -m tcp --dport 80 -j KUBE-SVC-API';
    const sound = applyText(parseSnapshot(files()), web, { node: 'east' }).snapshot;
    const after = applyText(
      sound,
      'iptables -A OUTPUT -p icmp --icmp-type echo-request -j DROP\niptables -t nat -F KUBE-SERVICES',
      {
        node: 'east',
      },
    ).snapshot;
    const { connections } = compareSnapshots(sound, after, { rules: [] });
    const changed = connections.map(({ from, to }) => `${from} ${to}`);
    expect(changed).toContain('node:east node:west');
    expect(changed).toContain('node:east service:shop/web:80');
    expect(changed).toContain('pod 10.61.1.7 of east service:shop/web:80');
    expect(changed.filter((one) => one.includes('kubernetes')).length).toBe(2);
    expect(changed).not.toContain('node:west node:east');
  });
});
