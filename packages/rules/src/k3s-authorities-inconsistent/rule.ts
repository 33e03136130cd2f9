/** The authorities of k3s do not fit together: one is missing or none, certificates and copies belong to a former one, dates or keys are wrong. */
import type { Certificate, DumpId, Evidence, Node } from '@coldtrace/core';
import { defineRule, type RuleContext } from '../define-rule.js';
import { type Authority, roleOf } from '../facts/certificate-roles.js';
import { distributionOf } from '../facts/k3s.js';
import type { Certainty } from '../finding.js';
import { dateEvidence, type OutOfDate, outOfDate } from './dates.js';
import { type Fault, type Missing, missingAuthorities, otherKey, unfit } from './faults.js';
import { clockFix, renewalFix, replacementFix } from './fix.js';
import { type Inventory, inventoryOf } from './inventory.js';
import { type Refusal, refusalsOf } from './refusals.js';
import { type Stale, staleEvidence, staleOf } from './stale.js';
import { countText, dayOf, listText, staleText } from './texts.js';

const messages = {
  missing: '{node} has no {authority}: {waiting}',
  unfit: '{authority} of {node} is no authority: {why}, so nobody trusts what it signs',
  stale: '{what} not of the {authority} that {node} has: {list}',
  expired: '{what} on {node} ended before the capture of {now}: {list}',
  early: '{what} on {node} {begin} after the capture of {now}, so a clock is wrong: {list}',
  key: '{name} of {node} is not the certificate of the key beside it',
  untrusted: 'clients do not trust the certificate{at}: signed by an authority that they do not know{candidate}',
  outdated: 'clients say that the certificate{at} has ended or is not yet valid',
  unkeyed: 'a server could not load its certificate: the key beside it is another one',
} as const;

type Context = RuleContext<keyof typeof messages>;

interface Case {
  readonly cx: Context;
  readonly inventory: Inventory;
  /** Authorities that have to be made anew, by server. */
  readonly anew: ReadonlyMap<Node, readonly Authority[]>;
  readonly refusals: readonly Refusal[];
  /** When the dates are judged; null: nothing tells. */
  readonly now: number | null;
}

export const k3sAuthoritiesInconsistent = defineRule({
  id: 'k3s-authorities-inconsistent',
  severity: 'error',
  summary: 'Certificates of k3s belong to other authorities than those that are there, or are out of date.',
  needs: ['certificates', 'public-keys', 'date'],
  messages,
  check,
});

function check(cx: Context): void {
  const inventory = inventoryOf(cx.snapshot);
  const missing = missingAuthorities(inventory, cx.snapshot.nodes);
  const faults = inventory.authorities.map((one) => ({
    one,
    faults: faultsOf(cx, one.node, one.certificates[0], true),
  }));
  const refusals = refusalsOf(cx.snapshot);
  const now = cx.now ?? latestOf(refusals);
  const dates = now === null ? [] : outOfDate(inventory, now);
  const anew = new Map<Node, readonly Authority[]>();
  const add = (node: Node, kind: Authority) => anew.set(node, [...new Set([...(anew.get(node) ?? []), kind])]);
  for (const { node, kind } of missing) add(node, kind);
  for (const { one, faults: own } of faults) if (own.length > 0) add(one.node, one.kind);
  for (const { node, authorities } of dates) for (const kind of authorities) add(node, kind);
  const about: Case = { cx, inventory, anew, now, refusals };
  for (const one of missing) reportMissing(about, one);
  for (const { one, faults: own } of faults)
    for (const fault of own) reportFault(about, one.node, one.certificates[0], fault);
  for (const one of dates) reportDates(about, one);
  for (const one of staleOf(inventory)) reportStale(about, one);
  for (const { node, certificate } of inventory.leaves) {
    for (const fault of faultsOf(cx, node, certificate, false)) reportFault(about, node, certificate, fault);
  }
  for (const node of cx.snapshot.nodes) askFor(about, node);
  if (inventory.leaves.length + inventory.authorities.length === 0) reportRefusals(about);
}

/** The clock of the clients, where the time of the capture is not known. */
function latestOf(refusals: readonly Refusal[]): number | null {
  return refusals.reduce<number | null>((latest, { at }) => (at === null ? latest : Math.max(latest ?? at, at)), null);
}

function faultsOf({ snapshot }: Context, node: Node, certificate: Certificate, authority: boolean): readonly Fault[] {
  const found = [authority ? unfit(snapshot, certificate) : null, otherKey(snapshot, node, certificate)];
  return found.filter((fault) => fault !== null);
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
function witnesses({ refusals }: Case, kind: Authority): readonly Evidence[] {
  if (kind !== 'server-ca' && kind !== 'client-ca') return [];
  return refusals
    .filter(({ complaint }) => complaint === 'x509-unknown-authority')
    .filter(({ candidate }) => candidate === null || !/client|header|etcd/.test(candidate) || candidate.includes(kind))
    .slice(0, 2)
    .map(({ evidence }) => evidence);
}

function reportMissing(about: Case, { node, kind, evidence, assumption }: Missing): void {
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

function reportFault(about: Case, node: Node, certificate: Certificate, fault: Fault): void {
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

function reportDates(about: Case, one: OutOfDate): void {
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

function reportStale(about: Case, stale: Stale): void {
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
function reportRefusals({ cx, refusals }: Case): void {
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

/** A node of k3s without its certificates, leaves without their authority, dates without a time to judge them by. */
function askFor({ cx, inventory }: Case, node: Node): void {
  const own = inventory.leaves.filter((leaf) => leaf.node === node);
  const held = [...inventory.authorities, ...inventory.copies].filter((one) => one.node === node);
  const none = own.length + held.length === 0;
  const version = cx.snapshot.objects.some(
    (object) => object.kind === 'Node' && object.meta.name === node.name && object.kubeletVersion !== null,
  );
  if (none) {
    if (distributionOf(cx.snapshot, node) !== null || !version) cx.notEvaluated(node.name, ['certificates']);
    return;
  }
  const unsigned = own.some(
    ({ role }) => ![...inventory.authorities, ...inventory.copies].some((one) => one.kind === role.authority),
  );
  const needs: readonly (DumpId | null)[] = [
    unsigned ? 'certificates' : null,
    cx.now === null ? 'date' : null,
    node.keys.length === 0 ? 'public-keys' : null,
  ];
  const missing = needs.filter((id) => id !== null);
  if (missing.length > 0) cx.notEvaluated(node.name, missing);
}
