/** A bridge with two of the devices as its ports, its hosts in its forwarding database, shown to iptables or not. ip-link(8), bridge(8), Documentation/networking/bridge.rst. */
import type { Prng } from '../../../bench/prng.js';
import type { Line, ProbeLine } from '../case.js';
import type { Pool, PoolDevice } from './pool.js';
import type { Widened } from './widening.js';

const bridge = { name: 'br0', mac: '02:00:00:00:0b:01' } as const;

export function bridgedPorts(pool: Pool, tool: 'legacy' | 'nft', random: Prng): Widened {
  const ports = pool.devices.slice(0, 2);
  const shown = random.chance(0.75) ? 1 : 0;
  const which = pool.family === 4 ? 'iptables' : 'ip6tables';
  const narrow = random.chance(0.4) ? ports[random.below(2)]?.name : undefined;
  const less: readonly Line[] = narrow === undefined ? [] : [{ tool: 'ip', text: `link set ${narrow} mtu 1400` }];
  return {
    network: [
      { tool: 'ip', text: `link add ${bridge.name} address ${bridge.mac} type bridge mcast_snooping 0` },
      ...ports.map(({ name }): Line => ({ tool: 'ip', text: `addr flush dev ${name}` })),
      ...ports.map(({ name }): Line => ({ tool: 'ip', text: `link set ${name} master ${bridge.name}` })),
      { tool: 'ip', text: `link set ${bridge.name} up` },
      { tool: 'sysctl', text: `net/bridge/bridge-nf-call-${which} ${shown}` },
      ...ports.flatMap((port) => behind(pool.family, port, random)),
      ...pool.remotes
        .filter(() => random.chance(0.4))
        .map(
          ({ net }): Line => ({
            tool: 'ip',
            text: `route replace ${net} via ${random.pick([ports[0], ports[1] ?? ports[0]].map((port) => port?.hosts[0] ?? '') as [string, string])} dev ${bridge.name}`,
          }),
        ),
      ...ports
        .filter(() => random.chance(0.2))
        .map(({ name }): Line => ({ tool: 'bridge', text: `link set dev ${name} hairpin on` })),
      ...settings(ports, random),
      ...less,
    ],
    rules: Array.from({ length: 1 + random.below(4) }, () => physdevRule(tool, ports, random)),
    aim: (probe) => nearlyTooLong(ofBridge(probe, ports, random), narrow, random),
  };
}

/** What a port does not do that others do, and what the bridge does for all of them. */
function settings(ports: readonly PoolDevice[], random: Prng): readonly Line[] {
  if (random.chance(0.5)) return [];
  const words = [
    'isolated on',
    'flood off',
    'bcast_flood off',
    'mcast_flood off',
    'learning off',
    'guard on',
    'state 4',
    'neigh_suppress on',
  ];
  const ofPorts = ports
    .filter(() => random.chance(0.5))
    .map(
      ({ name }): Line => ({
        tool: 'bridge',
        text: `link set dev ${name} ${random.pick(words as [string, ...string[]])}`,
      }),
    );
  const types = ['nf_call_iptables 1', 'nf_call_ip6tables 1', 'ageing_time 0', 'no_linklocal_learn 1', 'stp_state 0'];
  const all = random.chance(0.3)
    ? [
        {
          tool: 'ip',
          text: `link set ${bridge.name} type bridge ${random.pick(types as [string, ...string[]])}`,
        } as const,
      ]
    : [];
  return [...ofPorts, ...all];
}

/** Addresses and hosts of a port's network are the bridge's now. */
function behind(family: 4 | 6, { name, own, hosts }: PoolDevice, random: Prng): readonly Line[] {
  const bits = family === 4 ? 24 : 64;
  return [
    ...own.map(
      (address): Line => ({
        tool: 'ip',
        text: `addr add ${address}/${bits} dev ${bridge.name}${family === 6 ? ' nodad' : ''}`,
      }),
    ),
    ...hosts.map(
      (host): Line => ({
        tool: 'ip',
        text: `neigh replace ${host} lladdr ${macOf(host)} dev ${bridge.name} nud permanent`,
      }),
    ),
    ...hosts
      .filter(() => random.chance(0.8))
      .map((host): Line => ({ tool: 'bridge', text: `fdb replace ${macOf(host)} dev ${name} master static` })),
  ];
}

/** Of network and host, so that every host has its own. */
function macOf(host: string): string {
  const words = host.split(/[.:]/).filter((word) => word !== '');
  const [network = '0', last = '1'] = [words[1], words.at(-1)];
  return `02:00:00:00:a${network.slice(-1)}:${last.padStart(2, '0').slice(-2)}`;
}

function physdevRule(tool: 'legacy' | 'nft', ports: readonly PoolDevice[], random: Prng): Line {
  const chain = random.pick(['PREROUTING', 'INPUT', 'FORWARD', 'POSTROUTING'] as const);
  const port = ports[random.below(ports.length)]?.name ?? '';
  const into = `--physdev-in ${random.pick([port, 'eth+'])}`;
  const out = `--physdev-out ${port}`;
  const asks =
    chain === 'PREROUTING' || chain === 'INPUT'
      ? [into, '--physdev-is-in']
      : [into, out, '--physdev-is-bridged', '--physdev-is-in'];
  const ask = asks[random.below(asks.length)] ?? into;
  const does = random.pick(['', '', '-j MARK --set-xmark 0x1/0x1', '-j ACCEPT']);
  return {
    tool,
    table: 'mangle',
    text: `-A ${chain} -m physdev ${random.chance(0.25) ? '! ' : ''}${ask} ${does}`.trim(),
  };
}

/** Frames of hosts behind the ports: for the bridge, for whom they name, or for all. */
function ofBridge(probe: ProbeLine, ports: readonly PoolDevice[], random: Prng): ProbeLine {
  const port = ports.find(({ name }) => name === probe.in_iface);
  if (probe.kind !== 'ingress' || port === undefined) return probe;
  const { dst_mac: _, ...rest } = probe;
  const other = ports.find(({ name }) => name !== port.name);
  const host = random.chance(0.6) && other !== undefined ? other.hosts[random.below(4)] : undefined;
  const dst = host ?? probe.dst ?? '';
  const known = ports.some(({ hosts }) => hosts.includes(dst));
  const roll = random.unit();
  const dst_mac =
    roll < 0.08 ? 'ff:ff:ff:ff:ff:ff' : known && roll < 0.6 ? macOf(dst) : roll < 0.9 ? bridge.mac : port.mac;
  return { ...rest, dst, src_mac: macOf(probe.src ?? dst), dst_mac };
}

/** About as long as the narrow port takes; the other end of its cable is as wide as ever, but not as a sender. */
function nearlyTooLong(probe: ProbeLine, narrow: string | undefined, random: Prng): ProbeLine {
  const fits = narrow !== undefined && probe.kind === 'ingress' && probe.in_iface !== narrow && probe.proto === 'udp';
  if (!fits || !random.chance(0.6)) return probe;
  const { length: _, ...rest } = probe;
  const headers = probe.family === 4 ? 28 : 48;
  const df = probe.family === 4 && random.chance(0.5) ? { df: true } : {};
  return { ...rest, ...df, payload: random.pick([1400, 1401, 1404, 1405, 1500]) - headers };
}
