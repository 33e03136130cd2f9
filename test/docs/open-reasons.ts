/** The reasons for which an extension answers `unknown`, found in its source: `unknown('why', …)`. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { MatchDef, TargetDef } from '@coldtrace/core';

const folder = (kind: string) => fileURLToPath(new URL(`../../packages/core/src/netfilter/${kind}/`, import.meta.url));

const sources = {
  match: readSources(folder('match')),
  target: readSources(folder('target')),
};

function readSources(path: string): ReadonlyMap<string, string> {
  const names = readdirSync(path).filter(
    (name) => name.endsWith('.ts') && !/\.test\.ts$|^(?:index|testing)\.ts$/.test(name),
  );
  return new Map(names.map((name) => [name, readFileSync(path + name, 'utf8')]));
}

export function openReasons(def: MatchDef | TargetDef): readonly string[] {
  const files = sources[def.kind];
  const own = [...files].find(([, text]) => definitionOf(text, def));
  if (own === undefined) return [];
  const imported = [...own[1].matchAll(/from '\.\/([\w-]+)\.js'/g)].flatMap(([, name]) => {
    const text = files.get(`${name}.ts`);
    return text === undefined || /define(?:Match|Target)\(/.test(text) ? [] : [text];
  });
  return [...new Set([own[1], ...imported].flatMap(reasonsIn))].sort();
}

/** Two files may define one name for different families. */
function definitionOf(text: string, { kind, name, families }: MatchDef | TargetDef): boolean {
  const call = kind === 'match' ? 'defineMatch(' : 'defineTarget(';
  return text.includes(call) && text.includes(`name: '${name}'`) && text.includes(`families: [${families.join(', ')}]`);
}

function reasonsIn(text: string): readonly string[] {
  return [...text.matchAll(/\bunknown\(\s*(?:'((?:[^'\\]|\\.)*)'|`((?:[^`\\]|\\.)*)`)/g)].map(([, plain, template]) =>
    (plain ?? template ?? '').replace(/\$\{[^}]*\}/g, '…').replaceAll("\\'", "'"),
  );
}
