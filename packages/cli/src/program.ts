/** The commands and their options, as the user types them. */
import { printable } from '@coldtrace/core';
import { Command } from 'commander';
import { type ExitStatus, exitStatus } from './exit-status.js';
import { explain } from './explain.js';
import type { CommonOptions } from './run.js';
import { openTerminal, type Streams, type Terminal } from './terminal.js';

export interface Outcome {
  status: ExitStatus;
}

/** Runs one command line; whatever goes wrong is explained, never thrown. */
export async function runProgram(version: string, args: readonly string[], streams: Streams): Promise<ExitStatus> {
  const outcome: Outcome = { status: exitStatus.clean };
  try {
    await makeProgram(version, streams, outcome, args[0]).parseAsync(args, { from: 'user' });
    return outcome.status;
  } catch (error) {
    return explain(error, (text) => streams.stderr.write(text));
  }
}

/** The program; what a command returns becomes `outcome.status`. `asked`: what stands first, the command unless somebody wants to see them all. */
export function makeProgram(version: string, streams: Streams, outcome: Outcome, asked?: string): Command {
  const all = asked === undefined || asked === 'help' || asked.startsWith('-');
  // To declare options takes as long as to read a dump: the other commands do without.
  const common = (command: Command): Command => (all || command.name() === asked ? withCommon(command) : command);
  const program = new Command('coldtrace');
  program
    .description('What would the Linux kernel do with this packet, and why: answered from captured text alone.')
    .version(version)
    .configureOutput({
      writeOut: (text) => streams.stdout.write(text),
      writeErr: (text) => streams.stderr.write(safeLines(text)),
    })
    .exitOverride();
  const finish = (status: ExitStatus) => {
    outcome.status = status;
  };
  const terminal = (options: CommonOptions): Terminal => openTerminal(streams, options.color, options.quiet === true);

  common(
    program.command('inspect').argument('<input...>', 'directory, archive, text file, or -; NAME=PATH names a node'),
  )
    .description('what was recognised as what, per file and line')
    .action(async (inputs: string[], options: CommonOptions) => {
      const { inspectCommand } = await import('./commands/inspect.js');
      finish(await inspectCommand(inputs, options, terminal(options)));
    });

  common(
    program.command('analyze').argument('<input...>', 'directory, archive, text file, or -; NAME=PATH names a node'),
  )
    .description('run all rules; findings ranked by severity, then certainty')
    .option('--fail-on <severity>', 'least severity that makes the exit status 1 (error, warning, info, none)', 'error')
    .option('--fail-on-missing', 'exit status 1 when a rule could not be evaluated')
    .option('--max-findings <n>', 'how many findings to show', '20')
    .option('--baseline <file>', 'an earlier analyze --json: its findings are known and hidden')
    .option('--config <file>', 'findings that are accepted, with reasons (default: .coldtrace.yaml, if there is one)')
    .option('--rules <file>', 'rules of your own, from an ES module; may be given several times', append, [])
    .option('--now <date>', 'judge dates against this instead of the time of capture')
    .action(async (inputs: string[], options) => {
      const { analyzeCommand } = await import('./commands/analyze.js');
      const shown = terminal(options);
      try {
        finish(await analyzeCommand(inputs, options, shown));
      } finally {
        shown.progress.show(null);
      }
    });

  common(program.command('trace').argument('<input...>', 'directory, archive, text file, or -; NAME=PATH names a node'))
    .description('one connection: there, through every captured node, and back')
    .requiredOption('--from <who>', 'ADDRESS, node:NAME, pod:[NS/]NAME, iface:[NODE/]NAME with --src')
    .requiredOption('--to <who>', 'ADDRESS[:PORT], [v6]:PORT, pod:…[:PORT], service:[NS/]NAME[:PORT], node:NAME:PORT')
    .option('--proto <name>', 'tcp, udp, icmp, …', 'tcp')
    .option('--sport <port>', 'source port')
    .option('--src <address>', 'source address')
    .action(async (inputs: string[], options) => {
      const { traceCommand } = await import('./commands/trace.js');
      finish(await traceCommand(inputs, options, terminal(options)));
    });

  common(program.command('probe').argument('<input...>', 'directory, archive, text file, or -; NAME=PATH names a node'))
    .description('many single questions: JSON lines in, JSON lines out')
    .requiredOption('--probes <file>', 'one JSON object a line, or - for standard input')
    .action(async (inputs: string[], options) => {
      const { probeCommand } = await import('./commands/probe.js');
      finish(await probeCommand(inputs, options, terminal(options)));
    });

  common(program.command('normalize').argument('[file]', 'iptables text of any dialect', '-'))
    .description('canonical iptables-save text')
    .option('--family <4|6>', 'only rules of this family')
    .option('--table <name>', 'only this table')
    .option('--variant <legacy|nft>', 'print as this variant does')
    .action(async (file: string, options) => {
      const { normalizeCommand } = await import('./commands/normalize.js');
      finish(await normalizeCommand(file, options, terminal(options)));
    });

  common(program.command('diff').argument('<input...>', 'BEFORE and AFTER, or one input with --apply'))
    .description('two snapshots, or one and its what-if: what changed, with the lines responsible')
    .option('--from <who>', 'a connection to compare besides the usual ones: its client')
    .option('--to <who>', 'its server, as in trace')
    .option('--proto <name>', 'tcp, udp, icmp, …', 'tcp')
    .option('--fail-on <severity>', 'least severity of a new finding that makes the exit status 1', 'error')
    .option('--max-findings <n>', 'how many findings and connections to show', '20')
    .action(async (inputs: string[], options) => {
      const { diffCommand } = await import('./commands/diff.js');
      finish(await diffCommand(inputs, options, terminal(options)));
    });

  common(program.command('rules'))
    .description('the catalogue of rules')
    .action(async (options: CommonOptions) => {
      const { rulesCommand } = await import('./commands/rules.js');
      finish(rulesCommand(options, terminal(options)));
    });

  common(program.command('explain').argument('<rule-id>'))
    .description('what a rule finds, why it happens, how to fix it')
    .action(async (id: string, options: CommonOptions) => {
      const { explainCommand } = await import('./commands/rules.js');
      finish(await explainCommand(id, options, terminal(options)));
    });

  common(program.command('collect'))
    .description('print the read-only script that captures a node')
    .action(async (options: CommonOptions) => {
      const { collectCommand } = await import('./commands/collect.js');
      finish(collectCommand(terminal(options)));
    });

  outcome.status = exitStatus.clean;
  return program;
}

/** Commander repeats what was typed, which may come from a file's name. */
function safeLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

function append(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

function withCommon(command: Command): Command {
  return command
    .option('--json', 'one JSON document on stdout')
    .option('--node <name>', 'the node that is meant')
    .option('--apply <file>', 'first run these commands on the snapshot: a what-if (or - for standard input)')
    .option('--assume <none|defaults>', 'what to do about dumps that were not captured')
    .option('--color <when>', 'auto, always or never', 'auto')
    .option('--quiet', 'no messages on stderr');
}
