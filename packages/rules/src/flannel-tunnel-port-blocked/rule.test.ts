/** What follows from a blocked port is listed below it. */
import { parseSnapshot } from '@coldtrace/parsers';
import { expect, it } from 'vitest';
import { analyze } from '../analyze.js';
import { alpha, beta, files } from '../flannel/world.js';

it('a Service whose endpoints stand behind the tunnel is a symptom, although its name tells no node', () => {
  const service = `:KUBE-SERVICES - [0:0]
:KUBE-SVC-DNS - [0:0]
:KUBE-SEP-DNS - [0:0]
-A PREROUTING -j KUBE-SERVICES
-A OUTPUT -j KUBE-SERVICES
-A KUBE-SERVICES -d 172.30.0.10/32 -p udp -m comment --comment "kube-system/kube-dns:dns cluster IP" -m udp --dport 53 -j KUBE-SVC-DNS
-A KUBE-SVC-DNS -m comment --comment "kube-system/kube-dns:dns -> 172.29.8.5:53" -j KUBE-SEP-DNS
-A KUBE-SEP-DNS -p udp -m comment --comment "kube-system/kube-dns:dns" -m udp -j DNAT --to-destination 172.29.8.5:53
`;
  const world = files({
    nodes: [alpha, beta],
    backend: 'vxlan',
    edits: [
      ['beta/iptables-save.txt', ':INPUT ACCEPT', ':INPUT DROP'],
      ['alpha/iptables-save.txt', /(?=-A POSTROUTING)/, service],
    ],
  });
  const [first, ...others] = analyze(parseSnapshot(world)).findings;
  expect(first).toMatchObject({ rule: 'flannel-tunnel-port-blocked', node: 'beta' });
  expect(
    first?.symptoms.some(({ message }) => message.startsWith('alpha cannot reach Service kube-system/kube-dns')),
  ).toBe(true);
  expect(others).toEqual([]);
});
