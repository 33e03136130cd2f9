/** Where a firewall refuses a node what it has not accepted: rules that accept what the connections need, before it. iptables(8). */
import { type Node, proto, type Skb, type Snapshot, type Step } from '@coldtrace/core';
import { tablesNamed } from '../facts/table-rules.js';
import { toolOf } from '../facts/tool-of.js';
import type { Fix, FixStep } from '../finding.js';
import type { Owner } from '../owner/owner.js';
import { ownerOfPolicy } from '../owner/rule-owner.js';
import { isForAll } from './fix.js';

const names: Readonly<Record<number, string>> = { [proto.tcp]: 'tcp', [proto.udp]: 'udp', [proto.sctp]: 'sctp' };
const mostRules = 6;

export interface Refused {
  /** As it comes to the refusal. */
  readonly packet: Skb;
  readonly direction: 'there' | 'back';
}

/** `refused`: of all connections that end there. null: something else ends them, or a rule that names what it refuses. */
export function inputFix({ nodes }: Snapshot, last: Step | null, refused: readonly Refused[]): Fix | null {
  const claim = last?.claim;
  const node = nodes.find(({ name }) => name === last?.node);
  if (node === undefined || (claim?.kind !== 'policy' && claim?.kind !== 'applies')) return null;
  if (claim.table !== 'filter' || claim.chain !== 'INPUT') return null;
  const { variant, packet } = claim;
  const found = tablesNamed(node.host, packet.family, 'filter').find(
    ({ ruleset }) => variant === null || ruleset.variant === null || ruleset.variant === variant,
  );
  const chain = found?.table.chains.find(({ name }) => name === 'INPUT');
  if (found === undefined || chain === undefined) return null;
  const ending = claim.kind === 'applies' ? chain.rules.at(claim.index - 1) : undefined;
  if (claim.kind === 'applies' && (ending === undefined || !isForAll(chain, ending))) return null;
  const texts = acceptances(refused);
  if (texts.length === 0 || texts.length > mostRules) return null;
  const tool = toolOf(node.host, packet.family, 'filter', variant);
  return {
    steps: texts.map((text) => accepting(node, tool, text)),
    persist: persistInput(ownerOfPolicy(found.table, chain)),
    notes: '',
    verified: null,
  };
}

const answers = '-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT';

/** One for each port or protocol, and one for all answers. */
function acceptances(refused: readonly Refused[]): readonly string[] {
  const texts = refused.map(({ packet: { proto: number, dport }, direction }) => {
    if (direction === 'back') return answers;
    const name = names[number];
    if (name !== undefined && dport !== null) return `-p ${name} -m ${name} --dport ${dport} -j ACCEPT`;
    if (number === proto.icmp) return '-p icmp -m icmp --icmp-type 8 -j ACCEPT';
    return number === proto.icmpv6 ? '-p ipv6-icmp -m icmp6 --icmpv6-type 128 -j ACCEPT' : null;
  });
  return texts.includes(null) ? [] : [...new Set(texts.filter((text) => text !== null))];
}

function accepting({ name }: Node, tool: string, text: string): FixStep {
  const opened = /--dport (\d+)/.exec(text)?.[1];
  return {
    node: name,
    command: `${tool} -I INPUT ${text}`,
    disrupts:
      opened === undefined
        ? 'nothing'
        : `nothing: port ${opened} of ${name} is open to everybody who reaches it; add -s NETWORK where the node is exposed`,
    undo: `${tool} -D INPUT ${text}`,
  };
}

function persistInput(owner: Owner | null): string {
  if (owner === 'ufw') return 'ufw keeps the rules: ufw allow PORT/PROTOCOL writes the same for good.';
  if (owner === 'firewalld')
    return 'firewalld keeps the rules: firewall-cmd --permanent --add-port=PORT/PROTOCOL, then --reload.';
  return 'Put the rules before the refusing one in the file that is restored at boot (netfilter-persistent save, or what iptables-restore reads).';
}
