/** The files of a sample's variant, and what is found to be wrong with them. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { parseSnapshot } from '@coldtrace/parsers';
import { analyze, type Finding } from '@coldtrace/rules';

export type NamedText = readonly [name: string, text: string];

/** By path below the folder. */
export function filesIn(dir: string, base = ''): readonly NamedText[] {
  return readdirSync(dir)
    .sort()
    .flatMap((name) =>
      statSync(`${dir}/${name}`).isDirectory()
        ? filesIn(`${dir}/${name}`, `${base}${name}/`)
        : [[`${base}${name}`, readFileSync(`${dir}/${name}`, 'utf8')] as const],
    );
}

/** Findings that say that something is wrong. */
export function faultsIn(files: Iterable<NamedText>): readonly Finding[] {
  return analyze(parseSnapshot(new Map(files))).findings.filter(({ severity }) => severity !== 'info');
}
