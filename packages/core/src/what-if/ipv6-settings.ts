/** What switching IPv6 off and on, and its forwarding on, does to addresses and routes. net/ipv6/addrconf.c `addrconf_disable_ipv6`, `addrconf_fixup_forwarding`. */
import type { NetNs } from '../snapshot/node.js';
import type { Route } from '../snapshot/route.js';
import type { Span } from '../source/span.js';
import { isUp } from './gateway.js';
import { withIpv6Of } from './links.js';
import { withoutDevice } from './routes.js';

const ofDevice = /^net\/ipv6\/conf\/([^/]+)\/(disable_ipv6|forwarding)$/;

/** `ns` is as it was before the parameter was written, `written` as it is with it. */
export function afterIpv6Setting(ns: NetNs, written: NetNs, key: string, span: Span): NetNs {
  const [, name, setting] = ofDevice.exec(key) ?? [];
  if (name === undefined || name === 'default') return written;
  const devices = name === 'all' ? written.links.rows.map((link) => link.name) : [name];
  if (setting === 'forwarding') return turned(ns, written, key) === 'on' ? withoutLearnedDefaults(written) : written;
  return devices.reduce((now, dev) => {
    const way = turned(ns, written, `net/ipv6/conf/${dev}/disable_ipv6`);
    if (way === 'on') return withoutIpv6(now, dev);
    return way === 'off' ? withIpv6(now, dev, span) : now;
  }, written);
}

function turned(before: NetNs, after: NetNs, key: string): 'on' | 'off' | 'neither' {
  const isOn = ({ sysctl }: NetNs) => (sysctl.byKey.get(key)?.value ?? '0') !== '0';
  if (isOn(before) === isOn(after)) return 'neither';
  return isOn(after) ? 'on' : 'off';
}

function withoutIpv6(ns: NetNs, dev: string): NetNs {
  const routes = ns.routes.rows.flatMap((route) => withoutDevice(route, dev, ({ family }) => family === 4));
  const addresses = ns.addresses.rows.filter((one) => one.dev !== dev || one.ip.family === 4);
  const neighbours = ns.neighbours.rows.filter((one) => one.dev !== dev || one.ip.family === 4);
  return {
    ...ns,
    routes: { ...ns.routes, rows: routes },
    addresses: { ...ns.addresses, rows: addresses },
    neighbours: { ...ns.neighbours, rows: neighbours },
  };
}

/** Only what the kernel makes by itself comes back. */
function withIpv6(ns: NetNs, dev: string, span: Span): NetNs {
  const link = ns.links.rows.find(({ name }) => name === dev);
  return link === undefined || !isUp(link) ? ns : withIpv6Of(ns, link, span);
}

/** A router learns no default route: those that the kernel itself learned go, unless `accept_ra` is 2. Those that a program put there stay. */
function withoutLearnedDefaults(ns: NetNs): NetNs {
  const rows = ns.routes.rows.filter((route) => !isLearnedDefault(ns, route));
  return rows.length === ns.routes.rows.length ? ns : { ...ns, routes: { ...ns.routes, rows } };
}

function isLearnedDefault({ sysctl }: NetNs, { family, dst, protocol, nexthops, rest }: Route): boolean {
  if (family !== 6 || dst.length > 0 || protocol !== 'ra' || !rest.some((word) => word.startsWith('expires')))
    return false;
  // Programs that read advertisements themselves set it to 0.
  return nexthops.every(({ dev }) => sysctl.byKey.get(`net/ipv6/conf/${dev}/accept_ra`)?.value === '1');
}
