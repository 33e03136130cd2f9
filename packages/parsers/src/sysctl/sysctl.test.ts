import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostileTexts, ledgerIsComplete, sectionOf, slowLines, textAt } from '../testing.js';
import { canonicalKey, printSysctl, sysctlFormats } from './index.js';
import { procSysFormat } from './proc-sys.js';
import { sysctlFormat } from './sysctl.js';

const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');

function read(text: string, given: Parameters<typeof sectionOf>[1] = {}, format = sysctlFormat) {
  const section = sectionOf(text, given);
  const parsed = format.parse(section);
  const facts = parsed.value.find((one) => one.kind === 'sysctls');
  const rows = facts?.kind === 'sysctls' ? facts.rows : [];
  const failures = parsed.value.flatMap((one) => (one.kind === 'failures' ? one.rows : []));
  const complete = facts?.kind === 'sysctls' ? facts.complete : null;
  const pairs = rows.map((row) => `${row.key}=${row.value}${row.trust === undefined ? '' : ` (${row.trust})`}`);
  const codes = parsed.diagnostics.map((one) => one.code);
  return { section, parsed, rows, failures, complete, pairs, codes };
}

describe('keys', () => {
  it.each([
    ['net.ipv4.ip_forward', 'net/ipv4/ip_forward'],
    ['net.ipv4.conf.eth0/100.rp_filter', 'net/ipv4/conf/eth0.100/rp_filter'],
    ['net.ipv4.conf.eth0.100.rp_filter', 'net/ipv4/conf/eth0.100/rp_filter'],
    ['net/ipv4/conf/eth0.100/rp_filter', 'net/ipv4/conf/eth0.100/rp_filter'],
    ['/proc/sys/net/ipv4/conf/eth0.100/rp_filter', 'net/ipv4/conf/eth0.100/rp_filter'],
    ['net.ipv6.neigh.bond0.4094.gc_stale_time', 'net/ipv6/neigh/bond0.4094/gc_stale_time'],
    ['net.mpls.conf.a.b.c.input', 'net/mpls/conf/a.b.c/input'],
    ['net.ipv4.conf.all.rp_filter', 'net/ipv4/conf/all/rp_filter'],
    ['net.ipv4.vs.conntrack', 'net/ipv4/vs/conntrack'],
    ['net.ipv4.conf.cali1234.proxy_arp', 'net/ipv4/conf/cali1234/proxy_arp'],
    ['fs.binfmt_misc.python3/10', 'fs/binfmt_misc/python3.10'],
  ])('%s is %s', (written, key) => expect(canonicalKey(written)).toBe(key));
});

describe('sysctl -a', () => {
  const text = fixture('sysctl-a.txt');
  const only = (beginning: string) =>
    text
      .split('\n')
      .filter((line) => line.startsWith(beginning))
      .join('\n');

  it('prints back byte for byte', () => {
    const { rows, parsed } = read(text);
    expect(printSysctl(rows)).toBe(text);
    expect(parsed.diagnostics).toEqual([]);
    expect(parsed.ledger.every((state) => state === 1)).toBe(true);
  });

  it('prints back whatever it may print', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9_-]{0,8}(\/[0-9]{1,4})?$/);
    const leaf = fc.stringMatching(/^[a-z][a-z0-9_]{0,20}$/);
    const key = fc.oneof(
      fc
        .tuple(fc.constantFrom('net.ipv4.conf', 'net.ipv6.neigh', 'net.mpls.conf'), name, leaf)
        .map((all) => all.join('.')),
      fc
        .tuple(fc.constantFrom('vm', 'fs', 'kernel', 'net.core', 'user.max', 'lustre'), leaf)
        .map((all) => all.join('.')),
    );
    const value = fc.oneof(
      fc.integer().map(String),
      fc.array(fc.nat(), { minLength: 1, maxLength: 4 }).map((all) => all.join('\t')),
      fc.stringMatching(/^[a-z|/%][ -~]{0,20}$/),
      fc.constant(''),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(key, value)), (pairs) => {
        const printed = pairs.map(([left, right]) => `${left} = ${right}\n`).join('');
        const dump = `kernel.panic = 0\n${printed}`;
        expect(printSysctl(read(dump, { command: 'sysctl -a' }).rows)).toBe(dump);
      }),
    );
  });

  it('keeps the dots of an interface name in one part', () => {
    const { rows, section } = read(text);
    const row = rows.find((one) => one.key === 'net/ipv4/conf/eth0.100/rp_filter');
    expect(row && textAt(section, row.span)).toBe('net.ipv4.conf.eth0/100.rp_filter = 2');
  });

  it.each([
    ['no command is shown', text, {}, true],
    ['the command asks for all', 'net.ipv4.ip_forward = 1\n', { command: 'sysctl -a' }, true],
    [
      'only the name of the file says so',
      'net.ipv4.ip_forward = 1\n',
      { path: 'sos_commands/kernel/sysctl_-a' },
      false,
    ],
    ['a paste shows a piece', 'net.ipv4.ip_forward = 1\n', { command: 'sysctl -a', freeForm: true }, false],
    ['a pipe filtered it', 'net.ipv4.ip_forward = 1\n', { command: 'sysctl -a | grep forward' }, false],
    ['a pattern filtered it', 'net.ipv4.ip_forward = 1\n', { command: 'sysctl -a -r forward' }, false],
    ['one key was asked for', 'net.ipv4.ip_forward = 1\n', { command: 'sysctl net.ipv4.ip_forward' }, false],
    ['errors were thrown away', 'net.ipv4.ip_forward = 1\n', { command: 'sysctl -a 2>/dev/null' }, true],
    ['all of net is there', only('net.'), {}, true],
    ['all of net was asked for', only('net.'), { command: "sysctl -a --pattern '^net\\.'" }, true],
    ['a pipe let net through', only('net.'), { command: 'sysctl -a 2>/dev/null | grep ^net' }, true],
    ['a pipe took IPv6 out', only('net.'), { command: 'sysctl -a | grep -v ipv6' }, false],
    ['only one directory is there', only('net.ipv4.'), {}, false],
  ])('speaks for every key or not, when %s', (_, given, where, complete) => {
    expect(read(given, where).complete).toBe(complete);
  });
});

describe('other spellings', () => {
  it('reads single keys, greps and errors of the real tools', () => {
    const { pairs, failures, complete, parsed } = read(fixture('keys.txt'));
    expect(pairs).toContain('net/ipv4/ip_forward=1');
    expect(pairs).toContain('net/ipv4/conf/eth0.100/rp_filter=2');
    expect(failures.map((one) => one.message)).toEqual([
      'sysctl: cannot stat /proc/sys/net/ipv4/nope: No such file or directory',
      "sysctl: permission denied on key 'net.ipv4.tcp_fastopen_key'",
    ]);
    expect(complete).toBe(false);
    expect([...parsed.ledger]).not.toContain(0);
  });

  it.each([
    ['/proc/sys/net/ipv4/ip_forward = 1', ['net/ipv4/ip_forward=1']],
    ['net.ipv4.tcp_rmem = 4096\t131072\t6291456', ['net/ipv4/tcp_rmem=4096\t131072\t6291456']],
    ['net.ipv4.ip_local_reserved_ports = ', ['net/ipv4/ip_local_reserved_ports=']],
    ['net.ipv4.ip_forward = 1   ', ['net/ipv4/ip_forward=1']],
    ['kernel.core_pattern = |/bin/x -p%p = y', ['kernel/core_pattern=|/bin/x -p%p = y']],
    ['user.name = Somebody', []],
    ['spark.driver = 1', []],
  ])('%j', (line, pairs) => expect(read(line).pairs).toEqual(pairs));

  it('takes a configuration file as a claim: it says what should be, not what is', () => {
    const text = '# forwarding\n-net.ipv4.conf.all.rp_filter = 0\nnet.ipv4.ip_forward=1\n; old\n';
    const { pairs, complete, parsed } = read(text, { path: 'etc/sysctl.d/k8s.conf' });
    expect(pairs).toEqual(['net/ipv4/conf/all/rp_filter=0 (claimed)', 'net/ipv4/ip_forward=1 (claimed)']);
    expect(complete).toBe(false);
    expect([...parsed.ledger]).toEqual([2, 1, 1, 2]);
  });

  it('knows a configuration file by its spelling where the path does not tell', () => {
    expect(read('net.ipv4.ip_forward=1\n').pairs).toEqual(['net/ipv4/ip_forward=1 (claimed)']);
    expect(read('net.ipv4.ip_forward=1\n', { command: 'sysctl -p' }).pairs).toEqual(['net/ipv4/ip_forward=1']);
  });

  it('ties bare values to the keys of the command', () => {
    const command = 'sysctl -n net.ipv4.ip_forward net.ipv4.conf.all.rp_filter';
    expect(read('1\n2\n', { command }).pairs).toEqual(['net/ipv4/ip_forward=1', 'net/ipv4/conf/all/rp_filter=2']);
    const short = read('1\n', { command });
    expect(short.pairs).toEqual([]);
    expect(short.codes).toEqual(['sysctl/value-without-key']);
  });

  it('says that the command failed, and nothing about parameters', () => {
    const { parsed } = read('bash: sysctl: command not found\n', { command: 'sysctl -a' });
    expect(parsed.value.map((one) => one.kind)).toEqual(['failures']);
  });
});

describe('damage of a paste', () => {
  it('separates parameters that share a line, and says so', () => {
    const text = 'net.ipv4.ip_forward = 1 net.bridge.bridge-nf-call-iptables = 0';
    const { pairs, codes, rows, section } = read(text, { freeForm: true });
    expect(pairs).toEqual(['net/ipv4/ip_forward=1 (repaired)', 'net/bridge/bridge-nf-call-iptables=0 (repaired)']);
    expect(codes).toEqual(['sysctl/several-on-one-line']);
    expect(rows.map((row) => textAt(section, row.span))).toEqual([text.slice(0, 23), text.slice(24)]);
    expect(read(text).pairs).toEqual(['net/ipv4/ip_forward=1 net.bridge.bridge-nf-call-iptables = 0']);
  });

  it.each([
    'net.ipv4.ip_forward = 1 # must stay on',
    'net.ipv4.ip_forward = 1; then restart',
    'net.ipv4.ip_forward = 1，没问题',
  ])('takes the number out of %s, and says so', (text) => {
    const { pairs, codes } = read(text, { freeForm: true });
    expect(pairs).toEqual(['net/ipv4/ip_forward=1 (repaired)']);
    expect(codes).toEqual(['sysctl/text-after-value']);
    expect(sysctlFormat.line(text)).toBe('continues');
  });

  it.each([
    'net.ipv4.ip_forward = 1',
    'net.ipv4.tcp_rmem = 4096\t131072\t6291456',
    'net.ipv4.tcp_available_congestion_control = reno cubic',
    'kernel.version = #1 SMP PREEMPT_DYNAMIC',
    "sysctl: permission denied on key 'fs.protected_fifos'",
  ])('opens with %s', (text) => expect(sysctlFormat.line(text)).toBe('opens'));

  it('reads a full-width sign, and says so', () => {
    const { pairs, codes } = read('net.ipv4.ip_forward ＝ 1', { freeForm: true });
    expect(pairs).toEqual(['net/ipv4/ip_forward=1 (repaired)']);
    expect(codes).toEqual(['sysctl/wrong-punctuation']);
    expect(read('net.ipv4.ip_forward ＝ 1').pairs).toEqual([]);
  });

  it('reads a capital that an editor made, and says so', () => {
    const { pairs, codes } = read('Net.ipv4.ip_forward = 1', { freeForm: true });
    expect(pairs).toEqual(['net/ipv4/ip_forward=1 (repaired)']);
    expect(codes).toEqual(['sysctl/wrong-case']);
    expect(read('Net.ipv4.ip_forward = 1').pairs).toEqual([]);
  });
});

describe('a /proc/sys tree', () => {
  const tree = (path: string, text: string, command: string | null = null) =>
    read(text, { path, command }, procSysFormat);

  it.each([
    ['bundle/proc/sys/net/ipv4/ip_forward', '1\n', ['net/ipv4/ip_forward=1']],
    ['proc/sys/net/ipv4/conf/eth0.100/rp_filter', '2\n', ['net/ipv4/conf/eth0.100/rp_filter=2']],
    ['/proc/sys/net/ipv4/tcp_rmem', '4096\t131072\t6291456\n', ['net/ipv4/tcp_rmem=4096\t131072\t6291456']],
  ])('%s', (path, text, pairs) => {
    expect(tree(path, text).pairs).toEqual(pairs);
    expect(procSysFormat.whole?.(text, path)).toBeGreaterThan(0.9);
  });

  it.each(['notproc/sys/net/ipv4/x', 'proc/cpuinfo', 'proc/sys/README', 'input.txt'])('%s is none of it', (path) => {
    expect(procSysFormat.whole?.('1\n', path)).toBe(0);
  });

  it('leaves what a paste has after the value alone', () => {
    const section = { command: 'cat /proc/sys/net/ipv4/ip_forward', freeForm: true };
    const { pairs, parsed, codes } = read('1\n完\n', section, procSysFormat);
    expect(pairs).toEqual(['net/ipv4/ip_forward=1']);
    expect([...parsed.ledger]).toEqual([1, 0]);
    expect(codes).toEqual([]);
  });

  it('reads cat of several files in their order, and a missing one as a failure', () => {
    const command = 'cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/conf/all/rp_filter';
    expect(tree('ticket.txt', '1\n0\n', command).pairs).toEqual([
      'net/ipv4/ip_forward=1',
      'net/ipv4/conf/all/rp_filter=0',
    ]);
    const absent = 'cat: /proc/sys/net/bridge/bridge-nf-call-iptables: No such file or directory\n';
    expect(tree('ticket.txt', absent, 'cat /proc/sys/net/bridge/bridge-nf-call-iptables').failures).toHaveLength(1);
  });
});

describe('any text at all', () => {
  const pieces = [
    'net.ipv4.ip_forward = 1',
    '/proc/sys/',
    ' = ',
    '-',
    '#',
    'sysctl: ',
    '\n',
    'net.ipv4.conf.',
    '\0',
    '\ud800',
  ];
  it('is read without a throw, every line in one state', () => {
    const texts = fc
      .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'binary' })))
      .map((all) => all.join(''));
    const check = (text: string, freeForm: boolean, format: (typeof sysctlFormats)[number]) => {
      const section = sectionOf(text, { freeForm, command: 'sysctl -n net.ipv4.ip_forward' });
      return ledgerIsComplete(section, format.parse(section)) && format.line(text) !== undefined;
    };
    for (const text of hostileTexts) for (const format of sysctlFormats) expect(check(text, true, format)).toBe(true);
    fc.assert(fc.property(texts, fc.boolean(), fc.constantFrom(...sysctlFormats), check));
  });

  it('takes a line of a mebibyte in linear time', () => {
    const pieces = ['net.ipv4.a', 'net.a ', ' ', 'a=', '/proc/sys/', 'net.ipv4.ip_forward = 1 '];
    expect(slowLines(pieces, 1500, (line) => read(line, { freeForm: true }))).toEqual([]);
  });
});

describe('a dump that ends within its last line', () => {
  const given = { command: 'sysctl -a' };

  it.each([
    ['in a key', 'net.ipv4.ip_forw', false],
    ['before the value', 'net.ipv4.ip_forward =', false],
    ['after an empty value', 'net.ipv4.ip_local_reserved_ports = ', true],
    ['after a value', 'net.ipv4.ip_forward = 1', true],
  ])('%s', (_, end, complete) => {
    const dump = read(`net.ipv4.conf.eth0.rp_filter = 1\n${end}`, given);
    expect(dump.complete).toBe(complete);
    expect(dump.rows).toHaveLength(complete ? 2 : 1);
  });

  it('a signal ends it too', () => {
    expect(read('net.ipv4.ip_forward = 1\nTerminated\n', given).complete).toBe(false);
  });

  it('`echo $file $(cat $file)` is read too', () => {
    expect(read('/proc/sys/net/ipv4/conf/eth0.100/rp_filter 2\n').pairs).toEqual([
      'net/ipv4/conf/eth0.100/rp_filter=2',
    ]);
  });
});
