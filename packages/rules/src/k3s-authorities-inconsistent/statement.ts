/** Puts what is wrong with the authorities into words, with the lines that prove it. */
import type { Certificate, Evidence, Node } from '@coldtrace/core';
import type { RuleContext } from '../define-rule.js';
import { type Authority, roleOf } from '../facts/certificate-roles.js';
import type { Certainty } from '../finding.js';
import { dateEvidence, type OutOfDate } from './dates.js';
import type { Fault, Missing } from './faults.js';
import { clockFix, renewalFix, replacementFix } from './fix.js';
import type { Inventory } from './inventory.js';
import type { Refusal } from './refusals.js';
import { type Stale, staleEvidence } from './stale.js';
import { countText, dayOf, listText, staleText } from './texts.js';
import type { Verification } from './verifications.js';

export const messages = {
  missing: '{node} has no {authority}: {waiting}',
  unfit: '{authority} of {node} is no authority: {why}, so nobody trusts what it signs',
  stale: '{what} not of the {authority} that {node} has: {list}',
  expired: '{what} on {node} ended before the capture of {now}: {list}',
  early: '{what} on {node} {begin} after the capture of {now}, so a clock is wrong: {list}',
  key: '{name} of {node} is not the certificate of the key beside it',
  untrusted: 'clients do not trust the certificate{at}: signed by an authority that they do not know{candidate}',
  outdated: 'clients say that the certificate{at} has ended or is not yet valid',
  unverified: 'openssl finds that {list} on {node} {verb} {fault}',
  unkeyed: 'a server could not load its certificate: the key beside it is another one',
} as const;

export type Context = RuleContext<keyof typeof messages>;

export interface Case {
  readonly cx: Context;
  readonly inventory: Inventory;
  /** Authorities that have to be made anew, by server. */
  readonly anew: ReadonlyMap<Node, readonly Authority[]>;
  readonly refusals: readonly Refusal[];
  readonly verifications: readonly Verification[];
  /** When the dates are judged; null: nothing tells. */
  readonly now: number | null;
}

function isCaptured({ trust }: Pick<Certificate, 'trust'>): boolean {
  return (trust ?? 'captured') === 'captured';
}

const mended = 'a certificate was pasted and mended';

function certaintyOf(assumptions: readonly string[]): Certainty {
  return assumptions.length === 0 ? 'proven' : 'likely';
}

function planFor({ cx, inventory, anew }: Case, server: Node) {
  const agents = cx.snapshot.nodes.filter(
    (node) => node !== server && inventory.copies.some((copy) => copy.node === node),
  );
  return replacementFix(cx.snapshot, { server, anew: anew.get(server) ?? [], agents });
}

/** Lines of clients that could not trust what an authority signed. */
function witnesses({ refusals, verifications }: Case, kind: Authority): readonly Evidence[] {
  const checked = verifications
    .filter(({ authority, fault, shown }) => authority === kind && fault === 'signature' && shown)
    .slice(0, 1)
    .map(({ evidence }) => evidence);
  if (kind !== 'server-ca' && kind !== 'client-ca') return checked;
  const refused = refusals
    .filter(({ complaint }) => complaint === 'x509-unknown-authority')
    .filter(({ candidate }) => candidate === null || !/client|header|etcd/.test(candidate) || candidate.includes(kind))
    .slice(0, 2)
    .map(({ evidence }) => evidence);
  return [...checked, ...refused];
}

export function reportMissing(about: Case, { node, kind, evidence, assumption }: Missing): void {
  const { cx, inventory } = about;
  const waiting = inventory.leaves.filter(({ role }) => role.authority === kind).map(({ role }) => role.name);
  const assumptions = assumption === null ? [] : [assumption];
  cx.report('missing', {
    certainty: certaintyOf(assumptions),
    node: node.name,
    subject: `missing ${kind}`,
    data: {
      node: node.name,
      authority: `${kind}.crt`,
      waiting: waiting.length === 0 ? 'k3s needs all three authorities' : `nothing can check ${listText(waiting)}`,
    },
    evidence,
    assumptions,
    fix: planFor(about, node),
  });
}

export function reportFault(about: Case, node: Node, certificate: Certificate, fault: Fault): void {
  const { cx } = about;
  const name = roleOf(certificate)?.name ?? 'a certificate';
  const assumptions = isCaptured(certificate) ? [] : [mended];
  const weak = fault.kind === 'unfit' && !fault.sure;
  cx.report(fault.kind, {
    ...(weak ? { severity: 'warning' as const } : {}),
    certainty: certaintyOf(assumptions),
    node: node.name,
    subject: `${fault.kind} ${name}`,
    data: { node: node.name, name, authority: name, why: fault.kind === 'unfit' ? fault.why : '' },
    evidence: fault.evidence,
    assumptions,
    fix: planFor(about, serverOf(about, node)),
  });
}

function serverOf({ inventory }: Case, node: Node): Node {
  return inventory.authorities.find((one) => one.node === node)?.node ?? inventory.authorities[0]?.node ?? node;
}

export function reportDates(about: Case, one: OutOfDate): void {
  const { cx, refusals, now } = about;
  const { node, kind, certificates, authorities } = one;
  const assumptions = [
    ...(certificates.every(({ certificate }) => isCaptured(certificate)) ? [] : [mended]),
    ...(cx.now === null
      ? [`the clock of the client that refused a certificate is right (${node.name}: date is not in the snapshot)`]
      : []),
  ];
  const lines = refusals.filter(({ complaint }) => complaint === 'x509-expired').slice(0, 1);
  const replaced = authorities.length > 0 ? planFor(about, serverOf(about, node)) : renewalFix(cx.snapshot, node);
  cx.report(kind, {
    certainty: certaintyOf(assumptions),
    node: node.name,
    subject: authorities.length > 0 ? `${kind} authorities` : kind,
    data: {
      node: node.name,
      what: certificates.length === 1 ? '1 certificate' : `${certificates.length} certificates`,
      begin: certificates.length === 1 ? 'begins' : 'begin',
      list: listText(certificates.map(({ name, at }) => `${name} (${dayOf(at)})`)),
      now: now === null ? '' : dayOf(now),
    },
    evidence: [...dateEvidence(cx.snapshot, one), ...lines.map(({ evidence }) => evidence)],
    assumptions,
    fix: kind === 'early' ? clockFix(node) : replaced,
  });
}

export function reportStale(about: Case, stale: Stale): void {
  const { cx } = about;
  const { authority, leaves, copies } = stale;
  const all = [
    ...authority.certificates,
    ...leaves.map(({ leaf }) => leaf.certificate),
    ...copies.map(({ certificate }) => certificate),
  ];
  const assumptions = [
    ...(leaves.length > 0 && leaves.every(({ by }) => by === 'date')
      ? [`the key of ${authority.kind} was made anew with it, since certificates of the same issuer are older than it`]
      : []),
    ...(all.every(isCaptured) ? [] : [mended]),
  ];
  cx.report('stale', {
    certainty: certaintyOf(assumptions),
    node: authority.node.name,
    subject: `stale ${authority.kind}`,
    data: {
      node: authority.node.name,
      authority: authority.kind,
      what: countText(leaves.length + copies.length),
      list: staleText(stale),
      count: leaves.length + copies.length,
    },
    evidence: [...staleEvidence(cx.snapshot, stale), ...witnesses(about, authority.kind)],
    assumptions,
    fix: planFor(about, authority.node),
  });
}

/** Where no certificate was captured, only clients tell. */
export function reportRefusals({ cx, refusals }: Case): void {
  const seen = new Set<string>();
  for (const { node, complaint, target, candidate, evidence } of refusals) {
    const key = `${complaint} ${target ?? ''} ${node?.name ?? ''}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const message = (
      { 'x509-unknown-authority': 'untrusted', 'x509-expired': 'outdated', 'x509-key-mismatch': 'unkeyed' } as const
    )[complaint];
    cx.report(message, {
      certainty: 'possible',
      node: node?.name ?? null,
      subject: `${complaint} ${target ?? ''}`.trim(),
      data: {
        at: target === null ? '' : ` at ${target}`,
        candidate: candidate === null ? '' : ` (tried: ${candidate})`,
      },
      evidence: [evidence],
      assumptions: ['only log lines tell; the certificates and their authorities were not captured'],
    });
  }
}

/** Where no certificate was captured, what openssl found on the node itself: by authority, one finding each for signatures and dates. */
export function reportVerifications(about: Case): void {
  const { cx, verifications } = about;
  for (const first of verifications) {
    const same = verifications.filter(
      ({ node, authority, fault }) => node === first.node && authority === first.authority && fault === first.fault,
    );
    if (same[0] !== first) continue;
    const { node, authority, fault } = first;
    const names = [...new Set(same.map(({ name }) => name))];
    cx.report('unverified', {
      certainty: same.every(({ shown }) => shown) && node.named ? 'likely' : 'possible',
      node: node.name,
      subject: `${fault} ${authority}`,
      data: {
        node: node.name,
        list: listText(names),
        verb: names.length === 1 ? 'is' : 'are',
        fault: fault === 'dates' ? 'out of date' : `not signed by the ${authority} that is there`,
      },
      evidence: same.slice(0, 3).map(({ evidence }) => evidence),
      assumptions: [
        'only openssl verify tells; the certificates and their authorities were not captured',
        ...(same.every(({ shown }) => shown) ? [] : [`they were held against ${authority}.crt`]),
      ],
      fix: fault === 'dates' ? renewalFix(cx.snapshot, node) : planFor(about, node),
    });
  }
}
