/** The process of the command: its arguments, streams and exit status. */
import { runProgram } from './program.js';

export async function runCommand(version: string): Promise<void> {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0);
  });
  process.exitCode = await runProgram(version, process.argv.slice(2), process);
}
