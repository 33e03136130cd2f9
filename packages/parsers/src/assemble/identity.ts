/** What outputs reveal about the machine that printed them, to see whether two of them can come from the same one. */
import type { Contribution } from './contribution.js';
import { type Trait, traitsOf } from './traits.js';

export interface Identity {
  hostname: string | null;
  /** What is known, by the thing that it is about. */
  readonly known: Map<string, Set<string>>;
  /** Outputs of the machine that nobody has looked into yet: most machines are told by their folders, and nobody asks. */
  readonly unread: Contribution[];
}

export function newIdentity(): Identity {
  return { hostname: null, known: new Map(), unread: [] };
}

export interface Agreement {
  /** It shows a host name or an address that is known of the machine. */
  readonly agrees: boolean;
  /** What it says that cannot be true of the same machine, as a phrase. */
  readonly against: string | null;
}

export function note(identity: Identity, output: readonly Contribution[]): void {
  identity.unread.push(...output);
}

function learn(identity: Identity): void {
  for (const one of identity.unread.splice(0)) {
    identity.hostname ??= hostnameIn(one);
    for (const { about, values, changed } of traitsOf(one)) {
      if (changed) identity.known.delete(about);
      const known = identity.known.get(about) ?? new Set();
      for (const value of values) known.add(value);
      identity.known.set(about, known);
    }
  }
}

export function agreement(identity: Identity, output: readonly Contribution[]): Agreement {
  learn(identity);
  let agrees = false;
  for (const one of output) {
    const hostname = hostnameIn(one);
    if (hostname !== null && identity.hostname !== null) {
      if (shortName(hostname) !== shortName(identity.hostname)) {
        return { agrees: false, against: `host names ${identity.hostname} and ${hostname}` };
      }
      agrees = true;
    }
    for (const trait of traitsOf(one)) {
      const known = identity.known.get(trait.about);
      if (known === undefined || trait.changed) continue;
      if (!shareAny(trait, known)) return { agrees: false, against: trait.phrase(few(known), few(trait.values)) };
      agrees ||= trait.identifies;
    }
  }
  return { agrees, against: null };
}

function shareAny({ values }: Trait, known: ReadonlySet<string>): boolean {
  return [...values].some((value) => known.has(value));
}

function hostnameIn({ facts, where }: Contribution): string | null {
  return facts.kind === 'hostname' && where.netns === null ? (facts.rows[0]?.text ?? null) : null;
}

/** A host name without its domain. */
export function shortName(name: string): string {
  return name.split('.', 1)[0] ?? name;
}

/** The first of them, for a message. */
function few(values: ReadonlySet<string>): string {
  const shown: string[] = [];
  for (const value of values) {
    if (shown.length === 3) return `${shown.join(', ')}, …`;
    shown.push(value);
  }
  return shown.join(', ');
}
