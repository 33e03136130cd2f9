/** A snapshot in which a built-in chain that no dump shows leads to one that was captured and that no captured rule enters. */
import type { Chain, Family, NetNs, Rule, Step, Table } from '@coldtrace/core';
import { type Standing, withHost } from './altered.js';

/** From a built-in chain of the nat table to the chain that holds the rule; null: it holds nothing that matters. */
export interface Entry {
  readonly hook: 'PREROUTING' | 'OUTPUT' | 'POSTROUTING';
  readonly rule: Rule | null;
}

export interface Entered {
  readonly standing: Standing;
  readonly links: readonly Link[];
}

interface Link {
  readonly hook: string;
  readonly chain: string | null;
}

/** null: nothing is missing, or rules that were captured enter the chains already. */
export function withEntries(standing: Standing, family: Family, entries: readonly Entry[]): Entered | null {
  const links: Link[] = [];
  const changed = entries.reduce((ns, entry) => {
    const [next, link] = enteredBy(ns, family, entry);
    if (link !== null) links.push(link);
    return next;
  }, standing.node.host);
  return links.length === 0 ? null : { standing: withHost(standing, changed), links };
}

/** `PREROUTING leads to KUBE-SERVICES`. */
export function entriesText({ links }: Entered): string {
  return links
    .map(({ hook, chain }) => (chain === null ? `${hook} changes nothing` : `${hook} leads to ${chain}`))
    .join(' and ');
}

/** No line shows the rules that were put in. */
export function enteredStep({ standing, links }: Entered, step: Step): Step {
  const { rule, node } = step;
  const isOurs = node === standing.node.name && rule?.table === 'nat' && links.some(({ hook }) => hook === rule.chain);
  return isOurs ? { ...step, what: `${step.what}, by a rule that is taken to be there`, evidence: [] } : step;
}

function enteredBy(ns: NetNs, family: Family, { hook, rule }: Entry): readonly [NetNs, Link | null] {
  let link: Link | null = null;
  const rulesets = ns.rulesets.map((ruleset) => {
    if (ruleset.family !== family || ruleset.complete) return ruleset;
    const tables = ruleset.tables.map((table) => {
      if (link !== null || !mayLack(table, hook)) return table;
      const chain = rule === null ? null : missedChain(table, rule);
      if (rule !== null && chain === null) return table;
      link = { hook, chain: chain?.name ?? null };
      return { ...table, chains: [putIn(hook, chain, rule), ...table.chains] };
    });
    return link === null ? ruleset : { ...ruleset, tables };
  });
  return link === null ? [ns, null] : [{ ...ns, rulesets }, link];
}

function mayLack({ name, complete, chains }: Table, hook: string): boolean {
  return name === 'nat' && !complete && !chains.some((chain) => chain.name === hook);
}

/** The chain that holds the rule, where no rule that leads to it is here. */
function missedChain({ chains }: Table, rule: Rule): Chain | null {
  const holder = chains.find(({ rules }) => includes(rules, ({ span }) => isSame(span, rule.span)));
  if (holder === undefined || holder.builtin) return null;
  const leads = ({ target }: Rule) => target?.kind === 'jump' && target.chain === holder.name;
  return chains.some(({ rules }) => includes(rules, leads)) ? null : holder;
}

function includes(rules: Chain['rules'], test: (rule: Rule) => boolean): boolean {
  for (let at = 0; at < rules.length; at++) {
    const rule = rules.at(at);
    if (rule !== undefined && test(rule)) return true;
  }
  return false;
}

function isSame(a: Rule['span'], b: Rule['span']): boolean {
  return a.file === b.file && a.start === b.start;
}

/** It may hold other rules too, so it is there in part. */
function putIn(name: string, to: Chain | null, rule: Rule | null): Chain {
  const rules = to === null || rule === null ? [] : [jump(to, rule)];
  return { name, policy: 'ACCEPT', builtin: true, counters: null, rules, span: null, collected: true, partial: true };
}

function jump({ name: chain }: Chain, { span }: Rule): Rule {
  const header = { src: null, dst: null, iif: null, oif: null, proto: null, fragment: null };
  return { header, matches: [], target: { kind: 'jump', chain, goto: false }, counters: null, span };
}
