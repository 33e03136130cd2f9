/** The referee of the generators: what the kernel prints back after loading the text is the text. */
import { expect, it } from 'vitest';
import { describeKernel } from '../kernel/gate.js';
import { inNetns } from '../kernel/netns.js';
import { type Cluster, generateCluster } from './cluster.js';
import { ipsetListText, ipvsSets } from './generate-ipset.js';
import { kubeProxyDump } from './generate-kube-proxy.js';
import { caliName, routeText } from './generate-routes.js';

/** Tables by name, without the `#` lines: legacy lists tables in the order of their registration, newest first. */
function tables(dump: string): ReadonlyMap<string, string> {
  const parts = dump.replaceAll(/^#.*\n/gm, '').split(/^(?=\*)/m);
  return new Map(parts.map((part) => [part.slice(1, part.indexOf('\n')), part]));
}

const printed = (variant: 'legacy' | 'nft', dump: string, flags: string): ReadonlyMap<string, string> =>
  tables(inNetns(`iptables-${variant}-restore ${flags}; iptables-${variant}-save ${flags}`, dump));

describeKernel('generated dumps', () => {
  for (const variant of ['legacy', 'nft'] as const) {
    it.each([100, 1000])(`${variant} prints %i services back table by table`, (services) => {
      const dump = kubeProxyDump(generateCluster({ services }), { variant, endpointComments: true });
      expect(printed(variant, dump, '')).toEqual(tables(dump));
    });

    it(`${variant} prints counters, comments left out above 1000 endpoints and other endpoint counts back`, () => {
      const cluster = generateCluster({ services: 400, endpoints: 7, seed: 3 });
      const dump = kubeProxyDump(cluster, { variant, counters: true });
      expect(dump).not.toContain(' -> ');
      expect(printed(variant, dump, '-c')).toEqual(tables(dump));
    });
  }

  it('nft lists the tables in the order of the text; legacy lists the last first', () => {
    const cluster = generateCluster({ services: 10 });
    const order = (variant: 'legacy' | 'nft', given: string): string[] =>
      inNetns(`iptables-${variant}-restore; iptables-${variant}-save`, given).match(/^\*.*/gm) ?? [];
    const created = kubeProxyDump(cluster, { variant: 'nft' });
    for (const variant of ['legacy', 'nft'] as const) {
      expect(order(variant, created)).toEqual(kubeProxyDump(cluster, { variant }).match(/^\*.*/gm));
    }
  });

  it('ip prints the routes back', () => {
    const cluster = generateCluster({ services: 1000 });
    const text = routeText(cluster);
    expect(inNetns(`${links(cluster)}\nip -batch -; ip route show table all`, routeBatch(text))).toBe(text);
  });

  it('ipset prints the sets back, but for what depends on its seed', () => {
    const cluster = generateCluster({ services: 1000 });
    const text = inNetns('ipset restore; ipset list', ipsetRestore(cluster));
    expect(comparable(text)).toEqual(comparable(ipsetListText(cluster)));
  });
});

/** veth pairs under the names of the node's interfaces, so that routes can name them. */
function links(cluster: Cluster): string {
  const names = ['eth0', ...cluster.localPods.map((_, index) => caliName(index))];
  return [
    'sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1',
    'ip link set lo up',
    ...names.map(
      (name, index) => `ip link add ${name} up type veth peer name peer${index}; ip link set peer${index} up`,
    ),
    `ip addr add ${cluster.nodeIp}/16 brd + dev eth0`,
  ].join('\n');
}

/** The main table only: the kernel fills the local table, and the connected route, by itself. */
function routeBatch(text: string): string {
  const lines = text
    .split('\n')
    .filter((line) => line !== '' && !line.includes('table local') && !line.includes('proto kernel'));
  return lines.map((line) => `route add ${line}\n`).join('');
}

function ipsetRestore(cluster: Cluster): string {
  const lines = ipvsSets(cluster).flatMap(({ name, type, members }) => [
    type.type === 'bitmap:port'
      ? `create ${name} ${type.type} range 0-65535`
      : `create ${name} ${type.type} family inet hashsize 1024 maxelem 65536`,
    ...members.map((member) => `add ${name} ${member}`),
  ]);
  return `${lines.join('\n')}\n`;
}

/** Blocks of lines with the members sorted; the header up to `maxelem` without the grown `hashsize`, no byte count. */
function comparable(text: string): readonly (readonly string[])[] {
  return text.split('\n\n').map((set) => {
    const lines = set.trimEnd().split('\n');
    const members = lines.indexOf('Members:') + 1;
    const head = lines
      .slice(0, members)
      .filter((line) => !line.startsWith('Size in memory:'))
      .map((line) => line.replace(/ hashsize \d+/, '').replace(/ initval 0x[0-9a-f]{8}/, ''));
    return [...head, ...lines.slice(members).sort()];
  });
}
