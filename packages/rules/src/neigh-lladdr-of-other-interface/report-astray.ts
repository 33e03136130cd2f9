/** What is said of an entry that names a third node. */
import { type AssumeMode, type Evidence, formatIp, formatMac, type Outcome, type Snapshot } from '@coldtrace/core';
import type { Statement } from '../define-rule.js';
import { macEvidence } from '../facts/links.js';
import { partOf } from '../facts/part-of.js';
import type { Fix } from '../finding.js';
import { sharesLine } from '../grouping.js';
import { certaintyOf, networkDoubt, subjectOf, wayDoubt, waysOf } from './arrival.js';
import { type Astray, proxyDoubt } from './astray.js';

export function statementOf(snapshot: Snapshot, found: Astray, assume: AssumeMode): Statement {
  const { entry, taker } = found;
  const ways = waysOf(snapshot, found, assume);
  const outcome = wayOf(found, ways);
  const told = outcome === null ? wayDoubt(found, ways) : [...outcome.assumptions, ...outcome.because];
  const doubts = [...networkDoubt(found), ...proxyDoubt(found), ...told];
  const { data, ...about } = subjectOf(found);
  return {
    ...about,
    certainty: certaintyOf(found, [taker], doubts),
    data: { ...data, taker: taker.name, fate: fateOf(found, outcome) },
    evidence: evidenceOf(snapshot, found),
    assumptions: [...new Set(doubts.map(({ text }) => text))],
    path: outcome === null ? [] : outcome.steps,
    fix: fixOf(found),
    explains: (symptom) => sharesLine({ evidence: [{ span: entry.span, why: '' }] }, symptom),
  };
}

/** The only way, where it comes to the taker. */
function wayOf({ taker, wrong }: Astray, [only, another]: readonly Outcome[]): Outcome | null {
  const arrives = only?.steps.some((step) => step.node === taker.name && step.what.includes(wrong.name)) === true;
  return another === undefined && arrives ? only : null;
}

/** What the node that gets the frames does with them. */
function fateOf({ taker, holder }: Astray, outcome: Outcome | null): string {
  const last = outcome?.steps.at(-1);
  if (outcome === null || last === undefined || outcome.disposition === 'undetermined')
    return `what ${taker.name} does with it is open`;
  if (last.node === taker.name && outcome.disposition !== 'delivered')
    return `${taker.name} does not pass it on (${last.what})`;
  return outcome.final.node === holder.name ? `${taker.name} passes it on` : `it does not reach ${holder.name}`;
}

function evidenceOf(
  snapshot: Snapshot,
  { node, entry, holder, address, right, taker, wrong }: Astray,
): readonly Evidence[] {
  const [ip, lladdr] = [formatIp(entry.ip), formatMac(entry.lladdr)];
  return [
    { span: partOf(snapshot, entry.span, `lladdr ${lladdr}`), why: `where ${node.name} sends frames for ${ip}` },
    { span: partOf(snapshot, address.span, ip), why: `${ip} is an address of ${right.name} of ${holder.name}` },
    macEvidence(snapshot, right, `hardware address of ${right.name} of ${holder.name}`),
    macEvidence(snapshot, wrong, `${lladdr} is the hardware address of ${wrong.name} of ${taker.name}`),
  ];
}

function fixOf({ node, entry, taker }: Astray): Fix {
  const [ip, lladdr] = [formatIp(entry.ip), formatMac(entry.lladdr)];
  const byHand = entry.nud === 'PERMANENT';
  return {
    steps: [
      {
        node: node.name,
        command: `ip neigh del ${ip} dev ${entry.dev}`,
        disrupts: `nothing: the next packet to ${ip} asks again`,
        undo: `ip neigh replace ${ip} lladdr ${lladdr} dev ${entry.dev} nud ${(entry.nud ?? 'stale').toLowerCase()}`,
      },
    ],
    persist: byHand
      ? `Remove what sets the permanent entry on ${node.name}: a script, a unit or /etc/ethers.`
      : 'A learned entry needs nothing to last: it is asked for again.',
    notes: byHand
      ? ''
      : `If it comes back, ${taker.name} still answers for ${ip}: ask with \`arping -I ${entry.dev} ${ip}\` who does, and take the address or what announces it off ${taker.name}.`,
    verified: null,
  };
}
