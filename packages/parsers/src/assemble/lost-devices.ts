/** Routes by devices that the whole list of devices lacks: routes go with their device, so the dumps are of different times, or of two machines. */
import type { Diagnostic, NetNs } from '@coldtrace/core';
import { assembleDiagnostic } from './codes.js';

const most = 3;

export function lostDevices(node: string, { links, routes }: NetNs): readonly Diagnostic[] {
  if (links.state !== 'complete') return [];
  const known = new Set(['lo', ...links.rows.map(({ name }) => name)]);
  const told = new Map<string, Diagnostic>();
  for (const { nexthops, span } of routes.rows) {
    for (const { dev } of nexthops) {
      if (dev === null || known.has(dev) || told.has(dev)) continue;
      told.set(dev, assembleDiagnostic('route-without-device', span, { node, dev }));
    }
  }
  return [...told.values()].slice(0, most);
}
