/** Rules made at random for the tools to take or refuse: header, matches and a target, mostly sound, now and then not. iptables(8). */
import { builtinChains, type Family, formatProto, type Hook, type TableName, tableNames } from '@coldtrace/core';
import type { MatchDef, ReadContext, TargetDef } from '../../packages/core/src/netfilter/extension.js';
import { matchDefs } from '../../packages/core/src/netfilter/match/index.js';
import { targetDefs } from '../../packages/core/src/netfilter/target/index.js';
import type { Prng } from '../bench/prng.js';
import { headerOf } from './rule-header.js';
import { namingObjects, withoutObjects } from './rule-needs.js';
import { randomOptions, respelled, shuffled } from './rule-words.js';

type Def = MatchDef | TargetDef;

export interface GeneratedRule {
  readonly table: TableName;
  readonly chain: string;
  /** What follows `-A CHAIN`. */
  readonly text: string;
  /** `-m NAME` and `-j NAME` of the extensions in it. */
  readonly uses: readonly string[];
}

export const userChains = ['USER', 'other-chain_2.x'] as const;

export function extensionsOf(family: Family): readonly Def[] {
  return [...matchDefs, ...targetDefs].filter(
    (def) => def.families.includes(family) && !withoutObjects.includes(useOf(def)),
  );
}

export function useOf(def: Def): string {
  return `${def.kind === 'match' ? '-m' : '-j'} ${def.name}`;
}

/** A rule around one extension, with others beside it. */
export function generateRule(family: Family, focus: Def, random: Prng): GeneratedRule {
  const all = extensionsOf(family);
  const used: Def[] = [focus];
  const extra = random.pick([0, 0, 0, 1, 1, 2]);
  for (let count = 0; count < extra; count++) {
    const candidate = all[random.below(all.length)];
    if (candidate !== undefined && candidate.kind === 'match' && goTogether([...used, candidate])) used.push(candidate);
  }
  if (random.chance(0.04) && focus.kind === 'match') used.push(focus);
  if (focus.kind === 'match' && random.chance(0.3)) {
    const target = all[random.below(all.length)];
    if (target !== undefined && target.kind === 'target' && goTogether([...used, target])) used.push(target);
  }
  const { table, chain } = placeOf(used, random);
  const proto = protoOf(used, random);
  const cx: ReadContext = { family, proto, namedProto: proto, table, chain };
  const header = headerOf(cx, proto, random);
  const matches = used.filter((def) => def.kind === 'match').map((def) => matchWords(def, cx, random));
  if (used.some((def) => def.name === 'TCPMSS') && random.chance(0.7)) matches.push(['-m', 'tcp', ...aboutSyn(random)]);
  const target = used.find((def) => def.kind === 'target');
  const jump = target === undefined ? plainTarget(random) : extensionWords('-j', target, cx, random);
  return { table, chain, text: arrange(header, matches, jump, random), uses: [...new Set(used.map(useOf))] };
}

/** Is there a table and a protocol that all of them take? */
function goTogether(defs: readonly Def[]): boolean {
  return common(defs, (def) => def.tables) !== 'none' && common(defs, (def) => def.protos) !== 'none';
}

/** What all sides have in common; null when nobody cares. */
function common<T>(defs: readonly Def[], sideOf: (def: Def) => readonly T[] | undefined): readonly T[] | null | 'none' {
  let left: readonly T[] | null = null;
  for (const def of defs) {
    const side = sideOf(def);
    if (side !== undefined) left = left === null ? side : left.filter((value) => side.includes(value));
  }
  return left?.length === 0 ? 'none' : left;
}

function placeOf(defs: readonly Def[], random: Prng): { readonly table: TableName; readonly chain: string } {
  const allowed = common(defs, (def) => def.tables);
  const usual = allowed === null ? tableNames : tableNames.filter((name) => allowed.includes(name));
  const tables = random.chance(0.02) || usual.length === 0 ? tableNames : usual;
  const table =
    random.chance(0.5) && tables.includes('filter') ? 'filter' : (tables[random.below(tables.length)] ?? 'filter');
  const hooks = common(defs, (def) => def.hooks);
  const chains = builtinChains[table].filter((chain) => hooks === null || hooks.includes(chain));
  const strays: readonly Hook[] = random.chance(0.05) || chains.length === 0 ? builtinChains[table] : chains;
  const chain = random.chance(0.4) ? random.pick(userChains) : (strays[random.below(strays.length)] ?? 'USER');
  return { table, chain };
}

function protoOf(defs: readonly Def[], random: Prng): number | null {
  const needed = common(defs, (def) => def.protos);
  if (needed !== null && needed !== 'none' && !random.chance(0.02)) return needed[random.below(needed.length)] ?? null;
  if (defs.some((def) => def.tables?.includes('nat')) && random.chance(0.7)) return random.pick([6, 17, 132, 33, 1]);
  return random.chance(0.6) ? null : random.pick([1, 6, 6, 17, 17, 47, 58, 132, 33, 136, 255, 4, 50, 94, 108]);
}

function extensionWords(flag: string, def: Def, cx: ReadContext, random: Prng): readonly string[] {
  const naming = Object.keys(def.options).some((name) => namingObjects.has(name));
  const words = naming || random.chance(0.85) ? def.sample?.(random.below, cx) : undefined;
  const chosen = words ?? randomOptions(def, random, (key) => def.options[key]?.value.sample(random.below, cx) ?? []);
  return [flag, def.name, ...respelled(chosen, def, random)];
}

function matchWords(def: Def, cx: ReadContext, random: Prng): readonly string[] {
  const flag = random.chance(0.05) ? random.pick(['--match', '--matc']) : '-m';
  const words = extensionWords(flag, def, cx, random);
  const loadedByProto = cx.proto !== null && def.protos !== undefined && formatProto(cx.proto) === def.name;
  return loadedByProto && words.length > 2 && random.chance(0.2) ? words.slice(2) : words;
}

/** Legacy takes TCPMSS only beside a test for SYN. */
function aboutSyn(random: Prng): readonly string[] {
  return random.pick([
    ['--tcp-flags', 'SYN,RST', 'SYN'],
    ['--syn'],
    ['--tcp-flags', 'ALL', 'SYN,ACK', '--dport', '80'],
  ]);
}

function plainTarget(random: Prng): readonly string[] {
  const chain = random.pick(['USER2', 'x']);
  return random
    .pick([
      [],
      ['-j', 'ACCEPT'],
      ['-j', 'ACCEPT'],
      ['-j', 'DROP'],
      ['-j', 'RETURN'],
      ['--jump', 'ACCEPT'],
      ['-j', chain],
      ['-g', chain],
      ['--goto', chain],
      ['--got', chain],
      random.chance(0.2) ? ['-j', random.pick(['QUEUE', 'NO-SUCH', 'accept', ''])] : ['-j', chain],
    ])
    .map((word) => (word === '' ? '""' : word));
}

/** Mostly header, matches, target; sometimes in any order. A protocol mostly stands before what asks for it. */
function arrange(
  header: readonly (readonly string[])[],
  matches: readonly (readonly string[])[],
  jump: readonly string[],
  random: Prng,
): string {
  const parts = random.chance(0.7) ? [...header, ...matches, jump] : shuffled([...header, ...matches, jump], random);
  const proto = (part: readonly string[]) => part.some((word) => /^(?:-p|--p\w+)$/.test(word));
  const ordered = random.chance(0.95) ? [...parts.filter(proto), ...parts.filter((part) => !proto(part))] : parts;
  const blanks = random.chance(0.1) ? '  ' : random.chance(0.1) ? '\t' : ' ';
  return ordered
    .filter((part) => part.length > 0)
    .flat()
    .join(blanks);
}
