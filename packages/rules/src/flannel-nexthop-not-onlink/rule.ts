/** flannel's host-gw backend: the next hop of a peer's subnet stands in no network of this node, so the kernel refuses the route. */
import { formatIp, formatPrefix } from '@coldtrace/core';
import { defineRule, type RuleContext } from '../define-rule.js';
import { backendOf } from '../flannel/backend.js';
import { betweenPods } from '../flannel/between-pods.js';
import {
  type CapturedNode,
  captured,
  carriedFamilies,
  certaintyOf,
  doubtsOf,
  knowsRoutes,
  leaseOf,
  routesTo,
} from '../flannel/common.js';
import { type FlannelNode, flannelNodes } from '../flannel/flannel-node.js';
import { backendFix } from './backend-fix.js';
import { checkLogged } from './logged.js';
import { failureLogs, type NotOnLink, notOnLink, routeThrough } from './on-link.js';

const messages = {
  refused:
    '{gateway} of {peer} stands in no network of {node} ({networks}): flannel’s host-gw backend cannot route {subnet} through it, and {node} has no route to these pods',
  unanswered:
    '{node} routes {subnet} through {gateway} of {peer}, which stands in none of its networks ({networks}): nobody there answers for it',
  logged:
    'flanneld of {node} could not make the route to {subnet} through {gateway} ({reason}): the gateway stands in no network of the node, which flannel’s host-gw backend needs, and pods there are not reached',
} as const;

export type Context = RuleContext<keyof typeof messages>;

export const flannelNexthopNotOnlink = defineRule({
  id: 'flannel-nexthop-not-onlink',
  severity: 'error',
  summary: 'With flannel’s host-gw backend two nodes do not share a network, so neither can be the other’s gateway.',
  needs: ['ip-addr', 'ip-route', 'nodes'],
  messages,
  check: (cx) => {
    const nodes = flannelNodes(cx.snapshot);
    for (const node of captured(nodes)) {
      if (backendOf(cx.snapshot, node)?.value !== 'host-gw') continue;
      if (node.node.host.addresses.state === 'absent') cx.notEvaluated(node.name, ['ip-addr']);
      else if (node.node.host.routes.state === 'absent') cx.notEvaluated(node.name, ['ip-route']);
      for (const family of carriedFamilies(node))
        for (const peer of nodes) {
          const found = peer.name === node.name ? null : notOnLink(cx.snapshot, node, peer, family);
          if (found !== null) reportPeer(cx, node, peer, found);
        }
    }
    checkLogged(cx);
  },
});

function reportPeer(cx: Context, node: CapturedNode, peer: FlannelNode, { gateway, own, complete }: NotOnLink): void {
  const subnet = leaseOf(peer, gateway.value.family);
  const backend = backendOf(cx.snapshot, node);
  if (backend === null) return;
  const through = routeThrough(node, gateway.value);
  const other = subnet === null ? undefined : routesTo(node.node, subnet.value)[0];
  // Somebody routes these pods another way.
  if (through === null && other !== undefined) return;
  const outcome =
    subnet === null
      ? null
      : (betweenPods(cx.snapshot, node, peer, subnet.value.ip.family, cx.assume)?.outcomes[0] ?? null);
  const whole = complete && (through !== null || knowsRoutes(node.node, gateway.value.family));
  const doubts = [
    ...(whole ? [] : [`addresses and routes of ${node.name} may not be complete (${node.name}: ip-addr, ip-route)`]),
    ...doubtsOf(outcome, ['ip-route', 'ip-rule', 'ip-addr']).map(({ text }) => text),
  ];
  const networks = own.map((row) => `${formatIp(row.ip)}/${row.prefixLength} on ${row.dev}`).join(', ');
  cx.report(through === null ? 'refused' : 'unanswered', {
    certainty: certaintyOf([node, peer], [gateway, backend, ...own, ...(subnet === null ? [] : [subnet])], doubts),
    node: node.name,
    subject: `${peer.name} ${formatIp(gateway.value)}`,
    data: {
      node: node.name,
      peer: peer.name,
      gateway: formatIp(gateway.value),
      networks,
      subnet: subnet === null ? 'its pods' : formatPrefix(subnet.value),
    },
    evidence: [
      ...failureLogs(node, gateway.value),
      ...(through === null ? [] : [{ span: through.span, why: `names ${formatIp(gateway.value)} as its gateway` }]),
      gateway.evidence,
      ...own
        .slice(0, 3)
        .map(({ span, dev }) => ({ span, why: `network of ${node.name} on ${dev}: the gateway is outside` })),
      backend.evidence,
      ...(subnet === null ? [] : [subnet.evidence]),
    ],
    assumptions: doubts,
    path: outcome?.steps ?? [],
    fix: backendFix(node.node, node.name, peer.name),
    explains: (symptom) => symptom.message.includes(node.name) && symptom.message.includes(peer.name),
  });
}
