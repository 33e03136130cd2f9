/** The fault on other networks, names and tools than the sample's, and what must stay silent. */
import { parseSnapshot } from '@coldtrace/parsers';
import { describe, expect, it } from 'vitest';
import { analyze } from '../analyze.js';
import { base, files } from './cases.world.js';
import { ippoolOverlapsHostNetwork } from './rule.js';

const first = (given: Record<string, string>) => analyze(parseSnapshot(given)).findings[0];

describe('the fault, wherever it stands', () => {
  it.each([
    ['a pool around the host network', base],
    ['another interface and a wider pool', { ...base, nic: 'bond0.100', pool: '0.0.0.0/1' }],
    [
      'only the second exempt network overlaps',
      { ...base, pool: '10.200.0.0/16', exempt: ['10.200.0.0/16', '10.77.0.0/16'] },
    ],
    [
      'the pool is a part of the host network',
      { ...base, pool: '10.200.0.0/16', exempt: ['10.77.3.0/28', '10.200.0.0/16'] },
    ],
  ])('%s', (_, world) => {
    const finding = first(files({ ...world, serverRoutes: ['default via 10.77.3.1 dev eth0'] }));
    expect(finding).toMatchObject({
      rule: 'ippool-overlaps-host-network',
      severity: 'error',
      node: 'worker',
      data: { dialled: '172.20.0.1:443', target: '10.77.3.9', pod: '10.200.1.5' },
    });
  });

  it('is likely when the server was not captured: nothing shows its way back', () => {
    expect(first(files(base))).toMatchObject({ severity: 'error', certainty: 'likely' });
  });

  it('is a warning when the server has a route to the pods', () => {
    const world = {
      ...base,
      serverRoutes: ['default via 10.77.3.1 dev eth0', '10.200.1.0/24 via 10.77.3.20 dev eth0'],
    };
    expect(first(files(world))).toMatchObject({ severity: 'warning' });
  });

  it('is seen from API objects alone, as a warning', () => {
    const objects = `apiVersion: v1
kind: List
items:
- apiVersion: crd.projectcalico.org/v1
  kind: IPPool
  metadata:
    name: pods
  spec:
    cidr: 172.16.0.0/12
    natOutgoing: true
- apiVersion: v1
  kind: Node
  metadata:
    name: n1
  status:
    addresses:
    - address: 172.20.1.7
      type: InternalIP
`;
    expect(first({ 'objects.yaml': objects })).toMatchObject({
      severity: 'warning',
      certainty: 'likely',
      data: { pool: '172.16.0.0/12', address: '172.20.1.7' },
    });
  });
});

describe('a pool of which a ticket holds a few lines, and what tcpdump saw', () => {
  const asked = `root@w1:~# calicoctl get ippool -o yaml | grep -E 'cidr|natOutgoing'
    cidr: 10.0.0.0/8
    natOutgoing: true
root@w1:~# ip -br a
eno1             UP             10.31.4.17/24 fe80::1/64
`;
  const seen = (dev: string, from: string, to: string) =>
    `root@w1:~# tcpdump -ni ${dev} port 6443\n14:00:01.000001 IP ${from} > ${to}: Flags [S], seq 1, win 64240, options [mss 1460], length 0\n`;

  it('a packet that leaves with the pod’s address and is not answered is the fault', () => {
    const finding = first({ 'ticket.txt': asked + seen('eno1', '10.233.77.3.51532', '10.31.4.9.6443') });
    expect(finding).toMatchObject({
      severity: 'error',
      certainty: 'likely',
      data: { name: '10.0.0.0/8', pod: '10.233.77.3', target: '10.31.4.9' },
    });
  });

  it.each([
    [
      'it was answered',
      seen('eno1', '10.233.77.3.51532', '10.31.4.9.6443') + seen('eno1', '10.31.4.9.6443', '10.233.77.3.51532'),
    ],
    ['it was seen before it left the node', seen('cali12345678901', '10.233.77.3.51532', '10.31.4.9.6443')],
    ['nothing was seen', ''],
  ])('it is a warning where %s', (_, packets) => {
    expect(first({ 'ticket.txt': asked + packets })).toMatchObject({ severity: 'warning', certainty: 'likely' });
  });

  it('says nothing where pods keep their addresses on purpose', () => {
    expect(first({ 'ticket.txt': asked.replace('natOutgoing: true', 'natOutgoing: false') })).toBe(undefined);
  });
});

describe('rules that grep has left', () => {
  const nat = files(base)['worker/iptables-save.txt'] ?? '';
  const left = (wanted: RegExp, world = {}) => {
    const { 'worker/iptables-save.txt': _, ...others } = files({ ...base, ...world });
    const rules = nat.split('\n').filter((line) => line.startsWith('-A') && wanted.test(line));
    const shown = rules.map((rule) => rule.replace('-A PREROUTING', '-A services')).join('\n');
    return { ...others, 'worker/iptables-t-nat-S.txt': `${shown}\n` };
  };
  const stages = (given: Record<string, string>) =>
    first(given)
      ?.path.filter(({ what }) => what.startsWith('jump to'))
      .map(({ what, evidence }) => [what, evidence.length > 0]);

  it.each([
    ['nobody enters the Service’s chain', /services|PREROUTING|svc|sep|POSTROUTING|out/, 'services', null],
    ['nobody enters the chain that masquerades', /MASQUERADE/, null, 'out'],
    ['nobody enters either', /PREROUTING|-A svc|-A sep|MASQUERADE/, 'services', 'out'],
  ])('%s: the call is followed, and what was put in is an assumption and no line', (_sentence, wanted, into, out) => {
    const finding = first(left(wanted, into === null ? { serverRoutes: ['default via 10.77.3.1 dev eth0'] } : {}));
    expect(finding).toMatchObject({ severity: 'error', certainty: 'likely', data: { target: '10.77.3.9' } });
    const said = [
      into === null ? 'PREROUTING changes nothing' : `PREROUTING leads to ${into}`,
      out && `POSTROUTING leads to ${out}`,
    ].filter(Boolean);
    expect(finding?.assumptions).toContain(`${said.join(' and ')}, which the captured rules do not show`);
    const jumps = stages(left(wanted, into === null ? { serverRoutes: ['default via 10.77.3.1 dev eth0'] } : {}));
    for (const chain of [into, out])
      if (chain !== null)
        expect(jumps).toContainEqual([`jump to ${chain}, by a rule that is taken to be there`, false]);
  });

  it('whole rules are taken as they are', () => {
    expect(first(files(base))?.path.some(({ what }) => what.includes('taken to be there'))).toBe(false);
  });
});

describe('what is no fault', () => {
  it.each([
    ['a pool beside the host network', { ...base, pool: '10.200.0.0/16' }],
    [
      'the traffic is masqueraded by an earlier rule and answered',
      {
        ...base,
        before: '-A POSTROUTING -s 10.200.0.0/16 -j MASQUERADE\n',
        serverRoutes: ['default via 10.77.3.1 dev eth0'],
      },
    ],
  ])('%s', (_, world) => {
    expect(first(files(world))).toBe(undefined);
  });
});

describe('what cannot be told', () => {
  it('without the sets it is not evaluated, and the command that collects them is named', () => {
    const { 'worker/ipset-list.txt': _, ...rest } = files(base);
    const report = analyze(parseSnapshot(rest), { rules: [ippoolOverlapsHostNetwork] });
    expect(report.findings).toEqual([]);
    expect(report.notEvaluated).toMatchObject([{ node: 'worker', needs: ['ipset-list'], collect: 'ipset list' }]);
  });

  it('without any rule it is not evaluated', () => {
    const { 'worker/iptables-save.txt': _, ...rest } = files(base);
    expect(analyze(parseSnapshot(rest), { rules: [ippoolOverlapsHostNetwork] }).notEvaluated).toMatchObject([
      { node: 'worker', needs: ['iptables-save', 'ipset-list'] },
    ]);
  });

  it('the fingerprint names the fault, not its lines', () => {
    const plain = files(base);
    const shifted = { ...plain, 'worker/ipset-list.txt': `\n\n${plain['worker/ipset-list.txt']}` };
    expect(first(shifted)?.fingerprint).toBe(first(plain)?.fingerprint);
  });
});
