/** The facts of one network namespace as one record. */
import {
  type Address,
  absent,
  type Dump,
  type Facts,
  type FactsOf,
  type Family,
  type ForeignFilter,
  formatIp,
  formatMac,
  type Neighbour,
  type NetNs,
  type Provenance,
  type Row,
  type Socket,
  type SocketDump,
  type Sysctl,
  type SysctlDump,
} from '@coldtrace/core';
import { UNKNOWN_TYPE } from '../ipset/draft.js';
import { type Contribution, factsOf } from './contribution.js';
import { foreignDevices } from './foreign-devices.js';
import { mergeLinks } from './merge-links.js';
import { mergeRoutes } from './merge-routes.js';
import { byAuthority, contentKey, mergeRows, type Part } from './merge-rows.js';
import { mergeRulesets } from './merge-rulesets.js';

type ListKind = Extract<Facts, { readonly rows: readonly Row[] }>['kind'];
type RowOf<Kind extends ListKind> = Extract<Facts, { readonly kind: Kind }>['rows'][number];

export function netnsOf(name: string | null, given: readonly Contribution[]): NetNs {
  const links = mergeLinks(partsOf(given, 'links'));
  return {
    name,
    links,
    addresses: mergeByFamily(factsOf(given, 'addresses'), (row) => row.ip.family, addressKey, fullerAddress),
    routes: mergeRoutes(factsOf(given, 'routes').map(({ facts, source }) => ({ ...facts, source }))),
    policyRules4: policyRules(given, 4),
    policyRules6: policyRules(given, 6),
    fibTrie: mergeRows(partsOf(given, 'fib-trie'), ({ shared }) => `${shared}`),
    nexthops: mergeRows(partsOf(given, 'nexthops'), (row) => String(row.id)),
    neighbours: neighbours(given),
    fdb: mergeRows(partsOf(given, 'fdb'), (row) => `${row.dev} ${formatMac(row.mac)} ${row.vlan} ${ipKey(row.dst)}`),
    bridgeVlans: mergeRows(partsOf(given, 'bridge-vlans'), (row) => `${row.dev} ${row.first}-${row.last}`),
    addrLabels: mergeRows(partsOf(given, 'addr-labels'), contentKey),
    multicast: mergeRows(partsOf(given, 'multicast'), contentKey),
    rulesets: mergeRulesets(factsOf(given, 'ruleset').map(({ facts }) => facts.ruleset)),
    ipsets: mergeRows(
      partsOf(given, 'ipsets'),
      (row) => row.name,
      (row, other) => (row.complete || (!other.complete && row.type !== UNKNOWN_TYPE) ? row : other),
    ),
    sysctl: mergeSysctls(partsOf(given, 'sysctls')),
    ipvs: mergeRows(partsOf(given, 'ipvs'), (row) => contentKey({ ...row.key, span: row.span })),
    ipvsConnections: mergeRows(partsOf(given, 'ipvs-connections'), contentKey),
    conntrack: mergeByFamily(factsOf(given, 'conntrack'), (row) => row.family, contentKey),
    sockets: mergeSockets(factsOf(given, 'sockets')),
    queues: mergeRows(partsOf(given, 'packet-queues'), (row) => String(row.number)),
    recentLists: mergeRows(
      partsOf(given, 'recent-lists'),
      (row) => row.name,
      (row, other) => (row.complete || !other.complete ? row : other),
    ),
    xfrmPolicies: mergeRows(partsOf(given, 'xfrm-policies'), contentKey),
    xfrmStates: mergeRows(partsOf(given, 'xfrm-states'), contentKey),
    foreignFilters: [...wholeFilters(rowsOf(given, 'foreign-filters')), ...foreignDevices(links.rows)],
  };
}

/** A table that is shown whole is what it shows; a list of tables says nothing more of it. */
function wholeFilters(rows: readonly ForeignFilter[]): readonly ForeignFilter[] {
  const whole = new Set(rows.filter(({ inPart }) => inPart !== true).map(({ kind, subject }) => `${kind} ${subject}`));
  return rows.filter(({ inPart, kind, subject }) => inPart !== true || !whole.has(`${kind} ${subject}`));
}

export function partsOf<Kind extends ListKind>(
  given: readonly Contribution[],
  kind: Kind,
): readonly Part<RowOf<Kind>>[] {
  const parts: Part<RowOf<Kind>>[] = [];
  for (const { facts, source } of given) {
    if (isList(facts, kind)) parts.push({ rows: facts.rows, complete: facts.complete, source });
  }
  return parts;
}

function isList<Kind extends ListKind>(facts: Facts, kind: Kind): facts is Facts & Omit<Part<RowOf<Kind>>, 'source'> {
  return facts.kind === kind;
}

export function rowsOf<Kind extends ListKind>(given: readonly Contribution[], kind: Kind): readonly RowOf<Kind>[] {
  return partsOf(given, kind).flatMap((part) => part.rows);
}

/** Each protocol on its own: `ss -lnt` and `ss -lnu` are complete together. */
function mergeSockets(given: readonly (Contribution & { readonly facts: FactsOf<'sockets'> })[]): SocketDump {
  const parts = given.map(({ facts, source }) => ({ ...facts, source }));
  const listens = (['tcp', 'udp'] as const).filter((protocol) => parts.some((part) => part.listens.includes(protocol)));
  // A listing that is complete lets no other add to it.
  const [first] = byAuthority(parts);
  const connected = first?.complete ? first.connected : parts.flatMap((part) => part.connected ?? []);
  const merged = { ...mergeRows(parts, socketKey, fullerSocket), listens, connected: connected ?? [] };
  if (parts.some((part) => part.complete) || listens.length === 0) return merged;
  return { ...merged, state: listens.length === 2 ? 'complete' : merged.state };
}

/** One listing may show more of a socket than another. */
function socketKey(row: Socket): string {
  const { transparent: _shown, ...rest } = row;
  return contentKey(rest);
}

function fullerSocket(row: Socket, other: Socket): Socket {
  return row.transparent === undefined ? other : row;
}

interface FamilyFacts<T> {
  readonly facts: { readonly rows: readonly T[]; readonly complete: boolean; readonly family?: Family };
  readonly source: Provenance;
}

/** Each family on its own: outputs that speak for one only are complete together. */
function mergeByFamily<T extends Row>(
  given: readonly FamilyFacts<T>[],
  familyOf: (row: T) => Family,
  keyOf: (row: T) => string,
  join?: (row: T, other: T) => T,
): Dump<T> {
  const parts = given.map(({ facts, source }) => ({ ...facts, source }));
  if (parts.every((part) => part.family === undefined)) return mergeRows(parts, keyOf, join);
  const dumps = ([4, 6] as const).map((family) =>
    mergeRows(
      parts
        .filter((part) => (part.family ?? family) === family)
        .map((part) => ({ ...part, rows: part.rows.filter((row) => familyOf(row) === family) })),
      keyOf,
      join,
    ),
  );
  const families = ([4, 6] as const).filter((_, at) => dumps[at]?.state === 'complete');
  return {
    state: families.length === 2 ? 'complete' : 'partial',
    ...(families.length === 1 ? { families } : {}),
    rows: dumps.flatMap((dump) => dump.rows),
    sources: parts.map((part) => part.source),
  };
}

function policyRules(given: readonly Contribution[], family: 4 | 6): NetNs['policyRules4'] {
  const parts = factsOf(given, 'policy-rules')
    .filter(({ facts }) => facts.family === family)
    .map(({ facts, source }) => ({ rows: facts.rows, complete: facts.complete, source }));
  return parts.length === 0 ? absent : mergeRows(parts, contentKey);
}

function addressKey(row: Address): string {
  return `${row.dev} ${formatIp(row.ip)}/${row.prefixLength}`;
}

/** `ip -br addr` shows neither labels nor flags, ifconfig no flags. */
function fullerAddress(row: Address, other: Address): Address {
  const poor = row.flags.length === 0 && (row.label === null || other.flags.length > 0);
  return poor ? other : row;
}

/** Entries of a proxy are in a list of their own, which the list of all others lacks. */
function neighbours(given: readonly Contribution[]): NetNs['neighbours'] {
  const parts = factsOf(given, 'neighbours');
  const others = parts.map((part) => ({
    ...part,
    facts: { ...part.facts, rows: part.facts.rows.filter(({ proxy }) => !proxy) },
  }));
  const known = mergeByFamily(others, (row) => row.ip.family, neighbourKey);
  const proxied = parts.map(({ facts, source }) => ({
    complete: false,
    rows: facts.rows.filter(({ proxy }) => proxy),
    source,
  }));
  return { ...known, rows: [...known.rows, ...mergeRows(proxied, neighbourKey).rows] };
}

function neighbourKey(row: Neighbour): string {
  return `${row.dev} ${formatIp(row.ip)} ${row.proxy}`;
}

function ipKey(ip: Address['ip'] | null): string {
  return ip === null ? '' : formatIp(ip);
}

/** A whole listing decides; single keys decide among themselves by time; files only say what should be. */
function mergeSysctls(parts: readonly Part<Sysctl>[]): SysctlDump {
  const sources: readonly Provenance[] = parts.map((part) => part.source);
  const sorted = byAuthority(parts);
  const byKey = new Map<string, Sysctl>();
  for (const part of sorted) {
    const mine = byKey.size === 0 ? null : new Set<string>();
    for (const row of part.rows) {
      const present = byKey.get(row.key);
      // Within one dump the last line counts, as it does for sysctl(8).
      const displaces = present === undefined || mine === null || mine.has(row.key) || present.trust === 'claimed';
      const onlySaid = present !== undefined && present.trust !== 'claimed' && row.trust === 'claimed';
      if (!displaces || onlySaid) continue;
      byKey.set(row.key, row);
      mine?.add(row.key);
    }
  }
  const state = sorted[0] === undefined ? 'absent' : sorted[0].complete ? 'complete' : 'partial';
  return { state, byKey, sources };
}
