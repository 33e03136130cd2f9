/** A node that serves Services, of which only the packet filter was captured: its FORWARD chain drops by policy, and no rule accepts what pods begin. */
import { conntrack, matchData, type Node, type Rule, state, type Table } from '@coldtrace/core';
import { rulesOf, tablesNamed } from '../facts/table-rules.js';
import { type Owner, ownerOfChain, ownerOfLink } from '../owner/owner.js';
import { ownerOfPolicy } from '../owner/rule-owner.js';
import { persistPolicy } from './fix.js';
import type { Context } from './statement.js';

export function checkClosed(cx: Context): void {
  for (const node of cx.snapshot.nodes) {
    if (isTraced(node)) continue;
    const found = tablesNamed(node.host, 4, 'filter')
      .map(({ table }) => closedForward(table))
      .find((one) => one !== null);
    if (found != null) report(cx, node, found);
  }
}

/** Where links, addresses or routes are known, packets of its pods are followed instead. */
function isTraced({ host }: Node): boolean {
  return [host.links, host.addresses, host.routes].some(({ state: captured }) => captured !== 'absent');
}

interface Closed {
  readonly table: Table;
  readonly span: NonNullable<Table['chains'][number]['span']>;
  /** Rules that accept what docker's own bridges send. */
  readonly docker: boolean;
  readonly owner: Owner | null;
}

function closedForward(table: Table): Closed | null {
  const forward = table.chains.find(({ name, builtin }) => builtin && name === 'FORWARD');
  if (forward === undefined || forward.policy !== 'DROP' || forward.span === null) return null;
  const isServing = table.chains.some(({ name }) => ownerOfChain(name) === 'kube-proxy');
  const reached = isServing ? chainsFrom(table, forward.name) : null;
  if (reached === null) return null;
  let docker = false;
  for (const { chain, rule } of rulesOf(table)) {
    if (!reached.has(chain.name) || isNarrow(rule)) continue;
    if (!isOfDocker(rule)) return null;
    docker = true;
  }
  return { table, span: forward.span, docker, owner: ownerOfPolicy(table, forward) };
}

/** FORWARD and the chains that it leads to; null where not all of their rules were captured. */
function chainsFrom({ chains }: Table, first: string): ReadonlySet<string> | null {
  const reached = new Set([first]);
  for (const name of reached) {
    const chain = chains.find((one) => one.name === name);
    if (chain === undefined || !chain.collected || chain.partial) return null;
    for (let index = 0; index < chain.rules.length; index++) {
      const target = chain.rules.at(index)?.target ?? null;
      if (target?.kind === 'jump') reached.add(target.chain);
    }
  }
  return reached;
}

const harmless = new Set(['REJECT', 'LOG', 'NFLOG', 'MARK', 'CONNMARK']);
const ofOld = new Set(['RELATED', 'ESTABLISHED', 'DNAT', 'SNAT', 'INVALID']);

/** Whether it lets nothing pass that a pod begins: it refuses, or is for packets that were let in before. */
function isNarrow({ target, matches }: Rule): boolean {
  if (target === null || target.kind === 'jump') return true;
  if (target.kind === 'standard' && target.verdict !== 'ACCEPT') return target.verdict !== 'QUEUE';
  if (target.kind !== 'standard') return target.kind === 'known' && harmless.has(target.name);
  return matches.some((match) => {
    const seen = matchData(match, conntrack)?.states ?? null;
    const states = seen === null ? matchData(match, state) : { states: seen.value, invert: seen.invert };
    // kube-proxy's mark is that of Services that it masquerades.
    if (match.kind === 'known' && match.name === 'mark') return true;
    return states !== null && !states.invert && states.states.every((word) => ofOld.has(word));
  });
}

function isOfDocker({ header: { iif, oif }, hidden }: Rule): boolean {
  const ofDocker = (test: typeof iif) => test !== null && !test.invert && ownerOfLink(test.name) === 'docker';
  return hidden === undefined && (ofDocker(iif) || ofDocker(oif));
}

function report(cx: Context, { name }: Node, { table, span, docker, owner }: Closed): void {
  const sets = owner === null ? '' : ` (${owner} sets it)`;
  cx.report('closed', {
    severity: 'warning',
    certainty: 'possible',
    node: name,
    subject: `${table.name} FORWARD`,
    data: {
      gateway: name,
      by: sets,
      owner: owner ?? '',
      besides: docker ? ' (only what docker’s bridges send is let through)' : '',
    },
    evidence: [{ span, why: 'the policy of FORWARD: what no rule accepts is dropped' }],
    assumptions: [
      `pods of ${name} stand behind a device of their network, and their packets meet FORWARD; neither was captured`,
    ],
    fix: {
      steps: [
        {
          node: name,
          command: 'iptables -P FORWARD ACCEPT',
          disrupts: 'nothing: the node passes on what no rule drops',
          undo: 'iptables -P FORWARD DROP',
        },
      ],
      persist: persistPolicy(owner),
      notes: '',
      verified: null,
    },
  });
}
