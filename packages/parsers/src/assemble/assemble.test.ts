import { describe, expect, test } from 'vitest';
import {
  address,
  codesOf,
  neigh,
  nodeNamed,
  nodeNames,
  onlyNode,
  route,
  rules,
  save,
  sectionsOf,
  snapshotOf,
  snapshotOfFiles,
} from './testing.js';

describe('folders of dumps', () => {
  test('a folder whose children each hold dumps is a cluster; one that holds only API objects is no node', () => {
    const pod = 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  nodeName: b\n';
    const snapshot = snapshotOfFiles({
      'a/ip-route.txt': route,
      'b/ip-route.txt': route,
      'b/ip-rule.txt': rules,
      'kubernetes/pods.yaml': pod,
    });
    expect(nodeNames(snapshot)).toEqual(['a', 'b']);
    expect(nodeNamed(snapshot, 'b').host.policyRules4.rows).toHaveLength(3);
    expect(snapshot.objects.map((object) => object.meta.name)).toEqual(['web']);
  });

  test('folders that collectors sort into are one node, named by its host name', () => {
    const snapshot = snapshotOfFiles({
      'bundle-2026/networking/iproute': route,
      'bundle-2026/systeminfo/hostname': 'knoten-7\n',
      'bundle-2026/systeminfo/sysctla': 'net.ipv4.ip_forward = 1\n',
    });
    expect(nodeNames(snapshot)).toEqual(['knoten-7']);
    expect(onlyNode(snapshot).host.sysctl.byKey.get('net/ipv4/ip_forward')?.value).toBe('1');
  });

  test('the data directory of k3s, copied bare, is of one machine; machines called server and agent are two', () => {
    const conf = '{"Network":"10.42.0.0/16","Backend":{"Type":"vxlan"}}';
    const bare = {
      'server/tls/x.txt': rules,
      'server/manifests/y.txt': route,
      'agent/etc/flannel/net-conf.json': conf,
    };
    expect(nodeNames(snapshotOfFiles(bare, { fallbackName: 'k3s' }))).toEqual(['k3s']);
    const two = { 'server/ip-rule.txt': rules, 'server/tls/x.txt': rules, 'agent/ip-rule.txt': rules };
    expect(nodeNames(snapshotOfFiles(two))).toEqual(['server', 'agent']);
  });

  test('nodes/NAME beside other folders are nodes', () => {
    const snapshot = snapshotOfFiles({
      'diags/cluster/version.yaml': 'x: 1\n',
      'diags/nodes/n1/ip-route.txt': route,
      'diags/nodes/n2/ip-route.txt': route,
    });
    expect(nodeNames(snapshot)).toEqual(['n1', 'n2']);
  });

  test('dumps at the top are one node: by its host name, else as the caller says', () => {
    expect(nodeNames(snapshotOfFiles({ hostname: 'srv\n', 'ip-route.txt': route }))).toEqual(['srv']);
    expect(nodeNames(snapshotOfFiles({ 'ip-route.txt': route }, { fallbackName: 'dumps' }))).toEqual(['dumps']);
  });

  test('NAME=PATH wins over folder and host name', () => {
    const files = { 'x/hostname': 'srv\n', 'x/ip-route.txt': route, 'y/ip-route.txt': route };
    expect(nodeNames(snapshotOfFiles(files, { names: { x: 'left', y: 'right' } }))).toEqual(['left', 'right']);
    expect(nodeNames(snapshotOfFiles({ 'r.txt': route }, { names: { 'r.txt': 'one' } }))).toEqual(['one']);
  });

  test('a namespace has its folder, or its place in the name of a file', () => {
    const snapshot = snapshotOfFiles({
      'n/networking/namespaces/blue/ip_netns_exec_blue_ip_route': route,
      'n/networking/ip_netns_exec_red_ip_rule': rules,
      'n/networking/ip_route': route,
    });
    const node = onlyNode(snapshot);
    expect(node.namespaces.map((netns) => netns.name).sort()).toEqual(['blue', 'red']);
    expect(node.host.routes.rows).toHaveLength(2);
    expect(node.host.policyRules4.state).toBe('absent');
  });
});

describe('a text beside dumps', () => {
  test('is of the same machine, unless it contradicts them', () => {
    const files = (host: number) => ({
      'n/a-note.txt': `Das habe ich noch gesehen:\n\n$ ip addr\n${address(host)}`,
      'n/ip-addr.txt': address(1),
      'n/ip-route.txt': route,
    });
    expect(nodeNames(snapshotOfFiles(files(1)))).toEqual(['n']);
    expect(nodeNames(snapshotOfFiles(files(2)))).toEqual(['n', 'unnamed']);
  });

  test('Markdown around one output is no text', () => {
    const files = { 'n/ip-r.md': `# ip route\n\n\`\`\`\n${route}\`\`\`\n`, 'n/ip-rule.txt': rules };
    expect(onlyNode(snapshotOfFiles(files)).host.routes).toMatchObject({ state: 'complete', rows: [{}, {}] });
  });
});

describe('the machine behind a prompt', () => {
  test('prompts name nodes, and ssh names another', () => {
    const text = `admin@a:~$ ip route\n${route}admin@a:~$ ssh root@b ip rule\n${rules}admin@a:~$ sudo ip netns exec x ip neigh\n${neigh}`;
    const snapshot = snapshotOf(text);
    expect(sectionsOf(snapshot)).toEqual(['ip-route@a', 'ip-rule@b', 'ip-neigh@a']);
    expect(nodeNamed(snapshot, 'a').namespaces.map((netns) => netns.name)).toEqual(['x']);
  });

  test('a shell inside a pod is not the node, until it is left', () => {
    const inside = 'default via 169.254.1.1 dev eth0\n';
    const text = `[root@a ~]# kubectl exec -it web -- sh\n/ # ip route\n${inside}/ # exit\n[root@a ~]# ip route\n${route}`;
    const node = nodeNamed(snapshotOf(text), 'a');
    expect(node.host.routes.rows).toHaveLength(2);
    expect(node.namespaces).toEqual([]);
  });

  test('a pod is on the node that the API objects tell', () => {
    const list = 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  namespace: default\nspec:\n  nodeName: b\n';
    const text = `[root@a ~]# kubectl get pod web -o yaml\n${list}[root@a ~]# kubectl exec web -- ip route\n${route}`;
    const node = nodeNamed(snapshotOf(text), 'b');
    expect(node.namespaces.map((netns) => [netns.name, netns.routes.rows.length])).toEqual([['pod:default/web', 2]]);
  });

  test('anonymous outputs that contradict each other come from different machines', () => {
    const snapshot = snapshotOf(
      `$ ip addr\n${address(1)}\n$ ip route\n${route}\n$ ip addr\n${address(2)}\n$ ip rule\n${rules}`,
    );
    expect(snapshot.nodes.map((node) => [node.named, node.host.addresses.rows.length])).toEqual([
      [false, 1],
      [false, 1],
    ]);
    const [first, second] = snapshot.nodes;
    expect([first?.host.routes.rows.length, second?.host.policyRules4.rows.length]).toEqual([2, 3]);
    expect(codesOf(snapshot)).toContain('assemble/several-machines');
  });

  test('different devices do not contradict each other', () => {
    const snapshot = snapshotOf(`$ ip addr show eth0\n${address(1)}\n$ ip addr show eth1\n${address(2, 'eth1')}`);
    expect(onlyNode(snapshot).host.addresses.rows).toHaveLength(2);
  });

  test.each<[string, (host: string) => string]>([
    ['##### … #####', (host) => `##### ${host} #####`],
    ['=== node: … ===', (host) => `=== node: ${host} ===`],
    ['### …', (host) => `### ${host}`],
    ['ansible', (host) => `${host} | CHANGED | rc=0 >>`],
  ])('a heading names the machine: %s', (_, heading) => {
    const text = `${heading('worker-1')}\n# ip route\n${route}\n${heading('worker-2')}\n# ip rule\n${rules}`;
    expect(sectionsOf(snapshotOf(text))).toEqual(['ip-route@worker-1', 'ip-rule@worker-2']);
  });

  test('one command in a namespace says nothing of the next', () => {
    const text = `=== ip netns exec red ip route ===\n${route}=== ip rule ===\n${rules}`;
    const node = onlyNode(snapshotOf(text));
    expect(node.host.policyRules4.rows).toHaveLength(3);
    expect(node.namespaces.map((netns) => netns.routes.rows.length)).toEqual([2]);
  });

  test('what follows a sentence without a prompt is nobody’s, unless the sentence names a machine', () => {
    const text = (sentence: string) =>
      `[root@a ~]# ip rule\n${rules}[root@b ~]# ip rule\n${rules}\n${sentence}\n\n${route}`;
    expect(sectionsOf(snapshotOf(text('А вот маршруты:')))).toEqual(['ip-rule@a', 'ip-rule@b', 'ip-route@unnamed']);
    expect(sectionsOf(snapshotOf(text('А вот маршруты на a:'))).at(-1)).toBe('ip-route@a');
  });

  test('two host names are two machines, and name them', () => {
    const text = `$ hostname\nsrv-a\n$ ip addr\n${address(1)}\n$ hostname\nsrv-b\n$ ip addr\n${address(2)}`;
    expect(nodeNames(snapshotOf(text))).toEqual(['srv-a', 'srv-b']);
  });
});

describe('time of capture', () => {
  const date = (clock: string) => `Fri Nov 20 ${clock} UTC 2026\n`;

  test('the date beside the dumps is theirs', () => {
    const snapshot = snapshotOfFiles({ 'n/date.txt': date('10:00:30'), 'n/ip-route.txt': route });
    expect(onlyNode(snapshot).host.routes.sources[0]?.takenAt).toBe(Date.UTC(2026, 10, 20, 10, 0, 30));
  });

  test('a date at the top of a bundle is that of the folders below', () => {
    const snapshot = snapshotOfFiles({ 'n/date': date('10:00:30'), 'n/networking/iproute': route });
    expect(onlyNode(snapshot).host.routes.sources[0]?.takenAt).toBe(Date.UTC(2026, 10, 20, 10, 0, 30));
  });

  test('the time of a file counts only where nothing else tells', () => {
    const modifiedAt = new Map([['n/ip-route.txt', 7]]);
    const time = (files: Readonly<Record<string, string>>) =>
      onlyNode(snapshotOfFiles(files, { modifiedAt })).host.routes.sources[0]?.takenAt;
    expect(time({ 'n/ip-route.txt': route })).toBe(7);
    expect(time({ 'n/ip-route.txt': route, 'n/iptables-save.txt': save })).toBeNull();
  });

  test('dumps that lie more than five minutes apart are named', () => {
    const files = (clock: string) => ({
      'n/date.txt': date(clock),
      'n/ip-route.txt': route,
      'n/iptables-save.txt': save,
    });
    expect(codesOf(snapshotOfFiles(files('10:04:00')))).not.toContain('assemble/capture-skew');
    expect(codesOf(snapshotOfFiles(files('10:09:00')))).toContain('assemble/capture-skew');
  });

  test('a header has the zone of the date beside it', () => {
    const files = {
      'n/date.txt': 'Fri Nov 20 10:00:30 +0800 2026\n',
      'n/ip-route.txt': route,
      'n/iptables-save.txt': save,
    };
    expect(codesOf(snapshotOfFiles(files))).not.toContain('assemble/capture-skew');
  });
});

describe('what belongs to the cluster', () => {
  const map = `apiVersion: v1
kind: ConfigMap
metadata:
  name: kube-proxy
  namespace: kube-system
data:
  config.conf: |-
    apiVersion: kubeproxy.config.k8s.io/v1alpha1
    kind: KubeProxyConfiguration
    mode: ipvs
`;

  test('the configuration in a ConfigMap is that of every node', () => {
    const files = { 'a/ip-route.txt': route, 'b/ip-route.txt': route, 'kubernetes/cm.yaml': map };
    expect(snapshotOfFiles(files).nodes.map((node) => node.configs.length)).toEqual([1, 1]);
  });

  test('and is kept where there is no node', () => {
    const [node] = snapshotOfFiles({ 'cm.yaml': map }).nodes;
    expect(node).toMatchObject({ named: false, configs: [{ component: 'kube-proxy', origin: 'configmap' }] });
  });

  test('the flags of a running daemon are its configuration', () => {
    const ps = `UID          PID    PPID  C STIME TTY          TIME CMD
root        1234       1  0 10:00 ?        00:00:01 /usr/local/bin/kube-proxy --proxy-mode=ipvs --cluster-cidr=10.244.0.0/16
`;
    const { configs } = onlyNode(snapshotOfFiles({ 'n/ps-ef.txt': ps }));
    expect(configs).toMatchObject([{ component: 'kube-proxy', origin: 'flags' }]);
  });
});
