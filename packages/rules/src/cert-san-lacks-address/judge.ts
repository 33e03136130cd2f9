/** What is known of one dialled address and the certificate that answers there: absent, in it after all, or only a log line's word. */
import {
  type Evidence,
  formatIp,
  isCompleteFor,
  isLoopback,
  type Node,
  parseIp,
  type Row,
  type Snapshot,
  sameIp,
} from '@coldtrace/core';
import { isValidFor, namesLike, namesSpan, showsNames } from '../facts/certificate-names.js';
import { kubeletPort, roleOf } from '../facts/certificate-roles.js';
import { mayBeK3s } from '../facts/k3s.js';
import type { Dial } from './dials.js';
import { type Pin, pinOf } from './node-ip.js';
import { componentAt, type Served, servedAt } from './served.js';

export interface Judgement {
  readonly kind: 'absent' | 'logged' | 'renewed';
  readonly names: readonly string[];
  readonly served: Served | null;
  readonly pin: Pin;
  /** What stands between this and a proof. */
  readonly assumptions: readonly string[];
  readonly evidence: readonly Evidence[];
}

/** null: the certificate is valid for the address, or nothing says that anybody dials it. */
export function judge(snapshot: Snapshot, dial: Dial): Judgement | null {
  const { address, port, node, witnesses } = dial;
  const served = servedAt(snapshot, node, address, port);
  const known = served !== null && showsNames(served.certificate) ? served : null;
  const log = witnesses.find(({ kind }) => kind === 'log');
  const valid = known !== null && isValidFor(known.certificate, address);
  const names = known !== null && !valid ? namesLike(known.certificate, address) : (log?.names ?? []);
  const pin = pinOf(node);
  const base = { names, served: known, pin };
  if (valid) {
    // What port 6443 presents may be another certificate, which the log line tells.
    if (log === undefined) return null;
    const kind = known.doubt === null ? 'renewed' : 'logged';
    return {
      ...base,
      kind,
      assumptions:
        kind === 'renewed'
          ? ['the certificate that was captured is the one that is presented now']
          : assumptionsOf(snapshot, dial, null, pin),
      evidence: evidenceOf(snapshot, dial, known, pin),
    };
  }
  if (known === null && log === undefined) return null;
  return {
    ...base,
    kind: known === null ? 'logged' : 'absent',
    assumptions: assumptionsOf(snapshot, dial, known, pin),
    evidence: evidenceOf(snapshot, dial, known, pin),
  };
}

function assumptionsOf(
  snapshot: Snapshot,
  { address, port, node, witnesses }: Dial,
  served: Served | null,
  pin: Pin,
): readonly string[] {
  const whose = node === null ? 'the machine' : node.name;
  const where = port === null ? '' : ` at port ${port}`;
  return [
    ...(served === null
      ? [
          `only a log line tells what is in the certificate that ${componentAt(port, address)} of ${whose} presents${where}: it was not captured`,
        ]
      : []),
    ...(served?.doubt == null ? [] : [served.doubt]),
    ...(witnesses.some(({ captured }) => captured) ? [] : [`only a log line tells that ${address} is dialled`]),
    ...(node === null || hasAddress(node, address) ? [] : [leadsTo(node, address)]),
    ...(served !== null && !isCaptured(served.certificate) ? ['the certificate was pasted and mended'] : []),
    ...(pin.kind === 'unknown' && port === kubeletPort && mayBeK3s(snapshot, node)
      ? [`node-ip is not pinned on ${whose}, whose options of k3s were not all captured`]
      : []),
  ];
}

function leadsTo({ host, name }: Node, address: string): string {
  const ip = parseIp(address);
  return ip === null || isCompleteFor(host.addresses, ip.family)
    ? `${address} leads to ${name}, or to a server with such a certificate`
    : `${address} is an address of ${name}, whose addresses were not captured with it`;
}

function isCaptured({ trust }: Row): boolean {
  return (trust ?? 'captured') === 'captured';
}

export function hasAddress({ host }: Node, address: string): boolean {
  const ip = parseIp(address);
  return ip !== null && host.addresses.rows.some((row) => sameIp(row.ip, ip));
}

/** Names that are addresses of no device any more: the certificate is from another time. */
export function goneFrom(node: Node | null, names: readonly string[]): readonly string[] {
  if (node === null) return [];
  return names.filter((name) => {
    const ip = parseIp(name);
    return ip !== null && isCompleteFor(node.host.addresses, ip.family) && !isLoopback(ip) && !hasAddress(node, name);
  });
}

function evidenceOf(snapshot: Snapshot, dial: Dial, served: Served | null, pin: Pin): readonly Evidence[] {
  const { address, node, witnesses } = dial;
  const own = node?.host.addresses.rows.find((row) => formatIp(row.ip) === address);
  const name = node?.name ?? 'the machine';
  const file = served === null ? '' : fileText(served);
  return [
    ...(served === null
      ? []
      : [{ span: namesSpan(snapshot, served.certificate), why: `the names that ${file} is valid for` }]),
    ...witnesses.slice(0, 3).map(({ evidence }) => evidence),
    ...(own === undefined ? [] : [{ span: own.span, why: `${address} is an address of ${name}` }]),
    ...(pin.kind === 'pinned' ? [pin.evidence] : []),
    ...otherCertificates(snapshot, dial, served),
  ];
}

function fileText({ certificate: { place } }: Served): string {
  if (place.kind === 'served') return `the certificate at ${place.address}`;
  return place.kind === 'file' && place.path !== null
    ? place.path.slice(place.path.lastIndexOf('/') + 1)
    : 'the certificate';
}

/** Certificates that were shown although the port presents another one, and addresses that two sources read differently. */
function otherCertificates(
  snapshot: Snapshot,
  { port, node, witnesses }: Dial,
  served: Served | null,
): readonly Evidence[] {
  const told = witnesses.flatMap(({ names }) => names);
  const shown = (node?.certificates ?? []).filter((one) => showsNames(one) && roleOf(one)?.kind !== 'authority');
  return shown.flatMap((one) => {
    if (one.ca === true || one.ips.length === 0) return [];
    const role = roleOf(one);
    const same = one === served?.certificate;
    const nearly = one.ips.map(formatIp).flatMap((ip) => {
      const other = told.includes(ip) ? undefined : told.find((text) => differsByOneSign(ip, text));
      return other === undefined ? [] : [`${ip} here, ${other} in the log line: two readings of one address`];
    });
    const unlike =
      !same && served === null && role?.port !== port
        ? [`${role?.name ?? 'this'} is another certificate than the one presented at port ${port ?? '?'}`]
        : [];
    const why = [...unlike, ...nearly].join('; ');
    return why === '' ? [] : [{ span: namesSpan(snapshot, one), why }];
  });
}

/** One sign more, less, or another. */
function differsByOneSign(left: string, right: string): boolean {
  if (left === right || Math.abs(left.length - right.length) > 1) return false;
  let at = 0;
  while (left[at] === right[at]) at++;
  const rest = (text: string, skip: number) => text.slice(at + skip);
  return rest(left, 1) === rest(right, 1) || rest(left, 1) === rest(right, 0) || rest(left, 0) === rest(right, 1);
}
