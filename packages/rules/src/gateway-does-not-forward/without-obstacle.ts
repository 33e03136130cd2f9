/** The snapshot as it would be without an obstacle at a gateway: what is tried in the model before it is proposed. */
import {
  type Chain,
  hostPrefix,
  type Ip,
  maskedOfPrefix,
  type NetNs,
  type Rows,
  type Rule,
  type Snapshot,
  type Sysctl,
  type SysctlDump,
} from '@coldtrace/core';
import type { Obstacle } from './obstacles.js';

export function withoutObstacle(snapshot: Snapshot, gateway: string, obstacle: Obstacle, client: Ip): Snapshot {
  const nodes = snapshot.nodes.map((node) =>
    node.name === gateway ? { ...node, host: mended(node.host, obstacle, client) } : node,
  );
  return { ...snapshot, nodes };
}

function mended(ns: NetNs, obstacle: Obstacle, client: Ip): NetNs {
  switch (obstacle.kind) {
    case 'forwarding-off':
      return { ...ns, sysctl: forwarding(ns.sysctl, obstacle.iif) };
    case 'policy':
      return withChain(ns, client, obstacle.table, obstacle.chain, (chain) => ({ ...chain, policy: 'ACCEPT' }));
    case 'rule':
      return withChain(ns, client, obstacle.table, obstacle.chain, (chain) => accepting(chain, obstacle, client));
    case 'unmasked':
    case 'missourced':
      return ns;
  }
}

const switches = /^net\/ipv[46]\/(?:ip_forward|conf\/[^/]*\/forwarding)$/;

function forwarding(dump: SysctlDump, iif: string | null): SysctlDump {
  const byKey = new Map(dump.byKey);
  const [any] = dump.byKey.values();
  for (const [key, row] of dump.byKey) if (switches.test(key)) byKey.set(key, { ...row, value: '1' });
  const own = `net/ipv4/conf/${iif ?? ''}/forwarding`;
  const set: Sysctl | null = any === undefined || byKey.has(own) ? null : { ...any, key: own, value: '1' };
  if (set !== null) byKey.set(own, set);
  return { ...dump, byKey };
}

function withChain(ns: NetNs, { family }: Ip, table: string, chain: string, change: (chain: Chain) => Chain): NetNs {
  const rulesets = ns.rulesets.map((ruleset) =>
    ruleset.family !== family
      ? ruleset
      : {
          ...ruleset,
          tables: ruleset.tables.map((one) =>
            one.name !== table
              ? one
              : { ...one, chains: one.chains.map((each) => (each.name === chain ? change(each) : each)) },
          ),
        },
  );
  return { ...ns, rulesets };
}

/** A rule before all others that accepts the client's packets, or the answers to them. */
function accepting(chain: Chain, { way }: Obstacle, client: Ip): Chain {
  const [sample] = [chain.rules.at(0)];
  if (sample === undefined) return chain;
  const address = { masked: maskedOfPrefix(hostPrefix(client)), invert: false };
  const rule: Rule = {
    header: {
      src: way === 'there' ? address : null,
      dst: way === 'back' ? address : null,
      iif: null,
      oif: null,
      proto: null,
      fragment: null,
    },
    matches: [],
    target: { kind: 'standard', verdict: 'ACCEPT' },
    counters: null,
    span: sample.span,
  };
  const { rules } = chain;
  const more: Rows<Rule> = { length: rules.length + 1, at: (index) => (index === 0 ? rule : rules.at(index - 1)) };
  return { ...chain, rules: more };
}
