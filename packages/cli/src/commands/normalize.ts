/**
 * `coldtrace normalize [FILE]`: iptables text of any dialect in, canonical iptables-save text out. Its output is data: what is piped or kept is
 * exact to the byte, and only a terminal gets it made safe.
 */
import {
  type Family,
  printable,
  printTables,
  type Ruleset,
  renderDiagnostic,
  tableNames,
  type XtablesVariant,
} from '@coldtrace/core';
import { type ExitStatus, exitStatus, UsageError } from '../exit-status.js';
import { type CommonOptions, nothingRecognised, printJson, readInputs } from '../run.js';
import type { Terminal } from '../terminal.js';

export interface NormalizeOptions extends CommonOptions {
  readonly family?: string;
  readonly table?: string;
  readonly variant?: string;
}

export async function normalizeCommand(
  file: string,
  options: NormalizeOptions,
  terminal: Terminal,
): Promise<ExitStatus> {
  const family = readFamily(options.family);
  const variant = readVariant(options.variant);
  const table = readTable(options.table);
  const { snapshot } = await readInputs([file], { ...options, as: family }, terminal);
  const rulesets = snapshot.nodes
    .flatMap((node) => [node.host, ...node.namespaces])
    .flatMap((ns) => ns.rulesets)
    .filter(
      (ruleset) =>
        (family === null || ruleset.family === family) &&
        (variant === null || ruleset.variant === null || ruleset.variant === variant),
    );
  if (rulesets.length === 0) return nothingRecognised(terminal, [file]);
  const text = rulesets.map((ruleset) => textOf(ruleset, variant, table)).join('');
  if (options.json === true) {
    printJson(terminal, {
      coldtrace: 1,
      text,
      diagnostics: snapshot.diagnostics.map(({ code, message }) => ({ code, message })),
    });
  } else terminal.out(terminal.interactive ? text.split('\n').map(printable).join('\n') : text);
  if (!terminal.quiet && options.json !== true) {
    for (const diagnostic of snapshot.diagnostics)
      terminal.err(`${renderDiagnostic(snapshot.files, diagnostic, terminal).join('\n')}\n`);
  }
  return exitStatus.clean;
}

function textOf(ruleset: Ruleset, variant: XtablesVariant | null, table: string | undefined): string {
  const tables = ruleset.tables.filter((one) => table === undefined || one.name === table);
  return printTables({ ...ruleset, tables }, variant ?? ruleset.variant ?? 'nft');
}

function readFamily(text: string | undefined): Family | null {
  if (text === undefined) return null;
  if (text === '4') return 4;
  if (text === '6') return 6;
  throw new UsageError(`--family takes 4 or 6, not "${text}"`);
}

function readTable(text: string | undefined): string | undefined {
  if (text === undefined || tableNames.some((name) => name === text)) return text;
  throw new UsageError(`--table takes ${tableNames.join(', ')}, not "${text}"`);
}

function readVariant(text: string | undefined): XtablesVariant | null {
  if (text === undefined || text === 'legacy' || text === 'nft') return text ?? null;
  throw new UsageError(`--variant takes legacy or nft, not "${text}"`);
}
