/** Outputs that the model has no place for: said to be what they are, and nothing else is made of them. */
import { expect, test } from 'vitest';
import { onlyNode, sectionsOf, snapshotOf } from '../assemble/testing.js';

const macs =
  'port no\tmac addr\t\tis local?\tageing timer\n  1\t66:b6:ef:5e:22:19\tyes\t\t   0.00\n  2\t9a:2c:1a:9c:2a:11\tno\t\t   3.21\n';
const stp =
  'cni0\n bridge id\t\t8000.8e1a2cdd6aae\n designated root\t8000.8e1a2cdd6aae\n flags\t\t\t\n\n\nveth1 (1)\n port id\t\t8001\t\t\tstate\t\t     forwarding\n hairpin mode\t\t   1\n';
const module =
  'filename:       /lib/modules/5.15.0-91-generic/kernel/net/bridge/br_netfilter.ko\ndescription:    Linux ethernet netfilter firewall bridge\nvermagic:       5.15.0-91-generic SMP mod_unload modversions \nparm:           brnf_call_iptables:int\n';
const expiry =
  '[check-expiration] Reading configuration from the cluster...\n\nCERTIFICATE                EXPIRES                  RESIDUAL TIME   CERTIFICATE AUTHORITY   EXTERNALLY MANAGED\nadmin.conf                 Jan 20, 2026 10:11 UTC   364d            ca                      no      \n!MISSING! etcd-server\n\nCERTIFICATE AUTHORITY   EXPIRES                  RESIDUAL TIME   EXTERNALLY MANAGED\nca                      Jan 18, 2035 10:11 UTC   9y              no      \n';
const expected =
  '297 proto=6 src=10.0.0.5 dst=10.0.0.6 sport=0 dport=38123 mask-src=255.255.255.255 mask-dst=255.255.255.255 sport=0 dport=65535 master-src=10.0.0.5 master-dst=10.0.0.6 sport=40000 dport=21 class=0 helper=ftp\nconntrack v1.4.7 (conntrack-tools): 1 expectations have been shown.\n';

test.each([
  ['brctl showmacs cni0', macs, 'brctl-details', { opaque: 3 }],
  ['brctl showstp cni0', stp, 'brctl-details', { opaque: 7 }],
  ['modinfo br_netfilter', module, 'module-info', { opaque: 0 }],
  ['kubeadm certs check-expiration', expiry, 'kubeadm-certificates', { opaque: 6 }],
  ['conntrack -L expect', expected, 'conntrack', { opaque: 1 }],
])('%s', (command, text, format, states) => {
  const snapshot = snapshotOf(`root@n1:~# ${command}\n${text}root@n1:~# date\nSat Nov 21 20:00:00 UTC 2026\n`);
  expect(sectionsOf(snapshot)).toContain(`${format}@n1`);
  expect(snapshot.read[0]?.counts).toMatchObject({ ...states, unrecognized: 0 });
  const { host } = onlyNode(snapshot);
  expect([host.links.state, host.conntrack.state]).toEqual(['absent', 'absent']);
});
