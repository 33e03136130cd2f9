/** Clients dial a server by an address that its certificate is not valid for: `x509: certificate is valid for …, not …`. */
import { type Certificate, type DumpId, isCompleteFor, type Node, parseIp } from '@coldtrace/core';
import { defineRule, type RuleContext } from '../define-rule.js';
import { isValidFor, namesLike, namesSpan, showsNames } from '../facts/certificate-names.js';
import { type CertificateRole, kubeletPort, roleOf } from '../facts/certificate-roles.js';
import { mayBeK3s } from '../facts/k3s.js';
import type { Certainty } from '../finding.js';
import { type Dial, dialsOf } from './dials.js';
import { addressFix, apiServerFix } from './fix.js';
import { goneFrom, hasAddress, type Judgement, judge } from './judge.js';
import { optionDumps, type Pin } from './node-ip.js';
import { componentAt } from './served.js';
import { firstAddress } from './service-range.js';

const messages = {
  absent:
    '{address}, by which {client} {component}{of}, is not in the certificate presented{at}: it is valid for {names}{gone}{pin}',
  logged:
    'clients that dial {address}{at} refuse the certificate of {component}{of}: it is valid for {names}{gone}{pin}',
  renewed:
    'a client refused the certificate of {component}{of} for {address}, but the one captured is valid for it: issued anew since, or not loaded yet',
  service:
    '{address}, the first address of {from}, by which every pod dials the API server, is not in its certificate {file} on {node}: it is valid for {names}',
} as const;

type Context = RuleContext<keyof typeof messages>;

export const certSanLacksAddress = defineRule({
  id: 'cert-san-lacks-address',
  severity: 'error',
  summary: 'Clients dial a server by an address that its certificate is not valid for.',
  needs: ['certificates', 'nodes', 'ip-addr', 'k3s-config', 'k3s-unit'],
  messages,
  check: (cx) => {
    const dials = dialsOf(cx.snapshot);
    const served = new Set(
      cx.snapshot.nodes.flatMap((node) => onePerFile(node).flatMap((one) => checkService(cx, node, one, dials) ?? [])),
    );
    for (const dial of dials) if (!served.has(dial.address)) checkDial(cx, dial);
    for (const node of cx.snapshot.nodes) askFor(cx, node, dials);
  },
});

function checkDial(cx: Context, dial: Dial): void {
  const found = judge(cx.snapshot, dial);
  if (found === null) return;
  const { address, port, node } = dial;
  const fix = found.kind === 'renewed' ? null : addressFix(cx.snapshot, dial, found);
  cx.report(found.kind, {
    ...(found.kind === 'renewed' || dial.foreign === true ? { severity: 'info' as const } : {}),
    certainty: dial.foreign === true ? 'possible' : certaintyOf(found),
    node: node?.name ?? null,
    subject: `${address} ${port ?? ''}`.trim(),
    data: dataOf(cx, dial, found),
    evidence: found.evidence,
    assumptions: found.assumptions,
    ...(fix === null ? {} : { fix }),
  });
}

function certaintyOf({ kind, assumptions }: Judgement): Certainty {
  if (kind === 'renewed') return 'possible';
  return assumptions.length === 0 ? 'proven' : 'likely';
}

function dataOf(
  cx: Context,
  { address, port, node, witnesses }: Dial,
  { names, pin }: Judgement,
): Readonly<Record<string, string | number>> {
  // An API server's holds addresses of Services and balancers too, which no device ever had.
  const gone = port === kubeletPort ? goneFrom(node, names) : [];
  // Only k3s and rke2 issue the kubelet's certificate for the node's address by themselves.
  const pinned = port === kubeletPort && mayBeK3s(cx.snapshot, node);
  return {
    address,
    port: port ?? 0,
    at: port === null ? '' : ` at port ${port}`,
    of: node === null || !node.named ? '' : ` of ${node.name}`,
    component: componentAt(port, address),
    client: witnesses.some(({ kind }) => kind === 'node-object') ? 'the API server dials' : 'clients dial',
    names: listText(names),
    gone:
      gone.length === 0
        ? ''
        : `, of which ${gone.join(' and ')} ${gone.length === 1 ? 'is' : 'are'} on no device any more`,
    pin: pinned ? `; ${pinText(pin, address)}` : '',
  };
}

const mostNames = 8;

function listText(names: readonly string[]): string {
  if (names.length === 0) return 'no address';
  const shown = names.slice(0, mostNames).join(', ');
  return names.length > mostNames ? `${shown} and ${names.length - mostNames} more` : shown;
}

function pinText(pin: Pin, address: string): string {
  if (pin.kind === 'unknown') return 'whether node-ip is pinned was not captured';
  if (pin.kind === 'free') return 'node-ip is not pinned';
  return pin.address === address ? 'node-ip is pinned to it since' : `node-ip is pinned to ${pin.address}`;
}

const servesApi = (role: CertificateRole | null): role is CertificateRole =>
  role !== null && /^(?:serving-kube-)?apiserver\.crt$/.test(role.name);

/** The same file may have been captured as PEM and as text. */
function onePerFile({ certificates }: Node): readonly Certificate[] {
  const byName = new Map<string, Certificate>();
  for (const one of certificates) {
    const name = roleOf(one)?.name;
    if (name !== undefined && !byName.has(name) && showsNames(one)) byName.set(name, one);
  }
  return [...byName.values()];
}

/** The Service address that the certificate was held against; null: it is none of an API server. */
function checkService(cx: Context, node: Node, certificate: Certificate, dials: readonly Dial[]): string | null {
  const role = roleOf(certificate);
  if (!servesApi(role)) return null;
  const first = firstAddress(cx.snapshot, node, role.installer, cx.assume);
  if (first === null) {
    cx.notEvaluated(node.name, ['services'], 'the Service range is not known');
    return null;
  }
  if (isValidFor(certificate, first.address)) {
    if (first.assumption !== null) cx.notEvaluated(node.name, optionDumps(node), first.assumption);
    return null;
  }
  const witnesses = dials.filter(({ address }) => address === first.address).flatMap((dial) => dial.witnesses);
  const assumptions = [
    ...(first.assumption === null ? [] : [first.assumption]),
    ...((certificate.trust ?? 'captured') === 'captured' ? [] : ['the certificate was pasted and mended']),
  ];
  cx.report('service', {
    certainty: assumptions.length === 0 ? 'proven' : 'likely',
    node: node.name,
    subject: `${first.address} ${role.name}`,
    data: {
      address: first.address,
      from: first.from,
      file: role.name,
      node: node.name,
      names: listText(namesLike(certificate, first.address)),
    },
    evidence: [
      { span: namesSpan(cx.snapshot, certificate), why: `the names that ${role.name} is valid for` },
      ...first.evidence,
      ...witnesses.slice(0, 2).map(({ evidence }) => evidence),
    ],
    assumptions,
    fix: apiServerFix(cx.snapshot, node, role, first.address),
  });
  return first.address;
}

/** What is missing to tell whether what the node serves is right, or to be sure of it. */
function askFor(cx: Context, node: Node, dials: readonly Dial[]): void {
  const own = dials.filter((dial) => dial.node === node);
  const serving = node.certificates.filter((one) => roleOf(one)?.port != null && showsNames(one));
  const needs = new Set<DumpId>(own.flatMap((dial) => lacking(cx, node, dial, serving)));
  if (own.length === 0 && serving.length === 0) needs.add('certificates');
  if (own.length === 0 && serving.some((one) => roleOf(one)?.port === kubeletPort)) needs.add('nodes');
  if (needs.size > 0) cx.notEvaluated(node.name, [...needs].sort());
}

/** Whether a dump of its addresses would tell more. */
function mayHaveAddress(node: Node, address: string): boolean {
  const ip = parseIp(address);
  return ip !== null && !hasAddress(node, address) && !isCompleteFor(node.host.addresses, ip.family);
}

function lacking(cx: Context, node: Node, dial: Dial, serving: readonly Certificate[]): readonly DumpId[] {
  const found = judge(cx.snapshot, dial);
  if (found === null) return serving.some((one) => roleOf(one)?.port === dial.port) ? [] : ['certificates'];
  return [
    ...(found.served === null ? ['certificates' as const] : []),
    ...(mayHaveAddress(node, dial.address) ? ['ip-addr' as const] : []),
    ...(found.pin.kind === 'unknown' && dial.port === kubeletPort && mayBeK3s(cx.snapshot, node)
      ? found.pin.needs
      : []),
  ];
}
