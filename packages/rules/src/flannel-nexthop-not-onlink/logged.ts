/** What flanneld says of a route that the kernel refused, where the networks of its node were not captured. flannel: pkg/backend/route_network.go. */
import { formatIp, type Ip, type Node, parseIp, prefixContains, prefixOf, type SeenLog } from '@coldtrace/core';
import { flannelLogs } from '../flannel/flannel-node.js';
import { backendFix } from './backend-fix.js';
import type { Context } from './rule.js';

interface Refused {
  readonly node: Node | null;
  readonly log: SeenLog;
  readonly gateway: Ip;
}

/** A gateway that no network of the node holds: ENETUNREACH of fib_check_nh, and what newer kernels say beside it. */
const unreachable = /^(?:network is unreachable|no route to host|nexthop has invalid gateway)\b/i;

export function checkLogged(cx: Context): void {
  const told = new Set<string>();
  for (const { node, log, gateway } of refusedRoutes(cx)) {
    const { subnet = '', reason = '' } = log.data;
    const subject = `${formatIp(gateway)} ${subnet}`;
    const key = `${node?.name ?? ''} ${subject}`;
    if (told.has(key)) continue;
    told.add(key);
    const name = node?.named === true ? node.name : 'the node that logged it';
    cx.report('logged', {
      certainty: 'likely',
      node: node?.name ?? null,
      subject,
      data: { node: name, subnet, gateway: formatIp(gateway), reason },
      evidence: [{ span: log.span, why: 'the kernel refused the route' }],
      assumptions: [
        `${formatIp(gateway)} stands in no network of ${name} still: only a log line tells, its addresses were not captured (ip addr)`,
      ],
      fix: backendFix(node, name, formatIp(gateway)),
    });
  }
}

function refusedRoutes({ snapshot }: Context): readonly Refused[] {
  const untold = snapshot.nodes.filter(({ host }) => host.addresses.state === 'absent');
  const rows = [
    ...untold.flatMap((node) => flannelLogs(node).map((log) => ({ node, log }))),
    ...snapshot.observations.flatMap((log) => (log.kind === 'log' ? [{ node: null, log }] : [])),
  ];
  return rows.flatMap(({ node, log }) => {
    if (log.event !== 'flannel-route-failed' || !unreachable.test(log.data['reason'] ?? '')) return [];
    const gateway = parseIp(log.data['via'] ?? '');
    return gateway === null || (node !== null && isRouted(node, gateway)) ? [] : [{ node, log, gateway }];
  });
}

/** A route without a gateway leads there by now. */
function isRouted({ host }: Node, ip: Ip): boolean {
  return host.routes.rows.some(
    ({ dst, type, nexthops }) =>
      type === 'unicast' &&
      dst.length > 0 &&
      prefixContains(prefixOf(dst.ip, dst.length), ip) &&
      nexthops.some(({ via }) => via === null),
  );
}
