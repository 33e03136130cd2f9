/** Addresses that host-local keeps reserved for containers that no longer run: the subnet fills up, and new pods get none. */
import { type AddressReservation, compareIp, type Evidence, formatIp, type Node } from '@coldtrace/core';
import { defineRule, type RuleContext } from '../define-rule.js';
import { type AddressUse, addressUses, exhaustionLines } from '../facts/pod-address-range.js';
import type { Certainty, Fix } from '../finding.js';
import { fileOfReservation, type Judge, judgeOf } from './holders.js';

const messages = {
  full: '{leaked} of {reserved} pod addresses reserved on {node} belong to no running {by}, and none of the {usable} usable ones of {subnet} is left: {list}',
  refused:
    '{leaked} of {reserved} pod addresses reserved on {node} belong to no running {by}, and log lines say that a pod got none: {list}',
  leaked: '{leaked} of {reserved} pod addresses reserved on {node} belong to no running {by}: {list}',
} as const;

type Context = RuleContext<keyof typeof messages>;

export const podAddressesLeaked = defineRule({
  id: 'pod-addresses-leaked',
  severity: 'warning',
  summary: 'Pod addresses stay reserved for containers that no longer run.',
  needs: ['cni-networks', 'crictl-pods'],
  messages,
  check: (cx) => {
    for (const node of cx.snapshot.nodes) checkNode(cx, node);
  },
});

function checkNode(cx: Context, node: Node): void {
  if (node.reservations.rows.length === 0) {
    if (node.reservations.state !== 'complete') cx.notEvaluated(node.name, ['cni-networks']);
    return;
  }
  const judge = judgeOf(cx.snapshot, node);
  if (judge === null) {
    cx.notEvaluated(node.name, ['crictl-pods']);
    return;
  }
  // The name of a file is an address; whose it is stands in it.
  if (judge.by !== 'pod' && node.reservations.rows.some(({ containerId }) => containerId === null))
    cx.notEvaluated(node.name, ['cni-networks']);
  for (const use of addressUses(cx.snapshot, node)) {
    const leaked = use.reserved.filter((row) => !judge.isHeld(row)).sort((x, y) => compareIp(x.ip, y.ip));
    if (leaked.length > 0) reportLeak(cx, node, use, leaked, judge);
  }
}

const mostListed = 8;
const mostCited = 3;

function reportLeak(
  cx: Context,
  node: Node,
  use: AddressUse,
  leaked: readonly AddressReservation[],
  judge: Judge,
): void {
  const { ranges, reserved } = use;
  const lines = exhaustionLines(cx.snapshot, node);
  const full = ranges.find(({ range, count }) => count >= range.usable)?.range;
  const names = leaked.map(({ ip }) => formatIp(ip));
  const list =
    names.length > mostListed
      ? `${names.slice(0, mostListed).join(', ')} and ${names.length - mostListed} more`
      : names.join(', ');
  const assumptions = [...(judge.assumption === null ? [] : [judge.assumption])];
  cx.report(full !== undefined ? 'full' : lines.length > 0 ? 'refused' : 'leaked', {
    severity: full !== undefined || lines.length > 0 ? 'error' : 'warning',
    certainty: certaintyOf(node, leaked, assumptions),
    node: node.name,
    subject: use.network,
    data: {
      node: node.name,
      leaked: leaked.length,
      reserved: reserved.length,
      usable: (full ?? ranges[0]?.range)?.usable ?? 0,
      subnet: (full ?? ranges[0]?.range)?.text ?? '',
      by: judge.by,
      list,
      addresses: names.join(' '),
    },
    evidence: evidenceOf(node, use, leaked, lines),
    assumptions,
    fix: fixOf(node, leaked),
    explains: (symptom) => symptom.rule === 'pod-addresses-exhausted' && symptom.node === node.name,
  });
}

function certaintyOf(node: Node, leaked: readonly AddressReservation[], assumptions: readonly string[]): Certainty {
  const captured = leaked.every(({ trust }) => (trust ?? 'captured') === 'captured');
  if (!node.named) return 'possible';
  return captured && assumptions.length === 0 ? 'proven' : 'likely';
}

function evidenceOf(
  node: Node,
  { ranges }: AddressUse,
  leaked: readonly AddressReservation[],
  lines: readonly Evidence[],
): readonly Evidence[] {
  const [source] = node.containers.sources;
  return [
    ...leaked.slice(0, mostCited).map(({ span, ip, containerId }) => ({
      span,
      why: `${formatIp(ip)} is reserved for ${containerId === null ? 'a container' : containerId.slice(0, 13)}, which does not run`,
    })),
    ...ranges.flatMap(({ range }) => range.evidence),
    ...(source === undefined
      ? []
      : [{ span: { ...source.span, end: Math.min(source.span.end, source.span.start + 1) }, why: 'what runs' }]),
    ...lines.slice(0, 2),
  ];
}

/** A few files a line, so that many stay readable. */
function inLines(files: readonly string[]): readonly string[] {
  const lines: string[] = [];
  for (let at = 0; at < files.length; at += 2) lines.push(`rm ${files.slice(at, at + 2).join(' ')}`);
  return lines;
}

/** Exactly the leaked files; each can be written again. */
function fixOf(node: Node, leaked: readonly AddressReservation[]): Fix {
  const files = leaked.map(fileOfReservation);
  const [example] = leaked;
  const undo =
    example === undefined
      ? 'none'
      : `write each file again, as printf '%s\\r\\n%s' ${example.containerId ?? 'CONTAINER-ID'} ${example.ifname ?? 'eth0'} > ${fileOfReservation(example)}`;
  return {
    steps: [
      {
        node: node.name,
        command: inLines(files).join('\n'),
        disrupts: 'nothing: no running container has these addresses',
        undo,
      },
    ],
    persist:
      'Files leak when a node or its runtime goes down while pods are deleted. Let the runtime stop pods before a reboot, and remove leftovers at boot, before the kubelet starts.',
    notes:
      'Never remove the whole directory of a live node: running pods would share their addresses with new ones. rm -rf /var/lib/cni/flannel/ frees nothing: it removes the delegate files, after which the plugin takes every DEL for done without asking host-local, and more addresses leak.',
    verified: null,
  };
}
