/** One kernel parameter written, with what the kernel writes along with it. Documentation/networking/ip-sysctl.rst, net/ipv4/devinet.c, net/ipv6/addrconf.c. */
import type { NetNs } from '../snapshot/node.js';
import type { Sysctl } from '../snapshot/sysctl.js';
import type { Span } from '../source/span.js';
import { type Changed, done, refused } from './changed.js';

export function changeSysctl(ns: NetNs, key: string, value: string, span: Span): Changed<NetNs> {
  const { sysctl } = ns;
  if (!sysctl.byKey.has(key) && sysctl.state === 'complete')
    return refused(`cannot stat /proc/sys/${key}: No such file or directory`);
  const byKey = new Map(sysctl.byKey);
  for (const one of [key, ...alsoWritten(ns, key)]) byKey.set(one, { key: one, value, span } satisfies Sysctl);
  return done({ ...ns, sysctl: { ...sysctl, byKey, state: sysctl.state === 'absent' ? 'partial' : sysctl.state } });
}

/** Forwarding is switched for all devices at once; writing it for one leaves the others. */
function alsoWritten(ns: NetNs, key: string): readonly string[] {
  if (key === 'net/ipv4/ip_forward' || key === 'net/ipv4/conf/all/forwarding') {
    return [
      ...keysLike(ns, /^net\/ipv4\/conf\/[^/]+\/forwarding$/),
      'net/ipv4/ip_forward',
      'net/ipv4/conf/all/forwarding',
      'net/ipv4/conf/default/forwarding',
    ];
  }
  if (key === 'net/ipv6/conf/all/forwarding')
    return [...keysLike(ns, /^net\/ipv6\/conf\/[^/]+\/forwarding$/), 'net/ipv6/conf/default/forwarding'];
  if (key === 'net/ipv6/conf/all/disable_ipv6') return keysLike(ns, /^net\/ipv6\/conf\/[^/]+\/disable_ipv6$/);
  return [];
}

function keysLike(ns: NetNs, shape: RegExp): readonly string[] {
  return [...ns.sysctl.byKey.keys()].filter((key) => shape.test(key));
}
