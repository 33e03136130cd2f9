/** IPVS mode: a Service address is an address of every node, so a node that calls it gets it as its source, and unless masqueraded no answer comes back. */
import type { DumpId, Node } from '@coldtrace/core';
import { defineRule } from '../define-rule.js';
import { withParameter } from '../facts/altered.js';
import { mayUseIpvs, usesIpvs } from '../facts/ipvs-services.js';
import { callsOf, show } from './call.js';
import { conntrackKey } from './cause.js';
import { reportLost } from './lost.js';
import { type Context, messages } from './statement.js';
import { reportSeen, reportUnlisted, reportUnsure } from './unanswered.js';
import { eitherWay, isTrackingKnown, missingOf, rulesUnread, seenUnmasked, takenBefore } from './unread.js';

export const ipvsSourceIsServiceAddress = defineRule({
  id: 'ipvs-source-is-service-address',
  severity: 'error',
  summary:
    'A node calls a Service that IPVS serves with the Service address as its own source, and no answer can come back.',
  needs: ['ipvsadm', 'ip-addr', 'ip-route', 'iptables-save', 'ipset-list', 'sysctl'],
  messages,
  check: (cx) => {
    for (const node of cx.snapshot.nodes) checkNode(cx, node);
  },
});

function checkNode(cx: Context, node: Node): void {
  if (node.host.ipvs.state === 'absent') {
    if (!usesIpvs(node) && node.host.ipvsConnections.rows.length === 0) return;
    if (reportSeen(cx, node)) return;
    reportUnlisted(cx, node);
    cx.notEvaluated(node.name, ['ipvsadm']);
    return;
  }
  if (mayUseIpvs(node)) {
    cx.notEvaluated(node.name, ['ip-addr', 'ip-route']);
    return;
  }
  const told = new Set<string>();
  const plain = { snapshot: cx.snapshot, node };
  const known = isTrackingKnown(node);
  for (const call of callsOf(cx.snapshot, node)) {
    const traced = known ? plain : withParameter(plain, conntrackKey, '1');
    const shown = show(traced, call, cx.assume);
    const unread = shown.lost.length > 0 ? rulesUnread(cx.snapshot, node, call.service.ip.family) : [];
    const assumed = unread.length === 0 ? (known ? [] : [eitherWay(node)]) : seenUnmasked(cx.snapshot, node, call);
    if (shown.lost.length > 0 && assumed !== null) reportLost(cx, { standing: plain, traced, shown, assumed }, told);
    else {
      const missing = [...(known ? [] : (['sysctl'] as const)), ...unread, ...missingOf(node, shown)];
      ask(cx, node, missing, told);
      if (missing.length > 0) reportUnsure(cx, node, shown, missing, told);
    }
  }
}

function ask(cx: Context, node: Node, dumps: readonly DumpId[], told: Set<string>): void {
  const fresh = dumps.filter((dump) => !told.has(dump));
  for (const dump of fresh) told.add(dump);
  const before = fresh.includes('sysctl') && node.host.sysctl.state === 'complete';
  if (fresh.length > 0) cx.notEvaluated(node.name, fresh, before ? `sysctl ${takenBefore}` : undefined);
}
