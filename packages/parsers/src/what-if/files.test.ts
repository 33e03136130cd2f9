/** Files and API objects that a what-if puts in place before any command runs. */
import { formatIp, type Snapshot } from '@coldtrace/core';
import { describe, expect, it, test } from 'vitest';
import { parseSnapshot } from '../parse-snapshot.js';
import { applyText } from './apply-text.js';
import { changes, node, said } from './testing.js';

describe('files and API objects', () => {
  const cluster = parseSnapshot(
    new Map([
      ...node('node-1'),
      ...node('node-2'),
      [
        'node-1/run/flannel/subnet.env',
        'FLANNEL_NETWORK=10.42.0.0/16\nFLANNEL_SUBNET=10.42.0.1/24\nFLANNEL_MTU=1450\nFLANNEL_IPMASQ=true\n',
      ],
      [
        'node-1/services.yaml',
        'apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {clusterIP: 10.96.0.9, ports: [{port: 80}]}\n',
      ],
    ]),
  );
  const settings = (snapshot: Snapshot, name = 'node-1') =>
    snapshot.nodes.find((each) => each.name === name)?.settings.map(({ key, value }) => `${key}=${value}`) ?? [];
  const services = (snapshot: Snapshot) =>
    snapshot.objects.flatMap((one) =>
      one.kind === 'Service' ? [`${one.meta.namespace}/${one.meta.name} ${one.clusterIps.map(formatIp)}`] : [],
    );
  const env = 'FLANNEL_NETWORK=10.42.0.0/16\nFLANNEL_SUBNET=10.42.7.1/24\nFLANNEL_MTU=1400\nFLANNEL_IPMASQ=true\n';

  test.each([
    `@node node-1\n@file /run/flannel/subnet.env <<'EOF'\n${env}EOF\n`,
    `ssh node-1 <<'END'\ncat > /run/flannel/subnet.env <<'EOF'\n${env}EOF\nEND\n`,
    `@node node-1\nsudo tee /run/flannel/subnet.env >/dev/null <<'EOF'\n${env}EOF\n`,
  ])('%s', (text) => {
    const { snapshot, problems } = applyText(cluster, text);
    expect(problems).toEqual([]);
    expect(settings(snapshot)).toContain('FLANNEL_SUBNET=10.42.7.1/24');
    expect(settings(snapshot)).not.toContain('FLANNEL_SUBNET=10.42.0.1/24');
  });

  it('a file of another node is a new one there', () => {
    const { snapshot } = applyText(cluster, `cat > /run/flannel/subnet.env <<'EOF'\n${env}EOF\n`, { node: 'node-2' });
    expect(settings(snapshot, 'node-2')).toContain('FLANNEL_SUBNET=10.42.7.1/24');
    expect(settings(snapshot, 'node-1')).toContain('FLANNEL_SUBNET=10.42.0.1/24');
  });

  it('of a listing of certificates the ones that are named are replaced or removed, and the others stay', () => {
    const certificate = (cn: string) =>
      `Certificate:\n    Data:\n        Version: 3 (0x2)\n        Issuer: CN = authority\n        Validity\n            Not Before: Nov  1 00:00:00 2026 GMT\n            Not After : Nov  1 00:00:00 2027 GMT\n        Subject: CN = ${cn}\n`;
    const listing = ['a', 'b', 'c'].map((name) => `/etc/pki/${name}.crt\n${certificate(`old-${name}`)}`).join('');
    const captured = parseSnapshot(new Map([...node('node-1'), ['node-1/certificates.txt', listing]]));
    const put = (name: string, cn: string) => `@file /etc/pki/${name}.crt <<'EOF'\n${certificate(cn)}EOF\n`;
    const names = (text: string) => {
      const { snapshot, problems } = applyText(captured, text, { node: 'node-1' });
      expect(problems).toEqual([]);
      return snapshot.nodes[0]?.certificates.map(({ subjectCn }) => subjectCn);
    };
    expect(names(put('b', 'a much longer name than before') + put('c', 'new-c'))).toEqual([
      'old-a',
      'a much longer name than before',
      'new-c',
    ]);
    expect(names(put('a', 'first') + put('a', 'second'))).toEqual(['second', 'old-b', 'old-c']);
    expect(names(`rm /etc/pki/a.crt\n${put('b', 'new-b')}`)).toEqual(['new-b', 'old-c']);
  });

  it('a removed file says nothing any more, and what was changed before stays', () => {
    const first = applyText(cluster, 'iptables -A INPUT -j DROP', { node: 'node-1' }).snapshot;
    const { snapshot, problems } = applyText(first, 'rm -f /run/flannel/subnet.env; iptables -P INPUT DROP', {
      node: 'node-1',
    });
    expect(problems).toEqual([]);
    expect(settings(snapshot)).toEqual([]);
    expect(changes(cluster, snapshot)).toEqual(['- :INPUT ACCEPT [0:0]', '+ :INPUT DROP [0:0]', '+ -A INPUT -j DROP']);
  });

  it('kubectl puts objects and deletes them', () => {
    const manifest =
      'apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {clusterIP: 10.96.0.10, ports: [{port: 80}]}\n';
    const { snapshot, problems } = applyText(cluster, `kubectl -n shop apply -f - <<'EOF'\n${manifest}EOF\n`);
    expect(problems).toEqual([]);
    expect(services(cluster)).toEqual(['shop/web 10.96.0.9']);
    expect(services(snapshot)).toEqual(['shop/web 10.96.0.10']);
    const object = snapshot.objects.find(({ kind }) => kind === 'Service');
    expect(snapshot.files[object?.span.file ?? -1]?.name).toBe('what-if');
    expect(services(applyText(snapshot, 'kubectl delete svc web -n shop').snapshot)).toEqual([]);
  });

  it('keep Endpoints and EndpointSlices of one name apart', () => {
    const meta = 'metadata: {name: db, namespace: shop}';
    const endpoints = `apiVersion: v1\nkind: Endpoints\n${meta}\nsubsets: []\n`;
    const slice = `apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\n${meta}\naddressType: IPv4\nendpoints: []\nports: []\n`;
    const { snapshot } = applyText(cluster, `kubectl apply -f - <<'EOF'\n${endpoints}---\n${slice}EOF\n`);
    const kinds = ({ objects }: typeof snapshot) =>
      objects.flatMap((one) => (one.kind === 'Endpoints' ? [one.addressType ?? 'all'] : []));
    expect(kinds(snapshot)).toEqual(['all', 'IPv4']);
    expect(kinds(applyText(snapshot, 'kubectl -n shop delete endpointslice db').snapshot)).toEqual(['all']);
    expect(kinds(applyText(snapshot, 'kubectl -n shop delete ep db').snapshot)).toEqual(['IPv4']);
  });

  test.each([
    [
      '@node node-1\nsystemctl restart kubelet',
      'daemon: what "systemctl" sets off is the doing of a daemon, which cannot be simulated',
    ],
    [
      'kubectl rollout restart deployment/web',
      'daemon: what "kubectl rollout" sets off is the doing of a daemon, which cannot be simulated',
    ],
    [
      'kubectl delete svc nope -n shop',
      'not-captured: whether kubectl would do this cannot be told: the snapshot shows no svc nope',
    ],
    [
      'kubectl apply -f manifest.yaml',
      'unsupported: reading manifest.yaml, which no here-document of these commands writes, cannot be simulated',
    ],
    ["cat > /etc/x <<'EOF'\na\nEOF\n", 'no-node: the snapshot has several nodes and nothing says on which this runs'],
  ])('%s', (text, expected) => {
    expect(said(text, cluster)).toEqual([expected]);
  });
});
