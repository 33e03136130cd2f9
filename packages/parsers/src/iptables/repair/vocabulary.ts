/** The options that may stand at a place of a rule: those of every rule, and those of the extensions named before it. iptables(8). */
import {
  type Family,
  findMatch,
  findTarget,
  type MatchDef,
  matchDefs,
  protocolMatch,
  type TargetDef,
  targetDefs,
} from '@coldtrace/core';
import { findOption } from '../options.js';

type Def = MatchDef | TargetDef;

/** Long names of options that need no extension. */
const longNames = [
  'source',
  'destination',
  'src',
  'dst',
  'in-interface',
  'out-interface',
  'protocol',
  'jump',
  'goto',
  'match',
  'fragments',
];

/** Letters of options that a rule may hold, and whether they take a value. */
export const letters: ReadonlySet<string> = new Set(['s', 'd', 'i', 'o', 'p', 'j', 'g', 'm', 'f']);

/** Extensions named in words[from, to), the latest first. */
export function loadedBefore(words: readonly string[], from: number, to: number, family: Family): readonly Def[] {
  const defs: Def[] = [];
  for (let at = from; at + 1 < to; at++) {
    const name = words[at + 1] ?? '';
    switch (words[at]) {
      case '-m':
      case '--match':
        add(defs, findMatch(name, family));
        break;
      case '-j':
      case '--jump':
        add(defs, findTarget(name, family));
        break;
      case '-p':
      case '--protocol':
        add(defs, protocolMatch(name, family));
        break;
    }
  }
  return defs.reverse();
}

function add(defs: Def[], def: Def | undefined): void {
  if (def !== undefined && !defs.includes(def)) defs.push(def);
}

export function isOptionName(name: string, loaded: readonly Def[]): boolean {
  return longNames.includes(name) || loaded.some((def) => findOption(def, name) !== undefined);
}

/** Every long name that may stand there. */
export function optionNames(loaded: readonly Def[]): readonly string[] {
  return [...new Set([...longNames, ...loaded.flatMap(namesOf)])];
}

function namesOf(def: Def): readonly string[] {
  return Object.entries(def.options).flatMap(([key, { aliases }]) => [key, ...aliases]);
}

/** Matches that have an option of that name. */
export function matchesWith(name: string, family: Family): readonly MatchDef[] {
  return matchDefs.filter((def) => def.families.includes(family) && findOption(def, name) !== undefined);
}

export function matchNames(family: Family): readonly string[] {
  return matchDefs.filter((def) => def.families.includes(family)).map((def) => def.name);
}

const verdicts = ['ACCEPT', 'DROP', 'RETURN', 'QUEUE'];

export function isVerdict(name: string): boolean {
  return verdicts.includes(name);
}

/** Verdicts and targets: what `-j` can name beside chains. */
export function targetNames(family: Family): readonly string[] {
  return [...verdicts, ...targetDefs.filter((def) => def.families.includes(family)).map((def) => def.name)];
}
