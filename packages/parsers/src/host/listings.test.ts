import { readFileSync } from 'node:fs';
import { type Facts, formatIp } from '@coldtrace/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Format } from '../format.js';
import { hostileTexts, ledgerIsComplete, sectionOf, slowLines, textAt } from '../testing.js';
import { containersFormat } from './containers.js';
import { containersJsonFormat } from './containers-json.js';
import { hostFormats } from './index.js';
import { modulesFormat } from './modules.js';
import { processesFormat } from './processes.js';
import { reservationsFormat } from './reservations.js';

const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');

function read<Kind extends Facts['kind']>(
  format: Format,
  kind: Kind,
  text: string,
  given: Parameters<typeof sectionOf>[1] = {},
) {
  const section = sectionOf(text, given);
  const parsed = format.parse(section);
  expect(ledgerIsComplete(section, parsed)).toBe(true);
  const facts = parsed.value.find((one): one is Extract<Facts, { readonly kind: Kind }> => one.kind === kind);
  return { section, parsed, facts, codes: parsed.diagnostics.map((one) => one.code) };
}

describe('counters of protocols', () => {
  it.each([
    [
      'netstat -s',
      'TcpExt:\n    11 invalid SYN cookies received\n    27 passive connections rejected because of time stamp\n',
      '27',
    ],
    ['netstat -s', '    27 passive connections rejected because of timestamp\n', '27'],
    [
      'nstat -az',
      'TcpExtPAWSActive                0                  0.0\nTcpExtPAWSPassive               41                 0.0\n',
      '41',
    ],
    ['netstat -s', 'TcpExt:\n    2 packets rejects in established connections because of timestamp\n', undefined],
  ])('%s: SYNs refused for their timestamps are told', (command, text, count) => {
    const format = hostFormats.find(({ id }) => id === 'network-counters');
    if (format === undefined) throw new Error('no such format');
    const { facts } = read(format, 'observations', text, { command });
    const [row] = facts?.rows ?? [];
    expect(row?.kind === 'log' ? row.data['count'] : undefined).toBe(count);
  });
});

describe('lsmod', () => {
  it('reads names and users', () => {
    const { facts, parsed } = read(modulesFormat, 'modules', fixture('lsmod.txt'), { command: 'lsmod' });
    const vs = facts?.rows.find((one) => one.name === 'ip_vs');
    expect(vs?.usedBy).toContain('ip_vs_sh');
    expect(facts?.rows.find((one) => one.name === 'dummy')?.usedBy).toEqual([]);
    expect(facts?.complete).toBe(true);
    expect([...parsed.ledger]).not.toContain(0);
  });

  it.each([
    ['lsmod | grep ip_vs', false],
    ['lsmod', true],
  ])('%s speaks for all: %s', (command, complete) => {
    expect(read(modulesFormat, 'modules', 'ip_vs 162529 28 ip_vs_wlc\n', { command }).facts?.complete).toBe(complete);
  });

  it('reads /proc/modules', () => {
    const text =
      'br_netfilter 32768 0 - Live 0x0000000000000000\nbridge 307200 1 br_netfilter, Live 0x0000000000000000\n';
    const { facts } = read(modulesFormat, 'modules', text);
    expect(facts?.rows.map((one) => [one.name, one.usedBy])).toEqual([
      ['br_netfilter', []],
      ['bridge', ['br_netfilter']],
    ]);
  });

  it.each([
    ['opens', 'Module                  Size  Used by'],
    ['opens', 'br_netfilter           32768  0'],
    ['continues', 'virtio_rng 16384 0'],
    [null, 'there are 3 modules'],
  ])('%s: %s', (verdict, text) => expect(modulesFormat.line(text)).toBe(verdict));
});

describe('ps', () => {
  const kubelet = '/usr/bin/kubelet --config=/var/lib/kubelet/config.yaml --v=2 4';
  it.each([
    ['ps-ef.txt', 'ps -ef', true],
    ['ps-aux.txt', 'ps aux', true],
    ['busybox-ps.txt', 'ps', false],
  ])('%s', (name, command, complete) => {
    const { facts, parsed } = read(processesFormat, 'processes', fixture(name), { command });
    expect(facts?.rows.find((one) => one.command === kubelet)).toMatchObject({ user: 'root' });
    expect(facts?.complete).toBe(complete);
    expect([...parsed.ledger]).not.toContain(0);
  });

  it('reads rows without their heading, and joins a command wrapped at an option', () => {
    const text = 'root  1234  1  5 Nov20 ?  01:10:00 /usr/bin/kube-proxy --config=/x\n --cluster-cidr=10.244.0.0/16\n';
    const { facts, section } = read(processesFormat, 'processes', text, {
      freeForm: true,
      command: 'ps -ef | grep kube-proxy',
    });
    expect(facts).toMatchObject({
      complete: false,
      rows: [{ pid: 1234, trust: 'repaired', command: '/usr/bin/kube-proxy --config=/x --cluster-cidr=10.244.0.0/16' }],
    });
    expect(facts?.rows[0] && textAt(section, facts.rows[0].span)).toContain('--cluster-cidr');
  });

  it.each([
    ['opens', 'UID        PID  PPID  C STIME TTY          TIME CMD'],
    ['opens', 'root      1234     1  5 10:20 ?        00:10:00 /usr/bin/kubelet --v=2'],
    ['opens', 'root         1  0.3  0.0  53288 21968 ?        SLl  Nov20   0:10 /sbin/init'],
    ['continues', '  --kubeconfig=/etc/kubernetes/kubelet.conf'],
    [null, 'the process 1 is up'],
    [null, 'COMMAND'],
  ])('%s: %s', (verdict, text) => expect(processesFormat.line(text)).toBe(verdict));
});

describe('containers', () => {
  const crictl = `CONTAINER           IMAGE               CREATED             STATE               NAME                ATTEMPT             POD ID              POD
e2f1d6b1c7a5f       97e04611ad434       2 days ago          Running             coredns             0                   0c3e5f7a9b1d2       coredns-5dd5756b68-2xk7m
`;
  const dockerPs = `CONTAINER ID   IMAGE                  COMMAND                  CREATED       STATUS       PORTS     NAMES
4f66ad9a0b2e   97e04611ad43           "/coredns -conf /etc…"   2 days ago    Up 2 days              k8s_coredns_coredns-5dd5756b68-2xk7m_kube-system_8f1e_0
`;
  const podTable = `POD ID              CREATED             STATE               NAME                       NAMESPACE           ATTEMPT             RUNTIME
0c3e5f7a9b1d2       2 days ago          Ready               coredns-5dd5756b68-2xk7m   kube-system         0                   (default)
`;
  const collapse = (text: string) => text.replace(/ {2,}/g, '  ');
  it.each([
    [
      'crictl ps',
      crictl,
      { id: 'e2f1d6b1c7a5f', name: 'coredns', state: 'Running', pod: 'coredns-5dd5756b68-2xk7m', podNamespace: null },
    ],
    [
      'docker ps',
      dockerPs,
      {
        id: '4f66ad9a0b2e',
        name: 'coredns',
        state: 'Up 2 days',
        pod: 'coredns-5dd5756b68-2xk7m',
        podNamespace: 'kube-system',
      },
    ],
    [
      'crictl pods',
      podTable,
      { id: '0c3e5f7a9b1d2', name: 'coredns-5dd5756b68-2xk7m', state: 'Ready', podNamespace: 'kube-system' },
    ],
  ])('%s, aligned or with its columns pushed together', (command, text, expected) => {
    for (const given of [text, collapse(text)]) {
      const { facts, parsed, codes } = read(containersFormat, 'containers', given, { command });
      expect(facts?.rows).toMatchObject([expected]);
      expect([...parsed.ledger]).toEqual([2, 1]);
      expect(codes).toEqual([]);
    }
  });

  const id = (digit: string) => digit.repeat(64);
  const sandboxes = {
    items: [
      {
        id: id('a'),
        metadata: { name: 'web-1', uid: '8f1e', namespace: 'shop', attempt: 0 },
        state: 'SANDBOX_READY',
        createdAt: '1605000000000000000',
        labels: {},
        annotations: {},
        runtimeHandler: '',
      },
    ],
  };
  const running = {
    containers: [
      {
        id: id('b'),
        podSandboxId: id('a'),
        metadata: { name: 'nginx', attempt: 0 },
        image: { image: 'sha256:97e0', annotations: {} },
        imageRef: 'sha256:97e0',
        state: 'CONTAINER_RUNNING',
        labels: { 'io.kubernetes.pod.name': 'web-1', 'io.kubernetes.pod.namespace': 'shop' },
      },
    ],
  };
  const sandbox = { id: id('a'), sandboxId: id('a'), pod: 'web-1', podNamespace: 'shop', state: 'SANDBOX_READY' };
  it.each([
    ['crictl pods -o json', JSON.stringify(sandboxes, null, 2), sandbox],
    ['crictl pods -o json', JSON.stringify(sandboxes), sandbox],
    [
      'crictl pods --output=yaml',
      `items:\n- annotations: {}\n  createdAt: "16"\n  id: ${id('a')}\n  labels: {}\n  metadata:\n    attempt: 0\n    name: web-1\n    namespace: shop\n  runtimeHandler: ""\n  state: SANDBOX_READY\n`,
      sandbox,
    ],
    [
      'crictl ps -o json',
      JSON.stringify(running, null, 2),
      { id: id('b'), sandboxId: id('a'), name: 'nginx', pod: 'web-1', podNamespace: 'shop' },
    ],
  ])('%s', (command, text, expected) => {
    const { facts, parsed } = read(containersJsonFormat, 'containers', text, { command });
    expect(facts).toMatchObject({ rows: [expected], complete: true });
    expect([...parsed.ledger]).not.toContain(0);
    expect(containersJsonFormat.whole?.(text, 'x')).toBeGreaterThan(0.9);
    expect(containersJsonFormat.commands.some((one) => one.test(command))).toBe(true);
    expect(containersFormat.commands.some((one) => one.test(command))).toBe(false);
  });

  it('says nothing of all sandboxes when the list of them was filtered', () => {
    const { facts } = read(containersJsonFormat, 'containers', JSON.stringify(sandboxes), {
      command: 'crictl pods --namespace shop -o json',
    });
    expect(facts?.complete).toBe(false);
  });

  it('takes bare ids for sandboxes only where the command says so', () => {
    const text = `${id('a')}\n${id('c')}\n`;
    const { facts } = read(containersFormat, 'containers', text, { command: 'crictl pods -q' });
    expect(facts).toMatchObject({ rows: [{ sandboxId: id('a') }, { sandboxId: id('c') }], complete: true });
    expect(read(containersFormat, 'containers', text, { command: 'crictl ps -q' }).facts).toBeUndefined();
  });

  it('says when the daemon is not there', () => {
    const text = 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\n';
    const { parsed } = read(containersFormat, 'containers', text, { command: 'docker ps' });
    expect(parsed.value.map((one) => one.kind)).toEqual(['failures']);
  });
});

describe('reservations', () => {
  const show = (facts: Extract<Facts, { kind: 'reservations' }> | undefined) =>
    facts?.rows
      .map((one) => `${one.network} ${formatIp(one.ip)} ${one.containerId?.slice(0, 6) ?? '-'} ${one.ifname ?? '-'}`)
      .sort();

  it('reads ls -la of a network', () => {
    const { facts, parsed } = read(reservationsFormat, 'reservations', fixture('ls-la.txt'), {
      command: 'ls -la /var/lib/cni/networks/cbr0',
    });
    expect(show(facts)).toEqual(['cbr0 10.244.0.5 - -', 'cbr0 10.244.0.6 - -', 'cbr0 fd00::5 - -']);
    expect(facts?.complete).toBe(true);
    expect([...parsed.ledger]).not.toContain(0);
  });

  it('reads ls of names alone, when the command says of what', () => {
    const { facts } = read(reservationsFormat, 'reservations', '10.244.0.5  10.244.0.6  last_reserved_ip.0  lock\n', {
      command: 'ls /var/lib/cni/networks/cbr0/',
    });
    expect(show(facts)).toEqual(['cbr0 10.244.0.5 - -', 'cbr0 10.244.0.6 - -']);
  });

  it('reads grep over the files', () => {
    const { facts, parsed } = read(reservationsFormat, 'reservations', fixture('grep-reservations.txt'));
    expect(show(facts)).toEqual(['cbr0 10.244.0.5 c0ffee eth0', 'cbr0 10.244.0.6 beef00 eth0', 'cbr0 fd00::5 id eth0']);
    expect([...parsed.ledger]).not.toContain(0);
    expect(reservationsFormat.line(fixture('grep-reservations.txt').split('\n')[0] ?? '')).toBe('opens');
  });

  it('reads a file of the tree: its name is the address', () => {
    const path = 'node-1/var/lib/cni/networks/cbr0/10.244.0.5';
    expect(reservationsFormat.whole?.('c0ffee\neth0', path)).toBeGreaterThan(0.9);
    expect(reservationsFormat.whole?.('c0ffee\neth0', 'var/lib/cni/networks/cbr0/notes')).toBe(0);
    expect(show(read(reservationsFormat, 'reservations', 'c0ffee\neth0', { path }).facts)).toEqual([
      'cbr0 10.244.0.5 c0ffee eth0',
    ]);
  });

  it('knows what the plugin keeps beside the addresses', () => {
    const path = 'node-1/var/lib/cni/networks/cbr0/last_reserved_ip.0';
    expect(reservationsFormat.whole?.('10.244.0.6', path)).toBeGreaterThan(0.9);
    const { facts, parsed } = read(reservationsFormat, 'reservations', '10.244.0.6', { path });
    expect(facts).toBeUndefined();
    expect([...parsed.ledger]).not.toContain(0);
  });

  it('reads head and tail over several files', () => {
    const text =
      '==> /var/lib/cni/networks/cbr0/10.244.0.5 <==\nc0ffee\neth0\n\n==> /var/lib/cni/networks/cbr0/10.244.0.6 <==\nbeef00\neth0\n';
    expect(show(read(reservationsFormat, 'reservations', text).facts)).toEqual([
      'cbr0 10.244.0.5 c0ffee eth0',
      'cbr0 10.244.0.6 beef00 eth0',
    ]);
  });

  it('keeps a bare number of them as an observation', () => {
    const { facts } = read(reservationsFormat, 'observations', '254\n', {
      command: 'ls /var/lib/cni/networks/cbr0 | wc -l',
    });
    expect(facts?.rows).toMatchObject([{ event: 'reservation-count', data: { count: '254' } }]);
  });

  it('leaves other listings alone', () => {
    expect(reservationsFormat.line('-rw-r--r-- 1 root root 70 Nov 20 23:32 kubelet.conf')).toBe(null);
    expect(reservationsFormat.line('10.244.0.5')).toBe(null);
  });
});

describe('any text at all', () => {
  const pieces = [
    'Module Size Used by\n',
    'ip_vs 1000 2 a,b',
    'UID PID CMD\n',
    'root 1 1 0 Nov20 ? 00:00:00 x',
    ' --a',
    'CONTAINER ID   IMAGE   COMMAND   CREATED   STATUS   PORTS   NAMES\n',
    '4f66ad9a0b2e  a  b  c  d  e',
    '/var/lib/cni/networks/cbr0/10.0.0.1:',
    '\n',
    'Fri Nov 20 23:32:28 UTC 2026',
    'Linux a 1.2 #1',
    '\0',
    '\ud800',
    ' ',
  ];
  it('is read without a throw, every line in one state', () => {
    const texts = fc
      .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'binary' })))
      .map((all) => all.join(''));
    const check = (text: string, freeForm: boolean, format: Format) => {
      const section = sectionOf(text, { freeForm, path: 'var/lib/cni/networks/a/10.0.0.1' });
      for (const line of text.split('\n')) format.line(line);
      format.whole?.(text, 'hostname');
      return ledgerIsComplete(section, format.parse(section));
    };
    for (const format of hostFormats) for (const text of hostileTexts) expect(check(text, true, format)).toBe(true);
    fc.assert(fc.property(texts, fc.boolean(), fc.constantFrom(...hostFormats), check));
  });

  it('takes a line of a mebibyte in linear time', () => {
    const pieces = ['PID ', 'root 1 ', ' ', 'a', '4f66ad9a0b2e  ', '10.0.0.1 ', '/cni/networks/', 'Linux 1.2 #1 '];
    for (const format of hostFormats) {
      const read = (line: string) => {
        format.parse(sectionOf(line, { freeForm: true, command: 'ps -ef' }));
        format.line(line);
        format.whole?.(line, 'date');
      };
      expect(slowLines(pieces, 1500, read), format.id).toEqual([]);
    }
  });
});
