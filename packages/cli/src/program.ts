/** One command line from its words to an exit status. */
import { printable } from '@coldtrace/core';
import { Command } from 'commander';
import { type Carry, declarations } from './declarations.js';
import { type ExitStatus, exitStatus } from './exit-status.js';
import { explain } from './explain.js';
import { openTerminal, type Streams } from './terminal.js';

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
function makeProgram(version: string, streams: Streams, outcome: Outcome, asked?: string): Command {
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
  const carry: Carry = async (options, command) => {
    outcome.status = await command(openTerminal(streams, options.color, options.quiet === true));
  };
  for (const declare of declarations) declare({ program, common, carry });
  return program;
}

/** Commander repeats what was typed, which may come from a file's name. */
function safeLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
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
