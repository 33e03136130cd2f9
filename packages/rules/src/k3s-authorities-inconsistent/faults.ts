/** What is wrong with one certificate by itself: it is not there, may not sign, or is not its key's. RFC 5280 section 4.2.1.9. */
import type { Certificate, Evidence, Node, Snapshot } from '@coldtrace/core';
import { type Authority, roleOf } from '../facts/certificate-roles.js';
import { type Inventory, type Leaf, mainAuthorities, type PresentAuthority } from './inventory.js';
import { lineOf } from './lines.js';

export type Fault =
  | { readonly kind: 'unfit'; readonly why: string; readonly evidence: readonly Evidence[]; readonly sure: boolean }
  | { readonly kind: 'key'; readonly evidence: readonly Evidence[]; readonly trusted: boolean };

/** Of an authority: may it sign at all? */
export function unfit(snapshot: Snapshot, certificate: Certificate): Fault | null {
  const { ca, version, keyUsage, der, signature } = certificate;
  const fault = (why: string, heading: string, sure = true): Fault => ({
    kind: 'unfit',
    why,
    sure,
    evidence: [{ span: lineOf(snapshot, certificate, heading), why }],
  });
  if (ca === false) return fault('its basic constraints say CA:FALSE', 'Basic Constraints');
  const whole = der !== null || signature !== null;
  if (ca === null && whole && version !== null) {
    // Go takes an authority of version 1 at its word when it is a root.
    return version === 1
      ? fault('it is of version 1 and has no basic constraints (CA:TRUE)', 'Version', false)
      : fault('it has no basic constraints (CA:TRUE)', 'Subject');
  }
  if (ca === true && keyUsage.length > 0 && !keyUsage.includes('Certificate Sign'))
    return fault('its key usage does not let it sign certificates', 'Key Usage');
  return null;
}

/** The key beside a certificate: `server-ca.key` for `server-ca.crt`. */
export function otherKey(snapshot: Snapshot, node: Node, certificate: Certificate): Fault | null {
  const { place, publicKey } = certificate;
  const role = roleOf(certificate);
  if (place.kind !== 'file' || place.path === null || publicKey === null || role === null) return null;
  const wanted = tail(place.path.replace(/(?:\.nochain)?\.\w+$/, ''));
  const beside = node.keys.filter(({ path }) => path !== null && tail(path.replace(/\.\w+$/, '')) === wanted);
  const [key] = beside;
  if (key === undefined || beside.some((one) => one.publicKey === publicKey)) return null;
  return {
    kind: 'key',
    trusted: (certificate.trust ?? 'captured') === 'captured',
    evidence: [
      { span: lineOf(snapshot, certificate, 'Subject'), why: `${role.name} has another public key` },
      { span: firstOf(key.span), why: 'than the key beside it' },
    ],
  };
}

/** A key's block is long, and blank. */
function firstOf(span: Evidence['span']): Evidence['span'] {
  return { ...span, end: Math.min(span.end, span.start + 27) };
}

/** The last two parts of a path tell files of one name apart (`etcd/server-ca`, `agent/client-kubelet`). */
function tail(path: string): string {
  return path.split('/').slice(-2).join('/');
}

export interface Missing {
  readonly node: Node;
  readonly kind: Authority;
  readonly evidence: readonly Evidence[];
  /** null: a message says so, or every certificate was collected. */
  readonly assumption: string | null;
}

/** Authorities that a server should have, of which a message says that they are not there, or which a whole capture lacks. */
export function missingAuthorities(inventory: Inventory, snapshot: Snapshot): readonly Missing[] {
  return snapshot.nodes.flatMap((node) =>
    mainAuthorities.flatMap((kind) => {
      if (inventory.authorities.some((one) => one.node === node && one.kind === kind)) return [];
      const told = messageAbout(node, kind);
      if (told !== null) return [{ node, kind, ...told }];
      const others = inventory.authorities.filter((one) => one.node === node && mainAuthorities.includes(one.kind));
      const [first] = others;
      const waiting = inventory.leaves.filter(({ role, node: holder }) => holder === node && role.authority === kind);
      if (first === undefined || (waiting.length === 0 && others.length < 2)) return [];
      const whole = node.wholeCertificates;
      if (!whole && (!isFolder(first, waiting) || mayBeThere(snapshot, first, kind))) return [];
      const assumption = whole ? null : 'the capture holds every certificate of server/tls';
      return [{ node, kind, evidence: evidenceOfMissing(kind, first, waiting), assumption }];
    }),
  );
}

/** Files as they lay in the folder itself, rather than outputs about some of them. */
function isFolder(first: PresentAuthority, waiting: readonly Leaf[]): boolean {
  return [first.certificates[0], ...waiting.map(({ certificate }) => certificate)].every(
    ({ place, der }) => der !== null && place.kind === 'file' && /(?:^|\/)tls\/[^/]+$/.test(place.path ?? ''),
  );
}

/** The text ends within a certificate, behind which there may have been others, or the file lies there and is none that can be read. */
function mayBeThere(
  { diagnostics, files }: Snapshot,
  { certificates: [{ span }] }: PresentAuthority,
  kind: Authority,
): boolean {
  const file = files[span.file]?.name.replace(/[^/]+$/, `${kind}.crt`);
  return (
    diagnostics.some(({ code, span: at }) => code === 'certificate/cut-off' && at.file === span.file) ||
    files.some(({ name, text }) => name === file && text.trim() !== '')
  );
}

function evidenceOfMissing(kind: Authority, first: PresentAuthority, waiting: readonly Leaf[]): readonly Evidence[] {
  const needed = waiting.slice(0, 2).map(({ certificate, role }) => ({
    span: { ...certificate.span, end: certificate.span.start + 1 },
    why: `${role.name} needs ${kind}.crt`,
  }));
  const beside = {
    span: { ...first.certificates[0].span, end: first.certificates[0].span.start + 1 },
    why: `${first.role.name} is there, ${kind}.crt is not`,
  };
  return [beside, ...needed];
}

/** strerror(3) of ENOENT in the languages that machines are set to; anything else may be a file that is there. */
const absence =
  /no such file|没有那个文件|沒有此一檔案|нет такого файла|no existe el (?:archivo|fichero)|aucun fichier|nicht gefunden|inexistente|non esistente/i;

function messageAbout(node: Node, kind: Authority): Pick<Missing, 'evidence' | 'assumption'> | null {
  const file = `${kind}.crt`;
  const names = (text: string) =>
    new RegExp(`(?:^|[\\s/'"(:])${file.replace('.', '\\.')}(?:$|[\\s'",:;)])`).test(text) &&
    !text.includes(`etcd/${file}`);
  const failure = node.failures.find(({ message }) => names(message) && absence.test(message));
  if (failure !== undefined) {
    const placed = /server\/tls\//.test(failure.message);
    const assumption = placed ? null : 'the command that did not find it was run in server/tls';
    return { evidence: [{ span: failure.span, why: `${file} is not there` }], assumption };
  }
  const log = node.observations.find(
    (row) => row.kind === 'log' && row.event === 'file-missing' && names(row.data['path'] ?? ''),
  );
  if (log === undefined) return null;
  return {
    evidence: [{ span: log.span, why: `${file} is not there` }],
    assumption: `${file} was not put back since the log line`,
  };
}
