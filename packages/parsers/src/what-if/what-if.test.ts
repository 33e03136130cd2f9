/** Commands of a what-if as people write them: what they change, and what they are refused for. */
import { printTables, type Snapshot } from '@coldtrace/core';
import { describe, expect, it, test } from 'vitest';
import { printIpsetSave } from '../ipset/index.js';
import { printIpvsSave } from '../ipvs/index.js';
import { applyText } from './apply-text.js';
import { changes, host, one, said, two } from './testing.js';

describe('one line', () => {
  test.each([
    ['iptables -A INPUT -p tcp --dport 22 -j ACCEPT', ['+ -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT']],
    ['sudo -n /usr/sbin/iptables -w 5 -I FORWARD -j ACCEPT', ['+ -A FORWARD -j ACCEPT']],
    ['iptables -P FORWARD ACCEPT # for a while', ['- :FORWARD DROP [0:0]', '+ :FORWARD ACCEPT [0:0]']],
    ['iptables -D FORWARD -j KUBE-FORWARD', ['- -A FORWARD -j KUBE-FORWARD']],
    [
      'iptables -A INPUT -m comment --comment "two words" -j DROP',
      ['+ -A INPUT -m comment --comment "two words" -j DROP'],
    ],
    ["iptables -A INPUT -m comment --comment '-t' -j DROP", ['+ -A INPUT -m comment --comment -t -j DROP']],
    ['iptables -A INPUT \\\n  -s 10.0.0.0/8 \\\n  -j DROP', ['+ -A INPUT -s 10.0.0.0/8 -j DROP']],
    ['iptables -C INPUT -j DROP || iptables -A INPUT -j DROP', ['+ -A INPUT -j DROP']],
    ['iptables -C FORWARD -j KUBE-FORWARD 2>/dev/null || iptables -A INPUT -j DROP', []],
    ['iptables -D INPUT -j DROP || true', []],
    [
      'iptables -N A && iptables -A INPUT -j A; iptables -A A -j DROP',
      ['+ :A - [0:0]', '+ -A INPUT -j A', '+ -A A -j DROP'],
    ],
    ['iptables -A INPUT -m set --match-set blocked src -j DROP', ['+ -A INPUT -m set --match-set blocked src -j DROP']],
    ['sudo LC_ALL=C iptables -A INPUT -j DROP', ['+ -A INPUT -j DROP']],
    ["cat <<'EOF' | sudo iptables-restore -n\n*filter\n-A INPUT -j DROP\nCOMMIT\nEOF\n", ['+ -A INPUT -j DROP']],
    ["sh -c 'iptables -A INPUT -j DROP'", ['+ -A INPUT -j DROP']],
    ['test -f /etc/rules; timeout 5 env LC_ALL=C nohup iptables -A INPUT -j DROP', ['+ -A INPUT -j DROP']],
    ['iptables -A INPUT -j DROP && exit 0; iptables -F', ['+ -A INPUT -j DROP']],
    ["sh -c 'exit 1'; iptables -A INPUT -j DROP", ['+ -A INPUT -j DROP']],
    ['\ufeff```bash\niptables -A INPUT -j DROP\n```\n', ['+ -A INPUT -j DROP']],
    [
      'iptables -A INPUT -j DROP\nsudo iptables-save > /etc/iptables/rules.v4 2>&1\nnetfilter-persistent save',
      ['+ -A INPUT -j DROP'],
    ],
    ['iptables -A INPUT -j DROP; iptables -L -n -v | grep -v KUBE | head -5', ['+ -A INPUT -j DROP']],
    [
      "iptables-restore -n <<'EOF'\n*filter\n:KUBE-FORWARD - [0:0]\n-A KUBE-FORWARD -j DROP\nCOMMIT\nEOF\n",
      ['- -A KUBE-FORWARD -m mark --mark 0x4000/0x4000 -j ACCEPT', '+ -A KUBE-FORWARD -j DROP'],
    ],
  ])('%s', (text, expected) => {
    const { snapshot, problems } = applyText(one, text);
    expect(problems).toEqual([]);
    expect(changes(one, snapshot)).toEqual(expected);
  });
});

describe('a file that is written and then read', () => {
  const written = (path: string, lines: string) => `cat > ${path} <<'EOF'\n${lines}EOF\n`;
  const dropped = '*filter\n-A INPUT -j DROP\nCOMMIT\n';

  test.each([
    `${written('/etc/rules', dropped)}sudo iptables-restore -n < /etc/rules`,
    `${written('rules.v4', dropped)}iptables-restore --noflush rules.v4`,
    `${written('fix.sh', 'iptables -A INPUT -j DROP\n')}sudo bash fix.sh`,
    `${written('fix.sh', 'iptables -A INPUT -j DROP\n')}sh < fix.sh`,
    `ssh node-1 <<'END'\n${written('/etc/rules', dropped)}iptables-restore -n < /etc/rules\nEND\n`,
  ])('is what the command reads: %s', (text) => {
    const { snapshot, problems } = applyText(one, text);
    expect(problems).toEqual([]);
    expect(changes(one, snapshot)).toEqual(['+ -A INPUT -j DROP']);
    // It is no capture: the node's own files are as they were.
    expect(snapshot.files).toHaveLength(one.files.length + 1);
  });

  it('is of the node on which it was written', () => {
    const text = `@node node-1\n${written('/etc/rules', dropped)}@node node-2\niptables-restore -n < /etc/rules`;
    expect(said(text, two)).toEqual([
      'unsupported: reading /etc/rules, which no here-document of these commands writes, cannot be simulated',
    ]);
  });

  it('is pointed at where a line of it is wrong', () => {
    const text = `${written('/etc/rules', '*filter\n-A NOPE -j DROP\nCOMMIT\n')}iptables-restore -n < /etc/rules`;
    const { snapshot, problems } = applyText(one, text);
    expect(problems.map(({ message }) => message)).toEqual([
      'iptables-restore refuses this: No chain/target/match by that name.',
    ]);
    expect(changes(one, snapshot)).toEqual([]);
  });
});

describe('where new pods may go', () => {
  it('changes nothing that packets meet', () => {
    const text = 'kubectl cordon node-1\nkubectl taint nodes node-1 a=b:NoSchedule\nkubectl uncordon node-1\n';
    const { snapshot, problems } = applyText(one, text);
    expect(problems).toEqual([]);
    expect(snapshot.nodes).toEqual(one.nodes);
  });

  test.each([
    [
      'kubectl cordon node-9',
      'not-captured: whether kubectl would do this cannot be told: the snapshot shows no node node-9',
    ],
    [
      'kubectl taint nodes node-1 a=b:NoExecute',
      'daemon: what "kubectl taint … NoExecute" sets off is the doing of a daemon, which cannot be simulated',
    ],
    ['kubectl cordon', 'bad-words: kubectl: the name of a node is missing'],
  ])('%s', (text, expected) => {
    expect(said(text)).toEqual([expected]);
  });
});

describe('is not carried out', () => {
  test.each([
    [
      'iptables -D INPUT -j DROP',
      'refused: iptables refuses this: Bad rule (does a matching rule exist in that chain?).',
    ],
    ['iptables -A NOPE -j DROP', 'refused: iptables refuses this: No chain/target/match by that name.'],
    ['iptables -N KUBE-FORWARD', 'refused: iptables refuses this: Chain already exists.'],
    ['iptables -X KUBE-FORWARD', 'refused: iptables refuses this: Device or resource busy'],
    [
      'iptables -E INPUT IN',
      'not-captured: whether iptables would do this cannot be told: iptables-nft renames chain INPUT, and what its hook asks then is not modelled',
    ],
    [
      'iptables -t nat -P PREROUTING DROP',
      'refused: iptables refuses this: The "nat" table is not intended for filtering, the use of DROP is therefore inhibited.',
    ],
    [
      'iptables -A INPUT -m set --match-set nope src -j DROP',
      "refused: iptables refuses this: Set nope doesn't exist.",
    ],
    [
      'iptables -N A; iptables -A A -m owner --uid-owner 0; iptables -A FORWARD -j A',
      'refused: iptables refuses this: Invalid argument.',
    ],
    [
      'iptables -N A; iptables -A OUTPUT -j A; iptables -A A -j ACCEPT; iptables -A A -m mac --mac-source 02:00:00:00:00:01',
      'refused: iptables refuses this: Invalid argument.',
    ],
    ['$ ip route flush cache', `prompt: "$" is the prompt of a shell, and no part of the command`],
    ['root@n1:~# ip link set eth0 down', `prompt: "root@n1:~#" is the prompt of a shell, and no part of the command`],
    [
      '[root@n1 ~]$ ip link set eth0 down',
      `prompt: "[root@n1 ~]$" is the prompt of a shell, and no part of the command`,
    ],
    ['> ip link set eth0 down', `prompt: ">" is the prompt of a shell, and no part of the command`],
    ['flannelctl up', 'unknown-command: "flannelctl" is no command that can be simulated'],
    ['iptables -A INPUT -s $IP -j DROP', 'variable: variables, substitutions and patterns are not carried out: "$IP"'],
    ['NET=10.0.0.0/8', 'variable: variables, substitutions and patterns are not carried out: "NET=10.0.0.0/8"'],
    ['for i in 1 2; do iptables -F; done', 'syntax: this is no shell command: "for" needs a whole shell'],
    ["iptables -A INPUT -m comment --comment 'open", 'syntax: this is no shell command: a quote is not closed'],
    [
      'iptables-save | sed s/a/b/ | iptables-restore',
      'pipe: a pipe is not carried out: what "iptables-restore" would be given is made by another program',
    ],
    [
      'kubectl edit ippool p',
      'part-of-object: "kubectl edit" changes a part of an API object, which is not carried out',
    ],
    ['iptables-save >> /etc/rules', 'unsupported: >> /etc/rules cannot be simulated'],
    ['iptables -F && frobnicate', 'unknown-command: "frobnicate" is no command that can be simulated'],
    [
      '[ -f /etc/rules ] && iptables -A INPUT -j DROP',
      'unsupported: the answer of "[", by which what follows is run or not, cannot be simulated',
    ],
    [
      'command -v ipset || iptables -F',
      'unsupported: the answer of "command", by which what follows is run or not, cannot be simulated',
    ],
    ['echo 1 > /sys/class/net/eth0/mtu', 'unsupported: what is written to /sys/class/net/eth0/mtu cannot be simulated'],
    [
      'iptables -S | grep -q DROP || iptables -A INPUT -j DROP',
      'unsupported: the answer of "grep", by which what follows is run or not, cannot be simulated',
    ],
    [
      'iptables-save | grep -v KUBE | iptables-restore',
      'pipe: a pipe is not carried out: what "iptables-restore" would be given is made by another program',
    ],
    [
      'iptables -D INPUT -j DROP || exit 1',
      'refused: iptables refuses this: Bad rule (does a matching rule exist in that chain?).',
    ],
  ])('%s', (text, expected) => {
    expect(said(text)).toEqual([expected]);
  });

  it('and what comes after a failed && is not run, while the next line is', () => {
    const { snapshot, problems } = applyText(
      one,
      'iptables -D INPUT -j DROP && iptables -P INPUT DROP\niptables -P OUTPUT DROP',
    );
    expect(problems).toHaveLength(1);
    expect(changes(one, snapshot)).toEqual(['- :OUTPUT ACCEPT [0:0]', '+ :OUTPUT DROP [0:0]']);
  });
});

describe('where it runs', () => {
  const drop = ['+ -A INPUT -j DROP'];
  test.each([
    ['@node node-2\niptables -A INPUT -j DROP', {}],
    ["ssh root@node-2 'iptables -A INPUT -j DROP'", {}],
    ['ssh -t root@node-2 -- "sudo iptables -A INPUT -j DROP"', {}],
    ['ssh -p 22 node-2 sudo iptables -A INPUT -j DROP', {}],
    ["ssh node-2 sudo bash -s <<'END'\niptables -A INPUT -j DROP\nEND\n", {}],
    ['iptables -A INPUT -j DROP', { node: 'node-2' }],
  ])('%s', (text, options) => {
    const { snapshot, problems } = applyText(two, text, options);
    expect(problems).toEqual([]);
    expect(changes(two, snapshot, 'node-1')).toEqual([]);
    expect(changes(two, snapshot, 'node-2')).toEqual(drop);
  });

  test.each([
    ['iptables -F', 'no-node: the snapshot has several nodes and nothing says on which this runs'],
    ['@node node-3', 'unknown-node: the snapshot has no node node-3'],
    ['@node node-1\nip netns exec pod iptables -F', 'unknown-netns: node node-1 has no captured namespace pod'],
  ])('%s', (text, expected) => {
    expect(said(text, two)).toEqual([expected]);
  });
});

describe('sets and virtual servers', () => {
  const members = (snapshot: Snapshot) => printIpsetSave(host(snapshot).ipsets.rows).trim().split('\n').slice(1);
  test.each([
    ['ipset add blocked 10.0.0.8/31', ['add blocked 10.0.0.1', 'add blocked 10.0.0.8', 'add blocked 10.0.0.9']],
    ['ipset del blocked 10.0.0.1', []],
    ['ipset -exist add blocked 10.0.0.1', ['add blocked 10.0.0.1']],
    ['ipset test blocked 10.0.0.1 && ipset flush blocked', []],
    [
      "ipset restore <<'EOF'\ncreate other hash:net\nadd other 10.1.2.3/16\nEOF\n",
      [
        'add blocked 10.0.0.1',
        'create other hash:net family inet hashsize 1024 maxelem 65536 bucketsize 12',
        'add other 10.1.0.0/16',
      ],
    ],
  ])('%s', (text, expected) => {
    const { snapshot, problems } = applyText(one, text);
    expect(problems).toEqual([]);
    expect(members(snapshot)).toEqual(expected);
  });

  it('ipvsadm', () => {
    const text =
      'ipvsadm -C\nipvsadm -A -t 10.96.0.1:443 -s rr\nipvsadm -a -t 10.96.0.1:443 -r 10.0.0.1:6443 -m -w 1\n';
    const { snapshot, problems } = applyText(one, `${text}ipvsadm -e -t 10.96.0.1:443 -r 10.0.0.1:6443 -m -w 5`);
    expect(problems).toEqual([]);
    expect(printIpvsSave(host(snapshot).ipvs.rows)).toBe(
      '-A -t 10.96.0.1:443 -s rr\n-a -t 10.96.0.1:443 -r 10.0.0.1:6443 -m -w 5\n',
    );
    expect(said(`${text}ipvsadm -D -t 10.96.0.2:443`)).toEqual(['refused: ipvsadm refuses this: No such service']);
  });

  test.each([
    [
      'ipset add blocked 10.0.0.1',
      "refused: ipset refuses this: Element cannot be added to the set: it's already added",
    ],
    ['ipset add nope 10.0.0.1', 'refused: ipset refuses this: The set with the given name does not exist'],
    [
      'iptables -A INPUT -m set --match-set blocked src -j DROP\nipset destroy blocked',
      'refused: ipset refuses this: Set cannot be destroyed: it is in use by a kernel component',
    ],
  ])('%s', (text, expected) => {
    expect(said(text)).toEqual([expected]);
  });
});

it('new rows point at the lines of the text', () => {
  const text = '# a remark\niptables -A INPUT -j DROP\n';
  const { snapshot } = applyText(one, text, { fileName: 'fix.sh' });
  const chain = host(snapshot).rulesets[0]?.tables[0]?.chains.find(({ name }) => name === 'INPUT');
  const span = chain?.rules.at(0)?.span;
  const file = snapshot.files[span?.file ?? -1];
  expect(file?.name).toBe('fix.sh');
  expect(file?.text.slice(span?.start, span?.end)).toBe('iptables -A INPUT -j DROP');
});

it('the snapshot before stays as it was', () => {
  const print = () =>
    printTables(host(one).rulesets[0] ?? { family: 4, variant: null, tables: [], complete: false, sources: [] }, 'nft');
  const before = print();
  applyText(one, 'iptables -F; iptables -X; iptables -P INPUT DROP');
  expect(print()).toBe(before);
});
