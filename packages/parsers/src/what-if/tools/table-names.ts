/** The name or number of a routing table that somebody typed. rt_names.c rtnl_rttable_a2n(): a number, or a name of /etc/iproute2/rt_tables. */
import { done, type NetNs, open } from '@coldtrace/core';
import { badWords, type Result } from '../call.js';

const always = new Set(['main', 'local', 'default']);

/** As the readers of words give it: a number is typed as it is, and three of them have their names. */
export function checkedTable(ns: NetNs, table: string): Result<null> {
  if (always.has(table)) return done(null);
  if (/^(?:0x[\da-f]+|\d+)$/i.test(table))
    return Number(table) <= 0xffffffff ? done(null) : badWords(`argument "${table}" is wrong: invalid table ID`);
  const rules = [...ns.policyRules4.rows, ...ns.policyRules6.rows];
  const known =
    ns.routes.rows.some((route) => route.table === table) ||
    rules.some(({ action }) => action.kind === 'lookup' && action.table === table);
  return known ? done(null) : open(`the capture shows no routing table with the name ${table}`);
}
