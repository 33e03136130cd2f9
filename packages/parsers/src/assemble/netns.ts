/** The facts of one network namespace as one record. */
import {
  type Address,
  absent,
  type Facts,
  formatIp,
  formatMac,
  type NetNs,
  type Provenance,
  type Row,
  type Sysctl,
  type SysctlDump,
} from '@coldtrace/core';
import { type Contribution, factsOf } from './contribution.js';
import { joinLinks } from './merge-links.js';
import { mergeRoutes } from './merge-routes.js';
import { byAuthority, contentKey, mergeRows, type Part } from './merge-rows.js';
import { mergeRulesets } from './merge-rulesets.js';

type ListKind = Extract<Facts, { readonly rows: readonly Row[] }>['kind'];
type RowOf<Kind extends ListKind> = Extract<Facts, { readonly kind: Kind }>['rows'][number];

export function netnsOf(name: string | null, given: readonly Contribution[]): NetNs {
  return {
    name,
    links: mergeRows(partsOf(given, 'links'), (row) => row.name, joinLinks),
    addresses: mergeRows(partsOf(given, 'addresses'), addressKey),
    routes: mergeRoutes(factsOf(given, 'routes').map(({ facts, source }) => ({ ...facts, source }))),
    policyRules4: policyRules(given, 4),
    policyRules6: policyRules(given, 6),
    nexthops: mergeRows(partsOf(given, 'nexthops'), (row) => String(row.id)),
    neighbours: mergeRows(partsOf(given, 'neighbours'), (row) => `${row.dev} ${formatIp(row.ip)} ${row.proxy}`),
    fdb: mergeRows(partsOf(given, 'fdb'), (row) => `${row.dev} ${formatMac(row.mac)} ${row.vlan} ${ipKey(row.dst)}`),
    bridgeVlans: mergeRows(partsOf(given, 'bridge-vlans'), (row) => `${row.dev} ${row.first}-${row.last}`),
    addrLabels: mergeRows(partsOf(given, 'addr-labels'), contentKey),
    multicast: mergeRows(partsOf(given, 'multicast'), contentKey),
    rulesets: mergeRulesets(factsOf(given, 'ruleset').map(({ facts }) => facts.ruleset)),
    ipsets: mergeRows(
      partsOf(given, 'ipsets'),
      (row) => row.name,
      (row, other) => (row.complete || !other.complete ? row : other),
    ),
    sysctl: mergeSysctls(partsOf(given, 'sysctls')),
    ipvs: mergeRows(partsOf(given, 'ipvs'), (row) => contentKey({ ...row.key, span: row.span })),
    conntrack: mergeRows(partsOf(given, 'conntrack'), contentKey),
    sockets: mergeRows(partsOf(given, 'sockets'), contentKey),
    foreignFilters: rowsOf(given, 'foreign-filters'),
  };
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

function policyRules(given: readonly Contribution[], family: 4 | 6): NetNs['policyRules4'] {
  const parts = factsOf(given, 'policy-rules')
    .filter(({ facts }) => facts.family === family)
    .map(({ facts, source }) => ({ rows: facts.rows, complete: facts.complete, source }));
  return parts.length === 0 ? absent : mergeRows(parts, contentKey);
}

function addressKey(row: Address): string {
  return `${row.dev} ${formatIp(row.ip)}/${row.prefixLength}`;
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
    const mine = new Set<string>();
    for (const row of part.rows) {
      const present = byKey.get(row.key);
      // Within one dump the last line counts, as it does for sysctl(8).
      const displaces = present === undefined || mine.has(row.key) || present.trust === 'claimed';
      const onlySaid = present !== undefined && present.trust !== 'claimed' && row.trust === 'claimed';
      if (!displaces || onlySaid) continue;
      byKey.set(row.key, row);
      mine.add(row.key);
    }
  }
  const state = sorted[0] === undefined ? 'absent' : sorted[0].complete ? 'complete' : 'partial';
  return { state, byKey, sources };
}
