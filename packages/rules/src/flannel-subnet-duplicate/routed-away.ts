/** A node whose own subnet leads to another node first: the kernel appends the route of a bridge behind one that stands there already. net/ipv4/fib_frontend.c `fib_magic`. */
import { formatIp, formatPrefix, type Node, type Route, samePrefix } from '@coldtrace/core';
import { partOf } from '../facts/part-of.js';
import type { Context } from './rule.js';

export function checkRoutedAway(cx: Context): void {
  for (const node of cx.snapshot.nodes)
    for (const own of node.host.routes.rows.filter(isOfPods)) {
      const first = node.host.routes.rows.find((one) => isSame(one, own));
      const gateway = first?.nexthops[0]?.via ?? null;
      if (first === undefined || first === own || gateway === null) continue;
      report(cx, node, own, first, formatIp(gateway));
    }
}

/** The kernel's own route of a bridge of pods. */
function isOfPods({ nexthops, protocol, type, trust }: Route): boolean {
  const [hop, another] = nexthops;
  const isBridge = hop?.via === null && hop.dev !== null && /^(?:cni0|cbr0|docker0)$/.test(hop.dev);
  return type === 'unicast' && protocol === 'kernel' && another === undefined && isBridge && trust !== 'claimed';
}

/** Of two such routes the one that stands first is taken. */
function isSame(one: Route, own: Route): boolean {
  return (
    one.type === 'unicast' &&
    one.table === own.table &&
    one.tos === own.tos &&
    one.metric === own.metric &&
    one.trust !== 'claimed' &&
    samePrefix(one.dst, own.dst)
  );
}

function report(cx: Context, { name }: Node, own: Route, first: Route, gateway: string): void {
  const subnet = formatPrefix(own.dst);
  const dev = own.nexthops[0]?.dev ?? '';
  const way = first.nexthops[0]?.dev ?? null;
  const route = `${subnet} via ${gateway}${way === null ? '' : ` dev ${way}`}`;
  cx.report('away', {
    certainty: 'likely',
    node: name,
    subject: `${subnet} ${gateway}`,
    data: { node: name, subnet, dev, gateway },
    evidence: [
      { span: partOf(cx.snapshot, first.span, `via ${gateway}`), why: 'stands first, and is taken' },
      { span: own.span, why: `the way to the pods of ${name}, which is not taken` },
    ],
    assumptions: [`no policy rule leads past table ${own.table} (ip rule)`],
    fix: {
      steps: [
        {
          node: name,
          command: `ip route del ${route}`,
          disrupts: `nothing: what is for ${subnet} goes to ${dev} again`,
          undo: `ip route prepend ${route}`,
        },
      ],
      persist: `flanneld makes the route again for as long as the node at ${gateway} holds ${subnet} too: give one of the two another subnet, and look for a second flanneld or a former lease of ${gateway}.`,
      notes: '',
      verified: null,
    },
  });
}
