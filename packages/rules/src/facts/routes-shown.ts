/** Whether any routes of a family were captured that packets for others may take: the two families are dumps of their own, and so is table local. */
import { capturedOf, type Family, type NetNs } from '@coldtrace/core';

export function showsRoutes(host: NetNs, family: Family): boolean {
  if (capturedOf(host, family === 4 ? 'ip-route' : 'ip-6-route') === 'absent') return false;
  const { rows, covers } = host.routes;
  const speaks = ({ family: own, tables }: (typeof covers)[number]) =>
    own === family && (tables === 'all' || tables.some((table) => table !== 'local'));
  return covers.some(speaks) || rows.some((row) => row.family === family && row.table !== 'local');
}
