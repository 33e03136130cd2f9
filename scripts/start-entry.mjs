// What the start-up snapshot is taken of: the whole command, after it has answered each sample once, so that its functions are compiled. https://nodejs.org/api/cli.html#--build-snapshot
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { startupSnapshot } from 'node:v8';
import { runCommand } from '../packages/cli/dist/command.js';
import { runProgram } from '../packages/cli/dist/program.js';

const [samples] = process.argv.slice(2);
const nowhere = { write: () => true };
const streams = { stdin: (async function* () {})(), stdout: nowhere, stderr: nowhere, env: {} };
const run = (...args) => runProgram(globalThis.coldtraceVersion, args, streams);

for (const name of existsSync(samples) ? readdirSync(samples).sort() : []) {
  const bad = join(samples, name, 'bad');
  if (!existsSync(bad)) continue;
  run('analyze', bad).then(() => run('analyze', bad, '--json'));
}

// Node keeps the working directory it was last asked for until it changes.
startupSnapshot.addSerializeCallback(() => process.chdir('.'));
startupSnapshot.setDeserializeMainFunction(async () => {
  await runCommand(globalThis.coldtraceVersion);
  // Whoever reads slowly gets the rest first; otherwise nobody needs the heap to be taken down piece by piece.
  if (process.stdout.writableLength + process.stderr.writableLength === 0) process.exit();
});
