import { parseSnapshot } from '@coldtrace/parsers';
import { describe, expect, it } from 'vitest';
import { leastMilliseconds } from '../testing.js';
import { unwrapped } from './unwrap.js';

const addr = [
  '1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default',
  '    inet 127.0.0.1/8 scope host lo',
  '2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc fq state UP group default',
  '    inet 10.0.0.5/24 scope global eth0',
].join('\n');
const rules = '0:\tfrom all lookup local\n32766:\tfrom all lookup main\n32767:\tfrom all lookup default\n';

/** Names of machines with what was read of each. */
function read(name: string, text: string): unknown {
  return parseSnapshot({ [name]: text }).nodes.map(({ name: node, host }) => [
    node,
    host.addresses.state,
    host.addresses.rows.length,
    host.policyRules4.state,
  ]);
}

describe('outputs within JSON', () => {
  const result = (cmd: unknown, stdout: string) => ({ changed: true, cmd, rc: 0, stdout, stderr: '' });
  const whole = ['node-1', 'complete', 2, 'complete'];

  it.each([
    [
      "Ansible's callback json",
      JSON.stringify({
        plays: [
          {
            tasks: [
              { hosts: { 'node-1': result(['ip', 'addr'], addr) }, task: { name: 'a' } },
              { hosts: { 'node-1': result('ip rule', rules) }, task: { name: 'b' } },
            ],
          },
        ],
      }),
    ],
    ['keys that are commands', JSON.stringify({ hostname: 'node-1', 'ip addr': addr, 'ip rule': rules })],
    [
      'a list of results',
      JSON.stringify({
        node: 'node-1',
        results: [
          { command: 'ip', args: ['addr'], output: addr },
          { command: 'ip rule', output: rules },
        ],
      }),
    ],
    [
      "a play's log",
      `TASK [addresses] ***\nchanged: [node-1] => ${JSON.stringify(result('ip addr', addr))}\n\nTASK [rules] ***\nchanged: [node-1] => ${JSON.stringify(result('ip rule', rules), null, 4)}\n\nPLAY RECAP ***\n`,
    ],
    [
      'an ad-hoc result',
      `node-1 | CHANGED => ${JSON.stringify({ results: [result('ip addr', addr), result('ip rule', rules)] })}\n`,
    ],
  ])('%s', (_, text) => {
    expect(read('run.json', text)).toEqual([whole]);
  });

  it('without a host is called after its file', () => {
    const text = (mac: string) => JSON.stringify(result('ip addr', addr.replaceAll('10.0.0.5', mac)));
    const snapshot = parseSnapshot({ 'ip_addr/node-1': text('10.0.0.5'), 'ip_addr/node-2': text('10.0.0.6') });
    expect(snapshot.nodes.map(({ name }) => name)).toEqual(['node-1', 'node-2']);
  });

  it.each([
    ['API objects', JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [{ command: 'ip addr', output: addr }] })],
    ['short answers', JSON.stringify({ command: 'deploy', output: 'Mon\nJan' })],
    ['a container', JSON.stringify({ config: { command: ['sh', '-c', 'a'], log: 'x\ny\nz\nw\nv' } })],
    ['broken JSON', `${JSON.stringify({ command: 'ip addr', output: addr })}}`],
  ])('not in %s', (_, text) => {
    expect(unwrapped('f', text)?.[0] ?? null).not.toBe('f (outputs)');
  });

  it.each(['changed: [n] => {\n', 'changed: [n] => {"a": 1\n', 'changed: [n] => {\n}\n'])(
    'takes many of %j in linear time',
    (line) => {
      const hostile = line.repeat(20_000);
      expect(leastMilliseconds(2000, () => unwrapped('f', hostile))).toBeLessThan(2000);
    },
  );
});
