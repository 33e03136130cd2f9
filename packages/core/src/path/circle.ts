/** A packet that goes round between namespaces is told of once: the first lap, and who sends it back. Its TTL ends it, net/ipv4/ip_forward.c. */
import type { Evidence, Step } from '../verdict/step.js';

/** The steps up to the end of the first lap, and one that names the circle; as they are where nothing comes again. */
export function firstLap(steps: readonly Step[]): readonly Step[] {
  const visits = visitsOf(steps);
  const told = visits.map((visit) => visit.map(({ node, stage, what }) => `${node} ${stage} ${what}`).join('\n'));
  // The last visit may have been cut short.
  const last = told.length - 2;
  const before = told.lastIndexOf(told[last] ?? '', last - 1);
  if (last < 1 || before < 0) return steps;
  const lap = last - before;
  let begin = before;
  const nodeAt = (at: number) => visits[at]?.[0]?.node;
  while (begin > 0 && nodeAt(begin - 1) === nodeAt(begin - 1 + lap)) begin--;
  const around = visits.slice(begin, begin + lap);
  return [...visits.slice(0, begin + lap).flat(), circle(around)];
}

/** Steps in a row of one namespace. */
function visitsOf(steps: readonly Step[]): readonly (readonly Step[])[] {
  const visits: Step[][] = [];
  for (const step of steps) {
    const current = visits.at(-1);
    if (current?.[0]?.node === step.node) current.push(step);
    else visits.push([step]);
  }
  return visits;
}

/** It rests on the routes that lead round, and is the same wherever the packet came into it. */
function circle(around: readonly (readonly Step[])[]): Step {
  const named = around.map((visit) => ({ node: visit[0]?.node ?? '', visit }));
  const first = named.reduce((least, { node }, at) => (node < (named[least]?.node ?? '') ? at : least), 0);
  const turned = [...named.slice(first), ...named.slice(0, first)];
  const way = [...turned, ...turned.slice(0, 1)].map(({ node }) => node).join(' → ');
  return {
    node: turned[0]?.node ?? '',
    stage: 'routing',
    what: `the packet goes in a circle until its TTL is used up: ${way}`,
    evidence: turned.flatMap(({ visit }) => routeOf(visit)),
  };
}

/** Of what is passed on; a tunnel's own packet is routed behind that. */
function routeOf(visit: readonly Step[]): readonly Evidence[] {
  const passed = visit.findLastIndex(({ stage }) => stage === 'forward');
  return (passed < 0 ? visit : visit.slice(0, passed)).findLast(({ stage }) => stage === 'routing')?.evidence ?? [];
}
