import { positionAt } from '@coldtrace/core';
import { describe, expect, test } from 'vitest';
import {
  codesOf,
  ledgersAreComplete,
  nodeNamed,
  onlyNode,
  route,
  rules,
  save,
  snapshotOf,
} from '../assemble/testing.js';

describe('what pasting does to text', () => {
  test.each<[string, string]>([
    ['Markdown fences', `Hier die Routen:\n\n\`\`\`\n$ ip route\n${route}\`\`\`\n\nUnd jetzt?\n`],
    ['quotes', `Коллеги, вот вывод:\n\n> $ ip route\n${route.replace(/^/gm, '> ').slice(0, -2)}\nЧто не так?\n`],
    [
      'line numbers before the lines',
      `$ hostname -I\n${`$ ip route\n${route}`
        .replace(/^(?=.)/gm, () => '@')
        .split('\n')
        .map((line, at) => line.replace('@', `${at + 1}  `))
        .join('\n')}`,
    ],
    ['line numbers on lines of their own', `见下：\n\n1\n2\n3\n$ ip route\n${route}\n谢谢！\n`],
    [
      'line numbers between the lines',
      `见下：\n\n1\n$ ip route\n2\n${route.split('\n')[0]}\n3\n${route.split('\n')[1]}\n`,
    ],
    [
      'entities of HTML, by name and by number',
      `<p>Voici les routes &#x27;principales&#39; :</p>\n\n$ ip route\n${route.replace('/22', '&#x2F;22').replaceAll(' dev', '&#32;dev')}`,
    ],
    [
      'code of Markdown that is indented',
      `Here is the box:\n\n    $ ip route\n${route.replace(/^(?=.)/gm, '    ')}\nand what now?\n`,
    ],
    ['the same with tabs', `Here is the box:\n\n\t$ ip route\n${route.replace(/^(?=.)/gm, '\t')}\nand what now?\n`],
    ['a box', `┌──────┐\n${`$ ip route\n${route}`.replace(/^(.+)$/gm, (line) => `│ ${line.padEnd(90)}│`)}└──────┘\n`],
    ['the border between two panes', `$ ip route\n${route}`.replace(/^(.+)$/gm, (line) => `${line.padEnd(90)}│     `)],
    ['backticks around each line', `$ ip route\n${route}`.replace(/^(.+)$/gm, '`$1`')],
    ['fences on the lines of what they hold', `\`\`\`$ ip route\n${route.trimEnd()}\`\`\`\nany ideas?\n`],
    ['a fence before a command without a prompt', `It has:\n\`\`\`ip route\n${route}\`\`\`\n`],
    ['tags of a forum', `[code]$ ip route\n${route}[/code]\nany ideas?\n`],
    ['tags of Jira', `{code:bash}\n$ ip route\n${route}{code}\n`],
    ['tags of HTML', `<details><summary>Routes of the box:</summary>\n<pre>\n$ ip route\n${route}</pre></details>\n`],
    ['a prompt in bold', `**root@n:~# ip route**\n\n${route}`],
    ['a prompt behind a bullet', `- root@n:~# ip route\n${route}`],
    ['cells of a sheet', `"$ ip rule"\n"$ ip netns"\n"$ ip route"\n${route.replace(/^(.+)$/gm, '"$1"')}"$ exit"\n`],
    [
      'the time before each line',
      `$ ip rule\n$ ip netns\n$ ip route\n${route}`.replace(/^(?=.)/gm, '2023-11-14T13:30:08Z '),
    ],
    [
      'the machine before each line',
      `${route}0:\tfrom all lookup local\n32766:\tfrom all lookup main\n32767:\tfrom all lookup default\n`.replace(
        /^(?=.)/gm,
        'n: ',
      ),
    ],
    ['a prompt of two lines', `┌──(root㉿n)-[~]\n└─# ip route\n${route}┌──(root㉿n)-[~]\n└─# \n`],
    ['another prompt of two lines', `root in 🌐 n in ~ \n❯ ip route\n${route}root in 🌐 n in ~ \n❯ \n`],
    ['who wrote when in a chat', `Li Wei  1:30 PM\n$ ip route\n${route}[14/11/2023 13:31] Anna Maria\nObrigado\n`],
    [
      'what script(1) says',
      `Script started on 2023-11-14 13:30:08+00:00 [TERM="xterm"]\n$ ip route\n${route}\nScript done on 2023-11-14 13:31:00+00:00\n`,
    ],
    ['no-break spaces', `Voilà les routes de la machine :\n\n$ ip route\n${route.replaceAll(' ', '\u00a0')}`],
    ['line ends of Windows', `Here are the routes of the box.\n\n$ ip route\n${route}`.replaceAll('\n', '\r\n')],
    ['no prompt at all', `Das sind die Routen auf der Maschine:\n\n${route}\nDanke und Gruß\n`],
    ['a misspelt command', `[root@n ~]# ip route\n${route}[root@n ~]# ethtoo -i enp3s0\n`],
  ])('%s', (_, text) => {
    const snapshot = snapshotOf(text);
    expect(onlyNode(snapshot).host.routes.rows).toHaveLength(2);
    expect(ledgersAreComplete(snapshot)).toBe(true);
  });

  test('where machines take turns, their names stay before their lines', () => {
    const lines = `${route}${route}${route}`
      .trim()
      .split('\n')
      .map((line, at) => `n${at % 2}: ${line}`);
    expect(
      snapshotOf(`${lines.join('\n')}\n`).nodes.flatMap((node) =>
        node.host.routes.rows.filter(({ trust }) => trust !== 'claimed'),
      ),
    ).toEqual([]);
  });

  test('a prompt glued to the end of an output ends it', () => {
    const text = `[root@n ~]# cat x.json\n{"a": 1}[root@n ~]# ip route\n${route}[root@n ~]#`;
    const snapshot = snapshotOf(text);
    expect(onlyNode(snapshot).host.routes.rows).toHaveLength(2);
    expect(ledgersAreComplete(snapshot)).toBe(true);
  });

  test('output may begin on the line of the prompt', () => {
    const text = `[root@n ~]# ip route default via 172.16.8.1 dev enp3s0\n172.16.8.0/22 dev enp3s0 scope link\n`;
    expect(onlyNode(snapshotOf(text)).host.routes.rows).toHaveLength(2);
    const set = '[root@n ~]# sysctl net.ipv4.ip_forward net.ipv4.ip_forward = 1\n';
    expect(onlyNode(snapshotOf(set)).host.sysctl.byKey.get('net/ipv4/ip_forward')?.value).toBe('1');
  });

  test('a here-document is the file that it writes', () => {
    const text = `[root@n ~]# cat <<'EOF' > /etc/sysctl.d/k8s.conf\n> net.ipv4.ip_forward = 1\n> EOF\n[root@n ~]# ip route\n${route}`;
    const { host } = onlyNode(snapshotOf(text));
    expect(host.sysctl.byKey.get('net/ipv4/ip_forward')).toMatchObject({ value: '1', trust: 'claimed' });
    expect(host.routes.rows).toHaveLength(2);
  });

  test('a command that changes something is no output', () => {
    const text = `[root@n ~]# ip route add default via 172.16.8.9 dev enp3s0\n[root@n ~]# ip route\n${route}`;
    expect(onlyNode(snapshotOf(text)).host.routes.rows).toHaveLength(2);
  });

  test('a filter makes every dump partial', () => {
    const node = onlyNode(
      snapshotOf(`[root@n ~]# ip route | grep enp3s0\n${route}[root@n ~]# iptables-save | grep -v x\n${save}`),
    );
    expect(node.host.routes.state).toBe('partial');
    expect(node.host.rulesets[0]?.complete).toBe(false);
  });

  test('sentences are inert, lines nobody understands are not', () => {
    const text = `Guten Morgen zusammen,\n\n[root@n ~]# foo\nqux:17/zz=3 <<&>>\n\n我们的网络不通。\n`;
    expect(snapshotOf(text).read[0]?.counts).toMatchObject({ unrecognized: 1, inert: 5 });
  });
});

describe('places are those of the pasted file', () => {
  test.each<[string, string, number]>([
    ['quotes', `Hier die Routen der Maschine:\n\n> $ ip route\n> ${route.replace('\n', '\n> ')}`, 3],
    ['line numbers', `Hier die Routen der Maschine:\n\n1  $ ip route\n2  ${route.replace('\n', '\n3  ')}`, 4],
    ['colours', `Hier die Routen der Maschine:\n\n$ ip route\n\x1b[1m${route}`, 5],
    ['none', `Hier die Routen der Maschine:\n\n$ ip route\n${route}`, 1],
  ])('%s', (_, text, column) => {
    const snapshot = snapshotOf(text);
    const [file] = snapshot.files;
    const [row] = onlyNode(snapshot).host.routes.rows;
    expect(file && row && positionAt(file, row.span.start)).toEqual({ line: 4, column });
    expect(file && row && file.text.slice(row.span.start, row.span.end)).toMatch(/^default via/);
  });
});

describe('claims in sentences', () => {
  const text = (sentence: string) =>
    `Hallo zusammen, auf knoten-7 ist etwas faul.\n\n${sentence}\n\n[root@knoten-7 ~]# ip rule\n${rules}`;

  test.each<[string, string, (host: ReturnType<typeof onlyNode>['host']) => readonly { readonly trust?: string }[]]>([
    ['a route', 'Dort steht 10.42.3.0/24 via 172.16.9.8 dev enp3s0 in der Tabelle.', (host) => host.routes.rows],
    ['a sysctl', '我看到 net.ipv4.ip_forward=0，所以不转发。', (host) => [...host.sysctl.byKey.values()]],
    ['an address', 'Die Karte enp3s0 172.16.9.7/22 ist richtig.', (host) => host.addresses.rows],
    [
      'a rule',
      'Es gibt die Regel `-A POSTROUTING -s 10.42.0.0/16 ! -d 224.0.0.0/4 -j MASQUERADE` dort.',
      (host) => [host.rulesets[0]?.tables[0]?.chains[0]?.rules.at(0) ?? {}],
    ],
  ])('%s', (_, sentence, rowsOf) => {
    const snapshot = snapshotOf(text(sentence));
    expect(rowsOf(onlyNode(snapshot).host)).toMatchObject([{ trust: 'claimed' }]);
    expect(codesOf(snapshot)).toContain('transcript/claim');
  });

  test.each([
    'Es fehlt die Route 10.42.3.0/24 via 172.16.9.8 dev enp3s0 auf der Maschine.',
    'Die Route 10.42.3.0/24 via 172.16.9.8 dev enp3s0 fehlt hier.',
    'We should add 10.42.3.0/24 via 172.16.9.8 dev enp3s0 there.',
    '这里缺少路由 10.42.3.0/24 via 172.16.9.8 dev enp3s0。',
    'Здесь нет маршрута 10.42.3.0/24 via 172.16.9.8 dev enp3s0.',
  ])('what is not, or should be, is no claim: %s', (sentence) => {
    expect(codesOf(snapshotOf(text(sentence)))).not.toContain('transcript/claim');
  });

  test('what was captured is not displaced by what is claimed', () => {
    const both = `Laut Wiki ist net.ipv4.ip_forward=1 gesetzt.\n\n[root@n ~]# sysctl net.ipv4.ip_forward\nnet.ipv4.ip_forward = 0\n`;
    expect(onlyNode(snapshotOf(both)).host.sysctl.byKey.get('net/ipv4/ip_forward')?.value).toBe('0');
  });

  test('a sentence that names a machine is about it', () => {
    const two = `[root@a ~]# ip rule\n${rules}[root@b ~]# ip rule\n${rules}\nAuf b steht noch 10.42.3.0/24 via 172.16.9.8 dev enp3s0 drin.\n`;
    expect(nodeNamed(snapshotOf(two), 'b').host.routes.rows).toHaveLength(1);
  });
});
