/** Builds a case's node in a namespace, with the noise that is nobody's question switched off. ip(8), ipset(8), iptables-restore(8). */
import type { Agent } from './agent.js';
import { applyRun, runsOf } from './apply.js';
import type { Case, Line } from './case.js';

/** No rate limits on errors, no redirects (they use up what errors to that sender are allowed), no detection of duplicate addresses, and a SYN whose only option is its MSS. */
export const quiet: readonly (readonly [string, string])[] = [
  ['net/ipv4/icmp_ratemask', '0'],
  ['net/ipv4/icmp_msgs_per_sec', '100000'],
  ['net/ipv4/icmp_msgs_burst', '100000'],
  ['net/ipv6/icmp/ratelimit', '0'],
  ['net/ipv4/conf/all/send_redirects', '0'],
  ['net/ipv4/conf/default/send_redirects', '0'],
  ['net/ipv4/tcp_timestamps', '0'],
  ['net/ipv4/tcp_sack', '0'],
  ['net/ipv4/tcp_window_scaling', '0'],
  ['net/ipv6/conf/all/accept_dad', '0'],
  ['net/ipv6/conf/default/accept_dad', '0'],
  ['net/ipv6/conf/default/dad_transmits', '0'],
  ['net/ipv6/conf/default/router_solicitations', '0'],
  ['net/ipv6/conf/all/router_solicitations', '0'],
];

export async function buildNode(agent: Agent, one: Case): Promise<void> {
  await agent.newNode();
  await agent.write(quiet);
  const cabled = await agent.cable(one.devices);
  if (cabled.status !== 0) throw new Error(`devices: ${cabled.err}`);
  const names = ['lo', ...one.devices.map(([name]) => name)];
  await agent.run(['ip', '-batch', '-'], names.map((name) => `link set ${name} up\n`).join(''));
  // As on every node somebody waits for TCP: by that the listing shows that it was asked for those who wait.
  await agent.listen(one.family, [['tcp', '*', '22']]);
  for (const lines of runsOf(one.setup, () => true)) await apply(agent, one.family, lines);
  await agent.renew([...forwardingOf(one.setup), ...(await membersOf(agent, one.setup))]);
  await settled(agent);
}

type Renewals = readonly (readonly [argv: readonly string[], input: string])[];

/** Bridges learn from every frame, and even what was put into their databases by hand moves to the port that its address was last seen at. */
function forwardingOf(setup: readonly Line[]): Renewals {
  const bridges = setup.flatMap(({ text }) => /^link add (\S+) .*\btype bridge\b/.exec(text)?.[1] ?? []);
  if (bridges.length === 0) return [];
  const entries = setup.filter(({ tool, text }) => tool === 'bridge' && text.startsWith('fdb '));
  return [
    ...bridges.map((name) => [['ip', 'link', 'set', name, 'type', 'bridge', 'fdb_flush'], ''] as const),
    [['bridge', '-force', '-batch', '-'], entries.map(({ text }) => `${text}\n`).join('')],
  ];
}

/** The members of all sets, where rules change them. */
async function membersOf(agent: Agent, setup: readonly Line[]): Promise<Renewals> {
  if (!setup.some(({ text }) => text.includes('-j SET '))) return [];
  const { out } = await agent.run(['ipset', 'save']);
  const members = out.replace(/^create .*\n/gm, '');
  return [
    [['ipset', 'flush'], ''],
    [['ipset', 'restore'], members],
  ];
}

/** Routes to the node's own addresses of IPv6 are made later than the addresses. */
async function hasLocalRoutes(agent: Agent, addresses: string): Promise<boolean> {
  const { out } = await agent.run(['ip', '-6', 'route', 'show', 'table', 'local']);
  const own = [...addresses.matchAll(/inet6 ([^/ ]+)/g)].map(([, address]) => address);
  return own.every((address) => out.includes(`local ${address} `));
}

/** Carrier and address checks are noticed a little later, and a dump in between would show what is no more. */
async function settled(agent: Agent): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const { out } = await agent.run(['ip', 'addr']);
    if (!/NO-CARRIER|LOWERLAYERDOWN|tentative/.test(out) && (await hasLocalRoutes(agent, out))) return;
    await agent.sleep(0.01);
  }
}

async function apply(agent: Agent, family: 4 | 6, lines: readonly Line[]): Promise<void> {
  const words = lines.map(({ text }) => text.split(' '));
  if (lines[0]?.tool === 'conntrack') await agent.remember(words.map((each) => ['conntrack', ...each]));
  else if (lines[0]?.tool === 'listen') await agent.listen(family, words);
  else await applyRun(agent, family, lines);
}
