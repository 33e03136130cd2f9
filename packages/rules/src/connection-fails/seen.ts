/** The standard connections and those that clients, logs and conntrack name, each with what was seen of it. */
import { type AssumeMode, type Evidence, formatIp, type Snapshot } from '@coldtrace/core';
import { type Sighting, sightingsOf } from '../connections/observed.js';
import type { Connection } from '../connections/standard.js';
import { follow, type TracedConnection, tracedConnections } from '../connections/traced.js';

export interface Seen extends TracedConnection {
  /** Somebody tried it and was answered, or was not. Where both was seen, things changed meanwhile, and neither tells. */
  readonly answered: readonly Evidence[];
  readonly unanswered: readonly Evidence[];
}

const nothing = { answered: [], unanswered: [] } as const;

export function seenConnections(snapshot: Snapshot, assume: AssumeMode): readonly Seen[] {
  const tried = byConnection(sightingsOf(snapshot));
  const told = isChanged(snapshot) ? () => nothing : linesOf;
  const standard = tracedConnections(snapshot, assume).map((one): Seen => {
    const key = keyOf(one.connection);
    const seen = tried.get(key) ?? null;
    tried.delete(key);
    return { ...one, ...(seen === null ? nothing : told(heardOf(one, seen))) };
  });
  const named = [...tried.values()].filter((seen) => seen.some(({ remembered }) => !remembered));
  const others = named.flatMap((seen): readonly Seen[] => {
    const [{ connection }] = seen;
    const one = follow(snapshot, connection, assume);
    const heard = heardOf(one, seen);
    return heard.length === 0 ? [] : [{ ...one, ...told(heard) }];
  });
  return [...standard, ...others];
}

/** Whose attempt it was may be guessed: where the node has no route nobody on it has, and anything else may be that one's own affair. */
function heardOf({ trace: { outcomes } }: TracedConnection, sightings: Sightings): readonly Sighting[] {
  const wayless = outcomes.every(({ disposition }) => disposition === 'no-route');
  return sightings.filter(({ guessed }) => !guessed || wayless);
}

type Sightings = readonly [Sighting, ...Sighting[]];

function byConnection(sightings: readonly Sighting[]): Map<string, Sightings> {
  const found = new Map<string, Sightings>();
  for (const one of sightings) {
    const key = keyOf(one.connection);
    const before = found.get(key);
    found.set(key, before === undefined ? [one] : [...before, one]);
  }
  return found;
}

function keyOf({ from, to, proto }: Connection): string {
  const { node, ns, kind } = from.origin;
  const source = kind === 'entering' && from.ip !== null ? formatIp(from.ip) : '';
  return [node.name, ns.name, source, formatIp(to.ip), to.port, proto].join(' ');
}

/** Lines shown of each connection. */
const most = 2;

/** In a what-if the commands are a file that nobody captured: what was seen before them says nothing of how things go after. */
function isChanged({ files, read }: Snapshot): boolean {
  return files.length > read.length;
}

function linesOf(sightings: readonly Sighting[]): Pick<Seen, 'answered' | 'unanswered'> {
  const lines = (says: Sighting['says']) =>
    sightings.filter((one) => one.says === says).map(({ evidence }) => evidence);
  const [answered, unanswered] = [lines('answered'), lines('unanswered')];
  if (answered.length > 0 && unanswered.length > 0) return nothing;
  return { answered: answered.slice(0, most), unanswered: unanswered.slice(0, most) };
}
