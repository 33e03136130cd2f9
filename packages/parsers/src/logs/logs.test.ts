import { INERT, type SeenLog } from '@coldtrace/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Section } from '../format.js';
import { cpuNow, hostileTexts, ledgerIsComplete, sectionOf } from '../testing.js';
import { logEvents } from './events.js';
import { logFormats } from './index.js';

const [format] = logFormats;
if (format === undefined) throw new Error('format');

const parse = (text: string, given: Partial<Section> = {}) => {
  const section = sectionOf(text, given);
  const parsed = format.parse(section);
  expect(ledgerIsComplete(section, parsed)).toBe(true);
  return parsed;
};
const logs = (text: string, given: Partial<Section> = {}): readonly SeenLog[] =>
  parse(text, given).value.flatMap((facts) =>
    facts.kind === 'observations' ? facts.rows.filter((one): one is SeenLog => one.kind === 'log') : [],
  );

it('lines of BIRD are log lines', () => {
  const text =
    'bird: Mesh_192_168_1_6: State changed to start\nbird: BGP: Unexpected connect from unknown address 10.0.0.9 (port 40001)\n';
  expect([...parse(text).ledger].every((state) => state === INERT)).toBe(true);
});

describe('one line', () => {
  const table: readonly (readonly [string, string])[] = [
    [
      'I0706 10:00:00.000000       1 main.go:240] Found network config - Backend type: host-gw',
      'flannel flannel-backend backend=host-gw',
    ],
    [
      'I0706 10:00:00.000000       1 match.go:248] Using interface with name enp1s0 and address 192.168.3.118',
      'flannel flannel-interface dev=enp1s0 address=192.168.3.118',
    ],
    [
      'I0706 10:00:00.000000       1 match.go:270] Defaulting external address to interface address (192.168.3.118)',
      'flannel flannel-external-address address=192.168.3.118',
    ],
    [
      'I0706 10:00:00.000000       1 route_network.go:55] Subnet added: 10.244.1.0/24 via 192.168.3.119',
      'flannel flannel-subnet-added subnet=10.244.1.0/24 via=192.168.3.119',
    ],
    [
      'W0706 10:00:00.000000       1 route_network.go:88] Replacing existing route to 10.244.1.0/24 via 192.168.3.1 dev index 2 with 10.244.1.0/24 via 192.168.3.119 dev index 2.',
      'flannel flannel-route-replaced subnet=10.244.1.0/24 old=192.168.3.1 with=10.244.1.0/24 via 192.168.3.119 dev index 2.',
    ],
    [
      'E0706 10:00:00.000000       1 route_network.go:117] Error adding route to 10.244.1.0/24 via 192.168.3.119 dev index 2: network is unreachable',
      'flannel flannel-route-failed subnet=10.244.1.0/24 via=192.168.3.119 reason=network is unreachable',
    ],
    [
      'E0706 10:00:00.000000       1 route_network.go:172] Error adding route to {Ifindex: 2 Dst: 10.244.1.0/24 Src: <nil> Gw: 192.168.3.119 Flags: [] Table: 0 Realm: 0}: network is unreachable',
      'flannel flannel-route-failed subnet=10.244.1.0/24 via=192.168.3.119 reason=network is unreachable',
    ],
    [
      'I0706 10:00:00.000000       1 iptables.go:155] Adding iptables rule: -s 10.244.0.0/16 -d 10.244.0.0/16 -j RETURN',
      'flannel flannel-rule-added rule=-s 10.244.0.0/16 -d 10.244.0.0/16 -j RETURN',
    ],
    [
      'I0706 10:00:00.000000       1 vxlan_network.go:144] adding subnet: 10.244.1.0/24 PublicIP: 192.168.3.119 VtepMAC: e6:ca:d7:0c:0f:3b',
      'flannel flannel-peer subnet=10.244.1.0/24 publicIp=192.168.3.119 vtepMac=e6:ca:d7:0c:0f:3b',
    ],
    [
      'Jul 06 10:00:00 node-1 kubelet[812]: E0706 10:00:00.000000     812 cni.go:364] Error adding default_a to network flannel/cbr0: no IP addresses available in range set: 10.244.1.1-10.244.1.254',
      'kubelet ipam-exhausted range=10.244.1.1-10.244.1.254',
    ],
    [
      'failed to allocate for range 0: no ip address available in network "cbr0"',
      'kubelet ipam-exhausted network=cbr0',
    ],
    [
      'failed to set bridge addr: "cni0" already has an IP address different from 10.244.1.1/24',
      'kubelet bridge-address-differs dev=cni0 expected=10.244.1.1/24',
    ],
    [
      'Error from server: Get "https://192.168.3.123:10250/containerLogs/kube-system/a/b": x509: certificate is valid for 127.0.0.1, 172.29.1.100, not 192.168.3.123',
      'unknown x509-not-valid-for validFor=127.0.0.1, 172.29.1.100 wanted=192.168.3.123 target=192.168.3.123:10250',
    ],
    [
      'time="2020-07-06T10:00:00Z" level=error msg="Get https://127.0.0.1:6444/cacerts: x509: certificate signed by unknown authority"',
      'unknown x509-unknown-authority target=127.0.0.1:6444',
    ],
    [
      'x509: certificate has expired or is not yet valid: current time 2021-07-06T10:00:00Z is after 2021-01-01T00:00:00Z',
      'unknown x509-expired now=2021-07-06T10:00:00Z side=after limit=2021-01-01T00:00:00Z',
    ],
    [
      'Get "https://[fd00::5]:10250/pods": tls: failed to verify certificate: x509: certificate is not valid for any names, but wanted to match fd00::5',
      'unknown x509-not-valid-for wanted=fd00::5 target=[fd00::5]:10250',
    ],
    [
      'javax.net.ssl.SSLHandshakeException: No subject alternative names matching IP address 10.0.0.1 found',
      'unknown x509-not-valid-for wanted=10.0.0.1',
    ],
    [
      "ssl.SSLCertVerificationError: certificate verify failed: IP address mismatch, certificate is not valid for '10.0.0.1'. (_ssl.c:1007)",
      'unknown x509-not-valid-for wanted=10.0.0.1',
    ],
    [
      "Error [ERR_TLS_CERT_ALTNAME_INVALID]: Hostname/IP does not match certificate's altnames: IP: 10.0.0.1 is not in the cert's list: 127.0.0.1, 10.0.0.2",
      'unknown x509-not-valid-for wanted=10.0.0.1 validFor=127.0.0.1, 10.0.0.2',
    ],
    [
      "x509: cannot validate certificate for 10.0.0.1 because it doesn't contain any IP SANs",
      'unknown x509-no-ip-sans wanted=10.0.0.1',
    ],
    [
      'E0706 10:00:00.000000       1 main.go:234] Failed to create SubnetManager: error retrieving pod spec for \'kube-system/kube-flannel-ds-x\': Get "https://10.96.0.1:443/api/v1/pods": dial tcp 10.96.0.1:443: i/o timeout',
      'unknown dial-timeout target=10.96.0.1:443',
    ],
    [
      '[ERROR] plugin/errors: 2 example.org. A: read udp 10.61.2.7:39873->10.96.0.10:53: i/o timeout',
      'unknown read-timeout proto=udp source=10.61.2.7:39873 target=10.96.0.10:53',
    ],
    [
      'E0706 10:00:00.000000       1 node.go:125] Failed to retrieve node info: Get "https://10.0.0.9:6443/api/v1/nodes/n": dial tcp 10.0.0.9:6443: connect: connection refused',
      'unknown dial-refused target=10.0.0.9:6443; kube-proxy node-info-failed reason=Get "https://10.0.0.9:6443/api/v1/nodes/n": dial tcp 10.0.0.9:6443: connect: connection refused',
    ],
    [
      'W0706 10:00:00.000000       1 server.go] strict decoding error: unknown field "iptables.masqueradeAl"',
      'kube-proxy unknown-field field=iptables.masqueradeAl',
    ],
    [
      'v1alpha1.KubeProxyConfiguration.IPTables: v1alpha1.KubeProxyIPTablesConfiguration.MasqueradeBit: ReadObject: found unknown field: masqueradeAl, error found in #10 byte',
      'kube-proxy unknown-field field=masqueradeAl',
    ],
    ['I0706 10:00:00.000000       1 server_others.go:259] Using ipvs Proxier.', 'kube-proxy proxy-mode mode=ipvs'],
    [
      '[12345.678901] IPv4: martian source 10.96.0.1 from 10.96.0.1, on dev eth0',
      'kernel martian-source dst=10.96.0.1 src=10.96.0.1 dev=eth0',
    ],
    [
      'Jul  6 10:00:00 node-1 kernel: nf_conntrack: nf_conntrack: table full, dropping packet',
      'kernel conntrack-table-full ',
    ],
    [
      '[Mon Jul  6 10:00:00 2020] TCP: request_sock_TCP: Possible SYN flooding on port 30080. Sending cookies.  Check SNMP counters.',
      'kernel syn-flooding port=30080',
    ],
    ['neighbour: arp_cache: neighbor table overflow!', 'kernel neighbour-table-overflow '],
    [
      'IPVS: rr: UDP 10.96.0.10:53 - no destination available',
      'kernel ipvs-no-destination scheduler=rr proto=UDP target=10.96.0.10:53',
    ],
    [
      '2020-07-06T10:00:00.000000000Z stderr F calico/node is not ready: BIRD is not ready: BGP not established with 10.0.0.2,10.0.0.3',
      'calico bgp-not-established peers=10.0.0.2,10.0.0.3',
    ],
    [
      'time="2020-07-06T10:00:00Z" level=info msg="Adding iptables rule: -s 10.42.0.0/16 -m comment --comment \\"a b\\" -j ACCEPT"',
      'flannel flannel-rule-added rule=-s 10.42.0.0/16 -m comment --comment "a b" -j ACCEPT',
    ],
    [
      '{"log":"I0706 10:00:00.000000       1 iptables.go:155] Adding iptables rule: -s 10.42.0.0/16 -j RETURN\\n","stream":"stderr","time":"2020-07-06T10:00:00Z"}',
      'flannel flannel-rule-added rule=-s 10.42.0.0/16 -j RETURN',
    ],
  ];
  it.each(table)('%s', (line, expected) => {
    expect(format.line(line)).toBe('opens');
    const shown = logs(line).map(
      (one) =>
        `${one.component} ${one.event} ${Object.entries(one.data)
          .map(([key, value]) => `${key}=${value}`)
          .join(' ')}`,
    );
    expect(shown.join('; ')).toBe(expected);
  });
  it.each([
    'Cluster certificate is valid for a year',
    'default via 10.0.0.1 dev eth0',
    '[KUBE-SVC-X] (2 references)',
    '[root@node-1 ~]# ip addr',
    'name: x509',
    '2020-07-06 is a date',
    'We found no IP addresses here.',
    '-A INPUT -m comment --comment "time=\\"x\\"" -j ACCEPT',
  ])('leaves %j to others', (line) => {
    expect(format.line(line)).toBeNull();
  });
});

describe('what a line proves besides', () => {
  it('a TLS observation about the URL that was dialled', () => {
    const facts = parse(
      'Get "https://192.168.3.123:10250/containerLogs/a": x509: certificate is valid for 127.0.0.1, not 192.168.3.123',
    ).value;
    expect(
      facts.flatMap((one) => (one.kind === 'tls' ? one.rows.map((row) => [row.kind, row.subject, row.verdict]) : [])),
    ).toEqual([
      [
        'x509-error',
        'https://192.168.3.123:10250/containerLogs/a',
        'x509: certificate is valid for 127.0.0.1, not 192.168.3.123',
      ],
    ]);
  });
  it('a configuration with an unknown field, and one stated by the flags k3s starts its kubelet with', () => {
    const text =
      'strict decoding error: unknown field "iptables.masqueradeAl"\ntime="2020-07-06T10:00:00Z" level=info msg="Running kubelet --address=0.0.0.0 --node-ip=172.29.1.100"\n';
    const configs = parse(text).value.flatMap((one) => (one.kind === 'component-configs' ? one.rows : []));
    expect(configs.map((one) => `${one.component} ${one.origin} ${one.trust} ${one.problems.length}`)).toEqual([
      'kube-proxy log claimed 1',
      'kubelet flags claimed 0',
    ]);
  });
  it('flags without the quote that ends the message', () => {
    const text =
      'time="2020-07-06T10:00:00Z" level=info msg="Running kube-proxy --proxy-mode=ipvs --iptables-masquerade-bit=14"\n';
    const configs = parse(text).value.flatMap((one) => (one.kind === 'component-configs' ? one.rows : []));
    expect(configs.map((one) => one.problems)).toEqual([[]]);
  });
});

describe('a complaint about a certificate that a paste has broken', () => {
  const whole =
    'Error from server: Get "https://10.9.0.7:10250/containerLogs/a/b/c": x509: certificate is valid for 127.0.0.1, 172.16.4.9, not 10.9.0.7';
  const blanks = [...whole.matchAll(/ /g)].map(({ index }) => index).filter((at) => at > whole.indexOf('x509'));

  it.each(blanks)('at the blank %i is whole again', (at) => {
    const text = `${whole.slice(0, at)}\n${whole.slice(at + 1)}\n`;
    expect(
      logs(text, { freeForm: true }).map(({ event, data }) => [event, data['wanted'], data['validFor']]),
    ).toContainEqual(['x509-not-valid-for', '10.9.0.7', '127.0.0.1, 172.16.4.9']);
  });
  it('by a terminal in the middle of an address', () => {
    const text = `${whole.slice(0, -3)}\n${whole.slice(-3)}\n`;
    expect(logs(text, { freeForm: true })[0]?.data['wanted']).toBe('10.9.0.7');
  });
  it('in a dump is not mended', () => {
    const at = whole.indexOf(' valid for');
    expect(logs(`${whole.slice(0, at)}\n${whole.slice(at + 1)}\n`)).toEqual([]);
  });
});

describe('the component', () => {
  it('is that of the prefix, else of the message, else of the file or command', () => {
    const line = 'dial tcp 10.96.0.1:443: i/o timeout';
    expect(logs(line, { path: 'logs/kube-flannel.log' })[0]?.component).toBe('flannel');
    expect(logs(line, { command: 'kubectl logs kube-proxy-abc' })[0]?.component).toBe('kube-proxy');
    expect(logs(`Jul 06 10:00:00 n1 k3s[1]: ${line}`)[0]?.component).toBe('k3s');
    expect(logs(line)[0]?.component).toBe('unknown');
  });
});

describe('the rest of a log', () => {
  it('is inert, and what is no log stays unread', () => {
    const text = 'I0706 10:00:00.000000       1 main.go:1] nothing of note\n\tgoroutine 1\nDear all, see above\n';
    expect([...parse(text).ledger]).toEqual([2, 2, 0]);
  });

  it.each([
    '-- Logs begin at Mon 2023-05-01 10:00:00 UTC, end at Mon 2023-05-01 11:00:00 UTC. --',
    '-- Journal begins at Mon 2023-05-01 10:00:00 CEST, ends at Mon 2023-05-01 11:00:00 CEST. --',
    '-- No entries --',
    '-- Reboot --',
    '-- Boot 0123456789abcdef0123456789abcdef --',
  ])('holds what journalctl says of its own: %s', (note) => {
    expect(format.line(note)).toBe('opens');
    expect([...parse(`${note}\n`).ledger]).toEqual([2]);
  });
});

describe('any text', () => {
  it('never throws, and every line is accounted for', () => {
    const pieces = logEvents.flatMap((one) => [one.has, `x ${one.has} 10.0.0.1`]);
    const text = fc.array(fc.oneof(fc.constantFrom(...pieces), fc.constantFrom(...hostileTexts), fc.string()), {
      maxLength: 25,
    });
    fc.assert(
      fc.property(text, fc.constantFrom('\n', ' '), (lines, glue) => {
        for (const line of lines) format.line(line);
        parse(lines.join(glue));
      }),
      { numRuns: 150 },
    );
  });
  it('takes linear time in lines of any length', () => {
    for (const unit of [
      ...logEvents.map((one) => one.has),
      ' ',
      '{"log":"',
      'x509: certificate is valid for , not ',
      'dial tcp a: ',
    ]) {
      const text = unit.repeat(Math.ceil(19_900 / unit.length));
      const started = cpuNow();
      format.line(text);
      parse(`${text}\n${text}\n${text}`);
      expect(cpuNow() - started, unit).toBeLessThan(800);
    }
    const started = cpuNow();
    parse('x509: '.repeat(200_000));
    expect(cpuNow() - started).toBeLessThan(500);
  });
});
