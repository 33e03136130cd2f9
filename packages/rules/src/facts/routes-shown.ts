/** Whether any routes of a family were captured: the two families are dumps of their own. */
import { capturedOf, type Family, type NetNs } from '@coldtrace/core';

export function showsRoutes(host: NetNs, family: Family): boolean {
  return capturedOf(host, family === 4 ? 'ip-route' : 'ip-6-route') !== 'absent';
}
