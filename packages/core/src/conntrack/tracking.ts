/** Whether a namespace tracks connections, and puts fragments together: only once a rule needs it. net/netfilter/nf_conntrack_proto.c nf_ct_netns_get; docs/kernel-facts.md. */
import type { Family } from '../inet/ip.js';
import type { NetNs } from '../snapshot/node.js';
import type { Rows, Rule, Ruleset } from '../snapshot/xtables.js';

const trackingTargets: ReadonlySet<string> = new Set([
  'DNAT',
  'SNAT',
  'MASQUERADE',
  'REDIRECT',
  'NETMAP',
  'CLUSTERIP',
  'CONNMARK',
  'CONNSECMARK',
  'SYNPROXY',
]);
const trackingMatches: ReadonlySet<string> = new Set([
  'conntrack',
  'state',
  'connmark',
  'connbytes',
  'connlabel',
  'connlimit',
  'helper',
  'cluster',
]);

/** `unknown`: nothing that was captured needs it, and not everything was captured. */
export type Tracking = 'on' | 'off' | 'unknown';

interface Needs {
  readonly tracking: Tracking;
  readonly defrag: Tracking;
}

const cache = new WeakMap<NetNs, Map<Family, Needs>>();

export function trackingOf(ns: NetNs, family: Family): Tracking {
  return needsOf(ns, family).tracking;
}

/** Fragments wait for each other where connections are tracked, and where a rule looks for sockets. */
export function defragOf(ns: NetNs, family: Family): Tracking {
  return needsOf(ns, family).defrag;
}

function needsOf(ns: NetNs, family: Family): Needs {
  let byFamily = cache.get(ns);
  if (byFamily === undefined) {
    byFamily = new Map();
    cache.set(ns, byFamily);
  }
  const known = byFamily.get(family);
  if (known !== undefined) return known;
  const asked: Needs = balancesFtp(ns, family)
    ? { tracking: 'on', defrag: 'on' }
    : judge(ns.rulesets.filter((ruleset) => ruleset.family === family));
  const made: Needs = balancesIp6(ns, family) ? { ...asked, defrag: 'on' } : asked;
  byFamily.set(family, made);
  return made;
}

const ftpPort = 21;

/** IPVS does not need tracking, but for a service on FTP's port whose servers are masqueraded, of whatever protocol. net/netfilter/ipvs/ip_vs_ctl.c ip_vs_register_conntrack. */
function balancesFtp({ ipvs }: NetNs, family: Family): boolean {
  return ipvs.rows.some(
    ({ key, servers }) =>
      key.kind === 'address' &&
      key.ip.family === family &&
      key.port === ftpPort &&
      servers.some(({ forwarding }) => forwarding === 'masq'),
  );
}

/** A service of IPv6 has fragments put together, as those of IPv4 do at their own hooks. net/netfilter/ipvs/ip_vs_ctl.c ip_vs_add_service. */
function balancesIp6({ ipvs }: NetNs, family: Family): boolean {
  return family === 6 && ipvs.rows.some(({ key }) => (key.kind === 'address' ? key.ip : key).family === 6);
}

function judge(rulesets: readonly Ruleset[]): Needs {
  if (rulesets.some(showsTracking)) return { tracking: 'on', defrag: 'on' };
  let whole = rulesets.length > 0;
  let opaque = false;
  let defrag = false;
  for (const ruleset of rulesets) {
    whole &&= ruleset.complete;
    for (const table of ruleset.tables) {
      whole &&= table.complete;
      for (const chain of table.chains) {
        whole &&= chain.collected && chain.partial !== true;
        for (let at = 0; at < chain.rules.length; at++) {
          const rule = chain.rules.at(at);
          if (rule === undefined) continue;
          if (needsTracking(rule)) return { tracking: 'on', defrag: 'on' };
          defrag ||= needsSockets(rule);
          opaque ||= rule.target?.kind === 'opaque' || rule.matches.some((match) => match.kind === 'opaque');
        }
      }
    }
  }
  const tracking = whole && !opaque ? 'off' : 'unknown';
  return { tracking, defrag: defrag ? 'on' : tracking };
}

/** Words of the rules that need it, the commonest first: a big table has one, and neither its other rules nor all of its text are read to find it. */
const telling = ['MASQUERADE', 'DNAT', '--ctstate'] as const;

function showsTracking({ tables }: Ruleset): boolean {
  return telling.some((word) => tables.some(({ chains }) => chains.some(({ rules }) => showsIn(rules, word))));
}

function showsIn(rules: Rows<Rule>, word: string): boolean {
  if (rules.lacks === undefined || rules.lacks(0, word, rules.length) === true) return false;
  for (let at = 0; at < rules.length; at++) {
    if (rules.lacks(at, word) === true) continue;
    const rule = rules.at(at);
    if (rule !== undefined && needsTracking(rule)) return true;
  }
  return false;
}

function needsTracking({ target, matches }: Rule): boolean {
  if (target !== null && (target.kind === 'known' || target.kind === 'opaque')) {
    if (trackingTargets.has(target.name)) return true;
    if (target.name === 'CT' && !isNotrack(target)) return true;
  }
  return matches.some((match) => trackingMatches.has(match.name));
}

function needsSockets({ target, matches }: Rule): boolean {
  return (target?.kind === 'known' && target.name === 'TPROXY') || matches.some((match) => match.name === 'socket');
}

function isNotrack(target: { readonly kind: string; readonly data?: unknown }): boolean {
  const { data } = target;
  return typeof data === 'object' && data !== null && 'notrack' in data && data.notrack === true;
}
