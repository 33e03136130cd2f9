/** What is printed of a long command is what a shell reads as the same words. */
import { execFileSync } from 'node:child_process';
import { textWidth } from '@coldtrace/core';
import { describe, expect, it } from 'vitest';
import { commandLines, isCommand } from './commands.js';

const long = [
  `kubectl patch ippools.crd.projectcalico.org default-ipv4-ippool --type merge -p '{"spec":{"disabled":false}}'`,
  "find /var/lib/rancher /var/lib/kubelet/pki -name '*.crt' -print -exec openssl x509 -noout -text -in {} ';'",
  'iptables -t nat -A POSTROUTING -s 10.42.0.0/16 ! -d 10.42.0.0/16 -m comment --comment "pods  to the \\"world\\"" -j MASQUERADE',
  'rm -r /var/lib/rancher/k3s/server/tls; cp -a /root/tls-before /var/lib/rancher/k3s/server/tls   # while it is stopped',
  String.raw`printf 'a b\n' a\ b c\\ d "it's" 'x'"y z"'w' -- -o --long=value --other "v 1" -z last-one-of-all-of-them`,
];
const words = (command: string) =>
  execFileSync(
    'sh',
    [
      '-c',
      `set -f; set -- ${command.replace(/;(?!['"])/g, ' SEMICOLON ').replace(/\{\}/g, 'BRACES')}\nprintf '<%s>' "$@"`,
    ],
    { encoding: 'utf8' },
  );

describe('a long command', () => {
  it.each(long)('%s', (command) => {
    for (const room of [30, 50, 72]) {
      const lines = commandLines(command, room, room - 10);
      expect(lines.length).toBeGreaterThan(1);
      expect(words(lines.join('\n'))).toBe(words(command));
    }
  });

  it('fits, where no word is longer than the screen', () => {
    const lines = commandLines(`ip route add ${'10.0.0.0/24 via 10.0.0.1 '.repeat(20)}dev eth0`, 75, 60);
    expect(lines.map(textWidth).filter((width) => width > 75)).toEqual([]);
  });

  it.each([['ip addr'], ["kubectl apply -f - <<'EOF'\n{}\nEOF"]])('%s stays as it is', (command) => {
    expect(commandLines(command, 75)).toEqual(command.split('\n'));
  });
});

describe('a command of several lines', () => {
  const text = `openssl req -x509 -new -key /etc/pki/authority.key -out /etc/pki/authority.crt <<'EOF'\nline of a text that is longer than what fits\nEOF\nopenssl x509 -in /etc/pki/authority.crt -noout -text`;

  it('is broken outside of its here-documents', () => {
    const lines = commandLines(text, 40, 40);
    expect(lines).toContain('line of a text that is longer than what fits');
    expect(lines.filter((line) => line.endsWith(' \\')).length).toBeGreaterThan(1);
    expect(lines.join('\n').replace(/ \\\n {2}/g, ' ')).toBe(text);
  });

  it.each([
    "kubectl patch x -p 'quoted text\nthat goes on and on and on and on and on'",
    'ip addr \\\n  add 10.0.0.1/8 dev a-very-long-name-of-a-device',
  ])('stays as it is where a line is not a whole one: %s', (command) =>
    expect(commandLines(command, 30, 30)).toEqual(command.split('\n')),
  );
});

it.each([
  ['ip route del 10.0.0.0/8', true],
  ['iptables -D FORWARD 1', true],
  ['none needed', false],
  ['apply the saved IPPool object again', false],
  ['restart docker with the former options', false],
])('%s: a command %s', (text, want) => expect(isCommand(text)).toBe(want));
