/** Route lookup: policy rules in order of priority, each table by longest prefix. net/core/fib_rules.c, ip-rule(8). */
import type { Family, Ip } from '../inet/ip.js';
import { fwmarkMatches } from '../inet/mark.js';
import { portRangeContains } from '../inet/port.js';
import { prefixContains } from '../inet/prefix.js';
import { missing, type Place } from '../path/place.js';
import type { PolicyRule } from '../snapshot/policy-rule.js';
import type { NextHop, Route } from '../snapshot/route.js';
import type { Reason } from '../tri.js';
import type { Evidence } from '../verdict/step.js';
import { coveringRoutes, routeTable } from './table.js';

export interface RouteQuestion {
  readonly family: Family;
  readonly dst: Ip;
  /** null: not chosen yet (a socket before its source is known). */
  readonly src: Ip | null;
  /** null: locally generated. */
  readonly iif: string | null;
  readonly oif: string | null;
  readonly mark: number;
  readonly tos: number;
  readonly proto: number | null;
  readonly sport: number | null;
  readonly dport: number | null;
}

interface Grounds {
  readonly assumptions: readonly Reason[];
  readonly evidence: readonly Evidence[];
}

export type RouteAnswer = Grounds &
  (
    | { readonly kind: 'route'; readonly route: Route; readonly hops: readonly NextHop[]; readonly table: string }
    /** No route at all, or a route or rule of an error type. */
    | { readonly kind: 'error'; readonly type: 'none' | 'blackhole' | 'unreachable' | 'prohibit' }
    | { readonly kind: 'open'; readonly because: readonly Reason[] }
  );

interface Rules {
  readonly rules: readonly PolicyRule[];
  readonly assumptions: readonly Reason[];
  readonly because: readonly Reason[];
}

export function lookupRoute(place: Place, question: RouteQuestion): RouteAnswer {
  const rules = policyRules(place, question.family);
  const assumptions = [...rules.assumptions];
  const evidence: Evidence[] = [];
  if (rules.because.length > 0) return { kind: 'open', because: rules.because, assumptions, evidence };
  for (let at = 0; at < rules.rules.length; at++) {
    const rule = rules.rules[at];
    if (rule === undefined || !selects(rule, question)) continue;
    const special = rule.rest.length > 0 || rule.tunId !== null || rule.uidrange !== null || rule.l3mdev;
    if (special) return open(`a policy rule with selectors that are not modelled`, assumptions, [ruleEvidence(rule)]);
    const answer = applyRule(place, rule, question, evidence, assumptions);
    if (answer !== null) return answer;
    if (rule.action.kind === 'goto') at = gotoIndex(rules.rules, rule.action.priority) - 1;
  }
  return { kind: 'error', type: 'none', assumptions, evidence };
}

function open(text: string, assumptions: readonly Reason[], evidence: readonly Evidence[]): RouteAnswer {
  return { kind: 'open', because: [{ dump: null, text }], assumptions, evidence };
}

function applyRule(
  place: Place,
  rule: PolicyRule,
  question: RouteQuestion,
  evidence: Evidence[],
  assumptions: Reason[],
): RouteAnswer | null {
  const { action } = rule;
  switch (action.kind) {
    case 'lookup':
      return lookupTable(place, rule, action.table, question, evidence, assumptions);
    case 'blackhole':
    case 'unreachable':
    case 'prohibit':
      return { kind: 'error', type: action.kind, assumptions, evidence: [...evidence, ruleEvidence(rule)] };
    default:
      return null;
  }
}

function lookupTable(
  place: Place,
  rule: PolicyRule,
  name: string,
  question: RouteQuestion,
  evidence: Evidence[],
  assumptions: Reason[],
): RouteAnswer | null {
  const table = routeTable(place.ns, question.family, name);
  if (!table.covered && !(name === 'default' && table.levels.length === 0)) {
    const dump = question.family === 4 ? 'ip-route' : 'ip-6-route';
    const reason = missing(place, dump, `routing table ${name} may hold more routes than the snapshot shows`);
    if (place.assume === 'none' || (table.levels.length === 0 && name === 'main')) {
      return { kind: 'open', because: [reason], assumptions, evidence };
    }
    if (table.levels.length > 0 || name === 'local') assumptions.push(reason);
  }
  if (table.derived)
    assumptions.push({ dump: 'ip-route', text: `table local of ${place.name} is concluded from its addresses` });
  for (const route of coveringRoutes(table, question.dst)) {
    if (!usable(route, question, rule)) continue;
    if (route.type === 'throw') return null;
    evidence.push({ span: route.span, why: `the longest matching route of table ${name}` });
    return answerOf(route, name, question, evidence, assumptions);
  }
  return null;
}

function usable(route: Route, question: RouteQuestion, rule: PolicyRule): boolean {
  if (route.tos !== 0 && route.tos !== question.tos) return false;
  if (rule.suppressPrefixLength !== null && route.dst.length <= rule.suppressPrefixLength) return false;
  if (route.src !== null && (question.src === null || !prefixContains(route.src, question.src))) return false;
  if (question.oif !== null && route.type === 'unicast' && !route.nexthops.some((hop) => hop.dev === question.oif))
    return false;
  return route.nexthops.length === 0 || route.nexthops.some((hop) => !hop.dead);
}

function answerOf(
  route: Route,
  table: string,
  question: RouteQuestion,
  evidence: readonly Evidence[],
  assumptions: readonly Reason[],
): RouteAnswer {
  switch (route.type) {
    case 'blackhole':
    case 'unreachable':
    case 'prohibit':
      return { kind: 'error', type: route.type, assumptions, evidence };
    default: {
      const alive = route.nexthops.filter((hop) => !hop.dead && (question.oif === null || hop.dev === question.oif));
      if (route.nexthops.length === 0 && route.nhid !== null)
        return open(`route by nexthop object ${route.nhid}`, assumptions, evidence);
      return { kind: 'route', route, hops: alive, table, assumptions, evidence };
    }
  }
}

function ruleEvidence(rule: PolicyRule): Evidence {
  return { span: rule.span, why: `policy rule ${rule.priority}` };
}

function gotoIndex(rules: readonly PolicyRule[], priority: number): number {
  const index = rules.findIndex((rule) => rule.priority >= priority);
  return index < 0 ? rules.length : index;
}

function selects(rule: PolicyRule, question: RouteQuestion): boolean {
  const all =
    (rule.from === null || (question.src !== null && prefixContains(rule.from, question.src))) &&
    (rule.to === null || prefixContains(rule.to, question.dst)) &&
    (rule.iif === null || rule.iif === (question.iif ?? 'lo')) &&
    (rule.oif === null || rule.oif === question.oif) &&
    (rule.fwmark === null || fwmarkMatches(question.mark, rule.fwmark)) &&
    (rule.tos === 0 || rule.tos === question.tos) &&
    (rule.ipproto === null || rule.ipproto === question.proto) &&
    (rule.sport === null || (question.sport !== null && portRangeContains(rule.sport, question.sport))) &&
    (rule.dport === null || (question.dport !== null && portRangeContains(rule.dport, question.dport)));
  return rule.invert ? !all : all;
}

const standard = { 4: standardRules(4), 6: standardRules(6) };

/** The three rules a kernel starts with (IPv6: without `default`). */
function standardRules(family: Family): readonly PolicyRule[] {
  const rows: readonly (readonly [number, string])[] = [
    [0, 'local'],
    [32766, 'main'],
    ...(family === 4 ? ([[32767, 'default']] as const) : []),
  ];
  return rows.map(([priority, table]) => ({
    span: { file: -1, start: 0, end: 0 },
    family,
    priority,
    invert: false,
    from: null,
    to: null,
    iif: null,
    oif: null,
    iifDetached: false,
    oifDetached: false,
    fwmark: null,
    tos: 0,
    ipproto: null,
    sport: null,
    dport: null,
    uidrange: null,
    l3mdev: false,
    tunId: null,
    suppressPrefixLength: null,
    suppressIfGroup: null,
    action: { kind: 'lookup', table },
    protocol: null,
    rest: [],
  }));
}

function policyRules(place: Place, family: Family): Rules {
  const dump = family === 4 ? place.ns.policyRules4 : place.ns.policyRules6;
  const rules = dump.rows.filter((rule) => rule.trust !== 'claimed');
  const id = family === 4 ? 'ip-rule' : 'ip-6-rule';
  if (dump.state === 'complete') return { rules, assumptions: [], because: [] };
  const reason = missing(place, id, 'policy rules are taken to be the three standard ones');
  if (place.assume === 'none') return { rules: [], assumptions: [], because: [reason] };
  return {
    rules: rules.length > 0 ? merged(rules, standard[family]) : standard[family],
    assumptions: [reason],
    because: [],
  };
}

function merged(seen: readonly PolicyRule[], usual: readonly PolicyRule[]): readonly PolicyRule[] {
  const extra = usual.filter((rule) => !seen.some((row) => row.priority === rule.priority));
  return [...seen, ...extra].sort((x, y) => x.priority - y.priority);
}
