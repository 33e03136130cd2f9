/** How sure the rule is, and that it speaks of the fault and not of its example. */
import { parseSnapshot } from '@coldtrace/parsers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyze } from '../analyze.js';
import { apiServer, kubelet, kubeletFiles, refused, unitText } from './cases.world.js';
import { certSanLacksAddress } from './rule.js';

const report = (snapshot: ReturnType<typeof kubelet>) => analyze(snapshot, { rules: [certSanLacksAddress] });
const first = (snapshot: ReturnType<typeof kubelet>) => report(snapshot).findings[0];

describe('how sure it is', () => {
  it.each([
    ['everything is captured', {}, 'proven'],
    ['without the error message of any client', { log: '' }, 'proven'],
    ['without the configuration', { config: null }, 'likely'],
    ['without the unit', { unit: null }, 'likely'],
    ['without the addresses', { addresses: false }, 'likely'],
    ['without Node objects, but an error message', { nodes: false, log: refused() }, 'likely'],
    ['without the certificate, but an error message', { names: null, log: refused() }, 'likely'],
  ])('%s', (_, world, certainty) => {
    expect(first(kubelet(world))?.certainty).toBe(certainty);
  });

  it.each([
    ['certificates', { names: null }],
    ['nodes', { nodes: false }],
  ])('without %s and any error message it asks for it', (needs, world) => {
    const { findings, notEvaluated } = report(kubelet(world));
    expect(findings).toEqual([]);
    expect(notEvaluated).toContainEqual(expect.objectContaining({ node: 'edge-2', needs: [needs] }));
  });

  it('a configuration file that is known not to be there pins nothing', () => {
    const files = kubeletFiles({ config: null });
    const missing = 'cat: /etc/rancher/k3s/config.yaml: No such file or directory\n';
    expect(first(parseSnapshot({ ...files, 'edge-2/k3s-config.yaml.failed': missing }))?.certainty).toBe('proven');
  });
});

describe('whether its options are known', () => {
  const ps = (options: string) =>
    `UID        PID  PPID  C STIME TTY          TIME CMD\nroot       812     1  9 Oct01 ?        01:00:00 /usr/local/bin/k3s server${options}\n`;

  it.each([
    ['a running k3s hides them', ps(''), 'likely'],
    ['a line of ps that shows one shows all', ps(' --flannel-iface ens5'), 'proven'],
  ])('%s', (_, listing, certainty) => {
    expect(first(kubelet({ unit: null, more: { 'edge-2/ps.txt': listing } }))?.certainty).toBe(certainty);
  });

  it.each(['', '# node-ip: 10.9.0.7\n'])('a configuration file without options sets none: %j', (config) => {
    expect(first(kubelet({ config }))?.certainty).toBe('proven');
  });

  it('a kubelet that was not captured is one of kubeadm where the others are', () => {
    const path = '/etc/kubernetes/pki/apiserver.crt';
    const more = { 'ticket.txt': refused('10.9.0.8', '127.0.0.1') };
    const [found] = report(apiServer(path, 'DNS:cp-1, IP Address:10.0.0.4', more)).findings;
    expect(found?.message).not.toContain('node-ip');
    expect(found?.fix?.steps.map(({ command }) => command).join()).toContain('serverTLSBootstrap');
  });
});

describe('what pins the address', () => {
  it.each([
    ['the configuration', { config: 'node-ip: "172.16.4.9"\n' }],
    ['the unit', { unit: unitText(" \\\n    '--node-ip=172.16.4.9'") }],
    ['an argument for the kubelet', { config: 'kubelet-arg:\n- max-pods=50\n- node-ip=172.16.4.9\n' }],
  ])('%s', (_, world) => {
    const found = first(kubelet(world));
    expect(found?.message).toContain('node-ip is pinned to 172.16.4.9');
    expect(found?.evidence.map(({ why }) => why)).toContain('the address is pinned here');
  });
});

describe('whose address it is', () => {
  const node = (name: string, address: string) =>
    `- apiVersion: v1\n  kind: Node\n  metadata:\n    name: ${name}\n  status:\n    addresses:\n    - address: ${address}\n      type: InternalIP\n    nodeInfo:\n      kubeletVersion: v1.28.4+k3s1\n`;
  const two = {
    'kubernetes/nodes.yaml': `apiVersion: v1\nkind: List\nitems:\n${node('edge-2', '10.9.0.7')}${node('edge-3', '10.9.0.8')}`,
  };
  const sound = ['127.0.0.1', '10.9.0.7'];

  it('another node’s is not held against this one’s certificate', () => {
    expect(report(kubelet({ names: sound, more: two })).findings).toEqual([]);
    const { 'edge-2/hostname': _, ...nameless } = kubeletFiles({ names: sound, more: two });
    expect(report(parseSnapshot(nameless)).findings).toEqual([]);
  });
  it('a client that was refused by another node says nothing of this one', () => {
    const [found] = report(kubelet({ names: sound, more: two, log: refused('10.9.0.8', '127.0.0.1') })).findings;
    expect(found).toMatchObject({ node: null, certainty: 'likely', data: { address: '10.9.0.8' } });
    const [alone] = report(kubelet({ names: sound, nodes: false, log: refused('10.9.0.8', '127.0.0.1') })).findings;
    expect(alone).toMatchObject({ node: null, certainty: 'likely' });
  });
  it('a machine that was not captured is judged by what it presented', () => {
    const names = 'X509v3 Subject Alternative Name: \n    DNS:edge-3, IP Address:127.0.0.1\n';
    const ticket = `[root@edge-2 ~]# openssl s_client -connect 10.9.0.8:10250 </dev/null | openssl x509 -noout -ext subjectAltName\n${names}`;
    const [found] = report(kubelet({ names: sound, more: { ...two, 'ticket.txt': ticket } })).findings;
    expect(found).toMatchObject({ node: null, certainty: 'likely', data: { address: '10.9.0.8', names: '127.0.0.1' } });
  });
  it('of a kubelet that kubeadm made the remedy is another, and nothing is asked of k3s', () => {
    const [found] = report(
      kubelet({ version: 'v1.28.4', config: null, unit: null, names: null, log: refused('10.9.0.7', '127.0.0.1') }),
    ).findings;
    expect(found?.fix?.steps.map(({ command }) => command).join()).toContain('serverTLSBootstrap');
    expect(found?.message).not.toContain('node-ip');
  });
  it('a webhook is no API server, and its remedy is its owner’s', () => {
    const log =
      'E1120 10:00:00.000000 1 dispatcher.go:1] failed calling webhook "a.b": Post "https://hook.default.svc:443/m": x509: certificate is valid for hook.test.svc, not hook.default.svc\n';
    const [found] = report(kubelet({ names: sound, log })).findings;
    expect(found).toMatchObject({ certainty: 'likely', fix: null });
    expect(found?.message).toContain('refuse the certificate of the server');
  });
});

describe('the remedy', () => {
  it('keeps the rest of the configuration word for word, and puts a pinned address right', () => {
    const found = first(kubelet({ config: '# edge\nnode-ip: 172.16.4.9\ndisable: [traefik]\n' }));
    expect(found?.fix?.steps[0]?.command).toBe(
      "cat > /etc/rancher/k3s/config.yaml <<'EOF'\n# edge\ndisable: [traefik]\nnode-ip: 10.9.0.7\nEOF",
    );
    expect(found?.fix?.steps[1]?.command).toBe('systemctl restart k3s');
  });

  it('is a restart alone where the address is pinned already', () => {
    expect(first(kubelet({ config: 'node-ip: 10.9.0.7\n' }))?.fix?.steps[0]?.command).toBe('systemctl restart k3s');
  });
});

const byte = fc.integer({ min: 1, max: 254 });
const address = fc.tuple(byte, byte, byte).map(([x, y, z]) => `10.${x}.${y}.${z}`);

describe('whatever the addresses are', () => {
  it('it speaks exactly when the certificate lacks the one that is dialled', () => {
    fc.assert(
      fc.property(address, fc.array(address, { minLength: 1, maxLength: 4 }), (dialled, names) => {
        const found = first(kubelet({ address: dialled, names }));
        if (names.includes(dialled)) expect(found).toBeUndefined();
        else expect(found).toMatchObject({ certainty: 'proven', data: { address: dialled, names: names.join(', ') } });
      }),
      { numRuns: 40 },
    );
  });

  it('rke2 has files of its own', () => {
    const found = first(
      kubelet({
        path: '/var/lib/rancher/rke2/agent/serving-kubelet.crt',
        version: 'v1.28.4+rke2r1',
        config: null,
        unit: null,
      }),
    );
    expect(found?.fix?.steps.map(({ command }) => command)).toContain('systemctl restart rke2-server');
  });
});

describe('a node that took the address of a bridge for its own', () => {
  const steps = (files: Readonly<Record<string, string>>) =>
    report(parseSnapshot(files)).findings.map(({ fix }) => fix?.steps[0]?.command);
  const complaint = (address: string, names: string) =>
    `E1120 10:00:00.000000       1 status.go:71] Get "https://${address}:10250/containerLogs/default/web/web": tls: failed to verify certificate: x509: certificate is valid for ${names}, not ${address}\n`;
  const k3s = { 'n1/k3s-config.yaml': 'write-kubeconfig-mode: "0644"\n' };

  it('is pinned to the address that its certificate has', () => {
    const log = complaint('172.17.0.1', '127.0.0.1, 10.8.0.27');
    expect(steps({ ...k3s, 'n1/k3s.log': log })[0]).toContain('node-ip: 10.8.0.27');
  });

  it('by the device that holds the address, where that was captured', () => {
    const log = complaint('172.20.0.1', '127.0.0.1, 10.8.0.20, 10.8.0.27');
    const addresses =
      '1: lo    inet 127.0.0.1/8 scope host lo\n2: eth0    inet 10.8.0.27/24 brd 10.8.0.255 scope global eth0\n3: docker0    inet 172.20.0.1/16 brd 172.20.255.255 scope global docker0\n';
    expect(steps({ ...k3s, 'n1/k3s.log': log, 'n1/ip-addr.txt': addresses })[0]).toContain('node-ip: 10.8.0.27');
    expect(steps({ ...k3s, 'n1/k3s.log': log })[0]).toContain('node-ip: 172.20.0.1');
  });

  it('and where nothing tells, to a word for it', () => {
    const log = complaint('172.17.0.1', '127.0.0.1');
    expect(steps({ ...k3s, 'n1/k3s.log': log })[0]).toContain('node-ip: ADDRESS-OF-THE-NODE');
  });
});
