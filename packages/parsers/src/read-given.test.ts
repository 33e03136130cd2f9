/** Lines that a window broke: read whole where that makes more of them, and cited at the places that they have in the user's file. */
import { lineTextAt, positionAt, type Snapshot } from '@coldtrace/core';
import { describe, expect, it } from 'vitest';
import { parseSnapshot } from './parse-snapshot.js';

const prompt = '[root@gw ~]# ';
const whole = `Hello, since we moved the gateway nothing gets out any more, and we do not know why. These are the routes:

${prompt}ip -4 route show table all | grep -v -E 'broadcast|linkdown'
default via 192.168.21.2 dev ens192 proto dhcp src 192.168.21.12 metric 100
10.244.0.0/24 dev cni0 proto kernel scope link src 10.244.0.11
10.244.1.0/24 via 192.168.21.13 dev ens192 proto static metric 20 onlink
${prompt}sysctl net.ipv4.ip_forward
net.ipv4.ip_forward = 1
`;
/** Broken between words at 60 columns. */
const mailed = whole.replace(/^(?=.{61})(.{0,59}\S) +(?=\S)/gm, '$1\n');

const read = (text: string) => parseSnapshot({ 'mail.txt': text });
const routesOf = (snapshot: Snapshot) =>
  (snapshot.nodes[0]?.host.routes.rows ?? []).map(({ span, trust }) => {
    const file = snapshot.files[span.file];
    if (file === undefined) throw new Error('no file');
    const { line, column } = positionAt(file, span.start);
    return [line, column, lineTextAt(file, span.start), trust ?? 'captured'];
  });

describe('lines that were broken', () => {
  const routes = [
    [6, 1, 'default via 192.168.21.2 dev ens192 proto dhcp src 192.168.21.12 metric 100', 'repaired'],
    [8, 1, '10.244.0.0/24 dev cni0 proto kernel scope link src 10.244.0.11', 'repaired'],
    // The parser of routes mends this one by itself.
    [10, 1, '10.244.1.0/24 via 192.168.21.13 dev ens192 proto static', 'repaired'],
  ];

  it('are read whole, and cited where they begin', () => {
    const snapshot = read(mailed);
    expect(routesOf(snapshot)).toEqual(routes);
    const [file] = snapshot.read;
    expect(file?.sections.map(({ command }) => command)).toContain(
      "ip -4 route show table all | grep -v -E 'broadcast|linkdown'",
    );
  });

  it('count as the lines that they were', () => {
    const [file] = read(mailed).read;
    expect(file?.lineCount).toBe(mailed.trimEnd().split('\n').length);
    expect(file?.counts).toMatchObject({ modelled: 7, unrecognized: 0, opaque: 0 });
  });

  it('keep their columns under marks of quotation', () => {
    const quoted = mailed.replaceAll(/^/gm, '> ');
    expect(routesOf(read(quoted))).toEqual(routes.map(([line, , ...rest]) => [line, 3, ...rest]));
  });

  it('may have a blank line behind each', () => {
    const text = `${prompt}ip route\ndefault via 10.0.0.1 dev eth0\n10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.5\n${prompt}ip rule\n0:\tfrom all lookup local\n32766:\tfrom all lookup main\n`;
    const snapshot = read(text.replaceAll('\n', '\n\n'));
    expect(routesOf(snapshot).map(([line]) => line)).toEqual([3, 5]);
    expect(snapshot.read[0]?.lineCount).toBe(12);
  });
});

describe('lines of their own', () => {
  it('stay so at the border of the text', () => {
    const text = `${prompt}ip route show table main proto kernel
10.244.10.0/24 dev cni0 proto kernel scope link src 10.244.10.1
nonsense
10.244.11.0/24 dev cni1 proto kernel scope link src 10.244.11.1
nonsense
10.244.12.0/24 dev cni2 proto kernel scope link src 10.244.12.1
nonsense
`;
    expect(routesOf(read(text)).map(([line, , , trust]) => [line, trust])).toEqual([
      [2, 'captured'],
      [4, 'captured'],
      [6, 'captured'],
    ]);
  });

  it('a command does not swallow the first line of what it printed', () => {
    const text = mailed.replace(
      `${prompt}sysctl`,
      `${prompt}ls /var/lib/cni/networks/cbr0 /var/lib/cni/n | wc -l\n255\n${prompt}sysctl`,
    );
    expect(
      read(text)
        .read[0]?.sections.map(({ command }) => command)
        .join('\n'),
    ).not.toContain('255');
  });
});

describe('lines that were run together', () => {
  const together = whole.replaceAll(/^(default .*)\n(.*)\n(.*)$/gm, '$1 $2 $3');
  const [first = '', second = '', third = ''] = whole.split('\n').slice(3, 6);

  it('are read one by one, and cited where they begin', () => {
    expect(together.split('\n')).toContain(`${first} ${second} ${third}`);
    expect(routesOf(read(together))).toEqual([
      [4, 1, first, 'repaired'],
      [4, first.length + 2, second, 'repaired'],
      [4, first.length + second.length + 3, third, 'repaired'],
    ]);
  });

  it('count as the lines that they are', () => {
    const [file] = read(together).read;
    expect(file?.lineCount).toBe(together.trimEnd().split('\n').length);
    expect(file?.counts).toMatchObject({ unrecognized: 0, opaque: 0 });
  });

  it('do not take what follows along', () => {
    const [file] = read(together).files;
    if (file === undefined) throw new Error('no file');
    const { line, column } = positionAt(file, file.text.indexOf('net.ipv4.ip_forward ='));
    expect([line, column]).toEqual([6, 1]);
  });

  it('may be a whole transcript', () => {
    const page = `When I look at the gateway: \`\`\` ${together.split('\n').slice(2).join(' ').replaceAll(prompt, '$ ')} \`\`\` there is a route to the other node.`;
    const snapshot = read(page);
    expect(routesOf(snapshot).map(([line, , text]) => [line, text])).toEqual([
      [1, first],
      [1, second],
      [1, third],
    ]);
    expect(snapshot.nodes[0]?.host.sysctl.byKey.get('net/ipv4/ip_forward')?.value).toBe('1');
  });

  it.each([
    [
      'a rule typed in one command',
      '$ iptables -t nat -A POSTROUTING -s 10.0.0.0/8 -j MASQUERADE; iptables -A FORWARD -j ACCEPT',
    ],
    [
      'ways of one route typed in one command',
      '$ ip route add default nexthop via 10.0.0.1 dev eth0 nexthop via 10.0.0.2 dev eth0',
    ],
    [
      'a sentence about routes',
      '10.1.0.0/16 via 10.0.0.1 dev eth0 is right, 10.2.0.0/16 via 10.0.0.9 dev eth0 is not, as far as we know',
    ],
  ])('%s stays one line', (_, line) => {
    const [file] = read(`We tried:\n\n${line}\n`).files;
    expect(file?.parted).toBeUndefined();
  });

  it('have the options of members with their members', () => {
    const set =
      'Name: blue Type: hash:ip Revision: 6 Header: family inet hashsize 64 maxelem 9 timeout 60 Size in memory: 88 References: 0 Number of entries: 2 Members: 10.0.0.1 timeout 7 10.0.0.2 timeout 9';
    const rest =
      'Name: red Type: hash:net Revision: 7 Header: family inet hashsize 64 maxelem 9 Size in memory: 88 References: 0 Number of entries: 1 Members: 10.0.0.0/8 nomatch';
    const [node] = read(`${prompt}ipset list\r\n${set} ${rest}\r\n`).nodes;
    expect(node?.host.ipsets.rows.map(({ name, elements }) => [name, elements.length])).toEqual([
      ['blue', 2],
      ['red', 1],
    ]);
  });

  it.each(['Members: a ', 'a ', '$ ip ', '1: a: <UP> mtu 1 '])('cost what they are long: many of %j', (unit) => {
    const text = `${prompt}ip addr\nfoo 1: lo: Members: ${unit.repeat(Math.ceil(300_000 / unit.length))}\n`;
    expect(read(text).read[0]?.lineCount).toBe(2);
  });
});
