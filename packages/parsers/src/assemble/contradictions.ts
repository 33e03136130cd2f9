/** Two whole dumps of the same thing, of one machine, that say different things and do not say when: one of them must be from another time or machine. */
import {
  type Diagnostic,
  type Facts,
  formatIp,
  formatPrefix,
  type Link,
  printRule,
  type Ruleset,
  type Span,
  type Sysctl,
  type VirtualServer,
} from '@coldtrace/core';
import { printRule as printPolicyRule } from '../iproute/rule/print.js';
import { assembleDiagnostic } from './codes.js';
import type { Contribution } from './contribution.js';

/** What a dump holds that does not change by itself, by the name of the thing that it describes. */
interface Holding {
  readonly what: string;
  readonly keys: () => ReadonlySet<string>;
}

/** Tools show different columns: only dumps of one format are held against each other, but for what all of them show. */
function holdingsOf({ facts, source }: Contribution): readonly Holding[] {
  const of = (what: string, keys: () => Iterable<string>): Holding => ({ what, keys: () => new Set(keys()) });
  switch (facts.kind) {
    case 'ruleset':
      return facts.ruleset.complete && source.format.includes('save') ? [rulesetHolding(facts.ruleset)] : [];
    case 'addresses': {
      const families = facts.family === undefined ? ([4, 6] as const) : [facts.family];
      return families.map((family) =>
        of(`IPv${family} addresses`, () =>
          facts.rows
            .filter((row) => row.ip.family === family)
            .map((row) => `${formatIp(row.ip)}/${row.prefixLength} on ${row.dev}`),
        ),
      );
    }
    case 'links':
      return [of(`devices (${source.format}${isBrief(facts.rows) ? ', brief' : ''})`, () => facts.rows.map(linkKey))];
    case 'routes':
      return facts.covers.map(({ family, tables }) =>
        of(`IPv${family} routes of ${tables === 'all' ? 'all tables' : tables.join(', ')} (${source.format})`, () =>
          facts.rows.filter((row) => row.family === family && row.table !== 'local').map(routeKey),
        ),
      );
    case 'policy-rules':
      return [of(`IPv${facts.family} policy rules`, () => facts.rows.map(policyRuleKey))];
    case 'ipsets':
      return [
        of('IP sets', () =>
          facts.rows.map((row) => `set ${row.name} ${row.type} ${row.elements.map(memberKey).sort()}`),
        ),
      ];
    case 'sysctls':
      return [of('kernel parameters', () => facts.rows.filter(isSetting).map((row) => `${row.key} = ${row.value}`))];
    case 'ipvs':
      return [of('IPVS servers', () => facts.rows.flatMap(serverKeys))];
    default:
      return [];
  }
}

function rulesetHolding({ family, variant, tables }: Ruleset): Holding {
  const keys = () => {
    const all = new Set<string>();
    for (const table of tables) {
      for (const chain of table.chains) {
        all.add(`${table.name} ${chain.name} ${chain.policy ?? ''}`);
        for (let at = 0; at < chain.rules.length; at++) {
          const rule = chain.rules.at(at);
          if (rule !== undefined) all.add(`${table.name}: ${printRule(rule, chain.name, family, variant ?? 'legacy')}`);
        }
      }
    }
    return all;
  };
  return { what: `IPv${family} rules${variant === null ? '' : ` (${variant})`}`, keys };
}

/** `ip -br` shows neither MTUs nor masters. */
function isBrief(rows: readonly Link[]): boolean {
  return rows.every(({ mtu }) => mtu === null);
}

function linkKey({ name, mtu, master }: Link): string {
  return `device ${name} mtu ${mtu} master ${master}`;
}

type RouteRow = Extract<Facts, { readonly kind: 'routes' }>['rows'][number];

function routeKey(row: RouteRow): string {
  const hops = row.nexthops.map((hop) => `${hop.via === null ? '' : `via ${formatIp(hop.via)} `}dev ${hop.dev ?? '?'}`);
  return `${row.type} ${formatPrefix(row.dst)} ${hops.join(' nexthop ')} table ${row.table}`;
}

type PolicyRuleRow = Extract<Facts, { readonly kind: 'policy-rules' }>['rows'][number];

/** Only `-d` and the JSON of it show which program a rule is from. */
function policyRuleKey(row: PolicyRuleRow): string {
  return printPolicyRule({ ...row, protocol: null });
}

type SetMember = Extract<Facts, { readonly kind: 'ipsets' }>['rows'][number]['elements'][number];

function memberKey({ parts, nomatch }: SetMember): string {
  return JSON.stringify([parts, nomatch]);
}

/** Counters and clocks move; what decides over packets is set. */
export function isSetting({ key }: Sysctl): boolean {
  return /^net\/(?:ipv[46]|bridge)\/(?!route\/|inet_peer|.*(?:stable_secret|gc_|use_tempaddr))/.test(key);
}

function serverKeys(row: VirtualServer): readonly string[] {
  const service =
    row.key.kind === 'fwmark' ? `mark ${row.key.mark}` : `${row.key.protocol} ${formatIp(row.key.ip)}:${row.key.port}`;
  return [
    `service ${service} ${row.scheduler}`,
    ...row.servers.map((one) => `${service} to ${formatIp(one.ip)}:${one.port}`),
  ];
}

const most = 3;

export function contradictionsIn(node: string, given: readonly Contribution[]): readonly Diagnostic[] {
  const first = new Map<
    string,
    { readonly one: Contribution; readonly holding: Holding; keys?: ReadonlySet<string> }
  >();
  const diagnostics: Diagnostic[] = [];
  for (const one of given) {
    if (!speaksForAll(one.facts)) continue;
    for (const holding of holdingsOf(one)) {
      const key = `${one.where.netns ?? ''} ${holding.what}`;
      const known = first.get(key);
      if (known === undefined) first.set(key, { one, holding });
      else if (diagnostics.length < most && spanOf(known.one) !== spanOf(one) && !areDated(known.one, one)) {
        known.keys ??= known.holding.keys();
        const difference = differenceOf(known.keys, holding.keys());
        if (difference !== null) diagnostics.push(contradiction(node, holding.what, difference, known.one, one));
      }
    }
  }
  return diagnostics;
}

/** One file may hold several dumps of rules, one behind the other. */
function spanOf({ facts, source }: Contribution): Span {
  return (facts.kind === 'ruleset' ? facts.ruleset.sources[0]?.span : undefined) ?? source.span;
}

function speaksForAll(facts: Facts): boolean {
  return facts.kind === 'ruleset' ? facts.ruleset.complete : facts.complete;
}

/** The later of two that say when they were taken counts, and nothing contradicts. */
function areDated(left: Contribution, right: Contribution): boolean {
  const [at, other] = [left.source.takenAt, right.source.takenAt];
  return at !== null && other !== null && at !== other && left.timeOfFile !== true && right.timeOfFile !== true;
}

function differenceOf(left: ReadonlySet<string>, right: ReadonlySet<string>): string | null {
  for (const key of left) if (!right.has(key)) return key;
  for (const key of right) if (!left.has(key)) return key;
  return null;
}

function contradiction(
  node: string,
  what: string,
  difference: string,
  one: Contribution,
  other: Contribution,
): Diagnostic {
  const shown = difference.length > 120 ? `${difference.slice(0, 119)}…` : difference;
  return assembleDiagnostic('contradicting-dumps', spanOf(other), { node, what, difference: shown }, [
    { span: spanOf(one), message: 'the other one; where both speak, the one that is read first counts' },
  ]);
}
