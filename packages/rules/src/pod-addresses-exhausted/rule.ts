/** A node's pod subnet is full or nearly so. */
import type { Evidence, Node } from '@coldtrace/core';
import { defineRule, type RuleContext } from '../define-rule.js';
import { type AddressRange, addressUses, exhaustionLines, isExhaustion } from '../facts/pod-address-range.js';
import type { Fix } from '../finding.js';

const messages = {
  full: 'no pod address of {subnet} is left on {node}: {reserved} of {usable} are reserved',
  nearly: '{reserved} of {usable} pod addresses of {subnet} on {node} are reserved',
  log: 'pods on {node} got no address',
  somewhere: 'pods of a node that was not captured got no address: {what}',
} as const;

type Context = RuleContext<keyof typeof messages>;

/** From this share on it is said. */
const much = 0.9;

export const podAddressesExhausted = defineRule({
  id: 'pod-addresses-exhausted',
  severity: 'error',
  role: 'symptom',
  summary: 'The addresses for pods on a node are used up, or nearly.',
  needs: ['cni-networks', 'subnet-env'],
  messages,
  check: (cx) => {
    for (const node of cx.snapshot.nodes) checkNode(cx, node);
    reportSomewhere(cx);
  },
});

function checkNode(cx: Context, node: Node): void {
  const lines = exhaustionLines(cx.snapshot, node);
  const uses = addressUses(cx.snapshot, node);
  const judged = uses.flatMap(({ ranges, network }) =>
    ranges.map(({ range, count }) => ({
      range,
      count,
      subject: ranges.length === 1 ? network : `${network} ${range.text}`,
    })),
  );
  const full = judged.filter(({ range, count }) => count >= range.usable * much);
  for (const { range, count, subject } of full) reportRange(cx, node, range, count, subject, lines);
  if (full.length === 0 && lines.length > 0) reportLog(cx, node, lines);
  if (judged.length > 0 || lines.length > 0) return;
  if (uses.length > 0) cx.notEvaluated(node.name, ['subnet-env']);
  else if (node.reservations.state !== 'complete') cx.notEvaluated(node.name, ['cni-networks']);
}

function reportRange(
  cx: Context,
  node: Node,
  range: AddressRange,
  count: number,
  subject: string,
  lines: readonly Evidence[],
): void {
  const isFull = count >= range.usable;
  cx.report(isFull ? 'full' : 'nearly', {
    severity: isFull ? 'error' : 'warning',
    certainty: node.named ? 'proven' : 'possible',
    node: node.name,
    subject,
    data: { node: node.name, subnet: range.text, usable: range.usable, reserved: count },
    evidence: [
      ...range.evidence,
      ...lines.slice(0, 2),
      ...node.reservations.rows.slice(0, 1).map(({ span }) => ({ span, why: 'the first of the reservations' })),
    ],
    ...(node.named ? { fix: roomFor(node, range) } : {}),
  });
}

function reportLog(cx: Context, node: Node, lines: readonly Evidence[]): void {
  cx.report('log', {
    certainty: 'likely',
    node: node.name,
    subject: 'log',
    data: { node: node.name },
    evidence: lines.slice(0, 3),
    assumptions: ['only log lines tell; the reservations and the subnet of the node were not captured together'],
  });
}

/** A pasted line may tell of any node. */
function reportSomewhere(cx: Context): void {
  const { nodes, observations } = cx.snapshot;
  const rows = nodes.length === 1 ? [] : observations.filter(isExhaustion);
  const [first] = rows;
  if (first === undefined) return;
  const { range, network } = first.data;
  cx.notEvaluated(null, ['cni-networks', 'crictl-pods', 'subnet-env'], 'only a log line tells of the node');
  cx.report('somewhere', {
    certainty: 'likely',
    node: null,
    subject: range ?? network ?? 'log',
    data: {
      what:
        range === undefined
          ? `none is left${network === undefined ? '' : ` in network ${network}`}`
          : `none is left of ${range}`,
    },
    evidence: rows.slice(0, 3).map(({ span }) => ({ span, why: 'a pod got no address' })),
    assumptions: [
      'only log lines tell; which addresses are reserved (head -n 2 /var/lib/cni/networks/*/*) and which sandboxes run (crictl pods) was not captured: leaked reservations are the commonest cause',
    ],
  });
}

/** Whether reservations have leaked is another rule's finding, and its remedy comes first. */
function roomFor(node: Node, range: AddressRange): Fix {
  return {
    steps: [
      {
        node: null,
        command: `kubectl cordon ${node.name}`,
        disrupts: 'new pods are no longer scheduled on this node; running ones stay',
        undo: `kubectl uncordon ${node.name}`,
      },
    ],
    persist: `Let the node take fewer pods (maxPods of the kubelet at most ${range.usable}), or give nodes larger subnets (--node-cidr-mask-size of the controller manager, SubnetLen of flannel): a node keeps the subnet that it has until it joins anew.`,
    notes:
      'Look first whether reservations have leaked: compare the files under /var/lib/cni/networks with crictl pods. Deleting or moving pods frees an address each.',
    verified: null,
  };
}
