/** Whether a namespace tracks connections at all: only once a rule needs it. net/netfilter/nf_conntrack_proto.c nf_ct_netns_get. */
import type { Family } from '../inet/ip.js';
import type { NetNs } from '../snapshot/node.js';
import type { Rule, Ruleset } from '../snapshot/xtables.js';

const natTargets: ReadonlySet<string> = new Set(['DNAT', 'SNAT', 'MASQUERADE', 'REDIRECT', 'NETMAP', 'CLUSTERIP']);
const matches: ReadonlySet<string> = new Set([
  'conntrack',
  'state',
  'connmark',
  'connbytes',
  'connlabel',
  'connlimit',
  'helper',
  'cluster',
]);
const targets: ReadonlySet<string> = new Set(['CONNMARK', 'CONNSECMARK', 'SYNPROXY', 'HMARK']);

export type Tracking = 'on' | 'off' | 'unknown';

const cache = new WeakMap<NetNs, Map<Family, Tracking>>();

/** `unknown`: nothing that was captured needs it, and not everything was captured. */
export function trackingOf(ns: NetNs, family: Family): Tracking {
  let byFamily = cache.get(ns);
  if (byFamily === undefined) {
    byFamily = new Map();
    cache.set(ns, byFamily);
  }
  const known = byFamily.get(family);
  if (known !== undefined) return known;
  const made = judge(ns.rulesets.filter((ruleset) => ruleset.family === family));
  byFamily.set(family, made);
  return made;
}

function judge(rulesets: readonly Ruleset[]): Tracking {
  let whole = rulesets.length > 0;
  let opaque = false;
  for (const ruleset of rulesets) {
    whole &&= ruleset.complete;
    for (const table of ruleset.tables) {
      whole &&= table.complete;
      for (const chain of table.chains) {
        whole &&= chain.collected && chain.partial !== true;
        for (let at = 0; at < chain.rules.length; at++) {
          const rule = chain.rules.at(at);
          if (rule === undefined) continue;
          if (needsTracking(rule)) return 'on';
          opaque ||= rule.target?.kind === 'opaque' || rule.matches.some((match) => match.kind === 'opaque');
        }
      }
    }
  }
  return whole && !opaque ? 'off' : 'unknown';
}

function needsTracking({ target, matches: asked }: Rule): boolean {
  if (target !== null && (target.kind === 'known' || target.kind === 'opaque')) {
    if (natTargets.has(target.name) || targets.has(target.name)) return true;
    if (target.name === 'CT') return !isNotrack(target);
  }
  return asked.some((match) => matches.has(match.name));
}

function isNotrack(target: { readonly kind: string; readonly data?: unknown }): boolean {
  const { data } = target;
  return typeof data === 'object' && data !== null && 'notrack' in data && data.notrack === true;
}
