/** The commands in the order of the help: what each takes, and where it is carried out. A command's module is read when the command is asked for. */
import type { Command } from 'commander';
import type { ExitStatus } from './exit-status.js';
import type { CommonOptions } from './run.js';
import type { Terminal } from './terminal.js';

/** Runs a command at the terminal that its options ask for; what it returns becomes the exit status. */
export type Carry = (
  options: CommonOptions,
  command: (terminal: Terminal) => ExitStatus | Promise<ExitStatus>,
) => Promise<void>;

export interface Ground {
  readonly program: Command;
  /** Adds the options that all commands have. */
  readonly common: (command: Command) => Command;
  readonly carry: Carry;
}

export const declarations: readonly ((ground: Ground) => void)[] = [
  inspect,
  analyze,
  trace,
  probe,
  normalize,
  diff,
  rules,
  explain,
  collect,
];

function withInputs({ program, common }: Ground, name: string): Command {
  return common(
    program.command(name).argument('<input...>', 'directory, archive, text file, or -; NAME=PATH names a node'),
  );
}

function inspect(ground: Ground): void {
  withInputs(ground, 'inspect')
    .description('what was recognised as what, per file and line')
    .action((inputs: string[], options) =>
      ground.carry(options, async (terminal) => {
        const { inspectCommand } = await import('./commands/inspect.js');
        return inspectCommand(inputs, options, terminal);
      }),
    );
}

function analyze(ground: Ground): void {
  withInputs(ground, 'analyze')
    .description('run all rules; findings ranked by severity, then certainty')
    .option('--fail-on <severity>', 'least severity that makes the exit status 1 (error, warning, info, none)', 'error')
    .option('--fail-on-missing', 'exit status 1 when a rule could not be evaluated')
    .option('--max-findings <n>', 'how many findings to show', '20')
    .option('--baseline <file>', 'an earlier analyze --json: its findings are known and hidden')
    .option('--config <file>', 'findings that are accepted, with reasons (default: .coldtrace.yaml, if there is one)')
    .option('--rules <file>', 'rules of your own, from an ES module; may be given several times', append, [])
    .option('--now <date>', 'judge dates against this instead of the time of capture')
    .action((inputs: string[], options) =>
      ground.carry(options, async (terminal) => {
        const { analyzeCommand } = await import('./commands/analyze.js');
        try {
          return await analyzeCommand(inputs, options, terminal);
        } finally {
          terminal.progress.show(null);
        }
      }),
    );
}

function trace(ground: Ground): void {
  withInputs(ground, 'trace')
    .description('one connection: there, through every captured node, and back')
    .requiredOption('--from <who>', 'ADDRESS, node:NAME, pod:[NS/]NAME, iface:[NODE/]NAME with --src')
    .requiredOption('--to <who>', 'ADDRESS[:PORT], [v6]:PORT, pod:…[:PORT], service:[NS/]NAME[:PORT], node:NAME:PORT')
    .option('--proto <name>', 'tcp, udp, icmp, …', 'tcp')
    .option('--sport <port>', 'source port')
    .option('--src <address>', 'source address')
    .action((inputs: string[], options) =>
      ground.carry(options, async (terminal) => {
        const { traceCommand } = await import('./commands/trace.js');
        return traceCommand(inputs, options, terminal);
      }),
    );
}

function probe(ground: Ground): void {
  withInputs(ground, 'probe')
    .description('many single questions: JSON lines in, JSON lines out')
    .requiredOption('--probes <file>', 'one JSON object a line, or - for standard input')
    .action((inputs: string[], options) =>
      ground.carry(options, async (terminal) => {
        const { probeCommand } = await import('./commands/probe.js');
        return probeCommand(inputs, options, terminal);
      }),
    );
}

function normalize({ program, common, carry }: Ground): void {
  common(program.command('normalize').argument('[file]', 'iptables text of any dialect', '-'))
    .description('canonical iptables-save text')
    .option('--family <4|6>', 'only rules of this family')
    .option('--table <name>', 'only this table')
    .option('--variant <legacy|nft>', 'print as this variant does')
    .action((file: string, options) =>
      carry(options, async (terminal) => {
        const { normalizeCommand } = await import('./commands/normalize.js');
        return normalizeCommand(file, options, terminal);
      }),
    );
}

function diff({ program, common, carry }: Ground): void {
  common(program.command('diff').argument('<input...>', 'BEFORE and AFTER, or one input with --apply'))
    .description('two snapshots, or one and its what-if: what changed, with the lines responsible')
    .option('--from <who>', 'a connection to compare besides the usual ones: its client')
    .option('--to <who>', 'its server, as in trace')
    .option('--proto <name>', 'tcp, udp, icmp, …', 'tcp')
    .option('--fail-on <severity>', 'least severity of a new finding that makes the exit status 1', 'error')
    .option('--max-findings <n>', 'how many findings and connections to show', '20')
    .action((inputs: string[], options) =>
      carry(options, async (terminal) => {
        const { diffCommand } = await import('./commands/diff.js');
        return diffCommand(inputs, options, terminal);
      }),
    );
}

function rules({ program, common, carry }: Ground): void {
  common(program.command('rules'))
    .description('the catalogue of rules')
    .action((options: CommonOptions) =>
      carry(options, async (terminal) => {
        const { rulesCommand } = await import('./commands/rules.js');
        return rulesCommand(options, terminal);
      }),
    );
}

function explain({ program, common, carry }: Ground): void {
  common(program.command('explain').argument('<rule-id>'))
    .description('what a rule finds, why it happens, how to fix it')
    .action((id: string, options: CommonOptions) =>
      carry(options, async (terminal) => {
        const { explainCommand } = await import('./commands/rules.js');
        return explainCommand(id, options, terminal);
      }),
    );
}

function collect({ program, common, carry }: Ground): void {
  common(program.command('collect'))
    .description('print the read-only script that captures a node')
    .action((options: CommonOptions) =>
      carry(options, async (terminal) => {
        const { collectCommand } = await import('./commands/collect.js');
        return collectCommand(terminal);
      }),
    );
}

function append(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}
