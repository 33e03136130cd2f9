/** Frames of the tunnel that a node's firewall logged as it refused them, where its rules were not captured. */
import { firewallOf, grouped, nameOf, onlyLogs, refusedPackets, sourcesOf } from '../facts/refused-packets.js';
import { persistFor } from './fix.js';
import type { Context } from './rule.js';

const backends: ReadonlyMap<number | null, string> = new Map([
  [8472, 'vxlan'],
  [8285, 'udp'],
]);

export function checkLogged(cx: Context): void {
  const tunnelled = refusedPackets(cx.snapshot).filter(
    ({ in: dev, out, proto, dport }) => dev !== '' && out === '' && proto === 'UDP' && backends.has(dport),
  );
  for (const all of grouped(tunnelled, ({ node, dport }) => `${node?.name ?? ''} ${dport}`)) {
    const [first] = all;
    const port = first.dport ?? 0;
    const family = first.src?.family ?? 4;
    const rule = `INPUT -p udp -m udp --dport ${port} -j ACCEPT`;
    const tool = family === 6 ? 'ip6tables' : 'iptables';
    cx.report('logged', {
      certainty: 'likely',
      node: first.node?.name ?? null,
      subject: `${family === 6 ? 'udp6' : 'udp'} ${port} input`,
      data: {
        node: nameOf(first),
        sources: sourcesOf(all),
        port,
        backend: backends.get(port) ?? '',
        firewall: firewallOf(first),
        prefix: first.prefix,
        count: all.length,
      },
      evidence: all.slice(0, 3).map(({ log }) => ({ span: log.span, why: 'refused, and logged' })),
      assumptions: [onlyLogs],
      fix: {
        steps: [
          {
            node: first.node?.name ?? null,
            command: `${tool} -I ${rule}`,
            disrupts:
              'nothing; whoever reaches the port can send frames into the tunnel: add -s NETWORK-OF-THE-NODES where the node is exposed',
            undo: `${tool} -D ${rule}`,
          },
        ],
        persist: persistFor(first.owner, port, family),
        notes: first.owner === null ? '' : `The refusal belongs to ${first.owner}.`,
        verified: null,
      },
    });
  }
}
