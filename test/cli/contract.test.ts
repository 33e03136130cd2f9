/** The public surface: commands, JSON documents, and the exit statuses of the built command. */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { builtColdtrace, coldtrace, json, root, sample } from './run.js';

const bad = sample('01-ippool-overlaps-host-network/bad');
const healthy = sample('01-ippool-overlaps-host-network/healthy');
const ticket = sample('01-ippool-overlaps-host-network/ticket.txt');
const rules = '*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\nCOMMIT\n';

const ajv = new Ajv2020({ allErrors: true, strict: false });
const schema = (name: string) =>
  ajv.compile(JSON.parse(readFileSync(`${root}packages/cli/schemas/${name}.schema.json`, 'utf8')));

describe('exit status', () => {
  it.each([
    ['0: no error was found', ['analyze', healthy], '', 0],
    ['1: an error was found', ['analyze', bad], '', 1],
    ['0: findings below --fail-on', ['analyze', bad, '--fail-on', 'none'], '', 0],
    ['1: trace fails', ['trace', bad, '--from', 'pod:busybox', '--to', '10.96.0.1:443'], '', 1],
    ['0: trace works', ['trace', healthy, '--from', 'pod:busybox', '--to', '10.96.0.1:443'], '', 0],
    ['2: unknown command', ['frobnicate'], '', 2],
    ['2: no command', [], '', 2],
    ['2: missing argument', ['analyze'], '', 2],
    ['0: help of a command', ['help', 'trace'], '', 0],
    ['2: unknown option', ['analyze', bad, '--nope'], '', 2],
    ['2: bad option value', ['analyze', bad, '--fail-on', 'loud'], '', 2],
    ['2: unknown pod', ['trace', bad, '--from', 'pod:nosuch', '--to', '10.96.0.1:443'], '', 2],
    ['2: unknown rule', ['explain', 'nosuch-rule'], '', 2],
    ['3: no such file', ['analyze', '/nonexistent'], '', 3],
    ['3: nothing recognised', ['analyze', '-'], 'the quick brown fox\n', 3],
    ['3: an archive that is not read', ['inspect', '-'], 'PK\u0003\u0004aaaa', 3],
    ['0: help', ['--help'], '', 0],
    ['0: version', ['--version'], '', 0],
  ] as const)('%s', (_, args, input, status) => {
    const ran = builtColdtrace(args, input);
    expect({ status: ran.status, stderr: ran.stderr }).toEqual({ status, stderr: expect.any(String) });
    expect(ran.stderr).not.toMatch(/\n\s+at /);
  });

  it.each([
    [['normalize', '-', '--table', 'nope'], '--table takes filter, mangle, nat, raw, security, not "nope"'],
    [
      ['trace', healthy, '--from', '192.168.21.12', '--src', '10.9.9.9', '--to', '10.96.0.1:443'],
      '--from: 192.168.21.12 is the source already, and --src names another: 10.9.9.9',
    ],
    [
      ['trace', healthy, '--from', 'pod:busybox', '--src', '10.9.9.9', '--to', '10.96.0.1:443'],
      '--from: pod default/busybox has no address 10.9.9.9',
    ],
    [
      ['trace', healthy, '--from', 'pod:busybox', '--sport', '0', '--to', '10.96.0.1:443'],
      '--sport: "0" is not a port: give a number from 1 to 65535',
    ],
  ])('an option that cannot be meant is wrong usage: %j', async (args, said) => {
    const ran = await coldtrace(args, { stdin: '*filter\nCOMMIT\n' });
    expect([ran.status, ran.stdout, ran.stderr]).toEqual([2, '', `coldtrace: ${said}\n`]);
  });

  it('bad input gets one clear line on stderr and nothing on stdout', () => {
    const ran = builtColdtrace(['analyze', '/nonexistent']);
    expect(ran.stdout).toBe('');
    expect(ran.stderr).toBe('coldtrace: /nonexistent: no such file or directory\n');
  });
});

describe('JSON documents follow their schemas', () => {
  it.each([
    ['analyze', ['analyze', bad, '--json']],
    ['analyze', ['analyze', ticket, '--json']],
    ['analyze', ['analyze', healthy, '--json']],
    ['trace', ['trace', bad, '--from', 'pod:default/busybox', '--to', '10.96.0.1:443', '--json']],
    ['trace', ['trace', healthy, '--from', 'node:node-1', '--to', 'service:kubernetes', '--json']],
    [
      'trace',
      ['trace', healthy, '--from', 'pod:busybox', '--to', '223.5.5.5', '--proto', 'icmp', '--json', '--assume', 'none'],
    ],
    ['inspect', ['inspect', bad, '--json']],
    ['inspect', ['inspect', ticket, '--json']],
    ['diff', ['diff', healthy, bad, '--json']],
    ['rules', ['rules', '--json']],
    ['explain', ['explain', 'ippool-overlaps-host-network', '--json']],
    ['normalize', ['normalize', `${bad}/node-1/iptables-save.txt`, '--json']],
  ] as const)('%s: %j', async (name, args) => {
    const validate = schema(name);
    const document = json(await coldtrace(args));
    expect(validate(document) ? [] : validate.errors).toEqual([]);
  });

  it('probabilities of a trace sum to 1', async () => {
    const { outcomes } = json(
      await coldtrace([
        'trace',
        bad,
        '--from',
        'pod:busybox',
        '--to',
        'service:kube-system/kube-dns:dns',
        '--proto',
        'udp',
        '--json',
      ]),
    ) as {
      outcomes: { probability: string }[];
    };
    const parts = outcomes.map(({ probability }) => probability.split('/').map(BigInt));
    const denominator = parts.reduce((product, [, bottom = 1n]) => product * bottom, 1n);
    const sum = parts.reduce((total, [top = 0n, bottom = 1n]) => total + (top * denominator) / bottom, 0n);
    expect(outcomes.length).toBe(2);
    expect(sum).toBe(denominator);
  });

  it('the ledger sums to the line count of every file', async () => {
    const { files } = json(await coldtrace(['inspect', bad, '--json'])) as {
      files: { file: string; lineCount: number; lines: Record<string, number> }[];
    };
    expect(files.length).toBeGreaterThan(20);
    for (const { file, lineCount, lines } of files) {
      const text = readFileSync(`${bad}/${file}`, 'utf8');
      const wanted = text.split('\n').length - (text.endsWith('\n') || text === '' ? 1 : 0);
      expect([file, lineCount, Object.values(lines).reduce((sum, count) => sum + count, 0)]).toEqual([
        file,
        wanted,
        wanted,
      ]);
    }
  });
});

describe('what commands print', () => {
  it('normalize gives back canonical text as it is', async () => {
    expect((await coldtrace(['normalize', '-'], { stdin: rules })).stdout).toBe(
      '*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\nCOMMIT\n',
    );
  });

  it('normalize --family 6 takes rules that name no family for those of ip6tables', async () => {
    const typed = '-A INPUT -p tcp --dport 22 -j ACCEPT\n';
    const { status, stdout } = await coldtrace(['normalize', '-', '--quiet', '--family', '6'], { stdin: typed });
    expect(status).toBe(0);
    expect(stdout).toContain('-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n');
    const four = '# Generated by iptables-save v1.8.9 on Fri Nov 20 10:00:00 2026\n*filter\nCOMMIT\n';
    expect((await coldtrace(['normalize', '-', '--family', '6'], { stdin: four })).status).toBe(3);
  });

  it('normalize reads command lines', async () => {
    const typed =
      'iptables -t nat -A POSTROUTING --source 10.0.0.0/255.255.255.0 ! --out-interface eth0 -j MASQUERADE\n';
    expect((await coldtrace(['normalize', '-', '--quiet'], { stdin: typed })).stdout).toContain(
      '-A POSTROUTING -s 10.0.0.0/24 ! -o eth0 -j MASQUERADE\n',
    );
  });

  it('colour only where it is asked for', async () => {
    expect((await coldtrace(['analyze', bad])).stdout).not.toContain('\u001b[');
    expect((await coldtrace(['analyze', bad, '--color', 'always'])).stdout).toContain('\u001b[');
  });

  it('the same input gives the same bytes', () => {
    expect(builtColdtrace(['analyze', bad, '--json'])).toEqual(builtColdtrace(['analyze', bad, '--json']));
  });

  it('collect is a POSIX shell script with the commands of the table', async () => {
    const script = (await coldtrace(['collect'])).stdout;
    expect(script.startsWith('#!/bin/sh\n')).toBe(true);
    for (const command of ['iptables-save -c', 'ipset list', 'ip route show table all', 'sysctl -a', 'conntrack -L'])
      expect(script).toContain(command);
  });

  it('the first line says findings, rules evaluated and not', async () => {
    expect((await coldtrace(['analyze', bad])).stdout.split('\n')[0]).toMatch(
      /^1 finding; \d+ of \d+ rules? evaluated, \d+ not$/,
    );
    expect((await coldtrace(['analyze', healthy])).stdout.split('\n')[0]).toMatch(
      /^no findings; \d+ of \d+ rules? evaluated, \d+ not$/,
    );
  });

  it.each([
    ['0', '2 findings not shown', ' × 2: node-1, node-2'],
    ['1', '1 more finding not shown', ': node-2'],
  ])('what --max-findings %s does not show is told in a line for each rule', async (most, told, where) => {
    const two = sample('10-flannel-subnet-unreachable/network-elsewhere');
    const { stdout } = await coldtrace(['analyze', two, '--max-findings', most]);
    expect(stdout).toContain(`${told}; --max-findings 2 shows all\n  - error[flannel-network-mismatch]${where}\n`);
  });

  it('a here-document of a fix can be copied: its end begins a line', async () => {
    const { stdout } = await coldtrace(['analyze', bad]);
    expect(stdout).toMatch(/^ {2}1\. run:\nkubectl apply -f - <<'EOF'\n\{\n(?: .{0,78}\n)+\}\nEOF\n {5}disrupts: /m);
  });
});
