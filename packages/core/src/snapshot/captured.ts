/** How much of a dump the snapshot holds of a namespace, by the dump's name, and how to say what it lacks. */
import type { DumpId } from '../capture/table.js';
import type { Family } from '../inet/ip.js';
import type { Completeness, Dump } from './dump.js';
import type { NetNs } from './node.js';

type Of = (ns: NetNs) => Completeness;

const states: Readonly<Partial<Record<DumpId, Of>>> = {
  'iptables-save': rules(4),
  'ip6tables-save': rules(6),
  'ipset-list': dump((ns) => ns.ipsets),
  'ip-addr': dump((ns) => ns.addresses),
  'ip-link': dump((ns) => ns.links),
  'ip-route': routes(4),
  'ip-6-route': routes(6),
  'ip-rule': dump((ns) => ns.policyRules4),
  'ip-6-rule': dump((ns) => ns.policyRules6),
  'ip-neigh': dump((ns) => ns.neighbours),
  'ip-nexthop': dump((ns) => ns.nexthops),
  'ip-addrlabel': dump((ns) => ns.addrLabels),
  'ip-maddr': dump((ns) => ns.multicast),
  'bridge-fdb': dump((ns) => ns.fdb),
  sysctl: dump((ns) => ns.sysctl),
  conntrack: dump((ns) => ns.conntrack),
  ipvsadm: dump((ns) => ns.ipvs),
  'ipvs-connections': dump((ns) => ns.ipvsConnections),
  ss: dump((ns) => ns.sockets),
};

/** Where no namespace is given, nothing was captured. null: it is not a dump of namespaces. */
export function capturedOf(ns: NetNs | null, id: DumpId): Completeness | null {
  const of = states[id];
  if (of === undefined) return null;
  return ns === null ? 'absent' : of(ns);
}

const lacking: Readonly<Record<Completeness, string>> = {
  absent: 'is not in the snapshot',
  partial: 'is in the snapshot only in part',
  complete: 'as captured does not say',
};

/** `(node-1: ip-addr is not in the snapshot)`, behind what is not known for want of it. */
export function gapOf(name: string, ns: NetNs | null, id: DumpId): string {
  return `(${name}: ${id} ${lacking[capturedOf(ns, id) ?? 'absent']})`;
}

function dump(of: (ns: NetNs) => Pick<Dump<unknown>, 'state'>): Of {
  return (ns) => of(ns).state;
}

function rules(family: Family): Of {
  return ({ rulesets }) => {
    const own = rulesets.filter((ruleset) => ruleset.family === family);
    if (own.length === 0) return 'absent';
    return own.every(({ complete }) => complete) ? 'complete' : 'partial';
  };
}

/** One dump in the model, two commands. */
function routes(family: Family): Of {
  return ({ routes: { rows, covers } }) => {
    const own = covers.filter((cover) => cover.family === family);
    if (own.length === 0 && !rows.some((row) => row.family === family)) return 'absent';
    return own.some(({ tables }) => tables === 'all') ? 'complete' : 'partial';
  };
}
