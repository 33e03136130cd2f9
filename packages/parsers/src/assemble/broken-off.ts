/** Files that break off: of all tools' outputs of an input only few lack their last line feed, so whoever collected did not take those away. */
import type { Diagnostic, Facts, FactsKind, FileId, SourceFile, Span } from '@coldtrace/core';
import { assembleDiagnostic } from './codes.js';
import { type Contribution, thinned } from './contribution.js';

/** Lists that a tool prints a line at a time; packet filter rules and sysctl tell by themselves where they break off. */
const listed: ReadonlySet<FactsKind> = new Set([
  'addresses',
  'addr-labels',
  'bridge-vlans',
  'certificates',
  'conntrack',
  'containers',
  'fdb',
  'ipsets',
  'ipvs',
  'ipvs-connections',
  'links',
  'multicast',
  'neighbours',
  'nexthops',
  'packet-queues',
  'policy-rules',
  'processes',
  'recent-lists',
  'reservations',
  'routes',
  'sockets',
]);

/** Last lines that nothing can follow, or hardly: the brackets of JSON, an address to its end, the standard rule that comes last. */
const endsWhole = /[\]}]\s*$|preferred_lft (?:forever|\d+sec)\s*$|(?:^|\n)32767:\s.*\sdefault\s*$/;

/** So many others that end as tools end their outputs make one a habit. */
const fewest = 3;

export interface BrokenOff {
  readonly contributions: readonly Contribution[];
  readonly diagnostics: readonly Diagnostic[];
}

/** What a file that breaks off holds speaks for no other rows of its kind. */
export function brokenOff(contributions: readonly Contribution[], sources: readonly SourceFile[]): BrokenOff {
  const files = [...new Set(contributions.flatMap(({ file, freeForm }) => (freeForm ? [] : [file])))];
  const breaks = breaksIn(files, sources);
  if (breaks.size === 0) return { contributions, diagnostics: [] };
  const told = new Map<FileId, Diagnostic>();
  const read = contributions.map((one) => {
    const { file, facts, source } = one;
    const found = breaks.get(file);
    if (found === undefined || one.freeForm || !mayLack(facts, found)) return one;
    const { last } = found;
    // What is left of the last line may look like another output.
    if (source.span.end < last.start) return one;
    told.set(file, assembleDiagnostic(found.code, last));
    return { ...one, facts: withoutEnd(thinned(facts), last) };
  });
  return { contributions: read, diagnostics: [...told.values()] };
}

interface Break {
  readonly code: 'breaks-off' | 'was-stopped';
  readonly last: Span;
}

function breaksIn(files: readonly FileId[], sources: readonly SourceFile[]): ReadonlyMap<FileId, Break> {
  const texts = files.map((file) => [file, sources[file]?.text ?? ''] as const);
  const stopped = texts.filter(([, text]) => isStopped(text));
  const unended = texts.filter(([, text]) => !isStopped(text) && isUnended(text));
  const usual = files.length - unended.length >= fewest * unended.length;
  const found =
    (code: Break['code']) =>
    ([file, text]: readonly [FileId, string]) =>
      [file, { code, last: lastLine(text, file) }] as const;
  return new Map([...stopped.map(found('was-stopped')), ...(usual ? unended.map(found('breaks-off')) : [])]);
}

function mayLack({ kind }: Facts, { code }: Break): boolean {
  return listed.has(kind) || (code === 'was-stopped' && (kind === 'ruleset' || kind === 'sysctls'));
}

/** Half an id, a key or a name is another one. */
function withoutEnd(facts: Facts, last: Span): Facts {
  if (facts.kind === 'reservations') return { ...facts, rows: facts.rows.filter(({ span }) => span.end < last.start) };
  // A virtual service has its servers below it.
  if (facts.kind === 'ipvs') return { ...facts, rows: facts.rows.slice(0, -1) };
  if (facts.kind !== 'certificates') return facts;
  return { ...facts, rows: facts.rows.filter(({ der, span }) => der !== null || span.end < last.start) };
}

function isUnended(text: string): boolean {
  return text !== '' && !text.endsWith('\n') && !endsWhole.test(text.slice(-longest));
}

/** What the shell says of a command that was not let end, signal(7), in the languages that machines are set to. */
const ends =
  'Terminated|Killed|Aborted|Hangup|Alarm clock|Bus error|Segmentation fault|Beendet|Getötet|Complété|Processus arrêté|Terminado|已终止|已杀死|終了しました|強制終了|Завершено|Убито';
/** strerror(3) of ENOSPC and EPIPE, which a tool says of its output. */
const errors =
  'No space left on device|Broken pipe|write error|设备上没有空间|kein Speicherplatz mehr|No queda espacio|Aucun espace disponible|На устройстве не осталось|断开的管道';

/** It stands behind what was printed. */
const stop = new RegExp(
  `^(?:(?:\\S.*: )? *(?:\\d+ )?(?:${ends}|Broken pipe|write error)(?:: .*|(?: \\(core dumped\\))?(?: {2,}\\S.*)?)|.*: .*(?:${errors}).*|.*\\btimed out\\b.*)$`,
);

function isStopped(text: string): boolean {
  const line = text.slice(-longest).trimEnd().split('\n').at(-1) ?? '';
  return stop.test(line.trimEnd());
}

/** Of what is looked at behind the last line feed but one. */
const longest = 200;

function lastLine(text: string, file: FileId): Span {
  return { file, start: text.trimEnd().lastIndexOf('\n') + 1, end: text.length };
}
