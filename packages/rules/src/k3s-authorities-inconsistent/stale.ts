/** What still belongs to another authority than the one that is there: certificates that it did not sign, copies and kubeconfigs with another one. */
import type { Certificate, Evidence, Node, Snapshot } from '@coldtrace/core';
import type { Authority } from '../facts/certificate-roles.js';
import { type Signed, sameKey, signedBy } from '../facts/signed-by.js';
import { authorityFor, type Inventory, type Leaf, type PresentAuthority } from './inventory.js';
import { lineOf } from './lines.js';

export interface Stale {
  readonly authority: PresentAuthority;
  readonly leaves: readonly StaleLeaf[];
  readonly copies: readonly StaleCopy[];
}

export interface StaleLeaf {
  readonly leaf: Leaf;
  readonly by: Signed['by'];
  /** Who did sign it, for people. */
  readonly signer: string;
}

export interface StaleCopy {
  readonly node: Node;
  readonly certificate: Certificate;
  readonly name: string;
}

/** One per authority that something disagrees with. */
export function staleOf(inventory: Inventory): readonly Stale[] {
  const found = new Map<PresentAuthority, { leaves: StaleLeaf[]; copies: StaleCopy[] }>();
  const of = (authority: PresentAuthority) => {
    const known = found.get(authority) ?? { leaves: [], copies: [] };
    found.set(authority, known);
    return known;
  };
  for (const leaf of inventory.leaves) {
    const authority = authorityFor(inventory, leaf.node, leaf.role.authority);
    const stale = authority === null ? null : staleLeaf(inventory, leaf, authority);
    if (authority !== null && stale !== null) of(authority).leaves.push(stale);
  }
  for (const { node, kind, certificates, role } of inventory.copies) {
    const authority = inventory.authorities.find((one) => one.kind === kind);
    if (authority !== undefined && differs(certificates[0], authority))
      of(authority).copies.push({ node, certificate: certificates[0], name: `agent/${role.name}` });
  }
  for (const { node, certificate } of inventory.kubeconfigs) {
    const authority = authorityFor(inventory, node, 'server-ca');
    if (authority === null || !differs(certificate, authority)) continue;
    const path = certificate.place.kind === 'kubeconfig' ? certificate.place.path : null;
    of(authority).copies.push({ node, certificate, name: path?.split('/').at(-1) ?? 'the kubeconfig' });
  }
  for (const other of inventory.authorities) {
    const first = inventory.authorities.find((one) => one.kind === other.kind);
    if (first !== undefined && first !== other && differs(other.certificates[0], first))
      of(first).copies.push({ node: other.node, certificate: other.certificates[0], name: other.role.name });
  }
  return [...found].map(([authority, { leaves, copies }]) => ({ authority, leaves, copies }));
}

function staleLeaf(inventory: Inventory, leaf: Leaf, authority: PresentAuthority): StaleLeaf | null {
  const results = authority.certificates.map((one) => signedBy(leaf.certificate, one));
  const [first] = results;
  if (first === undefined || results.some(({ verdict }) => verdict !== 'no')) return null;
  // A file may hold a chain whose first certificate is not the issuer's.
  const by = results.find((one) => one.by !== 'issuer')?.by ?? first.by;
  return { leaf, by, signer: signerOf(inventory, leaf.certificate, authority, by) };
}

function signerOf(inventory: Inventory, leaf: Certificate, authority: PresentAuthority, by: Signed['by']): string {
  const other = inventory.authorities.find(
    (one) => one.kind !== authority.kind && one.certificates.some((candidate) => isYes(signedBy(leaf, candidate))),
  );
  if (other !== undefined) return other.kind;
  if (by !== 'issuer') return `a former ${nameOf(authority.kind)} of the same name`;
  return leaf.issuerCn === null ? 'an authority that is not there' : `${leaf.issuerCn}, which is not there`;
}

function isYes({ verdict }: Signed): boolean {
  return verdict === 'yes';
}

function nameOf(kind: Authority): string {
  return kind.replace(/^etcd-/, 'etcd ');
}

function differs(copy: Certificate, { certificates }: PresentAuthority): boolean {
  return certificates.every((one) => sameKey(copy, one) === 'no');
}

export function staleEvidence(snapshot: Snapshot, { authority, leaves, copies }: Stale): readonly Evidence[] {
  const [own] = authority.certificates;
  return [
    ...leaves.slice(0, 3).map(({ leaf, by, signer }) => {
      const sign = by === 'key identifier' ? 'Authority Key Identifier' : by === 'date' ? 'Not Before' : 'Issuer';
      const how = by === 'signature' ? 'its signature was made' : 'signed';
      return {
        span: lineOf(snapshot, leaf.certificate, sign),
        why: `${leaf.role.name} of ${leaf.node.name}: ${how} by ${signer}`,
      };
    }),
    {
      span: lineOf(
        snapshot,
        own,
        leaves[0]?.by === 'key identifier'
          ? 'Subject Key Identifier'
          : leaves[0]?.by === 'date'
            ? 'Not Before'
            : 'Subject',
      ),
      why: `the ${authority.kind} that is there now`,
    },
    ...copies.slice(0, 3).map(({ node, certificate, name }) => ({
      span: lineOf(snapshot, certificate, 'Subject'),
      why: `${name} of ${node.name} holds another ${authority.kind}`,
    })),
  ];
}
