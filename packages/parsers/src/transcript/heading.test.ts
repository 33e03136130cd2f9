/** Which lines lead over to one machine's outputs, in several languages, and which only look so. */
import { describe, expect, test } from 'vitest';
import { nodeNames, route, rules, snapshotOf } from '../assemble/testing.js';
import { readHeading } from './heading.js';

describe('headings of machines', () => {
  test.each<[string, string]>([
    ['node B:', 'node-b'],
    ['Node 2:', 'node-2'],
    ['**node 2**', 'node-2'],
    ['## worker-3', 'worker-3'],
    ['En el nodo 2 (el que funciona):', 'node-2'],
    ['En el nodo worker-2:', 'worker-2'],
    ['Auf Knoten worker-4 sieht es so aus:', 'worker-4'],
    ['Gestern ging es noch. Auf dem Knoten k8s-n3 dagegen:', 'k8s-n3'],
    ['Sur le nœud 3 :', 'node-3'],
    ['No nó master-1:', 'master-1'],
    ['Sul nodo 2:', 'node-2'],
    ['На узле worker1:', 'worker1'],
    ['На ноде 2:', 'node-2'],
    ['节点2：', 'node-2'],
    ['在节点 node2 上执行：', 'node2'],
    ['另外 master 节点上：', 'master'],
    ['ノード worker-2 では：', 'worker-2'],
    ['노드 2:', 'node-2'],
    ['Na węźle nr 2:', 'node-2'],
    ['worker 2:', 'worker-2'],
    ['node2:', 'node2'],
    ['On worker-a:', 'worker-a'],
    ['- host 10.0.0.7:', '10.0.0.7'],
    ['On the master:', 'master'],
    ['Knoten master:', 'master'],
    ['节点 master：', 'master'],
    ['Auf dem Gateway:', 'gateway'],
    ['## control-plane', 'control-plane'],
    ['Master:', 'master'],
    ['worker 上：', 'worker'],
    ['Route table on node1:', 'node1'],
    ['节点 worker2 的路由：', 'worker2'],
  ])('%s', (line, node) => {
    expect(readHeading(line)).toEqual({ node });
  });

  test.each([
    'On the node itself:',
    'node logs:',
    'server error 500:',
    'The kernel of the node is this one',
    'node-exporter logs:',
    'Kubernetes version on the server v1.27.3:',
    'Node: worker-2',
    'default via 10.0.0.1 dev eth0',
    '  node2:',
    'eth0:',
    'Members:',
    '# 无法访问 kube-apiserver',
    '## kube-apiserver：',
    'host network:',
    '### nodes',
    '## Hosts',
    'servers:',
    'On another node:',
    'Gateway:',
    'Agent:',
    'On the master side nothing changed',
    '    node 2:',
  ])('not: %s', (line) => {
    expect(readHeading(line)?.node ?? null).toBeNull();
  });

  test('two machines in one heading are neither', () => {
    expect(readHeading('From node 1 to node 2:')).toEqual({ node: null });
  });
});

describe('what stands below a heading is that machine’s', () => {
  test.each([
    `On node 1:\n\n${route}\nnode B:\n${route.replaceAll('172.16.8', '172.16.9')}`,
    `On node 1:\n\n$ ip rule\n${rules}node B:\n$ ip route\n${route}`,
    `En el nodo 1 (el que funciona):\n\n# ip r\n${route}\nEn el nodo B:\n\n# ip r\n${route}`,
  ])('%j', (text) => {
    expect(nodeNames(snapshotOf(text))).toEqual(['node-1', 'node-b']);
  });

  test('a prompt that names its host knows better', () => {
    expect(nodeNames(snapshotOf(`Now node 2:\n\n[root@a ~]# ip rule\n${rules}`))).toEqual(['a']);
  });

  const said = (name: string) => `$ hostname\n${name}\n`;
  test.each<[string, readonly string[], readonly string[]]>([
    ['the heading of the second is not understood', ['follower-1', 'gw'], ['follower-1', 'gw']],
    ['the same speaks again', ['follower-1', 'follower-1'], ['follower-1']],
    ['the first speaks again', ['follower-1', 'gw', 'follower-1'], ['follower-1', 'gw']],
    ['the heading calls the first otherwise than it calls itself', ['ip-10-9-0-1', 'gw'], ['follower-1', 'gw']],
  ])('what machines say of their own names: %s', (_sentence, names, nodes) => {
    const text = names.map((name, at) => `### Step ${at + 1}\n\n${said(name)}\n$ ip rule\n${rules}`).join('\n');
    expect(nodeNames(snapshotOf(`## Node follower-1\n\n${text}`))).toEqual(nodes);
  });

  test('a pod’s own name below the heading of a machine is no other machine’s', () => {
    const inPod = `$ kubectl exec web-1 -- hostname\nweb-1\n`;
    const text = `## Node follower-1\n\n${said('follower-1')}\n${inPod}\n$ ip rule\n${rules}\n${said('gw')}\n$ ip rule\n${rules}`;
    expect(nodeNames(snapshotOf(text))).toEqual(expect.arrayContaining(['follower-1', 'gw']));
    expect(nodeNames(snapshotOf(text.split(said('gw'))[0] ?? ''))).not.toContain('gw');
  });

  test('under a heading of two machines, nothing is taken for either', () => {
    const names = nodeNames(snapshotOf(`On node 1:\n\n${route}\nBoth node 1 and node 2:\n\n${rules}`));
    expect(names).toHaveLength(1);
  });
});
