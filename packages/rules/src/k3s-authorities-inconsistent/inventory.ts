/** The authorities of a cluster with their files, the copies that agents and kubeconfigs hold of them, and what they have to sign. */
import { type Certificate, formatIp, type Node, type Snapshot } from '@coldtrace/core';
import { type Authority, type CertificateRole, roleOf } from '../facts/certificate-roles.js';
import { distributionOf } from '../facts/k3s.js';

export interface Leaf {
  readonly node: Node;
  readonly certificate: Certificate;
  readonly role: CertificateRole;
}

export interface PresentAuthority {
  readonly node: Node;
  readonly kind: Authority;
  readonly role: CertificateRole;
  /** The authority itself first, then what else stands in its file: its chain, or others that are trusted too. */
  readonly certificates: readonly [Certificate, ...Certificate[]];
}

export interface Inventory {
  readonly authorities: readonly PresentAuthority[];
  readonly copies: readonly PresentAuthority[];
  readonly kubeconfigs: readonly { readonly node: Node; readonly certificate: Certificate }[];
  readonly leaves: readonly Leaf[];
}

export function inventoryOf(snapshot: Snapshot): Inventory {
  const owned = snapshot.nodes.flatMap((node) => {
    const roles = bestOf(node);
    return roles.map(({ certificate, role }) => ({ node, certificate, role }));
  });
  const present = owned.filter(({ role }) => role.kind === 'authority').map(withChain);
  return {
    authorities: onePerKind(present.filter(({ role }) => !role.copy)),
    copies: onePerKind(present.filter(({ role }) => role.copy)),
    kubeconfigs: snapshot.nodes.flatMap((node) => kubeconfigsOf(snapshot, node)),
    leaves: owned.filter(({ role }) => role.kind === 'leaf' && role.installer !== 'kubeadm'),
  };
}

/** One certificate per file: PEM before text, since only its signature can be checked. */
function bestOf(node: Node): readonly Omit<Leaf, 'node'>[] {
  const byFile = new Map<string, Omit<Leaf, 'node'>>();
  for (const certificate of node.certificates) {
    const role = roleOf(certificate);
    if (role === null) continue;
    const folder = certificate.place.kind === 'file' ? (certificate.place.path ?? '').split('/').at(-2) : '';
    const key = `${role.copy ? 'agent' : folder === 'agent' ? 'agent' : ''} ${role.name}`;
    const known = byFile.get(key);
    if (known === undefined || knows(certificate) > knows(known.certificate)) byFile.set(key, { certificate, role });
  }
  return [...byFile.values()];
}

function knows({ der, signature, publicKey, issuer }: Certificate): number {
  return [der, signature, publicKey, issuer || null].filter((one) => one !== null).length;
}

function withChain({ node, certificate, role }: Leaf): PresentAuthority {
  const { place, span } = certificate;
  const chain = node.certificates.filter(
    (one) =>
      one.place.kind === 'file' &&
      place.kind === 'file' &&
      one.place.index > 0 &&
      one.place.path === place.path &&
      one.span.file === span.file,
  );
  return { node, kind: role.authority, role, certificates: [certificate, ...chain] };
}

/** `server-ca.nochain.crt` stands beside `server-ca.crt` and holds its first certificate only. */
function onePerKind(all: readonly PresentAuthority[]): readonly PresentAuthority[] {
  return all.filter(
    (one) =>
      !one.role.name.includes('nochain') ||
      !all.some(
        (other) =>
          other !== one && other.node === one.node && other.kind === one.kind && !other.role.name.includes('nochain'),
      ),
  );
}

/** Kubeconfigs for this cluster: k3s's own, and those for an address of one of its servers. */
function kubeconfigsOf(snapshot: Snapshot, node: Node): Inventory['kubeconfigs'] {
  return node.certificates.flatMap((certificate) => {
    const { place } = certificate;
    if (place.kind !== 'kubeconfig') return [];
    const host = /^https:\/\/\[?([^\]/]*?)\]?(?::\d+)?(?:\/|$)/.exec(place.server ?? '')?.[1] ?? '';
    const own = /^(?:127\.|localhost$|::1$|0\.0\.0\.0$)/.test(host);
    const named =
      /(?:^|\/)(?:k3s|rke2)\.yaml$/.test(place.path ?? '') || /rancher\/(?:k3s|rke2)\//.test(place.path ?? '');
    const known = own
      ? named || distributionOf(snapshot, node) !== null
      : snapshot.nodes.some((one) => hasText(one, host));
    return known ? [{ node, certificate }] : [];
  });
}

function hasText(node: Node, host: string): boolean {
  return node.name === host || node.host.addresses.rows.some(({ ip }) => formatIp(ip) === host);
}

/** The authority that counts for a node: its own, else that of the cluster's servers, else the copy that it fetched. */
export function authorityFor({ authorities, copies }: Inventory, node: Node, kind: Authority): PresentAuthority | null {
  const fits = (one: PresentAuthority) => one.kind === kind;
  return (
    authorities.find((one) => fits(one) && one.node === node) ??
    authorities.find(fits) ??
    copies.find((one) => fits(one) && one.node === node) ??
    null
  );
}

export const mainAuthorities: readonly Authority[] = ['server-ca', 'client-ca', 'request-header-ca'];
