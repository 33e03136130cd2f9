/** `coldtrace inspect INPUT…`: what was recognised as what, line by line. */
import { type ExitStatus, exitStatus } from '../exit-status.js';
import { type CommonOptions, isRecognised, nothingRecognised, printJson, readInputs } from '../run.js';
import type { Terminal } from '../terminal.js';

export async function inspectCommand(
  inputs: readonly string[],
  options: CommonOptions,
  terminal: Terminal,
): Promise<ExitStatus> {
  const { snapshot, leftOut } = await readInputs(inputs, options, terminal);
  if (options.json === true) {
    const { inspectJson } = await import('../json/inspect.js');
    printJson(terminal, inspectJson(snapshot, leftOut));
  } else {
    const { inspectLines } = await import('../print/inspect.js');
    terminal.out(`${inspectLines(snapshot, terminal).join('\n')}\n`);
  }
  return isRecognised(snapshot) ? exitStatus.clean : nothingRecognised(terminal, inputs);
}
