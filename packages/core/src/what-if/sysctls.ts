/** One kernel parameter written, with what the kernel writes along with it. Documentation/networking/ip-sysctl.rst, net/ipv4/devinet.c, net/ipv6/addrconf.c. */
import type { NetNs } from '../snapshot/node.js';
import type { Sysctl } from '../snapshot/sysctl.js';
import type { Span } from '../source/span.js';
import { type Changed, done, refused } from './changed.js';
import { afterIpv6Setting } from './ipv6-settings.js';

/** `sysctl -w`. `key` is a path with `/`; refused only where a complete dump lacks it: what the kernel takes for a value is not judged. */
export function changeSysctl(ns: NetNs, key: string, value: string, span: Span): Changed<NetNs> {
  const { sysctl } = ns;
  if (!sysctl.byKey.has(key) && sysctl.state === 'complete')
    return refused(`cannot stat /proc/sys/${key}: No such file or directory`);
  const byKey = new Map(sysctl.byKey);
  for (const one of [key, ...alsoWritten(ns, key)]) byKey.set(one, { key: one, value, span } satisfies Sysctl);
  for (const one of maybeFollowing(ns, key, value)) byKey.set(one, { key: one, value, span, unsettled: true });
  // A router believes no redirects.
  if (forwardsAll.has(key) && byKey.has(REDIRECTS))
    byKey.set(REDIRECTS, { key: REDIRECTS, value: value === '0' ? '1' : '0', span });
  const state = sysctl.state === 'absent' ? 'partial' : sysctl.state;
  return done(afterIpv6Setting(ns, { ...ns, sysctl: { ...sysctl, byKey, state } }, key, span));
}

const REDIRECTS = 'net/ipv4/conf/all/accept_redirects';
const forwardsAll = new Set(['net/ipv4/ip_forward', 'net/ipv4/conf/all/forwarding']);

/** Forwarding is switched for all devices at once; writing it for one leaves the others. */
function alsoWritten(ns: NetNs, key: string): readonly string[] {
  if (forwardsAll.has(key)) {
    return [
      ...keysLike(ns, /^net\/ipv4\/conf\/[^/]+\/forwarding$/),
      'net/ipv4/ip_forward',
      'net/ipv4/conf/all/forwarding',
      'net/ipv4/conf/default/forwarding',
    ];
  }
  if (key === 'net/ipv6/conf/all/forwarding')
    return [...keysLike(ns, /^net\/ipv6\/conf\/[^/]+\/forwarding$/), 'net/ipv6/conf/default/forwarding'];
  if (key === 'net/ipv6/conf/all/disable_ipv6') {
    const shown = keysLike(ns, /^net\/ipv6\/conf\/[^/]+\/disable_ipv6$/);
    return [...shown, ...ns.links.rows.map(({ name }) => `net/ipv6/conf/${name}/disable_ipv6`)];
  }
  return [];
}

const ofAllDevices = /^net\/ipv4\/conf\/default\/([^/]+)$/;
/** What is written for `default` goes to no device that is there already. */
const forNewDevices = new Set([
  'forwarding',
  'route_localnet',
  'promote_secondaries',
  'disable_policy',
  'disable_xfrm',
  'drop_unicast_in_l2_multicast',
]);

/**
 * The devices that may take the value of `default` along: those that never had an IPv4 address and whose own value nobody wrote. A dump shows
 * neither, but an address now tells that the device is past it, and so does a value that is not that of `default`.
 */
function maybeFollowing(ns: NetNs, key: string, value: string): readonly string[] {
  const setting = ofAllDevices.exec(key)?.[1];
  if (setting === undefined || forNewDevices.has(setting)) return [];
  const { sysctl, addresses, links } = ns;
  const before = sysctl.byKey.get(key)?.value;
  const settled = new Set(addresses.rows.filter(({ ip }) => ip.family === 4).map(({ dev }) => dev)).add('lo');
  const named = keysLike(ns, new RegExp(`^net/ipv4/conf/[^/]+/${setting}$`)).map((one) => one.split('/')[3] ?? '');
  const devices = new Set([...named, ...links.rows.map(({ name }) => name)]);
  return [...devices].flatMap((device) => {
    if (device === 'all' || device === 'default' || settled.has(device)) return [];
    const own = `net/ipv4/conf/${device}/${setting}`;
    const now = sysctl.byKey.get(own);
    if (now === undefined && sysctl.state !== 'complete') return [];
    const differs = now !== undefined && now.unsettled !== true && before !== undefined && now.value !== before;
    return differs || now?.value === value ? [] : [own];
  });
}

function keysLike(ns: NetNs, shape: RegExp): readonly string[] {
  return [...ns.sysctl.byKey.keys()].filter((key) => shape.test(key));
}
