/** Route lookup: policy rules in order of priority, each table by longest prefix. net/core/fib_rules.c, ip-rule(8). */

import { formatPrefix, prefixContains } from '../inet/prefix.js';
import { missing, type Place } from '../path/place.js';
import type { PolicyRule } from '../snapshot/policy-rule.js';
import type { Route } from '../snapshot/route.js';
import { isUnknown, mergeReasons, type Reason, type Tri, unknown } from '../tri.js';
import type { Evidence } from '../verdict/step.js';
import { isOneTable } from './one-table.js';
import { policyRules } from './policy-rules.js';
import { errnoOf, type RouteAnswer, type RouteQuestion, sameAnswer } from './question.js';
import { remembered } from './remembered.js';
import { ruleSelects } from './rule-match.js';
import { routeTable, tableName } from './table.js';
import { lookupInTable, type TableHit } from './table-lookup.js';

interface Lookup {
  readonly place: Place;
  readonly question: RouteQuestion;
  readonly rules: readonly PolicyRule[];
  /** Answers from a rule on: rules that are open are looked at both ways. */
  readonly known: Map<number, RouteAnswer>;
}

/** A rule's answer, or null and what was assumed on the way: the next rule is asked. */
type Applied = { readonly answer: RouteAnswer | null; readonly assumptions: readonly Reason[] };

/**
 * The lookup of the kernel, without choosing a source or asking a neighbour: the rules in order until a table or a rule has an answer.
 * Answers that depend on the destination alone are remembered with the place.
 */
export function lookupRoute(place: Place, question: RouteQuestion): RouteAnswer {
  return remembered(place, question, lookup);
}

function lookup(place: Place, question: RouteQuestion): RouteAnswer {
  const { rules, assumptions, because } = policyRules(place, question.family);
  if (because.length > 0) return { kind: 'open', because, assumptions, evidence: [] };
  const answer = from({ place, question, rules, known: new Map() }, 0);
  const one = question.family === 4 ? isOneTable(place) : false;
  return withAssumptions(one === false ? answer : asOneTable(place, question, answer, one), assumptions);
}

function withAssumptions(answer: RouteAnswer, more: readonly Reason[]): RouteAnswer {
  return more.length === 0 ? answer : { ...answer, assumptions: mergeReasons(more, answer.assumptions) };
}

function from(lookup: Lookup, start: number): RouteAnswer {
  const known = lookup.known.get(start);
  if (known !== undefined) return known;
  const answer = search(lookup, start);
  lookup.known.set(start, answer);
  return answer;
}

function search(lookup: Lookup, start: number): RouteAnswer {
  const { rules, question } = lookup;
  let assumed: readonly Reason[] = [];
  for (let at = start; at < rules.length; at++) {
    const rule = rules[at];
    if (rule === undefined) break;
    const selects = ruleSelects(rule, question, lookup.place);
    if (selects === false) continue;
    const jump = rule.action.kind === 'goto' ? gotoIndex(rules, rule.action.priority) : null;
    if (selects === true && jump !== null && jump > at) {
      at = jump - 1;
      continue;
    }
    const applied: Applied =
      jump !== null && jump > at ? { answer: from(lookup, jump), assumptions: [] } : applyRule(lookup, rule);
    if (isUnknown(selects)) return eitherWay(lookup, at, rule, applied, selects.because, assumed);
    assumed = mergeReasons(assumed, applied.assumptions);
    if (applied.answer !== null) return withAssumptions(applied.answer, assumed);
  }
  return { kind: 'error', type: 'none', errno: 'ENETUNREACH', assumptions: assumed, evidence: [] };
}

/** The rule may apply or not: the answer stands where both ways lead to it. */
function eitherWay(
  lookup: Lookup,
  at: number,
  rule: PolicyRule,
  applied: Applied,
  because: readonly Reason[],
  assumed: readonly Reason[],
): RouteAnswer {
  const passed = from(lookup, at + 1);
  const both = mergeReasons(assumed, applied.assumptions);
  if (applied.answer === null || sameAnswer(applied.answer, passed)) return withAssumptions(passed, both);
  const open = [applied.answer, passed].flatMap((answer) => (answer.kind === 'open' ? answer.because : []));
  return { kind: 'open', because: mergeReasons(because, open), assumptions: both, evidence: [ruleEvidence(rule)] };
}

/** Null where the target does not exist: such a rule does nothing. */
function gotoIndex(rules: readonly PolicyRule[], priority: number): number | null {
  const index = rules.findIndex((rule) => rule.priority === priority);
  return index < 0 ? null : index;
}

function ruleEvidence(rule: PolicyRule): Evidence {
  return { span: rule.span, why: `policy rule ${rule.priority}` };
}

/** The standard rules need no line of their own; any other that led here does. */
function ruleLines(rule: PolicyRule): readonly Evidence[] {
  const usual = rule.span.file < 0 || [0, 32766, 32767].includes(rule.priority);
  return usual ? [] : [ruleEvidence(rule)];
}

function applyRule({ place, question }: Lookup, rule: PolicyRule): Applied {
  const { action } = rule;
  if (rule.l3mdev) {
    const because = [
      { dump: null, text: `policy rule ${rule.priority} leads to the table of a VRF, which is not modelled` },
    ];
    return { answer: { kind: 'open', because, assumptions: [], evidence: [ruleEvidence(rule)] }, assumptions: [] };
  }
  switch (action.kind) {
    case 'lookup':
      return applyTable(place, rule, tableName(action.table), question);
    case 'blackhole':
    case 'unreachable':
    case 'prohibit': {
      const evidence = [ruleEvidence(rule)];
      const errno = errnoOf(action.kind, 'rule');
      return { answer: { kind: 'error', type: action.kind, errno, assumptions: [], evidence }, assumptions: [] };
    }
    default:
      return { answer: null, assumptions: [] };
  }
}

function applyTable(place: Place, rule: PolicyRule, name: string, question: RouteQuestion): Applied {
  const table = routeTable(place.ns, question.family, name);
  const assumptions: Reason[] = [];
  if (!table.covered) {
    const dump = question.family === 4 ? 'ip-route' : 'ip-6-route';
    const reason = missing(place, dump, `routing table ${name} may hold more routes than the snapshot shows`);
    const empty = table.levels.length === 0 && name !== 'default' && name !== 'local';
    if (place.assume === 'none' || empty) {
      const evidence = ruleLines(rule);
      return { answer: { kind: 'open', because: [reason], assumptions: [], evidence }, assumptions: [] };
    }
    assumptions.push(table.derived ? { dump, text: concluded(place) } : reason);
  }
  const hit = lookupInTable(place, table, question);
  const hidden = hit !== null && hit.kind === 'route' ? suppressed(place, rule, hit) : false;
  const answer = hit === null || hit.kind === 'throw' || hidden === true ? null : answerOf(rule, name, hit);
  if (answer !== null && isUnknown(hidden)) {
    const { because } = hidden;
    return { answer: { kind: 'open', because, assumptions, evidence: answer.evidence }, assumptions };
  }
  return answer?.kind === 'route' ? otherWays(place, answer, assumptions) : { answer, assumptions };
}

function concluded({ name, ns }: Place): string {
  return `table local of ${name} is concluded from its ${ns.addresses.state === 'absent' ? 'other routes' : 'addresses'}`;
}

/** `route -n` shows a route with several ways as its first one. A network that an address of the device makes has no other. */
function otherWays(place: Place, answer: RouteAnswer & { kind: 'route' }, assumptions: readonly Reason[]): Applied {
  const { route } = answer;
  if (route.firstWayOnly !== true || isConnected(place, route)) return { answer, assumptions };
  const text = `the route to ${formatPrefix(route.dst)} may have more ways than the first, which is all that this listing shows`;
  const reason = missing(place, 'ip-route', text);
  if (place.assume === 'defaults') return { answer, assumptions: mergeReasons(assumptions, [reason]) };
  return { answer: { kind: 'open', because: [reason], assumptions: [], evidence: answer.evidence }, assumptions };
}

function isConnected({ ns }: Place, { dst, nexthops: [hop] }: Route): boolean {
  if (hop === undefined || hop.via !== null) return false;
  return ns.addresses.rows.some(
    ({ dev, ip, prefixLength, trust }) =>
      dev === hop.dev && prefixLength === dst.length && trust !== 'claimed' && prefixContains(dst, ip),
  );
}

/** Only a route that was found is suppressed, by its length or the group of its first device; an error route is final. */
function suppressed(place: Place, rule: PolicyRule, { route, hops }: TableHit & { readonly kind: 'route' }): Tri {
  const { suppressPrefixLength: length, suppressIfGroup: group, priority } = rule;
  if (length !== null && route.dst.length <= length) return true;
  const dev = hops[0]?.dev ?? null;
  if (group === null || dev === null) return false;
  const link = place.ns.links.rows.find((row) => row.name === dev && row.trust !== 'claimed');
  if (link?.group == null) return unknown(`policy rule ${priority} asks for the group of ${dev}`, 'ip-link');
  return groupNumber(link.group) === groupNumber(group);
}

/** /etc/iproute2/group names one group only. */
function groupNumber(name: string): string {
  return name === 'default' ? '0' : name;
}

function answerOf(rule: PolicyRule, table: string, hit: Exclude<TableHit, { kind: 'throw' }>): RouteAnswer {
  return told(table, hit, ruleLines(rule));
}

function told(table: string, hit: Exclude<TableHit, { kind: 'throw' }>, rule: readonly Evidence[]): RouteAnswer {
  const line = { span: hit.route.span, why: `the longest matching route of table ${table}` };
  const evidence = [...rule, ...(hit.route.span.file < 0 ? [] : [line])];
  switch (hit.kind) {
    case 'error':
      return { kind: 'error', type: hit.type, errno: errnoOf(hit.type, 'route'), assumptions: [], evidence };
    case 'open':
      return { kind: 'open', because: hit.because, assumptions: [], evidence };
    case 'route':
      return { kind: 'route', route: hit.route, hops: hit.hops, table, assumptions: [], evidence };
  }
}

/**
 * Until the first policy rule is ever added or deleted, IPv4 keeps the tables local and main in one trie, where a longer prefix of main
 * beats a shorter one of local (net/ipv4/fib_frontend.c fib_unmerge). `one`: known to be so, or null.
 */
function asOneTable(place: Place, question: RouteQuestion, answer: RouteAnswer, one: true | null): RouteAnswer {
  if (answer.kind === 'open') return answer;
  const local = lookupInTable(place, routeTable(place.ns, 4, 'local'), question);
  if (local === null) return answer;
  const main = lookupInTable(place, routeTable(place.ns, 4, 'main'), question);
  const shadowed = main !== null && main.route.dst.length > local.route.dst.length;
  if (local.kind !== 'throw' && !shadowed) return answer;
  if (one === true && local.kind !== 'throw' && main !== null && main.kind !== 'throw') return told('main', main, []);
  const because = [
    {
      dump: 'fib-trie' as const,
      text: 'a route of table main is longer than the one of table local: which wins depends on whether policy rules were ever changed',
    },
  ];
  return { ...answer, kind: 'open', because };
}
