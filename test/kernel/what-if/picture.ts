/** What a namespace holds as lines that can be compared: the printers of the tools' own forms, or the fields that a verdict depends on. */
import { type Address, formatIp, formatMac, type Ip, type NetNs, printTables, type Table } from '@coldtrace/core';
import { printIpsetSave, printPolicyRule, printRoute } from '@coldtrace/parsers';
import type { DumpName } from './both.js';

export function pictureOf(ns: NetNs, names: readonly DumpName[]): readonly string[] {
  return names.flatMap((name) => linesOf(ns, name).map((line) => `${name.replace('.txt', '')}: ${line}`));
}

function linesOf(ns: NetNs, name: DumpName): readonly string[] {
  switch (name) {
    case 'ip-addr.txt':
      return [...linkLines(ns), ...addressLines(ns)];
    case 'ip-route.txt':
    case 'ip-6-route.txt': {
      const family = name === 'ip-route.txt' ? 4 : 6;
      return ns.routes.rows
        .filter((route) => route.family === family)
        .map((route) =>
          printRoute(route)
            .replace(/ linkdown| dead/g, '')
            .trim(),
        )
        .sort();
    }
    case 'ip-rule.txt':
      return numbered(ns.policyRules4.rows.map(printPolicyRule));
    case 'ip-6-rule.txt':
      return numbered(ns.policyRules6.rows.map(printPolicyRule));
    case 'ip-neigh.txt':
      return neighbourLines(ns);
    case 'bridge-fdb.txt':
      return fdbLines(ns);
    case 'ipset-save.txt':
      return (
        printIpsetSave(ns.ipsets.rows)
          .replace(/ (?:initval|hashsize|bucketsize) \w+/g, '')
          // It counts down.
          .replace(/ timeout 5\d\d\b/g, ' timeout 600')
          .replace(/ timeout 5\d\b/g, ' timeout 60')
          .split('\n')
          .sort()
      );
    case 'sysctl.txt':
      return [...ns.sysctl.byKey.values()].map(({ key, value }) => `${key} = ${value}`).sort();
    default:
      return rulesetLines(ns, name);
  }
}

function rulesetLines(ns: NetNs, name: DumpName): readonly string[] {
  const family = name.startsWith('ip6') ? 6 : 4;
  const variant = name.includes('nft') ? 'nft' : 'legacy';
  return ns.rulesets
    .filter((ruleset) => ruleset.family === family && (ruleset.variant ?? variant) === variant)
    .flatMap((ruleset) =>
      ruleset.tables
        .filter(isUsed)
        .flatMap((table) =>
          numbered(printTables({ ...ruleset, tables: [table] }, variant).split('\n')).map(
            (line) => `${table.name} ${line}`,
          ),
        ),
    )
    .sort();
}

/** A table that somebody looked at and nobody changed is no different from none. */
function isUsed({ chains }: Table): boolean {
  return chains.some((chain) => chain.rules.length > 0 || !chain.builtin || chain.policy === 'DROP');
}

/** The order counts, and a set of lines does not keep it. */
function numbered(lines: readonly string[]): readonly string[] {
  return lines.map((line, at) => `${at} ${line}`);
}

function linkLines(ns: NetNs): readonly string[] {
  return ns.links.rows.map(
    (link) =>
      `link ${link.name} ${link.flags.filter((flag) => flag !== 'LOWER_UP' && flag !== 'NO-CARRIER').sort()} mtu ${link.mtu} mac ${link.mac === null ? '' : formatMac(link.mac)} master ${link.master ?? ''} ${link.details?.kind ?? ''}`,
  );
}

/** In the order of each device: it decides which is primary. */
function addressLines(ns: NetNs): readonly string[] {
  const devices = [...new Set(ns.addresses.rows.map(({ dev }) => dev))];
  return devices.flatMap((dev) => numbered(ns.addresses.rows.filter((one) => one.dev === dev).map(addressLine)));
}

function addressLine(one: Address): string {
  const flags = one.flags.filter((flag) => flag !== 'tentative').sort();
  const ends = `${formatIp(one.ip)}/${one.prefixLength} peer ${textOf(one.peer)} brd ${textOf(one.broadcast)}`;
  return `${one.dev} ${ends} ${one.scope} ${flags} ${one.label ?? ''}`;
}

const textOf = (ip: Ip | null): string => (ip === null ? '' : formatIp(ip));

/** Without proxies, which `ip neigh` lists only when asked for, and entries in no state, which are nobody's. */
function neighbourLines(ns: NetNs): readonly string[] {
  return ns.neighbours.rows
    .filter((one) => one.nud !== 'NOARP' && one.nud !== null)
    .map(
      (one) =>
        `${formatIp(one.ip)} dev ${one.dev} ${one.lladdr === null ? '' : formatMac(one.lladdr)} ${one.nud} ${one.proxy} ${one.router}`,
    )
    .sort();
}

function fdbLines(ns: NetNs): readonly string[] {
  return ns.fdb.rows
    .map(
      (one) =>
        `${formatMac(one.mac)} ${one.dev} dst ${one.dst === null ? '' : formatIp(one.dst)} master ${one.master ?? ''} vlan ${one.vlan ?? ''} ${[...one.flags].sort()}`,
    )
    .sort();
}
