/** The generators without a kernel: names known from real clusters, exact prints, shares, and repeatability. */
import { describe, expect, it } from 'vitest';
import { endpointChain, serviceChain } from './chain-name.js';
import { generateCluster } from './cluster.js';
import { kubeProxyDump } from './generate-kube-proxy.js';
import { nodeFiles } from './generate-node.js';
import { probability } from './kube-proxy-nat.js';

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

describe('chain names', () => {
  it.each([
    ['default/kubernetes:https', 'tcp', 'KUBE-SVC-NPX46M4PTMTKRN6Y'],
    ['kube-system/kube-dns:dns', 'udp', 'KUBE-SVC-TCOU7JCQXEZGVUNU'],
    ['kube-system/kube-dns:dns-tcp', 'tcp', 'KUBE-SVC-ERIFXISQEP7F7OF4'],
    ['kube-system/kube-dns:metrics', 'tcp', 'KUBE-SVC-JD5MR3NA4I4DYORP'],
  ])('%s over %s is %s, as on every cluster', (name, proto, chain) => {
    expect(serviceChain('KUBE-SVC-', name, proto)).toBe(chain);
  });

  it('an endpoint chain depends on the endpoint', () => {
    const [one, other] = ['10.0.0.1:80', '10.0.0.2:80'].map((to) => endpointChain('a/b', 'tcp', to));
    expect(one).toMatch(/^KUBE-SEP-[A-Z2-7]{16}$/);
    expect(one).not.toBe(other);
  });
});

it.each([
  [2, '0.50000000000'],
  [3, '0.33333333349'],
  [4, '0.25000000000'],
  [5, '0.20000000019'],
])('one of %i is printed as %s', (n, text) => {
  expect(probability(n)).toBe(text);
});

describe('kubeProxyDump', () => {
  const cluster = generateCluster({ services: 5000 });
  const text = kubeProxyDump(cluster);

  it('has the asked-for number of service ports and about the asked-for shares', () => {
    expect(cluster.services).toHaveLength(5000);
    const share = (test: (service: (typeof cluster.services)[number]) => boolean): number =>
      (100 * cluster.services.filter(test).length) / 5000;
    expect(share((service) => service.loadBalancer !== undefined)).toBeCloseTo(3, -0.5);
    expect(share((service) => service.nodePort !== undefined && !service.loadBalancer)).toBeCloseTo(9, -0.5);
    expect(share((service) => service.endpoints.length === 0)).toBeCloseTo(2, -0.5);
    expect(share((service) => service.affinitySeconds !== undefined)).toBeCloseTo(1, -0.5);
  });

  it('declares each chain it uses, and each once', () => {
    for (const table of text.split(/^COMMIT$/m)) {
      const declared = [...table.matchAll(/^:(\S+)/gm)].map((match) => match[1] ?? '');
      const known = new Set(declared);
      expect(known.size).toBe(declared.length);
      const used = [...table.matchAll(/(?:^-A|-j) (KUBE-\S+)/gm)].map((match) => match[1] ?? '');
      expect(used.filter((chain) => !known.has(chain))).toEqual([]);
    }
  });

  it('leaves endpoint comments out above 1000 endpoints, unless asked', () => {
    expect(text).not.toContain(' -> ');
    expect(count(kubeProxyDump(cluster, { endpointComments: true }), / -> /g)).toBeGreaterThan(14_000);
    expect(kubeProxyDump(generateCluster({ services: 100 }))).toContain(' -> ');
  });

  it('prints counters before each rule only when asked', () => {
    expect(count(text, /^\[/gm)).toBe(0);
    const counted = kubeProxyDump(cluster, { counters: true });
    expect(count(counted, /^\[\d+:\d+\] -A /gm)).toBe(count(text, /^-A /gm));
  });

  it('orders the tables as each backend does', () => {
    const order = (variant: 'legacy' | 'nft'): string[] => kubeProxyDump(cluster, { variant }).match(/^\*.*/gm) ?? [];
    expect(order('legacy')).toEqual(['*nat', '*filter', '*mangle']);
    expect(order('nft')).toEqual(['*mangle', '*filter', '*nat']);
  });
});

it('makes the same node from the same seed, and another from another', () => {
  const one = nodeFiles({ services: 100, counters: true, seed: 5 });
  expect([...nodeFiles({ services: 100, counters: true, seed: 5 })]).toEqual([...one]);
  expect(nodeFiles({ services: 100, seed: 6 }).get('iptables-save.txt')).not.toBe(one.get('iptables-save.txt'));
});
