/** What a step outside of the rules rests on: its lines are in the snapshot, and the routes among them cover the packet's address. */
import { prefixContains } from '../inet/prefix.js';
import type { Place } from '../path/place.js';
import type { Span } from '../source/span.js';
import type { Step } from '../verdict/step.js';
import type { ReplaySnapshot } from './replay.js';

export function refutedLines(step: Step, place: Place, { files }: ReplaySnapshot): readonly string[] {
  const { claim, evidence, stage } = step;
  const gone = evidence.filter(({ span }) => !isThere(span, files));
  if (gone.length > 0) return gone.map(({ why }) => `the line for "${why}" is not in the snapshot`);
  const packet = claim?.packet;
  if (packet === undefined || (stage !== 'routing' && stage !== 'rp_filter')) return [];
  const ip = stage === 'routing' ? packet.dst : packet.src;
  const routes = evidence.flatMap(({ span }) => place.ns.routes.rows.filter((row) => sameSpan(row.span, span)));
  return routes.some((route) => !prefixContains(route.dst, ip)) ? ['the route does not cover the address'] : [];
}

function isThere({ file, start, end }: Span, files: ReplaySnapshot['files']): boolean {
  if (file < 0) return true;
  const text = files[file]?.text;
  return text !== undefined && start >= 0 && start <= end && end <= text.length;
}

export function sameSpan(x: Span, y: Span): boolean {
  return x.file === y.file && x.start === y.start && x.end === y.end;
}
