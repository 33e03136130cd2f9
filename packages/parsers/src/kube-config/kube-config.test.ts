import type { ComponentConfig, Facts } from '@coldtrace/core';
import { positionAt } from '@coldtrace/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kubernetesFormats } from '../kubernetes/index.js';
import { parseSnapshot } from '../parse-snapshot.js';
import { hostileTexts, ledgerIsComplete, sectionOf, textAt } from '../testing.js';
import { configOfCommandLine, configOfLogLine, kubeConfigFormats } from './index.js';

const [configFormat, flagsFormat] = kubeConfigFormats;
const [objectsFormat] = kubernetesFormats;
if (configFormat === undefined || flagsFormat === undefined || objectsFormat === undefined) throw new Error('formats');

const configsOf = (facts: readonly Facts[]): readonly ComponentConfig[] =>
  facts.flatMap((one) => (one.kind === 'component-configs' ? one.rows : []));
const read = (text: string, freeForm = false) => configsOf(configFormat.parse(sectionOf(text, { freeForm })).value);
const problemsOf = (text: string) => {
  const section = sectionOf(text);
  return configsOf(configFormat.parse(section).value).flatMap((config) =>
    config.problems.map((one) => {
      const { line, column } = positionAt(section.file, one.span.start);
      return `${one.kind} ${one.path} ${one.nearest ?? '-'} ${line}:${column}`;
    }),
  );
};

const head = 'apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n';

describe('a KubeProxyConfiguration', () => {
  const table: readonly (readonly [string, string, readonly string[]])[] = [
    [
      'nothing wrong',
      'mode: ipvs\nclusterCIDR: 10.244.0.0/16\niptables:\n  masqueradeAll: true\n  masqueradeBit: 14\n  syncPeriod: 30s\n',
      [],
    ],
    [
      'nulls and empty texts',
      'mode: ""\nclusterCIDR: ""\nconntrack:\n  maxPerCore: null\nnodePortAddresses: null\n',
      [],
    ],
    [
      'two families',
      'clusterCIDR: 10.244.0.0/16,fd00::/56\nnodePortAddresses: [primary]\nmetricsBindAddress: "[::1]:10249"\n',
      [],
    ],
    [
      'a letter lost',
      'iptables:\n  masqueradeAl: ""\n  masqueradeBit: 14\n',
      ['unknown-field iptables.masqueradeAl masqueradeAll 4:3'],
    ],
    ['a wrong type', 'iptables:\n  masqueradeAll: ""\n', ['wrong-type iptables.masqueradeAll - 4:18']],
    ['a mark bit of 32', 'iptables:\n  masqueradeBit: 32\n', ['bad-value iptables.masqueradeBit - 4:18']],
    ['a bad CIDR', 'clusterCIDR: 10.244.0.0/33\n', ['bad-value clusterCIDR - 3:14']],
    ['a CIDR without length', 'clusterCIDR: 10.244.0.0\n', ['bad-value clusterCIDR - 3:14']],
    ['a bad mode', 'mode: iptable\n', ['bad-value mode - 3:7']],
    [
      'a bad duration',
      'ipvs:\n  syncPeriod: 30\n  minSyncPeriod: soon\n',
      ['wrong-type ipvs.syncPeriod - 4:15', 'bad-value ipvs.minSyncPeriod - 5:18'],
    ],
    ['a bad list member', 'nodePortAddresses:\n- 10.0.0.0/8\n- node\n', ['bad-value nodePortAddresses.1 - 5:3']],
    [
      'a bad address',
      'bindAddress: 0.0.0\nhealthzBindAddress: 0.0.0.0:99999\n',
      ['bad-value bindAddress - 3:14', 'bad-value healthzBindAddress - 4:21'],
    ],
    ['a key twice', 'mode: ipvs\nmode: iptables\n', ['duplicate-field mode - 4:1']],
    ['a list for a section', 'iptables: []\n', ['wrong-type iptables - 3:11']],
    ['YAML 1.1 booleans', 'iptables:\n  masqueradeAll: yes\n', []],
    ['a quoted yes', 'iptables:\n  masqueradeAll: "yes"\n', ['wrong-type iptables.masqueradeAll - 4:18']],
    [
      'a prototype key',
      '__proto__:\n  mode: ipvs\nconstructor: 1\n',
      ['unknown-field __proto__ - 3:1', 'unknown-field constructor - 5:1'],
    ],
    ['a port range', 'portRange: 2000-1000\n', ['bad-value portRange - 3:12']],
  ];
  it.each(table)('with %s', (_name, body, expected) => {
    expect(problemsOf(head + body)).toEqual(expected);
  });
  it('says what it is and what it must be', () => {
    const [config] = read(`${head}iptables:\n  masqueradeAll: ""\n`);
    expect(config?.problems[0]?.message).toBe('iptables.masqueradeAll must be true or false, but is the string ""');
  });
  it('knows the kubelet too', () => {
    expect(
      problemsOf(
        'kind: KubeletConfiguration\napiVersion: kubelet.config.k8s.io/v1beta1\nclusterDNS: [10.96.0.10]\nfailSwapOnn: false\n',
      ),
    ).toEqual(['unknown-field failSwapOnn failSwapOn 4:1']);
  });
});

describe('inside a ConfigMap', () => {
  const inner =
    'apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\niptables:\n  masqueradeAl: ""\n  masqueradeBit: 14';
  const places = (text: string) => {
    const section = sectionOf(text);
    return configsOf(objectsFormat.parse(section).value).flatMap((config) =>
      config.problems.map((one) => ({
        origin: config.origin,
        at: positionAt(section.file, one.span.start),
        text: textAt(section, one.span),
      })),
    );
  };
  it('points into the outer YAML', () => {
    const text = `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: kube-proxy\ndata:\n  kubeconfig.conf: |-\n    kind: Config\n  config.conf: |-\n${inner.replace(/^/gm, '    ')}\n`;
    expect(places(text)).toEqual([{ origin: 'configmap', at: { line: 12, column: 7 }, text: 'masqueradeAl' }]);
  });
  it('that is no YAML is a configuration with that problem', () => {
    const broken =
      'apiVersion: v1\nkind: ConfigMap\ndata:\n  config.conf: |\n    kind: KubeProxyConfiguration\n    iptables:\n    \tmasqueradeBit: 14\n';
    const [config] = configsOf(objectsFormat.parse(sectionOf(broken)).value);
    expect(config?.problems.map((one) => one.kind)).toEqual(['syntax']);
    const file = sectionOf('kind: KubeProxyConfiguration\niptables:\n\tmasqueradeBit: 14\n');
    expect(configsOf(configFormat.parse(file).value).map((one) => one.problems[0]?.kind)).toEqual(['syntax']);
  });
  it('points into a double-quoted scalar and into JSON', () => {
    const quoted = JSON.stringify(inner);
    for (const text of [
      `apiVersion: v1\nkind: ConfigMap\ndata:\n  config.conf: ${quoted}\n`,
      `{"apiVersion":"v1","kind":"ConfigMap","data":{"config.conf":${quoted}}}`,
    ]) {
      expect(places(text).map((one) => one.text)).toEqual(['masqueradeAl']);
    }
  });
});

const flat = `${head}clientConnection:\nburst: 10\nkubeconfig: /var/lib/kube-proxy/kubeconfig.conf\niptables:\nmasqueradeAl: ""\nmasqueradeBit: 14\nmode: ipvs\n`;

describe('lost indentation', () => {
  it('is restored by the schema in a paste, and said', () => {
    const section = sectionOf(flat, { freeForm: true });
    const parsed = configFormat.parse(section);
    const [config] = configsOf(parsed.value);
    expect(config?.trust).toBe('repaired');
    expect(config?.problems.map((one) => `${one.kind} ${one.path} ${textAt(section, one.span)}`)).toEqual([
      'unknown-field iptables.masqueradeAl masqueradeAl',
    ]);
    expect(parsed.diagnostics.filter((one) => one.code === 'kube-config/indentation-restored')).toHaveLength(4);
  });
  it('is left alone in a file', () => {
    expect(read(flat)[0]?.problems.map((one) => one.path)).toEqual([
      'burst',
      'kubeconfig',
      'masqueradeAl',
      'masqueradeBit',
    ]);
  });
  it('is not seen where there is none', () => {
    expect(read(`${head}mode: ipvs\niptables:\n  masqueradeBit: 14\n`, true)[0]?.trust).toBeUndefined();
  });
});

describe('a ConfigMap that lost all indentation', () => {
  const text = `apiVersion: v1\ndata:\nconfig.conf: |-\n${flat}kubeconfig.conf: |-\napiVersion: v1\nkind: ConfigMap\nmetadata:\nname: kube-proxy\n`;
  it('still holds its configuration, in a paste', () => {
    const section = sectionOf(text, { freeForm: true });
    const configs = configsOf(objectsFormat.parse(section).value);
    expect(configs.map((one) => `${one.origin} ${one.trust}`)).toEqual(['configmap repaired']);
    expect(configs[0]?.problems.map((one) => `${one.path} ${textAt(section, one.span)}`)).toEqual([
      'iptables.masqueradeAl masqueradeAl',
    ]);
  });
  it('is nothing of the kind in a file', () => {
    expect(configsOf(objectsFormat.parse(sectionOf(text)).value)).toEqual([]);
  });
});

describe('a few lines without their file', () => {
  const fragment = '      masqueradeAl: ""\n      masqueradeBit: 14\n      syncPeriod: 30s\n';
  const shown = (text: string, start = 0) => {
    const section = sectionOf(text, { freeForm: true, start });
    return configsOf(configFormat.parse(section).value).flatMap((one) =>
      one.problems.map((problem) => `${problem.path} ${problem.nearest} ${textAt(section, problem.span)} ${one.trust}`),
    );
  };
  it('are known by their fields', () => {
    expect(configFormat.line('      masqueradeAl: ""')).toBe('opens');
    expect(shown(fragment)).toEqual(['iptables.masqueradeAl masqueradeAll masqueradeAl repaired']);
  });
  it('belong to the section that the line above names', () => {
    expect(shown('    nftables:\n      masqueradeBi: 1\n', 14)).toEqual([
      'nftables.masqueradeBi masqueradeBit masqueradeBi repaired',
    ]);
  });
  it('end where other text begins', () => {
    const text = `${fragment}and so on\n`;
    expect(text.slice(configFormat.extent?.(text, 0) ?? 0)).toBe('and so on\n');
  });
});

describe('flags', () => {
  const flags = (text: string) => configOfCommandLine(text, 0, 0);
  it('become the fields they set', () => {
    const config = flags(
      '/usr/local/bin/kube-proxy --proxy-mode=ipvs --cluster-cidr 10.244.0.0/16 --masquerade-all --iptables-masquerade-bit=14 --v=2',
    );
    expect(config?.origin).toBe('flags');
    expect(config?.problems).toEqual([]);
    expect(JSON.stringify(config?.body)).toContain('"key":"masqueradeAll"');
  });
  it('are checked as the fields are, and unknown ones named', () => {
    const config = flags('ExecStart=/usr/bin/kube-proxy --proxy-mode=ipv --cluster-cidr=10.244.0.0/40 --masquerade-al');
    expect(config?.problems.map((one) => `${one.kind} ${one.path} ${one.nearest}`)).toEqual([
      'bad-value mode null',
      'bad-value clusterCIDR null',
      'unknown-field --masquerade-al --masquerade-all',
    ]);
  });
  it('are not judged where a variable stands', () => {
    const config = flags(
      `/usr/bin/kube-proxy --proxy-mode=$MODE --cluster-cidr \${POD_CIDR} --nodeport-addresses=10.0.0.0/8,$(NODE_IP)/32 --conntrack-max-per-core="$MAX" --ipvs-strict-arp=$ARP --healthz-bind-address=x$`,
    );
    expect(config?.problems.map((one) => one.path)).toEqual(['healthzBindAddress']);
  });
  it.each(['$KUBE_PROXY_ARGS', '--v=2', 'and more', '| tee log'])(
    'a switch takes no word that follows it: %s',
    (after) => {
      const config = flags(`/usr/bin/kube-proxy --proxy-mode=ipvs --masquerade-all ${after}`);
      expect(config?.problems).toEqual([]);
      expect(JSON.stringify(config?.body)).toMatch(/"key":"masqueradeAll".*"value":true/);
    },
  );
  it('take no word behind a switch: kube-proxy refuses it', () => {
    const config = flags('ExecStart=/usr/bin/kube-proxy --masquerade-all false --v=2');
    expect(config?.problems.map((one) => `${one.kind} ${one.path}`)).toEqual(['bad-value --masquerade-all']);
    expect(flags('ExecStart=/usr/bin/kube-proxy --masquerade-all=false --v=2')?.problems).toEqual([]);
  });
  it('are read over continued lines', () => {
    const text = 'ExecStart=/usr/bin/kube-proxy --proxy-mode=ipvs \\\n  --cluster-cidr=10.244.0.0/40\nRestart=always\n';
    const parsed = flagsFormat.parse(sectionOf(text));
    expect(configsOf(parsed.value).flatMap((one) => one.problems.map((problem) => problem.path))).toEqual([
      'clusterCIDR',
    ]);
    expect([...parsed.ledger]).toEqual([1, 1, 0]);
  });
  it('of other programs are nobody’s', () => {
    expect(flags('iptables --table nat')).toBeNull();
    expect(flags('kube-proxy is broken')).toBeNull();
  });
});

describe('a log line', () => {
  it.each([
    [
      'F0701 10:00:00.000000 1 server.go:490] failed complete: v1alpha1.KubeProxyConfiguration.IPTables: v1alpha1.KubeProxyIPTablesConfiguration.MasqueradeBit: ReadObject: found unknown field: masqueradeAl, error found in #10 byte of ...|',
      'iptables.masqueradeAl masqueradeAll',
    ],
    [
      'W1 server.go] strict decoding error: unknown field "iptables.masqueradeAl"',
      'iptables.masqueradeAl masqueradeAll',
    ],
    ['strict decoding error: unknown field "modee"', 'modee mode'],
  ])('%s', (line, expected) => {
    const config = configOfLogLine(line, 0, 0);
    expect(config?.problems.map((one) => `${one.path} ${one.nearest}`)).toEqual([expected]);
    expect([config?.origin, config?.trust]).toEqual(['log', 'claimed']);
  });
  it('without an unknown field claims nothing', () => {
    expect(configOfLogLine('Failed to retrieve node info: connection refused', 0, 0)).toBeNull();
  });
});

describe('recognition', () => {
  it('is by apiVersion and kind', () => {
    expect(configFormat.line('apiVersion: kubeproxy.config.k8s.io/v1alpha1')).toBe('opens');
    expect(configFormat.line('kind: KubeProxyConfiguration')).toBe('opens');
    expect(configFormat.line('apiVersion: v1')).toBeNull();
    expect(configFormat.whole?.(`${head}mode: ipvs\n`, 'x')).toBeGreaterThan(0.9);
    expect(
      configFormat.whole?.(
        'apiVersion: v1\nkind: ConfigMap\ndata:\n  config.conf: |\n    kind: KubeProxyConfiguration\n',
        'x',
      ),
    ).toBe(0);
    expect(objectsFormat.line('kind: KubeProxyConfiguration')).toBeNull();
  });
});

describe('any text', () => {
  it('never throws, and every line is accounted for', () => {
    const pieces = [
      ...head.split('\n'),
      'iptables:',
      '  masqueradeAl: 1',
      'masqueradeBit: 99',
      '- x',
      'kube-proxy --a --b=c',
      'kube-proxy --proxy-mode=',
      '\\',
    ];
    const text = fc.array(fc.oneof(fc.constantFrom(...pieces), fc.constantFrom(...hostileTexts), fc.string()), {
      maxLength: 25,
    });
    fc.assert(
      fc.property(text, fc.boolean(), (lines, freeForm) => {
        const section = sectionOf(lines.join('\n'), { freeForm });
        for (const format of kubeConfigFormats) {
          for (const line of lines) format.line(line);
          expect(ledgerIsComplete(section, format.parse(section))).toBe(true);
        }
        configOfLogLine(lines.join(' '), 0, 0);
      }),
      { numRuns: 150 },
    );
  });
});

describe('problems as diagnostics', () => {
  const of = (files: Readonly<Record<string, string>>) =>
    parseSnapshot(files).diagnostics.filter((one) => one.code === 'kube-config/problem');

  it('stand where they are, for kubelet too', () => {
    const text =
      'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nhairpinMod: none\nmaxPods: many\n';
    expect(of({ 'n/kubelet.yaml': text }).map(({ message }) => message)).toEqual([
      'configuration of kubelet: hairpinMod is no known field; the nearest known field is hairpinMode',
      'configuration of kubelet: maxPods must be a number, but is the string "many"',
    ]);
    expect(of({ 'n/kubelet.yaml': text }).map(({ span }) => text.slice(span.start, span.end))).toEqual([
      'hairpinMod',
      'many',
    ]);
  });

  it('are not said of a process that runs, nor twice of what is no YAML', () => {
    const ps =
      'UID PID PPID C STIME TTY TIME CMD\nroot 7 1 0 10:00 ? 00:00:01 /usr/bin/kube-proxy --clster-cidr=10.0.0.0/8\n';
    expect(of({ 'n/ps-ef.txt': ps })).toEqual([]);
    expect(of({ 'n/kube-proxy.yaml': `${head}mode: "ipvs\n` })).toEqual([]);
  });
});
