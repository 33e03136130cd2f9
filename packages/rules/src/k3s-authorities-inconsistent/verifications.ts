/** What `openssl verify` said of certificates that were held against the authority that has to have signed them. openssl-verification-options(1). */
import type { Evidence, Node, Snapshot } from '@coldtrace/core';
import { type Authority, roleOf } from '../facts/certificate-roles.js';

export interface Verification {
  readonly node: Node;
  /** The file that was checked. */
  readonly name: string;
  readonly authority: Authority;
  readonly fault: 'signature' | 'dates';
  /** Whether a command shows the authority that it was held against. */
  readonly shown: boolean;
  readonly evidence: Evidence;
}

/** X509_V_ERR_…: not yet valid, expired. */
const dates: ReadonlySet<string> = new Set(['9', '10']);
/** No issuer found, another signature, a self-signed one that nobody trusts, a leaf that could not be checked, issuers that differ. */
const signature: ReadonlySet<string> = new Set(['2', '7', '18', '19', '20', '21', '29', '30']);

/** A file that was held against another authority than its own says nothing. */
export function verificationsOf({ nodes }: Snapshot): readonly Verification[] {
  return nodes.flatMap((node) =>
    node.tls.flatMap(({ kind, subject, against, verdict, span }) => {
      const code = /^error (\d+) /.exec(verdict)?.[1] ?? '';
      const fault = dates.has(code) ? 'dates' : signature.has(code) ? 'signature' : null;
      const role = roleOfFile(subject);
      const held = against === undefined ? null : roleOfFile(against);
      if (kind !== 'verify' || fault === null || role === null || role.installer === 'kubeadm') return [];
      if (against !== undefined && (held?.kind !== 'authority' || held.authority !== role.authority)) return [];
      const { name, authority } = role;
      const why = `openssl finds that ${name} ${fault === 'dates' ? 'is out of date' : `is not signed by ${authority}`}`;
      return [{ node, name, authority, fault, shown: held !== null, evidence: { span, why } }];
    }),
  );
}

function roleOfFile(path: string) {
  return roleOf({ place: { kind: 'file', path, index: 0 } });
}
