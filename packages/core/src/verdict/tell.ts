/** Puts a step of the trail into words, with the lines that it rests on. */
import type { Rule } from '../snapshot/xtables.js';
import type { Evidence, Step } from './step.js';
import type { Trail } from './trail.js';

export function tell(trail: Trail): Step {
  const { step, skb } = trail;
  if (step !== null) return { ...step, claim: { kind: 'told', packet: skb } };
  switch (trail.kind) {
    case 'applies':
      return tellRule(trail);
    case 'skipped':
      return tellSkipped(trail);
    default:
      return tellPolicy(trail);
  }
}

function where({ site, chain, skb }: Trail) {
  const table = site?.table ?? '';
  const hook = site?.hook ?? '';
  const variant = site?.variant ?? null;
  return {
    node: site?.place ?? '',
    stage: `${table}/${hook}`,
    claim: { packet: skb, variant, table, hook, chain: chain?.name ?? '' },
  };
}

function tellRule(trail: Trail): Step {
  const { node, stage, claim } = where(trail);
  const { chain, table } = claim;
  const index = trail.from + 1;
  const evidence = trail.rule === null ? [] : [{ span: trail.rule.span, why: 'applies' }];
  const what = trail.rule === null ? '' : saidOfRule(trail.rule, index, chain);
  return { node, stage, what, evidence, rule: { table, chain, index }, claim: { kind: 'applies', index, ...claim } };
}

export function saidOfRule({ target }: Rule, index: number, chain: string): string {
  switch (target?.kind) {
    case undefined:
      return `rule ${index} of ${chain} counts the packet`;
    case 'standard':
      return `${target.verdict} by rule ${index} of ${chain}`;
    case 'jump':
      return `${target.goto ? 'goto' : 'jump to'} ${target.chain}`;
    case 'opaque':
      return `target ${target.name}`;
    case 'known':
      return `${target.name} by rule ${index} of ${chain}`;
  }
}

function tellSkipped(trail: Trail): Step {
  const { node, stage, claim } = where(trail);
  const first = trail.from + 1;
  const last = trail.to;
  const what =
    first === last
      ? `rule ${last} of ${claim.chain} does not apply`
      : `rules ${first} to ${last} of ${claim.chain} do not apply`;
  return { node, stage, what, evidence: skippedLines(trail), claim: { kind: 'skipped', first, last, ...claim } };
}

/** One stretch of text where the rules stand together in a file, else the line of the first. */
function skippedLines({ chain, from, to }: Trail): readonly Evidence[] {
  const first = chain?.rules.at(from)?.span;
  const last = chain?.rules.at(to - 1)?.span;
  if (first === undefined || last === undefined) return [];
  const together = first.file === last.file && first.start <= last.end;
  const span = together ? { ...first, end: last.end } : first;
  return [{ span, why: to - from === 1 ? 'does not apply' : 'none of these applies' }];
}

function tellPolicy(trail: Trail): Step {
  const { node, stage, claim } = where(trail);
  const policy = trail.chain?.policy ?? 'not captured';
  const returned = trail.kind === 'return';
  const span = trail.chain?.span ?? null;
  return {
    node,
    stage,
    what: `${returned ? 'RETURN' : 'end of the chain'}: policy of ${claim.chain} is ${policy}`,
    evidence: span === null ? [] : [{ span, why: `policy ${policy}` }],
    claim: { kind: 'policy', returned, ...claim },
  };
}
