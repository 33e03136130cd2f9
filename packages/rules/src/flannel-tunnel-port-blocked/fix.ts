/** What lets the tunnel's packets in or out again, and with whose tool it lasts: ufw(8), firewall-cmd(1), iptables(8). */
import type { Family, Step } from '@coldtrace/core';
import { tablesNamed } from '../facts/table-rules.js';
import { toolOf } from '../facts/tool-of.js';
import type { Fix, FixStep } from '../finding.js';
import type { CapturedNode } from '../flannel/common.js';
import { type Owner, ownerOfChain } from '../owner/owner.js';
import { ownerOfPolicy } from '../owner/rule-owner.js';

/** Accepts the port before whatever refuses it; whoever owns the refusing rule makes it last. */
export function portFix(
  node: CapturedNode,
  message: 'input' | 'output',
  { number: port, family }: { readonly number: number; readonly family: Family },
  step: Step,
): Fix {
  const { name } = node;
  const [table = 'filter', chain = message === 'input' ? 'INPUT' : 'OUTPUT'] = step.stage.split('/');
  const owner = ownerOf(node, step, chain, family);
  const { claim } = step;
  const variant = claim?.kind === 'applies' || claim?.kind === 'policy' ? claim.variant : null;
  const plain = toolOf(node.node.host, family, table, variant);
  // Another table's ACCEPT says nothing about the one that refuses.
  const tool = table === 'filter' ? plain : `${plain} -t ${table}`;
  const rule = `${chain} -p udp -m udp --dport ${port} -j ACCEPT`;
  const accept: FixStep = {
    node: name,
    command: `${tool} -I ${rule}`,
    disrupts:
      'nothing; whoever reaches the port can send frames into the tunnel: add -s NETWORK-OF-THE-NODES where the node is exposed',
    undo: `${tool} -D ${rule}`,
  };
  return {
    steps: [accept],
    persist: persistFor(owner, port, family),
    notes: owner === null ? '' : `The refusal belongs to ${owner}.`,
    verified: null,
  };
}

/** Of the chain that refused, or of the policy. */
function ownerOf({ node }: CapturedNode, step: Step, hook: string, family: Family): Owner | null {
  if (!step.what.includes('policy')) return ownerOfChain(step.rule?.chain ?? '');
  const owners = tablesNamed(node.host, family, step.stage.split('/')[0] ?? 'filter').map(({ table }) => {
    const chain = table.chains.find(({ name }) => name === hook);
    return chain === undefined ? null : ownerOfPolicy(table, chain);
  });
  return owners.find((owner) => owner !== null) ?? null;
}

export function persistFor(owner: Owner | null, port: number, family: Family): string {
  if (owner === 'ufw') return `ufw allow ${port}/udp`;
  if (owner === 'firewalld') return `firewall-cmd --permanent --add-port=${port}/udp && firewall-cmd --reload`;
  return `Put the rule where the others come from (${family === 6 ? 'ip6tables-save > /etc/iptables/rules.v6, /etc/sysconfig/ip6tables' : 'iptables-save > /etc/iptables/rules.v4, /etc/sysconfig/iptables'}, or the configuration of the firewall).`;
}
