/** Certificates outside their time, judged by when they were captured, not by the reader's clock. RFC 5280 section 4.1.2.5. */
import type { Certificate, Evidence, Node, Snapshot } from '@coldtrace/core';
import type { Authority } from '../facts/certificate-roles.js';
import type { Inventory } from './inventory.js';
import { lineOf } from './lines.js';

export interface OutOfDate {
  readonly node: Node;
  readonly kind: 'expired' | 'early';
  /** Authorities have to be replaced, the rest is renewed. */
  readonly authorities: readonly Authority[];
  readonly certificates: readonly { readonly name: string; readonly certificate: Certificate; readonly at: number }[];
}

/** One per node and kind, authorities and the rest apart. */
export function outOfDate({ authorities, leaves }: Inventory, now: number): readonly OutOfDate[] {
  const all = [
    ...authorities.map(({ node, role, certificates: [certificate], kind }) => ({
      node,
      name: role.name,
      certificate,
      kind,
    })),
    ...leaves.map(({ node, role, certificate }) => ({ node, name: role.name, certificate, kind: null })),
  ];
  const groups = new Map<string, OutOfDate>();
  for (const { node, name, certificate, kind: authority } of all) {
    const { notAfter, notBefore } = certificate;
    const expired = notAfter !== null && notAfter < now;
    const at = expired ? notAfter : notBefore;
    if (at === null || !(expired || at > now)) continue;
    const kind = expired ? 'expired' : 'early';
    // A clock that is behind concerns all of them alike.
    const key = `${node.name} ${kind} ${expired && authority !== null}`;
    const known = groups.get(key) ?? { node, kind, authorities: [], certificates: [] };
    groups.set(key, {
      ...known,
      authorities: expired && authority !== null ? [...known.authorities, authority] : [],
      certificates: [...known.certificates, { name, certificate, at }],
    });
  }
  return [...groups.values()];
}

const mostCited = 3;

export function dateEvidence(snapshot: Snapshot, { node, kind, certificates }: OutOfDate): readonly Evidence[] {
  const heading = kind === 'expired' ? 'Not\\s?After' : 'Not\\s?Before';
  const said = kind === 'expired' ? 'ended before the capture' : 'begins after the capture';
  return [
    ...certificates.slice(0, mostCited).map(({ name, certificate }) => ({
      span: lineOf(snapshot, certificate, heading),
      why: `${name} ${said}`,
    })),
    ...(node.date === null ? [] : [{ span: node.date.span, why: 'the time of the capture' }]),
  ];
}
