/** The authorities of k3s do not fit together: one is missing or none, certificates and copies belong to a former one, dates or keys are wrong. */
import type { Certificate, DumpId, Node } from '@coldtrace/core';
import { defineRule } from '../define-rule.js';
import { objectOf } from '../facts/api-nodes.js';
import type { Authority } from '../facts/certificate-roles.js';
import { distributionOf } from '../facts/k3s.js';
import { outOfDate } from './dates.js';
import { type Fault, missingAuthorities, otherKey, unfit } from './faults.js';
import { inventoryOf } from './inventory.js';
import { type Refusal, refusalsOf } from './refusals.js';
import { staleOf } from './stale.js';
import {
  type Case,
  type Context,
  messages,
  reportDates,
  reportFault,
  reportMissing,
  reportRefusals,
  reportStale,
  reportVerifications,
} from './statement.js';
import { verificationsOf } from './verifications.js';

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
  const missing = missingAuthorities(inventory, cx.snapshot);
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
  const about: Case = { cx, inventory, anew, now, refusals, verifications: verificationsOf(cx.snapshot) };
  for (const one of missing) reportMissing(about, one);
  for (const { one, faults: own } of faults)
    for (const fault of own) reportFault(about, one.node, one.certificates[0], fault);
  for (const one of dates) reportDates(about, one);
  for (const one of staleOf(inventory)) reportStale(about, one);
  for (const { node, certificate } of inventory.leaves) {
    for (const fault of faultsOf(cx, node, certificate, false)) reportFault(about, node, certificate, fault);
  }
  for (const node of cx.snapshot.nodes) askFor(about, node);
  if (inventory.leaves.length + inventory.authorities.length > 0) return;
  reportVerifications(about);
  reportRefusals(about);
}

/** The clock of the clients, where the time of the capture is not known. */
function latestOf(refusals: readonly Refusal[]): number | null {
  return refusals.reduce<number | null>((latest, { at }) => (at === null ? latest : Math.max(latest ?? at, at)), null);
}

function faultsOf({ snapshot }: Context, node: Node, certificate: Certificate, authority: boolean): readonly Fault[] {
  const found = [authority ? unfit(snapshot, certificate) : null, otherKey(snapshot, node, certificate)];
  return found.filter((fault) => fault !== null);
}

/** A node of k3s without its certificates, leaves without their authority, dates without a time to judge them by. */
function askFor({ cx, inventory }: Case, node: Node): void {
  const own = inventory.leaves.filter((leaf) => leaf.node === node);
  const held = [...inventory.authorities, ...inventory.copies].filter((one) => one.node === node);
  const none = own.length + held.length === 0;
  const version = objectOf(cx.snapshot, node)?.kubeletVersion != null;
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
