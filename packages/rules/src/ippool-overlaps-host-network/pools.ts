/** Where pods' addresses come from and when they are hidden behind the node's: the MASQUERADE rule with its two sets, and the IPPool objects. */
import {
  type Evidence,
  type Family,
  formatPrefix,
  hostPrefix,
  type IpSet,
  type KubeIpPool,
  matchData,
  type NetNs,
  type Prefix,
  type Rule,
  rangeToPrefixes,
  type SetElement,
  type Snapshot,
  setMatch,
} from '@coldtrace/core';
import { rulesOf, tablesNamed } from '../facts/table-rules.js';

/** `-m set --match-set SOURCES src -m set ! --match-set EXEMPT dst -j MASQUERADE` */
export interface OutgoingRule {
  readonly rule: Rule;
  readonly family: Family;
  readonly chain: string;
  readonly sources: string;
  readonly exempt: string;
}

export function outgoingRules(ns: NetNs): readonly OutgoingRule[] {
  const found: OutgoingRule[] = [];
  for (const family of [4, 6] as const) {
    for (const { table } of tablesNamed(ns, family, 'nat')) {
      for (const { chain, rule } of rulesOf(table, '--match-set')) {
        const sets = natTarget(rule) ? setsOf(rule) : null;
        if (sets !== null) found.push({ rule, family, chain: chain.name, ...sets });
      }
    }
  }
  return found;
}

function natTarget(rule: Rule): boolean {
  return rule.target?.kind === 'known' && (rule.target.name === 'MASQUERADE' || rule.target.name === 'SNAT');
}

/** Of several exempt sets the one of the sources is the pods' own; kube-router spares the nodes by another. */
function setsOf(rule: Rule): { readonly sources: string; readonly exempt: string } | null {
  let sources: string | null = null;
  const exempt: string[] = [];
  for (const match of rule.matches) {
    const data = matchData(match, setMatch);
    if (data === null) continue;
    const [direction] = data.directions;
    if (direction === 'src' && !data.invert) sources = data.set;
    if (direction === 'dst' && data.invert) exempt.push(data.set);
  }
  const own = exempt.find((set) => set === sources) ?? exempt.at(-1);
  return sources === null || own === undefined ? null : { sources, exempt: own };
}

export interface PoolMember {
  readonly prefix: Prefix;
  readonly evidence: Evidence;
  /** Set element as captured, or what an IPPool object says. */
  readonly from: 'set' | 'object';
  readonly repaired: boolean;
}

/** The networks that a set holds. */
export function membersOf(set: IpSet): readonly PoolMember[] {
  return set.elements.flatMap((element) =>
    element.nomatch
      ? []
      : prefixesOf(element).map((prefix) => ({
          prefix,
          evidence: { span: element.span, why: `member of ${set.name}` },
          from: 'set' as const,
          repaired: (element.trust ?? 'captured') !== 'captured',
        })),
  );
}

function prefixesOf(element: SetElement): readonly Prefix[] {
  const [part] = element.parts;
  if (part?.kind === 'net') return [part.prefix];
  if (part?.kind === 'ip') return [hostPrefix(part.ip)];
  return part?.kind === 'range' ? rangeToPrefixes(part.range) : [];
}

/** Enabled pools of the API whose traffic to the outside is to be masqueraded. */
export function poolObjects(snapshot: Snapshot): readonly (KubeIpPool & { readonly cidr: Prefix })[] {
  const pools = snapshot.objects.filter(
    (object): object is KubeIpPool & { readonly cidr: Prefix } =>
      object.kind === 'IPPool' && object.cidr !== null && !object.disabled,
  );
  // What grep left of a pool may stand beside its row in a table.
  const named = new Set(pools.filter(({ meta }) => meta.name !== '').map(({ cidr }) => formatPrefix(cidr)));
  return pools.filter(({ meta, cidr }) => meta.name !== '' || !named.has(formatPrefix(cidr)));
}

export function objectMember(pool: KubeIpPool & { readonly cidr: Prefix }): PoolMember {
  const evidence = {
    span: pool.span,
    why: `IPPool${pool.meta.name === '' ? '' : ` ${pool.meta.name}`}: ${formatPrefix(pool.cidr)}`,
  };
  return { prefix: pool.cidr, evidence, from: 'object', repaired: (pool.trust ?? 'captured') !== 'captured' };
}
